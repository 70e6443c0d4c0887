import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import type { AccountAsk, SiteLimits, StaffRecords } from "../records/staff-records.ts";

/** Who may change what of the staff list and the ward. Null: nobody who asks over a page. */
const roles: Readonly<Record<AccountAsk["do"], readonly string[]>> = {
  "invite-first": [],
  "add-staff": ["nurse-in-charge"],
  "renew-staff": ["nurse-in-charge"],
  "end-staff": ["nurse-in-charge"],
  "unlock-staff": ["nurse-in-charge"],
  "record-training": ["nurse-in-charge"],
  "floor-order": ["nurse-in-charge", "engineer"],
};

export const mayChangeStaff = (ask: AccountAsk, actor: Actor): boolean =>
  actor.kind === "setup" || (actor.kind === "staff" && roles[ask.do].includes(actor.role));

/** Undefined: this actor may not. Throws StoreError. */
export function changeStaff(
  ask: AccountAsk,
  actor: Actor | undefined,
  records: StaffRecords,
  limits: SiteLimits,
  stamp: Stamp,
): AskResult | Refused | undefined {
  if (actor === undefined || !mayChangeStaff(ask, actor)) return undefined;
  if (ask.do === "add-staff" && ask.agency && ask.role !== "nurse" && ask.role !== "nurse-in-charge")
    return refuse("policy", "Agency accounts are for nurses.");
  return records.decide(ask, actor, limits, stamp);
}
