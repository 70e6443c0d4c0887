import type { AlarmRow } from "../contract/door.ts";
import { AlarmCondition, type AlarmPriority } from "../contract/words.ts";

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
 * Acknowledging never hides an alarm while its condition lasts.
 */
export type Alarms = readonly AlarmRow[];

export const alarmPriority: Readonly<Record<AlarmCondition, AlarmPriority>> = {
  "breathing-out-of-range": "medium",
  "left-bed": "medium",
  "sensor-lost": "low",
  "rate-unavailable": "low",
};

/** Technical conditions are about the equipment, not about the person: "check in person, this cannot see". */
export const technicalConditions: readonly AlarmCondition[] = ["sensor-lost", "rate-unavailable"];

export type AlarmChange = {
  readonly row: AlarmRow;
  readonly what: "raised" | "raised-again" | "cleared" | "latched" | "acknowledged";
};

export interface AlarmContext {
  readonly stay: string;
  readonly utcMs: number;
  /** False while the audit log cannot be written: the alarm still goes out, and says so. */
  readonly audited: boolean;
  /** Names a new alarm. */
  readonly nextId: () => string;
}

/** Compares what holds now with the open alarms. */
export function settleAlarms(
  alarms: Alarms,
  holds: Readonly<Record<AlarmCondition, boolean>>,
  { stay, utcMs, audited, nextId }: AlarmContext,
): { readonly alarms: Alarms; readonly changes: readonly AlarmChange[] } {
  const changes: AlarmChange[] = [];
  for (const condition of AlarmCondition.options) {
    const row = alarms.find((open) => open.condition === condition);
    if (holds[condition]) {
      if (row === undefined) {
        changes.push({
          what: "raised",
          row: {
            id: nextId(),
            stay,
            condition,
            priority: alarmPriority[condition],
            presence: "on",
            raisedAtUtcMs: utcMs,
            clearedAtUtcMs: null,
            acknowledged: null,
            audited,
          },
        });
      } else if (row.presence === "latched") {
        changes.push({
          what: "raised-again",
          row: { ...row, presence: "on", raisedAtUtcMs: utcMs, clearedAtUtcMs: null },
        });
      }
    } else if (row?.presence === "on") {
      changes.push({ what: "latched", row: { ...row, presence: "latched", clearedAtUtcMs: utcMs } });
    } else if (row?.presence === "ack") {
      changes.push({ what: "cleared", row: { ...row, presence: "off", clearedAtUtcMs: utcMs } });
    }
  }
  return { alarms: changes.length === 0 ? alarms : applyAlarmChanges(alarms, changes), changes };
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

export function applyAlarmChanges(alarms: Alarms, changes: readonly AlarmChange[]): Alarms {
  const next = new Map(alarms.map((row) => [row.id, row]));
  for (const { row } of changes) {
    if (row.presence === "off") next.delete(row.id);
    else next.set(row.id, row);
  }
  return [...next.values()];
}
