import { randomBytes } from "node:crypto";
import type { AlarmPolicy } from "../contract/alarm-policy.ts";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import { type ChainTest, chainTestMs, type SelfTest, type SelfTested } from "../contract/self-test.ts";
import type { WardAsk, WardAudio, WardState } from "../contract/ward-state.ts";
import type { WardRecords } from "../records/ward.ts";
import type { AudioEntry } from "../records/ward-audio.ts";

/** The rules of care/ward-audio.ts, handed in by the composition root. */
export interface AudioRules {
  readonly at: (audio: WardAudio, utcMs: number) => WardAudio;
  readonly pause: (
    audio: WardAudio,
    utcMs: number,
    pause: { readonly seconds: number; readonly secondsMax: number; readonly by: string },
  ) => WardAudio;
  readonly off: (audio: WardAudio, utcMs: number, by: string, reason: string) => WardAudio;
  readonly on: WardAudio;
}

interface WardDeskOptions {
  readonly records: WardRecords;
  readonly policy: AlarmPolicy;
  readonly rules: AudioRules;
  readonly stamp: () => Stamp;
  readonly publish: (state: WardState) => void;
  /** Every bedroom unit. */
  readonly devices: readonly string[];
  readonly askUnit: (device: string, test: SelfTest) => void;
  /** Files of the program that are not what was signed (packages-watch.ts). */
  readonly differing?: () => readonly string[];
}

const actorOf = (actor: Actor): string => (actor.kind === "staff" ? actor.name : actor.kind);

/** A test of the sound counts for one shift. */
const shiftMs = 12 * 3_600_000;

/** What belongs to the ward and to no bed: who is on, and whether alarms may be heard. */
export class WardDesk {
  private readonly options: WardDeskOptions;
  private audio: WardAudio;
  private soundTest: WardState["soundTest"];
  private chainTest: ChainTest | null = null;
  private startedAtNs = 0n;

  constructor(options: WardDeskOptions) {
    this.options = options;
    const read = options.records.readAudio();
    this.audio = read.audio;
    this.soundTest = read.soundTest;
  }

  /** Undefined: this person may not. */
  decide(ask: WardAsk, actor: Actor | undefined): AskResult | undefined {
    if (actor?.kind !== "staff") return undefined;
    const inCharge = actor.role === "nurse-in-charge";
    if (!inCharge && actor.role !== "nurse") return undefined;
    const stamp = this.options.stamp();
    const { rules, policy } = this.options;
    const now = rules.at(this.audio, stamp.utcMs);
    const by = actor.name;
    switch (ask.do) {
      case "pause-audio": {
        const secondsMax = policy.audioPauseSecMax;
        const audio = rules.pause(now, stamp.utcMs, { seconds: ask.seconds, secondsMax, by });
        const seconds = Math.min(ask.seconds, secondsMax);
        this.write(audio, { action: "audio.pause", by: actor, detail: { seconds }, reason: null }, stamp);
        break;
      }
      case "audio-off": {
        if (!inCharge) return undefined;
        const audio = rules.off(now, stamp.utcMs, by, ask.reason);
        this.write(audio, { action: "audio.off", by: actor, detail: {}, reason: ask.reason }, stamp);
        break;
      }
      case "audio-on":
        this.write(rules.on, { action: "audio.on", by: actor, detail: {}, reason: null }, stamp);
        break;
      case "test-chain":
        this.testChain(actor, stamp);
        break;
      case "sound-heard": {
        const test = { atUtcMs: stamp.utcMs, by, heard: ask.heard };
        this.options.records.writeAudio(
          {
            action: "sound.heard",
            by: actor,
            detail: { heard: ask.heard, silentUnits: this.silentUnits() },
            reason: null,
            held: { kind: "sound-test", test },
          },
          stamp,
        );
        this.soundTest = test;
        break;
      }
    }
    this.tell();
    return { is: "done" };
  }

  private testChain(actor: Actor, stamp: Stamp): void {
    const nonce = randomBytes(8).toString("hex");
    const { devices, records, askUnit } = this.options;
    records.commit(
      [{ action: "chain.test", actor, outcome: 0, detail: { units: devices.length }, phi: null }],
      [],
      stamp,
    );
    const units = devices.map((device) => ({ device, answeredAfterMs: null, decoded: false }));
    this.chainTest = { nonce, by: actorOf(actor), atUtcMs: stamp.utcMs, units };
    this.startedAtNs = stamp.monoNs;
    for (const device of devices) askUnit(device, { v: 1, nonce });
  }

  /** A bedroom unit's answer; one to an older test, or too late, says nothing. */
  hearUnit({ device, nonce, decoded }: SelfTested): void {
    const test = this.chainTest;
    const afterMs = Number(this.options.stamp().monoNs - this.startedAtNs) / 1e6;
    if (test?.nonce !== nonce || afterMs > chainTestMs) return;
    const units = test.units.map((unit) =>
      unit.device === device && unit.answeredAfterMs === null
        ? { device, answeredAfterMs: Math.round(afterMs), decoded }
        : unit,
    );
    this.chainTest = { ...test, units };
    this.tell();
  }

  private silentUnits(): readonly string[] {
    return (
      this.chainTest?.units.flatMap(({ device, answeredAfterMs, decoded }) =>
        answeredAfterMs === null || !decoded ? [device] : [],
      ) ?? []
    );
  }

  /** Once a second, and at each change. */
  tell(): void {
    const { utcMs } = this.options.stamp();
    const { records, rules, policy } = this.options;
    const heardAgoMs = this.soundTest === null ? null : utcMs - this.soundTest.atUtcMs;
    const differing = this.options.differing?.() ?? [];
    this.options.publish({
      v: 1,
      ...(differing.length === 0 ? {} : { differing: [...differing] }),
      at: utcMs,
      intendedUse: policy.intendedUse,
      audio: rules.at(this.audio, utcMs),
      soundTest: heardAgoMs !== null && heardAgoMs >= 0 && heardAgoMs < shiftMs ? this.soundTest : null,
      chainTest: this.chainTest,
      raisedLately: records.raisedLately(utcMs),
      onDuty: records.onDuty(utcMs),
    });
  }

  private write(audio: WardAudio, entry: Omit<AudioEntry, "held">, stamp: Stamp): void {
    this.options.records.writeAudio({ ...entry, held: { kind: "audio", audio } }, stamp);
    this.audio = audio;
  }
}
