import { allowedPurposes } from "./care/consent.ts";
import { decideAsk } from "./care/decide.ts";
import { hearShown } from "./care/delivery.ts";
import { factEffect } from "./care/fact.ts";
import { clockSteadyMs, dueLeaseChange, holdLease, leaseAdmits, leaseForMs, leaseNone } from "./care/lease.ts";
import {
  forgetSensed,
  isGranted,
  modelFailuresMax,
  newRoom,
  type Room,
  type RoomConfig,
  type RoomSensor,
  roomFromRecord,
} from "./care/room.ts";
import {
  enterSensorStates,
  hearSensor,
  sensorEntryEveryMs,
  throughLostSensor,
  withWord,
  wordOf,
} from "./care/sensor-words.ts";
import { settleTimes } from "./care/settle-times.ts";
import { steadyLeft } from "./care/steady-ends.ts";
import { hearTurn } from "./care/technical-conditions.ts";
import { tileOf } from "./care/tile.ts";
import { audit, leaseAudit, sensorAudit, systemActor } from "./care/trail.ts";
import { conditionsAfter, settleRoomAlarms, watchConditions } from "./care/watch.ts";
import type { CoreEvent, Effect, Estimate } from "./contract/door.ts";
import { readEnvelope } from "./contract/frames.ts";
import { readPackedDepth, unpackedFrame } from "./contract/packed-depth.ts";
import { after, type DeviceUs, type MonoMs } from "./contract/units.ts";
import { type DropReason, unsound } from "./contract/words.ts";
import { readFrame } from "./perception/read-frame.ts";
import { roomPartsOf } from "./perception/room-parts.ts";
import { type DepthSense, type RoomFrame, RoomPerception } from "./perception/room-perception.ts";
import { answered, dropPacked, nothingPacked, offer, type Unpacking } from "./perception/unpacking.ts";

/*
 * The core of one room: synchronous and deterministic. It knows only what events told it and asks only by effects.
 * `Room` is a value; the perception's ring buffers are the one thing changed in place, because they are large.
 */

export type { RoomConfig } from "./care/room.ts";

export interface CoreState {
  readonly config: RoomConfig;
  readonly room: Room;
  readonly perception: RoomPerception;
  /** Of each sensor; none before its first frame under this lease. */
  readonly streams: Readonly<Record<string, { readonly bootId: string; readonly lastSequence: number }>>;
  /** Depth frames that came packed. */
  readonly unpacking: Unpacking;
}

export interface Step {
  readonly state: CoreState;
  readonly effects: readonly Effect[];
}

/** Of one event. */
type Moment = { readonly at: MonoMs; readonly utcMs: number };

/** `depth`: how the room makes sense of its depth sensor; null: it does not. Left out: as the configuration says. */
export const newCore = (config: RoomConfig, depth?: DepthSense | null): CoreState => {
  const parts = roomPartsOf(config.sensors, config.calibration, config.firstFrameAtMs);
  return {
    config,
    room: newRoom(config.sensors),
    perception: new RoomPerception(config.statedOccupancy, depth === undefined ? parts : { ...parts, depth }),
    streams: {},
    unpacking: nothingPacked,
  };
};

