import { alarmCatalogue } from "../contract/alarm-catalogue.ts";
import { hourMs } from "../contract/consent.ts";
import type { Estimate } from "../contract/door.ts";
import { isWithin } from "../contract/local-hour.ts";
import type { Tile } from "../contract/tile.ts";
import { elapsedMs, type MonoMs } from "../contract/units.ts";
import { allowingStates, type NoRateReason, type Purpose, purposes } from "../contract/words.ts";
import { isOpen, wantsOutcome } from "./alarms.ts";
import { dueOf, isAllowed } from "./consent.ts";
import { checksNow } from "./decide-checks.ts";
import { isUndelivered } from "./delivery.ts";
import { isGranted, type Room, type RoomConfig, sensingOf } from "./room.ts";
import { dataAgeMs, noRateBecause, notMonitored } from "./sensing.ts";

/** An answer of the model older than this is not shown any more. */
const answerStaleAfterMs = 3_500;
const isStale = (room: Room, at: MonoMs): boolean =>
  room.estimate !== null && elapsedMs(room.estimate.at, at) > answerStaleAfterMs + sensingOf(room, at).pauseMs;

/** The newest answer, while it may be believed. */
export function freshEstimate(config: RoomConfig, room: Room, at: MonoMs): Estimate | null {
  if (room.estimate === null || isStale(room, at)) return null;
  return notMonitored(sensingOf(room, at), config.limits, at) === null ? room.estimate.estimate : null;
}

/** Why there is no rate now, or null when the newest estimate may be shown. */
export function noRateReason(config: RoomConfig, room: Room, at: MonoMs): Tile["breathing"]["reason"] {
  if (!isGranted(room, "breathing-rate")) return "not-consented";
  const path = noRateBecause(notMonitored(sensingOf(room, at), config.limits, at));
  if (path !== null) return path;
  if (room.estimate === null) return "learning";
  if (isStale(room, at)) return "stale";
  const { reason } = room.estimate.estimate;
  // Only an order may turn on being told of breathing that stopped, and this release takes none: it says what it cannot see.
  return reason === "not-breathing" ? "cannot-see-breathing" : reason;
}

const aboutMovement: readonly NoRateReason[] = [
  "nobody-in-bed",
  "more-than-one-person",
  "moving",
  "no-natural-movement",
];

/** The reason as screens and rows may have it: without movement alerts it tells nothing of movement or presence. */
export function toldReason(room: Room, reason: NoRateReason | null): NoRateReason | null {
  return reason !== null && aboutMovement.includes(reason) && !isGranted(room, "movement-alerts") ? "withheld" : reason;
}

/** The whole truth of one bed as screens may have it: a part that no grant covers is not in it. */
export function tileOf(config: RoomConfig, room: Room, at: MonoMs, utcMs: number): Tile {
  const sensing = sensingOf(room, at);
  const undelivered = isUndelivered(room.delivery, at, config.alarms.confirmWithinMs);
  const place = notMonitored(sensing, config.limits, at) ?? (undelivered ? "undelivered" : null);
  const reason = noRateReason(config, room, at);
  const estimate = room.estimate?.estimate ?? null;
  return {
    v: 1,
    bed: config.bed,
    bedName: config.bedName,
    at: utcMs,
    stay: room.stay,
    needs: room.needs,
    checks: checksNow(config, room, utcMs),
    sedation: sedationNow(room),
    consents: purposes.map((purpose) => consentNow(config, room, purpose, utcMs)),
    sensor: {
      state: room.sensor.state,
      detail: room.sensor.detail,
      model: config.sensorModel,
      health: room.sensor.health,
    },
    source: config.source,
    notMonitored: place,
    dataAgeMs: sensing.consented ? dataAgeMs(sensing, at) : null,
    movement: movementNow(config, room, at),
    breathing: { rate: reason === null ? shownRate(room, at) : null, reason: toldReason(room, reason) },
    alarms: room.alarms.filter(isOpen).map((row) => ({
      id: row.id,
      condition: row.condition,
      priority: row.priority,
      technical: alarmCatalogue[row.condition].about === "technical",
      presence: row.presence,
      raisedAt: row.raisedAtUtcMs,
      clearedAt: row.clearedAtUtcMs,
      acknowledged: row.acknowledged === null ? null : { name: row.acknowledged.name, at: row.acknowledged.atUtcMs },
      audited: row.audited,
      escalation: row.escalation,
      shown: room.delivery.find(({ id }) => id === row.id)?.shown ?? true,
    })),
    toClose: room.alarms.filter(wantsOutcome).flatMap(({ id, condition, raisedAtUtcMs, acknowledged }) =>
      acknowledged === null
        ? []
        : {
            id,
            condition,
            raisedAt: raisedAtUtcMs,
            acknowledged: { name: acknowledged.name, at: acknowledged.atUtcMs },
          },
    ),
    order: room.order,
    engineering: {
      framesAccepted: room.framesAccepted,
      dropped: { ...room.dropped },
      inferences: room.model.answers,
      inferenceMs: estimate === null ? null : room.model.tookMs,
      inferencesLate: room.model.late,
      windowEndMs: estimate?.atMs ?? null,
    },
  };
}

function sedationNow({ sedation }: Room): Tile["sedation"] {
  if (sedation === null) return null;
  const { standing: _, ...watch } = sedation;
  return watch;
}

function consentNow(
  { consent: policy }: RoomConfig,
  room: Room,
  purpose: Purpose,
  utcMs: number,
): Tile["consents"][number] {
  const consent = room.consents[purpose];
  const rules = { promptMs: policy.promptHoursBefore * hourMs, quiet: isWithin(policy.quietHours, room.hour) };
  const outOfHours = allowingStates.includes(consent.state) && !isAllowed(consent, room.hour);
  return { purpose, ...consent, due: dueOf(consent, utcMs, rules), outOfHours };
}

const movementUnknown = { occupancy: "unknown", movement: null, inStateMs: 0, place: null } as const;

/** Who is in the bed and how much they move, as far as it may be told: null where movement alerts are not granted. */
export function movementNow(config: RoomConfig, room: Room, at: MonoMs): Tile["movement"] {
  if (!isGranted(room, "movement-alerts")) return null;
  if (room.estimate === null || notMonitored(sensingOf(room, at), config.limits, at) !== null) return movementUnknown;
  const { estimate } = room.estimate;
  if (isStale(room, at)) return movementUnknown;
  return {
    occupancy: estimate.occupancy,
    movement: estimate.movement,
    place: estimate.place,
    inStateMs: room.occupancySince === null ? 0 : elapsedMs(room.occupancySince, at),
  };
}

/** What a tile of this moment shows. */
export const shownRateNow = (config: RoomConfig, room: Room, at: MonoMs): Tile["breathing"]["rate"] =>
  noRateReason(config, room, at) === null ? shownRate(room, at) : null;

function shownRate(room: Room, at: MonoMs): Tile["breathing"]["rate"] {
  if (room.estimate === null) return null;
  const { estimate, at: answeredAt } = room.estimate;
  const { breathingPerMin, lowPerMin, highPerMin } = estimate;
  if (breathingPerMin === null || lowPerMin === null || highPerMin === null) return null;
  return {
    perMin: breathingPerMin,
    lowPerMin,
    highPerMin,
    quality: estimate.quality,
    windowMs: estimate.windowMs,
    ageMs: elapsedMs(answeredAt, at),
  };
}
