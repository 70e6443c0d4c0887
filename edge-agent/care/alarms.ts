import { alarmCatalogue } from "../contract/alarm-catalogue.ts";
import type { AlarmPolicy } from "../contract/alarm-policy.ts";
import type { AlarmRow } from "../contract/door.ts";
import { AlarmCondition } from "../contract/words.ts";
import { escalate } from "./escalation.ts";

/**
 * Alarm states of one stay, one row a condition (IEEE 11073 / FHIR DeviceAlert presence).
 *
 * | from    | condition begins | condition ends          | acknowledged |
 * |---------|------------------|-------------------------|--------------|
 * | off     | on (a new alarm) | -                       | -            |
 * | on      | -                | latched: nobody has looked yet | ack   |
 * | ack     | -                | off                     | -            |
 * | latched | on (again)       | -                       | off          |
 *
 * Acknowledging never hides an alarm while its condition lasts. One about the person that is over is kept, off, until somebody
 * says how it ended.
 */
export type Alarms = readonly AlarmRow[];

export type AlarmChange = {
  readonly row: AlarmRow;
  readonly what: "raised" | "raised-again" | "cleared" | "latched" | "acknowledged" | "escalated" | "closed";
};

export interface AlarmContext {
  readonly stay: string;
  readonly utcMs: number;
  /** False while the audit log cannot be written: the alarm still goes out, and says so. */
  readonly audited: boolean;
  readonly escalation: AlarmPolicy["escalation"];
  /** Names a new alarm. */
  readonly nextId: () => string;
}

/** Nobody is asked any more how an alarm ended that was over so long ago. */
export const askOutcomeForMs = 12 * 3_600_000;

export const isOpen = ({ presence }: AlarmRow): boolean => presence !== "off";
export const wantsOutcome = (row: AlarmRow): boolean =>
  row.presence === "off" &&
  row.acknowledged !== null &&
  row.outcome === null &&
  alarmCatalogue[row.condition].about === "person";

/** Compares what holds now with the open alarms. */
export function settleAlarms(
  alarms: Alarms,
  holds: Readonly<Record<AlarmCondition, boolean>>,
  { stay, utcMs, audited, escalation, nextId }: AlarmContext,
): { readonly alarms: Alarms; readonly changes: readonly AlarmChange[] } {
  const changes: AlarmChange[] = [];
  for (const condition of AlarmCondition.options) {
    const row = alarms.find((one) => one.condition === condition && isOpen(one));
    if (holds[condition]) {
      if (row === undefined) {
        changes.push({
          what: "raised",
          row: {
            id: nextId(),
            stay,
            condition,
            priority: alarmCatalogue[condition].priority,
            presence: "on",
            raisedAtUtcMs: utcMs,
            clearedAtUtcMs: null,
            acknowledged: null,
            audited,
            escalation: 0,
            raisings: 1,
            outcome: null,
          },
        });
        continue;
      }
      if (row.presence === "latched") {
        const raisings = row.raisings + 1;
        const again: AlarmRow = { ...row, presence: "on", raisedAtUtcMs: utcMs, clearedAtUtcMs: null, raisings };
        changes.push({ what: "raised-again", row: again });
        continue;
      }
    } else if (row?.presence === "on") {
      changes.push({ what: "latched", row: { ...row, presence: "latched", clearedAtUtcMs: utcMs } });
      continue;
    } else if (row?.presence === "ack") {
      changes.push({ what: "cleared", row: { ...row, presence: "off", clearedAtUtcMs: utcMs } });
      continue;
    }
    if (row === undefined) continue;
    const escalated = escalate(row, utcMs, escalation);
    if (escalated !== row) changes.push({ what: "escalated", row: escalated });
  }
  const settled = changes.length === 0 ? alarms : applyAlarmChanges(alarms, changes);
  const forgotten = (row: AlarmRow): boolean =>
    !isOpen(row) && utcMs - (row.clearedAtUtcMs ?? row.raisedAtUtcMs) > askOutcomeForMs;
  return { alarms: settled.some(forgotten) ? settled.filter((row) => !forgotten(row)) : settled, changes };
}

/** Undefined: no open alarm of this id waits for it. */
export function acknowledgeAlarm(alarms: Alarms, id: string, name: string, utcMs: number): AlarmChange | undefined {
  const row = alarms.find((open) => open.id === id);
  if (row === undefined) return undefined;
  const acknowledged = { name, atUtcMs: utcMs };
  switch (row.presence) {
    case "on":
      return { what: "acknowledged", row: { ...row, presence: "ack", acknowledged } };
    case "latched":
      return { what: "acknowledged", row: { ...row, presence: "off", acknowledged } };
    case "ack":
    case "off":
      return undefined;
  }
}

/** Undefined: nobody has acknowledged it, or it has an outcome. It stays open while its condition lasts. */
export function closeAlarm(
  alarms: Alarms,
  id: string,
  outcome: NonNullable<AlarmRow["outcome"]>,
): AlarmChange | undefined {
  const row = alarms.find((one) => one.id === id);
  if (row === undefined || row.acknowledged === null || row.outcome !== null) return undefined;
  return { what: "closed", row: { ...row, outcome } };
}

export function applyAlarmChanges(alarms: Alarms, changes: readonly AlarmChange[]): Alarms {
  const next = new Map(alarms.map((row) => [row.id, row]));
  for (const { row } of changes) {
    if (isOpen(row) || wantsOutcome(row)) next.set(row.id, row);
    else next.delete(row.id);
  }
  return [...next.values()];
}