export function step(state: CoreState, event: CoreEvent): Step {
  switch (event.kind) {
    case "restore":
      return onRestore(state, event);
    case "tick": {
      const entered = enterSensorStates(hearTurn(state.room, event), state.config, event.at);
      return settle({ ...state, room: entered.room }, event, entered.effects);
    }
    case "alarms-shown":
      return settle({ ...state, room: hearShown(state.room, event.shown) }, event, []);
    case "frame":
      return onFrame(state, event);
    case "frames-dropped":
      return { state: countDrop(state, event.why, event.count), effects: [] };
    case "unpacked":
    case "unpack-failed":
      return onUnpacked(state, event);
    case "inferred":
      return onInferred(state, event);
    case "inference-failed":
      return onInferenceFailed(state, event);
    case "sensor-status":
      return onSensorStatus(state, event);
    case "ask": {
      // What ended by its time a moment ago is not there to be reviewed, resumed or paused any more.
      const timed = settleTimes(state.config, state.room, event);
      const decision = decideAsk(state.config, timed.room, event);
      const settled = settle({ ...state, room: decision.room }, event, [...timed.effects, ...decision.effects]);
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

function onRestore(state: CoreState, event: CoreEvent & { kind: "restore" }): Step {
  const room = roomFromRecord(state.room, event.room, event);
  const { leaseLeftOpen, leaseNumber } = event.room;
  const held = state.room.lease.phase === "held";
  // The process that held it was killed; its bridge stops by itself when the 30 s are over.
  const closed: Effect[] =
    leaseLeftOpen === null || held
      ? []
      : [
          audit("lease.end", systemActor("consent"), {
            bed: state.config.bed,
            stay: leaseLeftOpen.stay,
            number: leaseNumber,
            why: "the agent was killed",
          }),
        ];
  return settle({ ...state, room }, event, closed);
}

function onSensorStatus(state: CoreState, event: CoreEvent & { kind: "sensor-status" }): Step {
  const before = wordOf(state.room, event.sensor);
  if (before === undefined) return { state, effects: [] };
  const heard = hearSensor(state.room, event.sensor, event);
  const isOff = event.state === "off" || event.state === "ignored";
  const missed = isOff && heard.lease.phase === "held" && event.at >= after(heard.lease.issuedAt, sensorEntryEveryMs);
  if (!missed && before.state === event.state && before.health === event.health)
    return { state: { ...state, room: heard }, effects: [] };
  const entered = enterSensorStates(heard, state.config, event.at);
  const { lease } = entered.room;
  if (lease.phase !== "held" && (event.state === "on" || event.state === "starting")) {
    // It runs although nobody allowed it: an agent before this one may have been killed before it could say stop.
    const stop: Effect[] = [
      sensorAudit(state.config, entered.room.stay?.id ?? null, "sensor.stop", event.state),
      { kind: "stop-sensor", bed: state.config.bed, number: entered.room.leaseNumber },
    ];
    return settle({ ...state, room: entered.room }, event, [...entered.effects, ...stop]);
  }
  if (!isOff || lease.phase !== "held") return settle({ ...state, room: entered.room }, event, entered.effects);
  // A bridge that came back, or that the lease did not reach, holds none: it gets one now, not at the next renewal.
  const renewAt = after(lease.issuedAt, sensorEntryEveryMs);
  return settle({ ...state, room: { ...entered.room, lease: { ...lease, renewAt } } }, event, entered.effects);
}

/** How far the clock of a bedroom unit may run ahead of this one's. */
const clockDifferenceMsMax = 5_000;

/** Layer three of the consent gate: without a lease the bytes are not even looked at. */
function onFrame(state: CoreState, event: CoreEvent & { kind: "frame" }): Step {
  const { room } = state;
  if (room.stay === null || !leaseAdmits(room.lease, event.at)) return refuse(state, "no-lease");
  const sensor = state.config.sensors.find((one) => one.sensor === event.sensor);
  if (sensor === undefined) return refuse(state, "wrong-topic");
  if (unsound.includes(wordOf(room, sensor.sensor)?.health ?? "ok")) return refuse(state, "sensor-unsound");
  const envelope = readEnvelope(event.bytes);
  if (!envelope.ok) return refuse(state, envelope.why);
  const { header, payload } = envelope.value;
  if (header.kind !== sensor.kind) return refuse(state, "wrong-topic");
  const ageMs = event.utcMs - header.capturedAt;
  if (ageMs > state.config.limits.staleAfterMs || ageMs < -clockDifferenceMsMax) return refuse(state, "late");
  const stream = state.streams[sensor.sensor];
  const sameStream = stream?.bootId === header.bootId;
  if (sameStream && header.sequence <= stream.lastSequence) return refuse(state, "repeated");
  const packed = header.kind === "depth" ? readPackedDepth(payload) : undefined;
  const frame = packed ?? readFrame(header.kind, payload);
  if (!frame.ok) return refuse(state, frame.why);

  const begun = sameStream ? { state, effects: [] } : beginStream(state, sensor);
  const streams = { ...state.streams, [sensor.sensor]: { bootId: header.bootId, lastSequence: header.sequence } };
  const next: CoreState = { ...begun.state, streams };
  const arrived = { sensor: sensor.sensor, deviceUs: header.deviceUs, at: event.at };
  if (!("png" in frame.value)) {
    const taken = takeFrame(next, { ...arrived, of: frame.value }, event);
    return { state: taken.state, effects: [...begun.effects, ...taken.effects] };
  }
  const asked = offer(next.unpacking, { ...arrived, depth: frame.value });
  if (asked === undefined) return refuse(next, "queue-full");
  return { state: { ...next, unpacking: asked.unpacking }, effects: [...begun.effects, ...asked.effects] };
}

/** The consent gate again: a person may have said no while the frame was unpacked. Then it is nobody's, and forgotten. */
function onUnpacked(state: CoreState, event: CoreEvent & { kind: "unpacked" | "unpack-failed" }): Step {
  const mm = event.kind === "unpacked" ? event.mm : new Uint16Array();
  const told = leaseAdmits(state.room.lease, event.at) ? answered(state.unpacking, event.request) : undefined;
  if (told === undefined) {
    mm.fill(0);
    return { state, effects: [] };
  }
  const { depth, sensor, deviceUs, at } = told.frame;
  const next: CoreState = { ...state, unpacking: told.unpacking };
  const frame = unpackedFrame(depth, mm);
  if (frame === undefined) return { state: countDrop(next, "not-unpacked", 1), effects: told.effects };
  const taken = takeFrame(next, { of: { kind: "depth", frame }, sensor, deviceUs, at }, event);
  return { state: taken.state, effects: [...told.effects, ...taken.effects] };
}

interface Arrived {
  readonly of: RoomFrame;
  readonly sensor: string;
  readonly deviceUs: DeviceUs;
  /** When it arrived. */
  readonly at: MonoMs;
}

function takeFrame(state: CoreState, { of, sensor, deviceUs, at }: Arrived, event: Moment): Step {
  state.perception.take(of, deviceUs, at);
  const { room } = state;
  const word = wordOf(room, sensor);
  const heard = word === undefined ? room : withWord(room, sensor, { ...word, newestFrameAt: at });
  const next = { ...state, room: { ...heard, newestFrameAt: at, framesAccepted: room.framesAccepted + 1 } };
  return askModel(next, event);
}

/** A sensor began anew: what was made of its frames is gone. The other one goes on. */
function beginStream(state: CoreState, { sensor, kind }: RoomSensor): Step {
  const { perception, room } = state;
  const forgotten = perception.clearSensor(kind);
  const { unpacking, effects } = dropPacked(state.unpacking, (other) => other !== sensor);
  const model = { ...room.model, failures: {}, inFlight: forgotten ? null : room.model.inFlight };
  return { state: { ...state, unpacking, room: { ...room, estimate: null, occupancySince: null, model } }, effects };
}

/** The next question, where none is open; a second of which there was nothing to ask is told at once. */
function askModel(state: CoreState, event: Moment): Step {
  const asked = state.room.model.inFlight === null ? askNext(state, event.at) : { state, effects: [] };
  const alone = state.perception.withoutRadar(event.at);
  if (alone === undefined) return asked;
  const known = noteEstimate(asked.state, event, alone);
  return { state: known.state, effects: [...asked.effects, ...known.effects] };
}

function askNext(state: CoreState, at: MonoMs): Step {
  const question = state.perception.pending();
  if (question === undefined) return { state, effects: [] };
  const request = state.room.model.requests + 1;
  const inFlight = { request, model: question.model, since: at };
  const model = { ...state.room.model, requests: request, inFlight };
  return { state: { ...state, room: { ...state.room, model } }, effects: [{ kind: "infer", request, ...question }] };
}

function noteEstimate(state: CoreState, event: Moment, estimate: Estimate): Step {
  const { config } = state;
  const { room, effects } = settleTimes(config, state.room, event);
  const changed = room.estimate?.estimate.occupancy !== estimate.occupancy;
  const known: Room = {
    ...room,
    estimate: { estimate, at: event.at },
    // What happened before movement alerts were allowed is nobody's business afterwards.
    occupancySince: !isGranted(room, "movement-alerts") ? null : changed ? event.at : (room.occupancySince ?? event.at),
  };
  const counted = { ...known, conditions: conditionsAfter(known, config, estimate, event.at) };
  const settled = settle({ ...state, room: counted }, event, [...effects, ...factEffect(config, counted, event)]);
  return { state: settled.state, effects: [{ kind: "estimate", estimate }, ...settled.effects] };
}

function onInferred(state: CoreState, event: CoreEvent & { kind: "inferred" }): Step {
  const { room } = state;
  const { inFlight } = room.model;
  // An answer to a question from before the sensor stopped or began anew speaks of data that are gone.
  if (inFlight?.request !== event.request) return { state, effects: [] };
  const heard = state.perception.accept(inFlight.model, event.outputs, event.at);
  // A model that answers in another shape will not do better next time.
  if (heard.is === "unusable") return modelFailed(state, event, modelFailuresMax);
  const model = {
    ...room.model,
    inFlight: null,
    failures: { ...room.model.failures, [inFlight.model]: 0 },
    answers: room.model.answers + 1,
    tookMs: event.tookMs,
    late: room.model.late + (event.tookMs > 1_000 ? 1 : 0),
  };
  const answered: CoreState = { ...state, room: { ...room, model } };
  if (heard.is === "noted") return askModel(answered, event);
  const known = noteEstimate(answered, event, heard.estimate);
  const asked = askModel(known.state, event);
  return { state: asked.state, effects: [...known.effects, ...asked.effects] };
}

function onInferenceFailed(state: CoreState, event: CoreEvent & { kind: "inference-failed" }): Step {
  if (state.room.model.inFlight?.request !== event.request) return { state, effects: [] };
  state.perception.drop();
  return modelFailed(state, event, 1);
}

function modelFailed(state: CoreState, event: Moment, times: number): Step {
  const { model } = state.room;
  const name = model.inFlight?.model ?? "";
  const failures = { ...model.failures, [name]: (model.failures[name] ?? 0) + times };
  return settle({ ...state, room: { ...state.room, model: { ...model, inFlight: null, failures } } }, event, []);
}

/** A stepped clock may make leases outlive their end on another machine: all end now, new ones come when it is steady. */
function onClock(state: CoreState, event: CoreEvent & { kind: "clock" }): Step {
  const stepped = audit("clock.step", systemActor("clock"), { steppedMs: event.steppedMs }, 4);
  const ended = endLease(state);
  const blocked: Room = { ...ended.state.room, lease: { phase: "blocked", until: after(event.at, clockSteadyMs) } };
  return settle({ ...ended.state, room: blocked }, event, [stepped, ...ended.effects]);
}

/** After every change: the lease follows the grants, alarms follow the conditions, and the tile says so. */
function settle(state: CoreState, event: Moment, first: readonly Effect[]): Step {
  const timed = settleTimes(state.config, state.room, event);
  const leased = settleLease({ ...state, room: timed.room }, event);
  const watched = watchConditions(leased.state.room, state.config, event.at);
  const alarmed = settleRoomAlarms(throughLostSensor(watched, state.config, event.at), state.config, event);
  const { alarms, alarmCount, delivery } = alarmed.room;
  const next = { ...leased.state, room: { ...watched, alarms, alarmCount, delivery } };
  const tile: Effect = { kind: "publish", tile: tileOf(state.config, next.room, event.at, event.utcMs) };
  return { state: next, effects: [...first, ...timed.effects, ...leased.effects, ...alarmed.effects, tile] };
}

function settleLease(state: CoreState, { at, utcMs }: Moment): Step {
  const { room, config } = state;
  const granted = room.stay === null ? [] : allowedPurposes(room.consents, room.hour);
  const due = dueLeaseChange(room.lease, room.stay?.id, granted, room.audit === "ok" && !room.clockBehind, at);
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
      const forMs = leaseForMs(room.consents, config.consent.timeZone, utcMs, steadyLeft(room.ends, at));
      const restart = due.change === "start" && due.ended === undefined;
      // A rate shown the moment it was allowed would be made of breaths from before.
      const breathingAdded =
        due.purposes.includes("breathing-rate") &&
        due.change === "start" &&
        due.ended?.includes("breathing-rate") === false;
      if (breathingAdded) state.perception.forgetBreathing();
      const next: Room = {
        ...(restart ? forgetSensed(room) : breathingAdded ? { ...room, estimate: null } : room),
        lease: holdLease(stay, due.purposes, at, forMs),
        leaseNumber: number,
        leasedSince: restart ? at : room.leasedSince,
      };
      const audits: Effect[] = [];
      if (due.change === "start") {
        if (due.ended !== undefined) audits.push(leaseAudit(config, stay, "lease.end", due.ended, room.leaseNumber));
        audits.push(leaseAudit(config, stay, "lease.start", due.purposes, number));
        if (restart) audits.push(sensorAudit(config, stay, "sensor.start", room.sensor.state));
      }
      return {
        state: { ...state, room: next },
        effects: [
          ...audits,
          { kind: "store", row: { table: "lease-number", bed: config.bed, number, stay } },
          { kind: "lease", bed: config.bed, stay, purposes: due.purposes, number, forMs },
        ],
      };
    }
  }
}

function endLease(state: CoreState): Step {
  const { room, config } = state;
  if (room.lease.phase !== "held") return { state, effects: [] };
  state.perception.clear();
  const next: Room = { ...forgetSensed(room), lease: leaseNone, leasedSince: null };
  return {
    state: { ...state, streams: {}, unpacking: dropPacked(state.unpacking, () => false).unpacking, room: next },
    effects: [
      leaseAudit(config, room.lease.stay, "lease.end", room.lease.purposes, room.leaseNumber),
      sensorAudit(config, room.lease.stay, "sensor.stop", room.sensor.state),
      { kind: "store", row: { table: "lease-number", bed: config.bed, number: room.leaseNumber, stay: null } },
      { kind: "stop-sensor", bed: config.bed, number: room.leaseNumber },
    ],
  };
}

function refuse(state: CoreState, why: DropReason): Step {
  return { state: countDrop(state, why, 1), effects: [] };
}

function countDrop(state: CoreState, why: DropReason, count: number): CoreState {
  const dropped = { ...state.room.dropped, [why]: (state.room.dropped[why] ?? 0) + count };
  return { ...state, room: { ...state.room, dropped } };
}
