import type { AlarmPolicy } from "../contract/alarm-policy.ts";
import type { CheckRecord, TileChecks } from "../contract/checks.ts";
import { type Placement, pauseMsOf, type SensorModel } from "../contract/config.ts";
import { type CommunicationNeeds, type Consent, type ConsentPolicy, commonNeeds } from "../contract/consent.ts";
import type { Estimate, RoomRecord } from "../contract/door.ts";
import type { FrameKind } from "../contract/frames.ts";
import type { CareOrder } from "../contract/people.ts";
import type { SedationWatch } from "../contract/sedation.ts";
import { elapsedMs, type MonoMs, monoMs } from "../contract/units.ts";
import {
  AlarmCondition,
  type DropReason,
  type Occupancy,
  type Purpose,
  purposes,
  type SensorHealth,
  type SensorState,
  unsound,
} from "../contract/words.ts";
import { type Alarms, isOpen, wantsOutcome } from "./alarms.ts";
import { type BreathingRange, breathingRangeCalm } from "./breathing-range.ts";
import { type CheckClock, restoreChecks } from "./checks.ts";
import { allowedPurposes, type Consents, isAllowed, noConsents } from "./consent.ts";
import { type Delivery, nothingToDeliver } from "./delivery.ts";
import { type Lasting, lastingNot } from "./lasting.ts";
import { type LeaseHolding, leaseNone } from "./lease.ts";
import { type LeftBed, leftBedNotSeen } from "./left-bed.ts";
import { type RateUnavailable, rateAvailable } from "./rate-unavailable.ts";
import { type SeenCondition, seenConditions } from "./seen-conditions.ts";
import type { Sensing, SensingLimits } from "./sensing.ts";
import type { SteadyEnds } from "./steady-ends.ts";

/** What never changes while the process runs. */
export interface RoomConfig {
  readonly bed: string;
  readonly bedName: string;
  /** For screens: every sensor's model. */
  readonly sensorModel: string;
  readonly sensors: readonly RoomSensor[];
  readonly source: "recording" | "simulated" | null;
  readonly statedOccupancy: Occupancy | null;
  readonly limits: SensingLimits;
  readonly consent: ConsentPolicy;
  readonly alarms: AlarmPolicy;
  /** Of the times at which checks are prompted: nobody can foretell them, and a restart does not move them. */
  readonly promptSeed: string;
  /** What each model's card says of its calibration, by the model's name. */
  readonly calibration: Readonly<Record<string, unknown>>;
  /** Where in a second its sensors' first frame counts as coming, ms: rooms of a ward, started together, then ask the models in turn. Left out: 0. */
  readonly firstFrameAtMs?: number;
}

export interface RoomSensor {
  readonly sensor: string;
  readonly model: SensorModel;
  /** What it sends. A room has at most one sensor of each kind. */
  readonly kind: FrameKind;
  readonly placement: Placement | null;
}

/** All that care knows of one room: who is there, what they allow, what was ordered, what holds now. */
export interface Room {
  readonly stay: { readonly id: string; readonly label: string; readonly demonstration: boolean } | null;
  readonly needs: CommunicationNeeds;
  readonly checks: {
    readonly clock: CheckClock;
    readonly orderedUtcMs: number;
    readonly lastMade: TileChecks["lastMade"];
  } | null;
  readonly sedation: SedationWatch | null;
  readonly consents: Consents;
  /** Of consents and pauses, on the clock that never steps. */
  readonly ends: SteadyEnds;
  /** The wall clock is behind what the records say: whoever knows no time knows no end of a consent. */
  readonly clockBehind: boolean;
  /** What an earlier run recorded of this stay last; 0: nothing. */
  readonly recordedUtcMs: number;
  /** Of the ward's day, on its wall clock: some purposes are allowed in some hours. */
  readonly hour: number;
  readonly order: CareOrder | null;
  readonly lease: LeaseHolding;
  readonly leaseNumber: number;
  readonly leasedSince: MonoMs | null;
  /** What is told of all sensors together; `unwritten` belongs to a single one. */
  readonly sensor: {
    readonly state: SensorState;
    readonly detail: string;
    readonly health: SensorHealth;
    readonly unwritten: number;
  };
  readonly sensors: Readonly<Record<string, OneSensor>>;
  readonly audit: "ok" | "failed";
  /** Of any sensor. */
  readonly newestFrameAt: MonoMs | null;
  readonly framesAccepted: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly model: {
    readonly requests: number;
    readonly inFlight: { readonly request: number; readonly model: string; readonly since: MonoMs } | null;
    /** In a row, of each model. */
    readonly failures: Readonly<Record<string, number>>;
    readonly late: number;
    readonly answers: number;
    readonly tookMs: number | null;
  };
  readonly estimate: { readonly estimate: Estimate; readonly at: MonoMs } | null;
  readonly occupancySince: MonoMs | null;
  readonly conditions: {
    readonly range: BreathingRange;
    readonly left: LeftBed;
    readonly notBack: LeftBed;
    readonly unavailable: RateUnavailable;
    readonly seen: Readonly<Record<SeenCondition, Lasting>>;
    readonly late: Lasting;
  };
  readonly lateTurnAt: MonoMs | null;
  readonly alarms: Alarms;
  readonly delivery: Delivery;
  readonly alarmCount: number;
}

