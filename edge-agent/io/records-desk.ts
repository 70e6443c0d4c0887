import { type AccessAsk, accessAsks } from "../contract/access.ts";
import { type AdvocateAsk, advocateAsks } from "../contract/advocate.ts";
import type { AskResult, StationAsk } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import { type ErasureAsk, erasureAsks } from "../contract/erasure.ts";
import type { Actor } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import type { WardRecords } from "../records/ward.ts";

/* Who may open what was recorded of a person beside those who care for them: two people together, or whom the person lets look. */

export type RecordsAsk = AccessAsk | AdvocateAsk | ErasureAsk;
const acts: ReadonlySet<string> = new Set(
  [...accessAsks, ...advocateAsks, ...erasureAsks].map(({ shape }) => shape.do.value),
);
export const isOfRecords = (ask: StationAsk): ask is RecordsAsk => acts.has(ask.do);

/** Named staff only: neither set-up nor a screen at a bed opens anybody's records. */
export function mayAskAccess(ask: AccessAsk, actor: Extract<Actor, { kind: "staff" }>): boolean {
  switch (ask.do) {
    case "ask-access":
      return actor.role !== "engineer" && (ask.kind === "break-glass" || actor.role !== "nurse");
    case "agree-access":
      return actor.role === "nurse-in-charge" || actor.role === "governance-lead";
    case "end-access":
      return actor.role !== "engineer";
    case "review-access":
      return actor.role === "governance-lead";
  }
}

/** Undefined: this actor may not. Throws StoreError. */
export function decideRecords(
  ask: RecordsAsk,
  actor: Actor | undefined,
  records: Pick<WardRecords, "decideAccess" | "decideAdvocate" | "eraseWords">,
  stamp: Stamp,
): AskResult | Refused | undefined {
  switch (ask.do) {
    case "let-look":
    case "end-looks":
    case "advocate-in": {
      const decided = records.decideAdvocate(ask, actor, stamp);
      return typeof decided === "string"
        ? refuse(decided, "This code is unknown, used or too old. Ask the person for a new one.")
        : decided;
    }
    case "erase-words":
      if (actor?.kind !== "staff" || actor.role !== "governance-lead") return undefined;
      return records.eraseWords(ask, actor, stamp);
    case "ask-access":
    case "agree-access":
    case "end-access":
    case "review-access":
      if (actor?.kind !== "staff" || !mayAskAccess(ask, actor)) return undefined;
      return records.decideAccess(ask, actor, stamp);
  }
}
