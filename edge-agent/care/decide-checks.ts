import type { RoomAsk } from "../contract/asks.ts";
import { type CheckRow, type TileChecks, wasSeen } from "../contract/checks.ts";
import { hourMs } from "../contract/consent.ts";
import type { CoreEvent, Effect } from "../contract/door.ts";
import type { RefusalReason } from "../contract/words.ts";
import { changeOrder, closeWindows, makeCheck, viewChecks } from "./checks.ts";
import type { Room, RoomConfig } from "./room.ts";
import { watchedChecks } from "./sedation.ts";
import { audit, systemActor } from "./trail.ts";

/* What people order and record of checks in person, and what becomes of it in the log and on the tile. */

type AskEvent = CoreEvent & { readonly kind: "ask" };
interface Decided {
  readonly room: Room;
  readonly effects: readonly Effect[];
}
interface CheckRefusal {
  readonly why: RefusalReason;
  readonly words: string;
}

export function decideObservation(
  config: RoomConfig,
  room: Room,
  event: AskEvent,
  { observation, stay }: RoomAsk & { do: "observe" },
): Decided {
  // While a watch after sedation runs, its checks stay at least as close; this holds afterwards.
  const sedation = room.sedation === null ? null : { ...room.sedation, standing: observation };
  const inForce = sedation === null ? observation : watchedChecks(sedation);
  const clock = changeOrder(room.checks?.clock ?? null, inForce, event.utcMs);
  const { level, everyMinutes, by, reviewAfterHours } = observation;
  const kept: readonly Effect[] =
    sedation === null
      ? []
      : [{ kind: "store", row: { table: "sedation", stay, watch: sedation, atUtcMs: event.utcMs } }];
  return {
    room: { ...room, sedation, checks: { clock, orderedUtcMs: event.utcMs, lastMade: room.checks?.lastMade ?? null } },
    effects: [
      audit("check.order", event.actor, { bed: config.bed, stay, level, everyMinutes, by, reviewAfterHours }, 0, {
        reason: observation.reason,
      }),
      { kind: "store", row: { table: "observation-order", stay, order: inForce, atUtcMs: event.utcMs } },
      ...kept,
    ],
  };
}

/** Nobody ordered checks: what was seen is recorded all the same. */
export function decideCheck(
  config: RoomConfig,
  room: Room,
  event: AskEvent,
  ask: RoomAsk & { do: "check" },
): Decided | CheckRefusal {
  const { actor } = event;
  if (actor.kind !== "staff") return { why: "not-allowed", words: "Only a member of staff can record a check." };
  const isSeen = ask.seen.where !== "not-found" && ask.seen.where !== "off-the-ward";
  if (room.sedation !== null && isSeen && ask.seen.afterSedation === undefined) {
    const words = "A watch after sedation runs: say how awake the person is, and count the breathing.";
    return { why: "reason-missing", words };
  }
  const seenUtcMs = ask.seenAtUtcMs ?? event.utcMs;
  const clock = room.checks?.clock;
  const made = clock === undefined ? undefined : makeCheck(clock, seenUtcMs, event.utcMs, ask.lateBecause);
  if (made?.ok === false) return refusal[made.why];
  const retrospective = made?.retrospective === true ? ask.lateBecause : null;
  const row: CheckRow = {
    id: event.freshId,
    stay: ask.stay,
    level: clock?.order.level ?? null,
    by: { id: actor.id, name: actor.name },
    seenUtcMs,
    recordedUtcMs: event.utcMs,
    seen: ask.seen,
    retrospective,
    supersedes: ask.supersedes,
  };
  const lastMade = { atUtcMs: seenUtcMs, by: actor.name, where: ask.seen.where, how: ask.seen.how };
  const checks =
    room.checks === null || made === undefined || !wasSeen(ask.seen)
      ? room.checks
      : { ...room.checks, clock: made.clock };
  const newest = retrospective === null && wasSeen(ask.seen) && checks !== null ? { ...checks, lastMade } : checks;
  const detail = {
    bed: config.bed,
    stay: ask.stay,
    check: row.id,
    level: row.level,
    seenUtcMs: Math.round(seenUtcMs),
    retrospective: retrospective !== null,
    supersedes: ask.supersedes,
  };
  const phi = {
    where: ask.seen.where,
    how: ask.seen.how,
    engagement: ask.seen.engagement,
    concern: ask.seen.concern,
    lateBecause: retrospective,
    alertness: ask.seen.afterSedation?.alertness ?? null,
    breathsPerMin: ask.seen.afterSedation?.breathsPerMin ?? null,
  };
  return {
    room: { ...room, checks: newest },
    effects: [audit("check.record", actor, detail, 0, phi), { kind: "store", row: { table: "check", check: row } }],
  };
}

const refusal: Readonly<Record<"reason-missing" | "in-the-future" | "before-the-order", CheckRefusal>> = {
  "reason-missing": {
    why: "reason-missing",
    words: "This was more than five minutes ago. Say why it is written down later.",
  },
  "in-the-future": { why: "malformed", words: "That time is still to come." },
  "before-the-order": { why: "malformed", words: "That was before these checks were ordered." },
};

/** Time went on: what nobody checked is written down, once. */
export function settleChecks(config: RoomConfig, room: Room, event: { readonly utcMs: number }): Decided {
  const { checks, stay } = room;
  if (checks === null || stay === null) return { room, effects: [] };
  const { clock, missed } = closeWindows(checks.clock, event.utcMs);
  if (clock === checks.clock) return { room, effects: [] };
  const { level } = clock.order;
  return {
    room: { ...room, checks: { ...checks, clock } },
    effects: missed.slice(-missedToldMax).map(({ fromUtcMs, untilUtcMs }, index, told) =>
      audit(
        "check.missed",
        systemActor("checks"),
        {
          bed: config.bed,
          stay: stay.id,
          level,
          fromUtcMs: Math.round(fromUtcMs),
          untilUtcMs: Math.round(untilUtcMs),
          // After a long stop one entry a window would say no more than this.
          before: index === 0 ? missed.length - told.length : 0,
        },
        4,
      ),
    ),
  };
}
const missedToldMax = 8;

export function checksNow({ promptSeed }: RoomConfig, room: Room, utcMs: number): TileChecks | null {
  if (room.checks === null || room.stay === null) return null;
  const { clock, orderedUtcMs, lastMade } = room.checks;
  const { level, everyMinutes, reviewAfterHours } = clock.order;
  const seed = `${promptSeed} ${room.stay.id}`;
  return {
    ...viewChecks(clock, utcMs, (window) => chanceOf(`${seed} ${window}`)),
    level,
    everyMinutes,
    reviewDue: utcMs >= orderedUtcMs + reviewAfterHours * hourMs,
    lastMade,
  };
}

/** 0 to 1, the same for the same text: FNV-1a (32 bits), with the finish of MurmurHash3 so that neighbours differ. */
function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
