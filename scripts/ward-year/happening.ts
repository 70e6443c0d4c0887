import type Database from "better-sqlite3";
import type { AuditIntent, StoreRow } from "../../edge-agent/contract/door.ts";
import type { Actor } from "../../edge-agent/contract/people.ts";
import type { Append } from "../../edge-agent/records/invites.ts";

/** One thing that happens on the made-up ward: entries first, then the rows that they explain. */
export interface Happening {
  readonly atUtcMs: number;
  /** Whose log it stands in. */
  readonly log: "ward" | "dashboard";
  readonly intents: readonly AuditIntent[];
  readonly rows: readonly StoreRow[];
  /** What a row cannot say: done with the program's own functions, after the rows. */
  readonly also?: (db: Database.Database, append: Append, stamp: { utcMs: number; monoNs: bigint }) => void;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: "nurse" | "nurse-in-charge" | "governance-lead" | "engineer";
}

export const system = (part: string): Actor => ({ kind: "system", part });
export const actorOf = ({ id, name, role }: Person): Actor => ({ kind: "staff", id, name, role });

export const entry = (
  action: AuditIntent["action"],
  actor: Actor,
  detail: AuditIntent["detail"],
  outcome: AuditIntent["outcome"] = 0,
): AuditIntent => ({ action, actor, outcome, detail, phi: null });

export const onWard = (
  atUtcMs: number,
  intents: readonly AuditIntent[],
  rows: readonly StoreRow[] = [],
  also?: Happening["also"],
): Happening => ({ atUtcMs, log: "ward", intents, rows, ...(also === undefined ? {} : { also }) });

export const onDashboard = (atUtcMs: number, intent: AuditIntent): Happening => ({
  atUtcMs,
  log: "dashboard",
  intents: [intent],
  rows: [],
});
