import { settleAlarms } from "./care/alarms.ts";
import { breathingRange } from "./care/breathing-range.ts";
import { grantedPurposes } from "./care/consent.ts";
import { decideAsk } from "./care/decide.ts";
import { clockSteadyMs, dueLeaseChange, holdLease, leaseAdmits, leaseNone } from "./care/lease.ts";
import { leftBed } from "./care/left-bed.ts";
import { rateUnavailable } from "./care/rate-unavailable.ts";
import {
  emptyRoom,
  forgetSensed,
  isGranted,
  noConditions,
  type Room,
  type RoomConfig,
  roomFromRecord,
  sensingOf,
} from "./care/room.ts";
import { sensorLost } from "./care/sensing.ts";
import { movementNow, noRateReason, tileOf } from "./care/tile.ts";
import { alarmEffects, leaseAudit, sensorAudit, systemActor } from "./care/trail.ts";
import type { CoreEvent, Effect, Estimate } from "./contract/door.ts";
import { readEnvelope, readRadarIq } from "./contract/frames.ts";
import { leaseMsMax } from "./contract/lease.ts";
import { after, type MonoMs } from "./contract/units.ts";
import type { AlarmCondition, DropReason } from "./contract/words.ts";
import {
  acceptAnswer,
  acceptFrame,
  clearRadarPerception,
  dropAnswer,
  newRadarPerception,
  pendingWindow,
  type RadarPerception,
} from "./perception/radar-room.ts";

/*
 * The core of one room: synchronous and deterministic. It knows only what events told it and asks only by effects.
 * `Room` is a value; the perception's ring buffers are the one thing changed in place, because they are large.
 */

export type { RoomConfig } from "./care/room.ts";

export interface CoreState {
  readonly config: RoomConfig;
  readonly room: Room;
  readonly perception: RadarPerception;
  readonly stream: { readonly bootId: string; readonly lastSequence: number } | null;
}

export interface Step {
  readonly state: CoreState;
  readonly effects: readonly Effect[];
}

export const newCore = (config: RoomConfig): CoreState => ({
  config,
  room: emptyRoom,
  perception: newRadarPerception(config.statedOccupancy),
  stream: null,
});

export function step(state: CoreState, event: CoreEvent): Step {
  switch (event.kind) {
    case "restore":
      return settle({ ...state, room: roomFromRecord(state.room, event.room) }, event, []);
    case "tick":
      return settle(state, event, []);
    case "frame":
      return onFrame(state, event);
    case "frames-dropped":
      return { state: countDrop(state, event.why, event.count), effects: [] };
    case "inferred":
      return onInferred(state, event);
    case "inference-failed":
      return onInferenceFailed(state, event);
    case "sensor-status":
      return onSensorStatus(state, event);
    case "ask": {
      const decision = decideAsk(state.config, state.room, event);
      const settled = settle({ ...state, room: decision.room }, event, decision.effects);
      return { state: settled.state, effects: [...settled.effects, decision.answer] };
    }
    case "clock":
      return onClock(state, event);
    case "stop":
      return endLease(state);
    case "audit-failed": {
      const alarms = state.room.alarms.map((row) =>
        event.unwritten.includes(row.id) ? { ...row, audited: false } : row,
      );
      return settle({ ...state, room: { ...state.room, alarms, audit: "failed" } }, event, []);
    }
  }
}

function onSensorStatus(state: CoreState, event: CoreEvent & { kind: "sensor-status" }): Step {
  const before = state.room;
  const heard: Room = { ...before, sensor: { state: event.state, detail: event.detail, heardAt: event.at } };
  if (before.sensor.state === event.state) return { state: { ...state, room: heard }, effects: [] };
  // A bridge that came back holds no lease: it gets one now, not at the next renewal.
  const lease =
    event.state === "off" && heard.lease.phase === "held" ? { ...heard.lease, renewAt: event.at } : heard.lease;
  const room: Room = { ...heard, lease };
  return settle({ ...state, room }, event, [sensorAudit(state.config, room, "sensor.state", event.state)]);
}

/** Layer three of the consent gate: without a lease the bytes are not even looked at. */
function onFrame(state: CoreState, event: CoreEvent & { kind: "frame" }): Step {
  const { room } = state;
  if (room.stay === null || !leaseAdmits(room.lease, event.at)) return refuse(state, "no-lease");
  const envelope = readEnvelope(event.bytes);
  if (!envelope.ok) return refuse(state, envelope.why);
  const { header, payload } = envelope.value;
  const sameStream = state.stream?.bootId === header.bootId;
  if (sameStream && header.sequence <= (state.stream?.lastSequence ?? -1)) return refuse(state, "repeated");
  const frame = readRadarIq(payload);
  if (!frame.ok) return refuse(state, frame.why);

  let perception = state.perception;
  let base = room;
  if (!sameStream) {
    clearRadarPerception(perception);
    perception = newRadarPerception(state.config.statedOccupancy);
    base = forgetSensed(room);
  }
  acceptFrame(perception, frame.value, header.deviceUs);
  // Nothing that could be looked at outlives its use (DESIGN 1.3).
  frame.value.iq.fill(0);
  const next: CoreState = {
    ...state,
    perception,
    stream: { bootId: header.bootId, lastSequence: header.sequence },
    room: { ...base, newestFrameAt: event.at, framesAccepted: base.framesAccepted + 1 },
  };
  return askModel(next, event.at);
}

