import type { RoomAsk } from "../../edge-agent/contract/asks.ts";

/** Rules of DESIGN section 1, and what a run must have seen for its word on them to mean anything. */
export const rules = {
  "1": "No record, no sensing",
  "2": "Withdrawing works at once",
  "3": "Nothing that could be looked at is kept",
  "4": "Don't know beats a wrong number",
  "5": "Silence is never calm",
  "6": "It never replaces a person",
  "7": "The trail tells the truth",
  "8": "Fail private, fail visible",
} as const;
export type Rule = keyof typeof rules;

/** A rule was broken; ends the history. */
export class Broken extends Error {
  readonly rule: Rule;
  constructor(rule: Rule, words: string) {
    super(`${rule}. ${rules[rule]}: ${words}`);
    this.rule = rule;
  }
}

/** What was seen in a history. */
export class Tallies {
  readonly counts = new Map<string, number>();
  /** How often each ask was done. */
  readonly asked = new Map<RoomAsk["do"], number>();
  readonly tried = new Set<RoomAsk["do"]>();
  leap = false;

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }
  done(what: RoomAsk["do"]): void {
    this.asked.set(what, (this.asked.get(what) ?? 0) + 1);
    this.count(`done: ${what}`);
  }
  wrong(rule: Rule, words: string): never {
    throw new Broken(rule, words);
  }
}
