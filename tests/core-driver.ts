import { AlarmPolicy } from "../edge-agent/contract/alarm-policy.ts";
import type { RoomAsk } from "../edge-agent/contract/asks.ts";
import { type Activation, ConsentPolicy, commonNeeds } from "../edge-agent/contract/consent.ts";
import type { CoreEvent, Effect, RoomRecord } from "../edge-agent/contract/door.ts";
import { encodeDepth, encodeEnvelope, encodeRadarIq } from "../edge-agent/contract/frames.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { deviceUs, monoMs, utcMs } from "../edge-agent/contract/units.ts";
import type { SensorHealth, SensorState } from "../edge-agent/contract/words.ts";
import { sensingPurposes } from "../edge-agent/contract/words.ts";
import { type CoreState, newCore, type RoomConfig, step } from "../edge-agent/core.ts";
import type { DepthSense } from "../edge-agent/perception/room-perception.ts";

export const config: RoomConfig = {
  bed: "room-1",
  bedName: "Room 1",
  sensorModel: "acconeer-a121",
  sensors: [{ sensor: "radar-1", model: "acconeer-a121", kind: "radar-iq", placement: null }],
  calibration: {},
  source: "simulated",
  statedOccupancy: "in-bed",
  limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
  consent: ConsentPolicy.parse({}),
  alarms: AlarmPolicy.parse({ confirmWithinMs: null }),
  promptSeed: "test",
};
export const activation: Activation = {
  concern: "sleep-broken-by-checks",
  alternatives: ["checks-in-person-only"],
  words: null,
  reviewAfterHours: 168,
  hours: null,
  askAgainEveryHours: null,
};
export const admission = { demonstration: true, adult: true, needs: commonNeeds } as const;

/** A radar and a depth sensor at one bed. */
export const twoSensors: RoomConfig = {
  ...config,
  sensorModel: "acconeer-a121 + sim-depth-8x8",
  sensors: [...config.sensors, { sensor: "depth-1", model: "sim-depth-8x8", kind: "depth", placement: null }],
};
export const nothing: RoomRecord = {
  stay: null,
  needs: commonNeeds,
  checks: null,
  sedation: null,
  consents: [],
  order: null,
  alarms: [],
  leaseNumber: 0,
  leaseLeftOpen: null,
  lastSeen: null,
  alarmCount: 0,
};
export const setup: Actor = { kind: "setup", name: "test" };
export const nurse: Actor = { kind: "staff", id: "n1", name: "Sam Reed", role: "nurse" };
export const person: Actor = { kind: "bedside", bed: "room-1", stay: "stay1" };

/** Drives one core by hand and keeps every effect. */
export class Driver {
  core: CoreState;
  effects: Effect[] = [];
  now = 0;
  private asks = 0;

  constructor(of: RoomConfig = config, depth: DepthSense | null = null) {
    this.core = newCore(of, depth);
  }

  feed(event: CoreEvent): readonly Effect[] {
    const { state, effects } = step(this.core, event);
    this.core = state;
    this.effects.push(...effects);
    return effects;
  }
  stamp() {
    return { at: monoMs(this.now), utcMs: 1_000_000 + this.now };
  }
  ask(actor: Actor, ask: RoomAsk): readonly Effect[] {
    this.asks += 1;
    return this.feed({
      kind: "ask",
      ...this.stamp(),
      request: `r${this.asks}`,
      actor,
      ask,
      freshId: `stay${this.asks}`,
      touchedAtUtcMs: null,
    });
  }
  frame(
    sequence: number,
    boot = "0".repeat(32),
    bytes?: Uint8Array,
    capturedAt = this.stamp().utcMs,
  ): readonly Effect[] {
    const payload = encodeRadarIq({
      sweeps: 16,
      points: 21,
      firstPointMm: 298,
      pointStepMm: 60,
      frameRateHz: 20,
      saturated: false,
      delayed: false,
      calibrationNeeded: false,
      temperatureC: 25,
      iq: new Int16Array(2 * 16 * 21).map((_, i) => ((((i + 1) * 7919) ^ ((sequence + 1) * 104729)) % 97) - 48),
    });
    const header = {
      kind: "radar-iq",
      bootId: boot,
      sequence,
      deviceUs: deviceUs(sequence * 50_000),
      capturedAt: utcMs(capturedAt),
    } as const;
    return this.feed({
      kind: "frame",
      ...this.stamp(),
      sensor: "radar-1",
      bytes: bytes ?? encodeEnvelope(header, payload),
    });
  }
  /** 10 a second of its own time; every pixel holds `mm`. */
  depthFrame(sequence: number, mm = 2_000, sensor = "depth-1", boot = "d".repeat(32)): readonly Effect[] {
    const payload = encodeDepth({
      widthPx: 8,
      heightPx: 8,
      frameRateHz: 10,
      acrossDeg: 45,
      downDeg: 45,
      mm: new Uint16Array(64).fill(mm),
    });
    const { at, utcMs: now } = this.stamp();
    const header = {
      kind: "depth",
      bootId: boot,
      sequence,
      deviceUs: deviceUs(sequence * 100_000),
      capturedAt: utcMs(now),
    } as const;
    return this.feed({ kind: "frame", at, utcMs: now, sensor, bytes: encodeEnvelope(header, payload) });
  }
  status(sensor: string, state: SensorState, detail = "as told", health: SensorHealth = "ok"): readonly Effect[] {
    return this.feed({ kind: "sensor-status", ...this.stamp(), sensor, state, detail, health });
  }
  granted(): this {
    this.feed({ kind: "restore", ...this.stamp(), room: nothing });
    this.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission });
    for (const purpose of sensingPurposes) {
      this.ask(setup, { do: "offer", bed: "room-1", stay: "stay1", purpose, activation });
      this.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose });
    }
    return this;
  }
  kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }
}
export const answerOf = (effects: readonly Effect[]) => effects.find((effect) => effect.kind === "answer");
export const auditActions = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === "audit" ? [effect.intent.action] : []));

export function answerOk(effects: readonly Effect[]): boolean {
  const answer = answerOf(effects);
  return answer?.kind === "answer" && answer.ok;
}