function askModel(state: CoreState, at: MonoMs): Step {
  if (state.room.model.inFlight !== null) return { state, effects: [] };
  const tensors = pendingWindow(state.perception);
  if (tensors === undefined) return { state, effects: [] };
  const request = state.room.model.requests + 1;
  const model = { ...state.room.model, requests: request, inFlight: { request, since: at } };
  return {
    state: { ...state, room: { ...state.room, model } },
    effects: [{ kind: "infer", request, tensors }],
  };
}

function onInferred(state: CoreState, event: CoreEvent & { kind: "inferred" }): Step {
  const { room } = state;
  // An answer to a question from before the sensor stopped or began anew speaks of data that are gone.
  if (room.model.inFlight?.request !== event.request) return { state, effects: [] };
  const model = {
    ...room.model,
    inFlight: null,
    failures: 0,
    answers: room.model.answers + 1,
    tookMs: event.tookMs,
    late: room.model.late + (event.tookMs > 1_000 ? 1 : 0),
  };
  const estimate = acceptAnswer(state.perception, event.outputs);
  const changed = room.estimate?.estimate.occupancy !== estimate.occupancy;
  const known: Room = {
    ...room,
    model,
    estimate: { estimate, at: event.at },
    occupancySince: changed ? event.at : room.occupancySince,
  };
  const counted = { ...known, conditions: conditionsAfter(known, state.config, estimate, event.at) };
  const settled = settle({ ...state, room: counted }, event, factEffect(state.config, counted, event));
  const asked = askModel(settled.state, event.at);
  return { state: asked.state, effects: [{ kind: "estimate", estimate }, ...settled.effects, ...asked.effects] };
}

function onInferenceFailed(state: CoreState, event: CoreEvent & { kind: "inference-failed" }): Step {
  if (state.room.model.inFlight?.request !== event.request) return { state, effects: [] };
  dropAnswer(state.perception);
  const model = { ...state.room.model, inFlight: null, failures: state.room.model.failures + 1 };
  return settle({ ...state, room: { ...state.room, model } }, event, []);
}

/** A stepped clock may make leases outlive their end on another machine: all end now, new ones come when it is steady. */
function onClock(state: CoreState, event: CoreEvent & { kind: "clock" }): Step {
  const audit: Effect = {
    kind: "audit",
    intent: {
      action: "clock.step",
      actor: systemActor("clock"),
      outcome: 4,
      detail: { steppedMs: event.steppedMs },
      phi: null,
    },
  };
  const ended = endLease(state);
  const blocked: Room = { ...ended.state.room, lease: { phase: "blocked", until: after(event.at, clockSteadyMs) } };
  return settle({ ...ended.state, room: blocked }, event, [audit, ...ended.effects]);
}

function conditionsAfter(room: Room, config: RoomConfig, estimate: Estimate, at: MonoMs): Room["conditions"] {
  const { order } = room;
  const shown = noRateReason(config, room, at) === null ? estimate.breathingPerMin : null;
  return {
    ...room.conditions,
    range: order?.breathing ? breathingRange(room.conditions.range, shown, at, order.breathing) : room.conditions.range,
  };
}

/** One row of derived facts for an answer; only the parts that a grant covers, and nothing without one. */
function factEffect(config: RoomConfig, room: Room, event: { at: MonoMs; utcMs: number }): Effect[] {
  if (room.stay === null || room.estimate === null) return [];
  const { estimate } = room.estimate;
  const breathing = isGranted(room, "breathing-rate");
  const movement = isGranted(room, "movement-alerts");
  if (!breathing && !movement) return [];
  const reason = noRateReason(config, room, event.at);
  const shown = breathing && reason === null;
  return [
    {
      kind: "store",
      row: {
        table: "fact",
        stay: room.stay.id,
        atUtcMs: event.utcMs,
        occupancy: movement ? estimate.occupancy : null,
        movement: movement ? estimate.movement : null,
        breathingPerMin: shown ? estimate.breathingPerMin : null,
        lowPerMin: shown ? estimate.lowPerMin : null,
        highPerMin: shown ? estimate.highPerMin : null,
        quality: breathing ? estimate.quality : null,
        reason: breathing ? reason : null,
      },
    },
  ];
}