interface OneSensor {
  readonly state: SensorState;
  readonly detail: string;
  readonly health: SensorHealth;
  /** When the last entry about it was written, and how many changes since then have none yet. */
  readonly entryAt: MonoMs | null;
  readonly unwritten: number;
  readonly newestFrameAt: MonoMs | null;
  /** When it was well again after its frames had been refused: it is not silent since before. */
  readonly soundSince: MonoMs | null;
  /** So long it says nothing while it is well. */
  readonly pauseMs: number;
}

export const conditionsCalm: Room["conditions"] = {
  range: breathingRangeCalm,
  left: leftBedNotSeen,
  notBack: leftBedNotSeen,
  unavailable: rateAvailable,
  seen: Object.fromEntries(seenConditions.map((condition) => [condition, lastingNot])) as Record<
    SeenCondition,
    Lasting
  >,
  late: lastingNot,
};

const nothingHeard = {
  state: "unknown",
  detail: "nothing heard from the bridge yet",
  health: "ok",
  entryAt: null,
  unwritten: 0,
  newestFrameAt: null,
  soundSince: null,
} as const;

/** Before anything was restored: nothing is known, so nothing is allowed. */
export const emptyRoom: Room = {
  stay: null,
  needs: commonNeeds,
  checks: null,
  sedation: null,
  clockBehind: false,
  recordedUtcMs: 0,
  consents: noConsents,
  ends: {},
  hour: 0,
  order: null,
  lease: leaseNone,
  leaseNumber: 0,
  leasedSince: null,
  sensor: nothingHeard,
  sensors: {},
  audit: "ok",
  newestFrameAt: null,
  framesAccepted: 0,
  dropped: {},
  model: { requests: 0, inFlight: null, failures: {}, late: 0, answers: 0, tookMs: null },
  estimate: null,
  occupancySince: null,
  conditions: conditionsCalm,
  lateTurnAt: null,
  alarms: [],
  delivery: nothingToDeliver,
  alarmCount: 0,
};

export const newRoom = (sensors: readonly RoomSensor[]): Room => ({
  ...emptyRoom,
  sensors: Object.fromEntries(
    sensors.map(({ sensor, model }) => [sensor, { ...nothingHeard, pauseMs: pauseMsOf(model) }]),
  ),
});

/** `now`: this moment on both clocks, to place what the database tells in UTC on this run's clock. */
export function roomFromRecord(room: Room, record: RoomRecord, now: { at: MonoMs; utcMs: number }): Room {
  const consents = Object.fromEntries(
    purposes.map((purpose): [Purpose, Consent] => {
      const row = record.consents.find((consent) => consent.purpose === purpose);
      if (row === undefined) return [purpose, noConsents[purpose]];
      const { purpose: _, ...consent } = row;
      return [purpose, consent];
    }),
  ) as Record<Purpose, Consent>;
  return {
    ...room,
    stay: record.stay,
    needs: record.needs,
    checks: checksFrom(record.checks, now.utcMs),
    sedation: record.sedation,
    consents,
    recordedUtcMs: record.recordedUtcMs ?? 0,
    order: record.order,
    alarms: record.alarms.filter((row) => isOpen(row) || wantsOutcome(row)),
    conditions: conditionsFrom(room.conditions, record, now),
    alarmCount: Math.max(room.alarmCount, record.alarmCount),
    leaseNumber: Math.max(room.leaseNumber, record.leaseNumber),
    audit: "ok",
  };
}

function checksFrom(record: CheckRecord | null, utcMs: number): Room["checks"] {
  if (record === null) return null;
  const { order, orderedUtcMs, lastMade } = record;
  return { clock: restoreChecks(order, orderedUtcMs, lastMade?.atUtcMs ?? null, utcMs), orderedUtcMs, lastMade };
}

