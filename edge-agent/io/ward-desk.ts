import type { AlarmPolicy } from "../contract/alarm-policy.ts";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
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
}

/** A test of the sound counts for one shift. */
const shiftMs = 12 * 3_600_000;

/** What belongs to the ward and to no bed: who is on, and whether alarms may be heard. */
export class WardDesk {
  private readonly options: WardDeskOptions;
  private audio: WardAudio;
  private soundTest: WardState["soundTest"];

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
      case "sound-heard": {
        const test = { atUtcMs: stamp.utcMs, by, heard: ask.heard };
        this.options.records.writeAudio(
          {
            action: "sound.heard",
            by: actor,
            detail: { heard: ask.heard },
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

  /** Once a second, and at each change. */
  tell(): void {
    const { utcMs } = this.options.stamp();
    const { records, rules, policy } = this.options;
    const heardAgoMs = this.soundTest === null ? null : utcMs - this.soundTest.atUtcMs;
    this.options.publish({
      v: 1,
      at: utcMs,
      intendedUse: policy.intendedUse,
      audio: rules.at(this.audio, utcMs),
      soundTest: heardAgoMs !== null && heardAgoMs >= 0 && heardAgoMs < shiftMs ? this.soundTest : null,
      onDuty: records.onDuty(utcMs),
    });
  }

  private write(audio: WardAudio, entry: Omit<AudioEntry, "held">, stamp: Stamp): void {
    this.options.records.writeAudio({ ...entry, held: { kind: "audio", audio } }, stamp);
    this.audio = audio;
  }
}
