import { orderableFor } from "../contract/orderable.ts";
import type { CareOrder } from "../contract/people.ts";
import { monoMs } from "../contract/units.ts";
import type { AlarmCondition, BedPlace, NoRateReason, Occupancy, PeopleSeen } from "../contract/words.ts";
import { type BreathingRange, breathingRange, breathingRangeCalm } from "./breathing-range.ts";
import { type Lasting, lasting, lastingNot } from "./lasting.ts";
import { type LeftBed, leftBed, leftBedNotSeen } from "./left-bed.ts";
import { type RateUnavailable, rateAvailable, rateUnavailable } from "./rate-unavailable.ts";
import { clearAfterMs, holds, nothingSeen, type Seen, type SeenCondition, seenConditions } from "./seen-conditions.ts";

/** What was recorded of one moment. Null: not allowed, or not recorded then. */
export interface RecordedFact {
  readonly atUtcMs: number;
  readonly occupancy: Occupancy | null;
  readonly movement: number | null;
  readonly place: BedPlace | null;
  readonly people: PeopleSeen | null;
  readonly breathingPerMin: number | null;
  readonly quality: number | null;
  readonly reason: NoRateReason | null;
}

/** One time that a condition began to hold: one raising of its alarm, whatever somebody did about it. */
export interface Raising {
  readonly condition: AlarmCondition;
  readonly atUtcMs: number;
}

export interface ReplayLimits {
  /** What was seen longer ago is not believed any more. */
  readonly staleAfterMs: number;
  readonly sensorLostAfterMs: number;
}

/** Beyond such a gap nothing is carried on: what was not recorded is not replayed. */
export const gapMsMax = 60_000;
const tickMs = 1_000;

/**
 * Cannot be told from facts: they hold what screens were told, and of breathing that stopped screens are told only that it cannot
 * be seen.
 */
export const neverReplayed: readonly AlarmCondition[] = ["breathing-stopped"];

/** Which parts of an order a fact says anything about. */
const parts = orderableFor("alarm").filter(({ condition }) => !neverReplayed.includes(condition));
const watchable = seenConditions.filter((condition) => !neverReplayed.includes(condition));
const aboutBreathing: readonly SeenCondition[] = ["cannot-see-breathing"];

interface Watched {
  readonly condition: SeenCondition;
  readonly limits: { readonly afterMs: number; readonly clearAfterMs: number };
  state: Lasting;
}

/**
 * Plays recorded facts under an order through the machines that watch a room, in order of time. The same conditions are raised as
 * by the room itself as long as no more than a minute is missing. Its state is its own and changes in place: a month of nights is
 * a million facts.
 */
export class FactReplay {
  readonly raised: Raising[] = [];
  private readonly order: CareOrder;
  private readonly limits: ReplayLimits;
  private readonly watched: readonly Watched[];
  private left: LeftBed = leftBedNotSeen;
  private notBack: LeftBed = leftBedNotSeen;
  private range: BreathingRange = breathingRangeCalm;
  private unavailable: RateUnavailable = rateAvailable;
  private last: RecordedFact | null = null;

  constructor(order: CareOrder, limits: ReplayLimits) {
    this.order = order;
    this.limits = limits;
    this.watched = parts.flatMap(({ condition, part }) => {
      const seen = watchable.find((one) => one === condition);
      const ordered = part === "breathing" ? null : order[part];
      if (seen === undefined || ordered === null) return [];
      const { afterMs } = ordered;
      return [{ condition: seen, limits: { afterMs, clearAfterMs: clearAfterMs[seen] }, state: lastingNot }];
    });
  }

  take(fact: RecordedFact): void {
    const { last } = this;
    if (last !== null && fact.atUtcMs - last.atUtcMs > gapMsMax) this.beginAnew();
    else if (last !== null) this.ticksBetween(last, fact.atUtcMs);
    this.last = fact;
    this.answered(fact);
    this.watch(fact, fact.atUtcMs, fact);
  }

