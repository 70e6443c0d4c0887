import type Database from "better-sqlite3";
import { orderOf } from "./sealed-tables.ts";
import { readWhoLooked } from "./who-looked.ts";

/*
 * Everything that is kept about one stay, for the person who asks for it (UK GDPR, article 15). Rows as they stand, and nobody else's.
 */

/** Every table that names a stay, by what it holds; null: nothing about the person beyond that the stay was meant. */
export const personTables: Readonly<Record<string, string | null>> = {
  access: "Openings of records by two people",
  accepted_rate: "Breathing rates that staff took over as an observation",
  advocate_look: "Whom the person let look",
  alarm: "Alarms",
  care_order: "Alerts that were ordered",
  characteristics: "What the person told of themselves",
  consent: "Every decision about consent",
  fact: null,
  feedback: "What was said at the bed screen",
  // Whether records are held for an inquiry is told by those who hold them.
  hold: null,
  invite: null,
  lease_number: null,
  needs: "What helps to understand and decide",
  observation_order: "Orders of checks in person",
  person_check: "Checks in person",
  sedation_watch: "Watches after sedation",
  session: null,
};

/** Rows that are kept back: a look of which a law says that the person is not told (contract/access.ts). */
const told: Readonly<Record<string, string>> = { access: "untold IS NULL" };

/** Where not all of a row is told: what is kept of a code helps nobody who reads it. */
const columns: Readonly<Record<string, string>> = {
  advocate_look: "number, hours, given_at, name, began_at, open_until, ended_at",
};

export interface PersonExport {
  readonly stay: Readonly<Record<string, unknown>>;
  readonly tables: readonly { readonly table: string; readonly title: string; readonly rows: readonly object[] }[];
  readonly looked: ReturnType<typeof readWhoLooked>["looked"];
  /** What the sensors told, one line each, for a spreadsheet. */
  readonly factsCsv: string;
  readonly facts: number;
}

/** Names of the tables that have a column for a stay. */
export const tablesOfStays = (db: Database.Database): string[] =>
  db
    .prepare(
      `SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
       WHERE m.type = 'table' AND c.name = 'stay' ORDER BY m.name`,
    )
    .pluck()
    .all() as string[];

/** Undefined: there is no such stay. */
export function readPersonExport(
  ward: Database.Database,
  dashboard: Database.Database,
  stay: string,
): PersonExport | undefined {
  const found = ward.prepare("SELECT * FROM stay WHERE id = ?").get(stay) as Record<string, unknown> | undefined;
  if (found === undefined) return undefined;
  const tables = Object.entries(personTables).flatMap(([table, title]) => {
    if (title === null) return [];
    const rows = ward
      .prepare(
        `SELECT ${columns[table] ?? "*"} FROM ${table} WHERE stay = ? AND ${told[table] ?? "TRUE"} ORDER BY ${orderOf(table)}`,
      )
      .all(stay) as object[];
    return [{ table, title, rows }];
  });
  const { looked } = readWhoLooked(dashboard, stay);
  return { stay: found, tables, looked, ...factsOf(ward, { stay, from: 0, until: Number.MAX_SAFE_INTEGER }) };
}

/** What the sensors told of a stay from one moment to another, a line each. */
export function factsOf(
  ward: Database.Database,
  window: { readonly stay: string; readonly from: number; readonly until: number },
): { readonly factsCsv: string; readonly facts: number } {
  const lines: string[] = [];
  const rows = ward
    .prepare("SELECT * FROM fact WHERE stay = @stay AND at BETWEEN @from AND @until ORDER BY at")
    .iterate(window);
  let columns: string[] | undefined;
  for (const row of rows as Iterable<Readonly<Record<string, string | number | null>>>) {
    columns ??= Object.keys(row).filter((name) => name !== "stay");
    const [at, ...rest] = columns.map((name) => row[name] ?? "");
    lines.push([new Date(Number(at)).toISOString(), ...rest].join(","));
  }
  const head = (columns ?? ["at"]).join(",");
  return { factsCsv: `${[head, ...lines].join("\n")}\n`, facts: lines.length };
}
