import type { IntendedUse } from "../contract/intended-use.ts";
import { orderableFor } from "../contract/orderable.ts";
import { type CareOrder, nothingOrdered } from "../contract/people.ts";
import type { WhatIf } from "../contract/what-if.ts";
import type { AlarmCondition } from "../contract/words.ts";
import { FactReplay, neverReplayed, type RecordedFact, type ReplayLimits } from "./replay-facts.ts";

/** One fact stands for at most this much recorded time. */
const factCountsMsMax = 5_000;

/** How many facts tell of a condition at all. */
interface Told {
  readonly place: number;
  readonly people: number;
  readonly movement: number;
  readonly breathing: number;
}

/** Adds up, bed for bed and night for night, what was raised under the order of then and under the new one. */
export class WhatIfCount {
  private readonly would: CareOrder;
  private readonly limits: ReplayLimits;
  private readonly raised = new Map<AlarmCondition, { now: number; would: number }>();
  private readonly beds = new Set<string>();
  private told: Told = { place: 0, people: 0, movement: 0, breathing: 0 };
  private facts = 0;
  private factsBefore = 0;
  private recordedMs = 0;
  private nights = 0;

  constructor(would: CareOrder, limits: ReplayLimits) {
    this.would = would;
    this.limits = limits;
  }

  /** One bed's night. @param now the order that is on; null: none is. */
  addNight(stay: string, now: CareOrder | null, facts: Iterable<RecordedFact>): void {
    const replays = [now ?? { ...nothingOrdered, by: "nobody", reason: "none" }, this.would].map(
      (order) => new FactReplay(order, this.limits),
    );
    let { place, people, movement, breathing } = this.told;
    let lastUtcMs: number | null = null;
    for (const fact of facts) {
      for (const replay of replays) replay.take(fact);
      this.facts += 1;
      if (fact.place !== null) place += 1;
      if (fact.people !== null && fact.people !== "unknown") people += 1;
      if (fact.occupancy !== null) movement += 1;
      if (fact.quality !== null) breathing += 1;
      if (lastUtcMs !== null) this.recordedMs += Math.min(fact.atUtcMs - lastUtcMs, factCountsMsMax);
      lastUtcMs = fact.atUtcMs;
    }
    this.told = { place, people, movement, breathing };
    if (lastUtcMs !== null) this.beds.add(stay);
    const [before, after] = replays;
    for (const { condition } of before?.raised ?? []) this.countOf(condition).now += 1;
    for (const { condition } of after?.raised ?? []) this.countOf(condition).would += 1;
  }

  /** Every bed of one more night was added. A night of which nothing was recorded is none. */
  nightDone(): void {
    if (this.facts > this.factsBefore) this.nights += 1;
    this.factsBefore = this.facts;
  }

  result(use: IntendedUse, nightMs: number): WhatIf {
    return {
      nights: this.nights,
      bedNights: this.recordedMs / nightMs,
      beds: this.beds.size,
      conditions: orderableFor(use).map(({ condition }) => ({
        condition,
        ...this.countOf(condition),
        told: this.facts === 0 ? 0 : this.tellingOf(condition) / this.facts,
      })),
    };
  }

  private countOf(condition: AlarmCondition): { now: number; would: number } {
    const count = this.raised.get(condition) ?? { now: 0, would: 0 };
    this.raised.set(condition, count);
    return count;
  }

  private tellingOf(condition: AlarmCondition): number {
    if (neverReplayed.includes(condition)) return 0;
    switch (condition) {
      case "on-floor":
      case "edge-of-bed":
        return this.told.place;
      case "second-person":
        return this.told.people;
      case "breathing-out-of-range":
      case "cannot-see-breathing":
      case "rate-unavailable":
        return this.told.breathing;
      default:
        return this.told.movement;
    }
  }
}