/** What an earlier run knew goes on: a person who was out of bed when the agent was killed is still out of bed. */
function conditionsFrom(
  now: Room["conditions"],
  record: RoomRecord,
  clock: { at: MonoMs; utcMs: number },
): Room["conditions"] {
  const open = (condition: AlarmCondition): boolean =>
    record.alarms.some((row) => row.condition === condition && (row.presence === "on" || row.presence === "ack"));
  const since = record.lastSeen === null ? clock.at : monoMs(clock.at - (clock.utcMs - record.lastSeen.sinceUtcMs));
  const seen: LeftBed =
    record.lastSeen === null ? leftBedNotSeen : record.lastSeen.inBed ? { phase: "in-bed" } : { phase: "away", since };
  const going: Lasting = { since: clock.at, knownAt: clock.at, overSince: null, active: true };
  const away = (before: LeftBed): LeftBed => (before.phase === "not-seen" ? seen : before);
  return {
    range: open("breathing-out-of-range") ? { ...now.range, active: true } : now.range,
    left: open("left-bed") ? { phase: "away-too-long", since } : away(now.left),
    notBack: open("not-back") ? { phase: "away-too-long", since } : away(now.notBack),
    unavailable: open("rate-unavailable") ? { since: clock.at, active: true } : now.unavailable,
    seen: Object.fromEntries(
      seenConditions.map((condition) => [condition, open(condition) ? going : now.seen[condition]]),
    ) as Record<SeenCondition, Lasting>,
    late: now.late,
  };
}

/**
 * What was sensed is forgotten: after a lease ended, or when it begins anew. Conditions are kept: not knowing
 * neither raises nor clears.
 */
export const forgetSensed = (room: Room): Room => ({
  ...room,
  newestFrameAt: null,
  sensors: Object.fromEntries(
    Object.entries(room.sensors).map(([sensor, word]) => [sensor, { ...word, newestFrameAt: null }]),
  ),
  estimate: null,
  occupancySince: null,
  model: { ...room.model, inFlight: null, failures: {} },
});

/** A model that failed so often in a row is told as not working. */
export const modelFailuresMax = 3;
/** An inference that takes longer than this counts as a failed model: the answer would be about the past. */
const modelSilentMs = 5_000;

/** Of all that run none can be believed; one that can carries the room alone. */
function allUnsound(room: Room): boolean {
  const running = Object.values(room.sensors).filter(({ state }) => state === "on");
  return running.length > 0 && running.every(({ health }) => unsound.includes(health));
}

/** Of the sensor that will be the last to be missed. */
function pauseMs({ sensors, newestFrameAt }: Room): number {
  const spoke = Object.values(sensors).flatMap(({ newestFrameAt: at, pauseMs: pause }) =>
    at === null ? [] : [at + pause],
  );
  if (spoke.length === 0) return Math.max(0, ...Object.values(sensors).map((one) => one.pauseMs));
  return Math.max(...spoke) - (newestFrameAt ?? 0);
}

/** Of the sensor that was well again last. */
function soundSince({ sensors }: Room): MonoMs | null {
  const since = Object.values(sensors).flatMap((one) => (one.soundSince === null ? [] : [one.soundSince]));
  return since.length === 0 ? null : monoMs(Math.max(...since));
}

export function sensingOf(room: Room, at: MonoMs): Sensing {
  return {
    consented: room.stay !== null && allowedPurposes(room.consents, room.hour).length > 0,
    audit: room.audit,
    clock: room.lease.phase === "blocked" || room.clockBehind ? "stepped" : "usable",
    sensor: room.sensor.state,
    unsound: allUnsound(room),
    leasedSince: room.leasedSince,
    newestFrameAt: room.newestFrameAt,
    soundSince: soundSince(room),
    pauseMs: pauseMs(room),
    modelFailed:
      Object.values(room.model.failures).some((failures) => failures >= modelFailuresMax) ||
      (room.model.inFlight !== null && elapsedMs(room.model.inFlight.since, at) > modelSilentMs),
  };
}

export const isGranted = (room: Room, purpose: Purpose): boolean =>
  room.stay !== null && isAllowed(room.consents[purpose], room.hour);

export const noConditions: Readonly<Record<AlarmCondition, boolean>> = Object.fromEntries(
  AlarmCondition.options.map((condition) => [condition, false]),
) as Record<AlarmCondition, boolean>;
