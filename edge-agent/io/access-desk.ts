import type { AccessAsk } from "../contract/access.ts";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import type { Refused } from "../contract/refused.ts";
import type { WardRecords } from "../records/ward.ts";

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
export function changeAccess(
  ask: AccessAsk,
  actor: Actor | undefined,
  records: Pick<WardRecords, "decideAccess">,
  stamp: Stamp,
): AskResult | Refused | undefined {
  if (actor?.kind !== "staff" || !mayAskAccess(ask, actor)) return undefined;
  return records.decideAccess(ask, actor, stamp);
}
