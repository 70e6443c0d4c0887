import type { AuditAction, AuditIntent, Effect } from "../contract/door.ts";
import type { Actor } from "../contract/people.ts";
import type { Purpose } from "../contract/words.ts";
import type { AlarmChange } from "./alarms.ts";
import type { Room, RoomConfig } from "./room.ts";

/*
 * What is written in the audit log, in one place: every decision with who and why, and nothing that names a patient
 * (a bed and a random stay id say which, the ward database says who).
 */

export const systemActor = (part: string): Actor => ({ kind: "system", part });

export function audit(
  action: AuditAction,
  actor: Actor,
  detail: AuditIntent["detail"],
  outcome: AuditIntent["outcome"] = 0,
  phi: AuditIntent["phi"] = null,
): Effect {
  return { kind: "audit", intent: { action, actor, outcome, detail, phi } };
}

/** `stay`: whose lease it is or was, which need not be the stay that is open now. */
export function leaseAudit(
  config: RoomConfig,
  stay: string,
  action: "lease.start" | "lease.end",
  purposes: readonly Purpose[],
  number: number,
): Effect {
  return audit(action, systemActor("consent"), { bed: config.bed, stay, purposes: [...purposes], number });
}

/** A command to the sensor, with the state that it was in. */
export function sensorAudit(
  config: RoomConfig,
  stay: string | null,
  action: "sensor.start" | "sensor.stop",
  sensor: string,
): Effect {
  return audit(action, systemActor("consent"), { bed: config.bed, stay, sensor });
}

/** What the bridge says of the sensor. `unwritten`: changes since the last entry that got none of their own. */
export function sensorStateAudit(config: RoomConfig, room: Room): Effect {
  const { state, health, unwritten } = room.sensor;
  const bare = { bed: config.bed, stay: room.stay?.id ?? null, sensor: state };
  const detail = health === "ok" ? bare : { ...bare, health };
  return audit(
    "sensor.state",
    systemActor("bridge"),
    unwritten === 0 ? detail : { ...detail, changesBetween: unwritten },
  );
}

const alarmAction: Readonly<Record<AlarmChange["what"], AuditAction>> = {
  raised: "alert.raise",
  "raised-again": "alert.raise",
  latched: "alert.clear",
  cleared: "alert.clear",
  acknowledged: "alert.acknowledge",
  escalated: "alert.escalate",
  closed: "alert.close",
};

/** The entry first, then the row it explains: both in one transaction, before anybody is told. */
export function alarmEffects(config: RoomConfig, change: AlarmChange, actor: Actor): readonly Effect[] {
  const { row } = change;
  return [
    audit(alarmAction[change.what], actor, {
      bed: config.bed,
      stay: row.stay,
      alarm: row.id,
      condition: row.condition,
      priority: row.priority,
      presence: row.presence,
      ...(change.what === "acknowledged" ? { going: true } : {}),
      ...(change.what === "escalated" ? { to: row.escalation === 2 ? "nurse-in-charge" : "all-stations" } : {}),
      ...(change.what === "closed" && row.outcome !== null
        ? { outcome: row.outcome.is, falseBecause: row.outcome.falseBecause }
        : {}),
    }),
    { kind: "store", row: { table: "alarm", alarm: row } },
  ];
}
