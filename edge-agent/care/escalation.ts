import type { AlarmPolicy } from "../contract/alarm-policy.ts";
import type { AlarmRow } from "../contract/door.ts";

/** 0: where it was raised. 1: every station is called. 2: the nurse in charge is called. */
export type Escalation = AlarmRow["escalation"];

/** Who has to be called for an alarm that nobody answered; the row itself where nothing changes. */
export function escalate(row: AlarmRow, utcMs: number, policy: AlarmPolicy["escalation"]): AlarmRow {
  if (row.presence !== "on" && row.presence !== "latched") return row;
  const steps = row.priority === "information" ? null : policy[row.priority];
  if (steps === null) return row;
  const waitedSec = (utcMs - row.raisedAtUtcMs) / 1_000;
  const due: Escalation = waitedSec >= steps.inChargeAfterSec ? 2 : waitedSec >= steps.stationsAfterSec ? 1 : 0;
  return due > row.escalation ? { ...row, escalation: due } : row;
}
