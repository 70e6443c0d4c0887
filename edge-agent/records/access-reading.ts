import type Database from "better-sqlite3";
import { type Access, mayReadAccess } from "../contract/access.ts";
import { readAccess } from "./access.ts";
import { factsOf } from "./person-export.ts";
import { orderOf } from "./sealed-tables.ts";
import { readWhoLooked } from "./who-looked.ts";

/** What is read through a hold or broken glass, by the column that says when; `before` too: what still held when the window began. */
const tables: Readonly<Record<string, { readonly title: string; readonly when: string; readonly before: boolean }>> = {
  consent: { title: "Every decision about consent", when: "at", before: true },
  care_order: { title: "Alerts that were ordered", when: "at", before: true },
  observation_order: { title: "Orders of checks in person", when: "at", before: true },
  sedation_watch: { title: "Watches after sedation", when: "at", before: true },
  person_check: { title: "Checks in person", when: "seen_at", before: false },
  alarm: { title: "Alarms", when: "raised_at", before: false },
  accepted_rate: { title: "Breathing rates that staff took over as an observation", when: "at", before: false },
};

export interface AccessRecords {
  readonly access: Access;
  readonly tables: readonly { readonly table: string; readonly title: string; readonly rows: readonly object[] }[];
  readonly looked: ReturnType<typeof readWhoLooked>["looked"];
  readonly factsCsv: string;
  readonly facts: number;
}

/** Undefined: there is no such access, or it is not open to this person now. */
export function readAccessRecords(
  ward: Database.Database,
  dashboard: Database.Database,
  { number, staffId, nowUtcMs }: { readonly number: number; readonly staffId: string; readonly nowUtcMs: number },
): AccessRecords | undefined {
  const access = readAccess(ward, number);
  if (access === undefined || !mayReadAccess(access, staffId, nowUtcMs)) return undefined;
  const { stay, fromUtcMs, untilUtcMs } = access;
  const window = { stay, from: fromUtcMs, until: untilUtcMs };
  const read = Object.entries(tables).map(([table, { title, when, before }]) => {
    const within = before ? `${when} <= @until` : `${when} BETWEEN @from AND @until`;
    const rows = ward
      .prepare(`SELECT * FROM ${table} WHERE stay = @stay AND ${within} ORDER BY ${when}, ${orderOf(table)}`)
      .all(before ? { stay, until: untilUtcMs } : window) as object[];
    return { table, title, rows };
  });
  const { looked } = readWhoLooked(dashboard, stay);
  const lookedThen = looked.filter(({ atUtcMs }) => atUtcMs >= fromUtcMs && atUtcMs <= untilUtcMs);
  return { access, tables: read, looked: lookedThen, ...factsOf(ward, window) };
}