/** After every change: the lease follows the grants, alarms follow the conditions, and the tile says so. */
function settle(state: CoreState, event: { at: MonoMs; utcMs: number }, first: readonly Effect[]): Step {
  const leased = settleLease(state, event.at);
  const watched = watchConditions(leased.state.room, state.config, event.at);
  const alarmed = settleRoomAlarms(watched, state.config, event);
  const next = { ...leased.state, room: alarmed.room };
  const tile: Effect = { kind: "publish", tile: tileOf(state.config, alarmed.room, event.at, event.utcMs) };
  return { state: next, effects: [...first, ...leased.effects, ...alarmed.effects, tile] };
}

function settleLease(state: CoreState, at: MonoMs): Step {
  const { room, config } = state;
  const granted = room.stay === null ? [] : grantedPurposes(room.consents);
  const due = dueLeaseChange(room.lease, granted, room.audit === "ok", at);
  switch (due.change) {
    case "nothing":
      return { state, effects: [] };
    case "end":
      return endLease(state);
    case "renew":
    case "start": {
      const stay = room.stay?.id;
      if (stay === undefined) return { state, effects: [] };
      const number = room.leaseNumber + 1;
      const restart = due.change === "start" && due.ended === undefined;
      const next: Room = {
        ...(restart ? forgetSensed(room) : room),
        lease: holdLease(due.purposes, at),
        leaseNumber: number,
        leasedSince: restart ? at : room.leasedSince,
      };
      const audits: Effect[] = [];
      if (due.change === "start") {
        if (due.ended !== undefined) audits.push(leaseAudit(config, room, "lease.end", due.ended, room.leaseNumber));
        audits.push(leaseAudit(config, next, "lease.start", due.purposes, number));
        if (restart) audits.push(sensorAudit(config, next, "sensor.start", room.sensor.state));
      }
      return {
        state: { ...state, room: next },
        effects: [
          ...audits,
          { kind: "store", row: { table: "lease-number", bed: config.bed, number } },
          { kind: "lease", bed: config.bed, stay, purposes: due.purposes, number, forMs: leaseMsMax },
        ],
      };
    }
  }
}

function endLease(state: CoreState): Step {
  const { room, config } = state;
  if (room.lease.phase !== "held") return { state, effects: [] };
  clearRadarPerception(state.perception);
  const next: Room = { ...forgetSensed(room), lease: leaseNone, leasedSince: null };
  return {
    state: { ...state, perception: newRadarPerception(config.statedOccupancy), stream: null, room: next },
    effects: [
      leaseAudit(config, room, "lease.end", room.lease.purposes, room.leaseNumber),
      sensorAudit(config, room, "sensor.stop", room.sensor.state),
      { kind: "stop-sensor", bed: config.bed, number: room.leaseNumber },
    ],
  };
}

/** Conditions that time alone can bring about; those of a shown rate move only when an answer came. */
function watchConditions(room: Room, config: RoomConfig, at: MonoMs): Room {
  const { order, conditions } = room;
  if (order === null || room.lease.phase !== "held") return room;
  const reason = noRateReason(config, room, at);
  const occupancy = movementNow(config, room, at)?.occupancy ?? "unknown";
  return {
    ...room,
    conditions: {
      ...conditions,
      left: order.leftBed ? leftBed(conditions.left, occupancy, at, order.leftBed) : conditions.left,
      unavailable: order.rateUnavailable
        ? rateUnavailable(conditions.unavailable, reason, at, order.rateUnavailable)
        : conditions.unavailable,
    },
  };
}

function settleRoomAlarms(
  room: Room,
  config: RoomConfig,
  event: { at: MonoMs; utcMs: number },
): { room: Room; effects: readonly Effect[] } {
  if (room.stay === null) return { room, effects: [] };
  const holds: Record<AlarmCondition, boolean> = {
    ...noConditions,
    "sensor-lost": sensorLost(sensingOf(room, event.at), config.limits, event.at),
    "breathing-out-of-range":
      room.order?.breathing !== null && room.conditions.range.active && isGranted(room, "breathing-rate"),
    "left-bed":
      room.order?.leftBed !== null &&
      room.conditions.left.phase === "away-too-long" &&
      isGranted(room, "movement-alerts"),
    "rate-unavailable": room.conditions.unavailable.active && isGranted(room, "breathing-rate"),
  };
  let count = room.alarmCount;
  const stay = room.stay.id;
  const settled = settleAlarms(room.alarms, holds, {
    stay,
    utcMs: event.utcMs,
    audited: room.audit === "ok",
    nextId: () => {
      count += 1;
      return `${config.bed.slice(0, 24)}-${count}`;
    },
  });
  if (settled.changes.length === 0) return { room, effects: [] };
  return {
    room: { ...room, alarms: settled.alarms, alarmCount: count },
    effects: settled.changes.flatMap((change) => alarmEffects(config, change, systemActor("conditions"))),
  };
}

function refuse(state: CoreState, why: DropReason): Step {
  return { state: countDrop(state, why, 1), effects: [] };
}

function countDrop(state: CoreState, why: DropReason, count: number): CoreState {
  const dropped = { ...state.room.dropped, [why]: (state.room.dropped[why] ?? 0) + count };
  return { ...state, room: { ...state.room, dropped } };
}