  /** The room looks at the clock each second, whether an answer came or not. */
  private ticksBetween(last: RecordedFact, untilUtcMs: number): void {
    if (!this.anythingWaits()) return;
    const { staleAfterMs, sensorLostAfterMs } = this.limits;
    for (let at = (Math.floor(last.atUtcMs / tickMs) + 1) * tickMs; at < untilUtcMs; at += tickMs) {
      const age = at - last.atUtcMs;
      if (age <= staleAfterMs) this.watch(last, at, last);
      else this.watch(null, at, { ...last, reason: age > sensorLostAfterMs ? "sensor-lost" : "stale" });
    }
  }

  /** Whether time alone could bring anything about. */
  private anythingWaits(): boolean {
    return (
      this.left.phase === "away" ||
      this.notBack.phase === "away" ||
      this.unavailable.since !== null ||
      this.order.rateUnavailable !== null ||
      this.watched.some(({ state }) => state.since !== null)
    );
  }

  private answered(fact: RecordedFact): void {
    const order = this.order.breathing;
    if (order === null) return;
    if (fact.quality === null) {
      this.range = breathingRangeCalm;
      return;
    }
    const before = this.range.active;
    const shown = fact.quality >= order.qualityMin ? fact.breathingPerMin : null;
    this.range = breathingRange(this.range, shown, monoMs(fact.atUtcMs), order);
    if (this.range.active && !before) this.raise("breathing-out-of-range", fact.atUtcMs);
  }

  /** @param fact null: nothing fresh is known. @param allowed what was recorded last, which tells what is allowed. */
  private watch(fact: RecordedFact | null, utcMs: number, allowed: RecordedFact): void {
    const { order } = this;
    const movement = allowed.occupancy !== null;
    const breathing = allowed.quality !== null;
    const occupancy = movement ? (fact?.occupancy ?? "unknown") : null;
    this.left = this.followBed("left-bed", order.leftBed, this.left, occupancy, utcMs);
    this.notBack = this.followBed("not-back", order.notBack, this.notBack, occupancy, utcMs);
    if (order.rateUnavailable !== null) {
      const before = this.unavailable.active;
      this.unavailable = breathing
        ? rateUnavailable(this.unavailable, allowed.reason, monoMs(utcMs), order.rateUnavailable)
        : rateAvailable;
      if (this.unavailable.active && !before) this.raise("rate-unavailable", utcMs);
    }
    if (this.watched.length === 0) return;
    const seen = fact === null ? nothingSeen : seenOf(fact);
    for (const one of this.watched) {
      const before = one.state.active;
      const covered = aboutBreathing.includes(one.condition) ? breathing : movement;
      one.state = covered ? lasting(one.state, holds(one.condition, seen), monoMs(utcMs), one.limits) : lastingNot;
      if (one.state.active && !before) this.raise(one.condition, utcMs);
    }
  }

  /** @param occupancy null: not allowed. */
  private followBed(
    condition: AlarmCondition,
    order: { readonly afterMs: number } | null,
    state: LeftBed,
    occupancy: Occupancy | null,
    utcMs: number,
  ): LeftBed {
    if (order === null || occupancy === null) return leftBedNotSeen;
    const next = leftBed(state, occupancy, monoMs(utcMs), order);
    if (next.phase === "away-too-long" && state.phase !== "away-too-long") this.raise(condition, utcMs);
    return next;
  }

  private raise(condition: AlarmCondition, atUtcMs: number): void {
    this.raised.push({ condition, atUtcMs });
  }

  private beginAnew(): void {
    this.left = leftBedNotSeen;
    this.notBack = leftBedNotSeen;
    this.range = breathingRangeCalm;
    this.unavailable = rateAvailable;
    for (const one of this.watched) one.state = lastingNot;
  }
}

const seenOf = ({ occupancy, place, people, movement, quality, reason }: RecordedFact): Seen => ({
  occupancy: occupancy ?? "unknown",
  place,
  people: people ?? "unknown",
  movement,
  reason: quality === null ? undefined : reason,
});
