import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import { Characteristics, characteristics, type EquityGroup, smallestCount } from "../contract/characteristics.ts";
import { dayMs } from "../contract/consent.ts";
import type { Actor } from "../contract/people.ts";
import type { RefusalReason } from "../contract/words.ts";
import type { Append } from "./invites.ts";
import { insertSealed } from "./sealed-tables.ts";
import { safeTables } from "./small-counts.ts";

/*
 * What people told of their protected characteristics. Written for one stay, read as counts only: no function here gives
 * one person's back (only the file for the person's own request has them), and the log says that somebody wrote and not what.
 */

/** What is told again takes the place of what was told before; told empty, nothing is kept. */
export const characteristicsSchema = `
CREATE TABLE characteristics (
  stay TEXT PRIMARY KEY REFERENCES stay (id),
  told TEXT NOT NULL
) STRICT;
`;

/** "not-found" where this stay is not open in this bed. */
export function setCharacteristics(
  db: Database.Database,
  append: Append,
  {
    bed,
    stay,
    told,
    by,
  }: { readonly bed: string; readonly stay: string; readonly told: Characteristics; readonly by: Actor },
  stamp: Stamp,
): AskResult | RefusalReason {
  const open = db.prepare("SELECT 1 FROM stay WHERE id = ? AND bed = ? AND ended_at IS NULL").get(stay, bed);
  if (open === undefined) return "not-found";
  append({ action: "characteristics.set", actor: by, outcome: 0, detail: { bed, stay }, phi: null }, stamp);
  db.prepare("DELETE FROM main.characteristics WHERE stay = ?").run(stay);
  if (Object.keys(told).length > 0) insertSealed(db, "characteristics", { stay, told: JSON.stringify(told) });
  return { is: "done" };
}

interface StayRow {
  readonly told: string | null;
  readonly yes: number;
  readonly no: number;
  readonly decided: number;
  readonly alarmed: number;
  readonly late: number;
  readonly ended_at: number;
}

const measures = ["people", "yes", "no", "decided", "alarmed", "late"] as const;
type Measure = (typeof measures)[number];

/**
 * Of those who left in the last twelve months, demonstrations not counted: by group. Small groups are not told, nor what would give one
 * away (small-counts.ts). Told in batches of five people, who come in and fall out together: two readings, one before and one after
 * somebody, differ by five people or by nobody.
 */
export function readEquity(db: Database.Database, nowUtcMs: number): EquityGroup[] {
  const made = (condition: string): string =>
    `EXISTS (SELECT 1 FROM consent WHERE consent.stay = stay.id AND ${condition})`;
  const rows = db
    .prepare(
      `SELECT told, ${made("state = 'granted' AND by_person = 1")} AS yes,
         ${made("state IN ('refused', 'withdrawn') AND by_person = 1")} AS no, ${made("state = 'best-interests'")} AS decided,
         EXISTS (SELECT 1 FROM alarm WHERE alarm.stay = stay.id) AS alarmed,
         EXISTS (SELECT 1 FROM person_check WHERE person_check.stay = stay.id AND retrospective IS NOT NULL) AS late, ended_at
       FROM stay LEFT JOIN characteristics ON characteristics.stay = stay.id
       WHERE demonstration = 0 AND ended_at IS NOT NULL ORDER BY ended_at, stay.id`,
    )
    .all() as StayRow[];
  const batches = Array.from({ length: Math.floor(rows.length / smallestCount) }, (_, at) =>
    rows.slice(at * smallestCount, (at + 1) * smallestCount),
  );
  const people = batches
    .filter((batch) => (batch.at(-1)?.ended_at ?? 0) > nowUtcMs - 365 * dayMs)
    .flatMap((batch) => batch.map((row) => ({ ...row, told: toldOf(row.told) })));
  const groupsOf = characteristics.map((characteristic) =>
    [...Characteristics.shape[characteristic].unwrap().options, "not-told"].map((group) => ({
      characteristic,
      group,
      of: people.filter(({ told }) => (told[characteristic] ?? "not-told") === group),
    })),
  );
  const count = (measure: Measure) =>
    groupsOf.map((groups) =>
      groups.map(({ of }) => (measure === "people" ? of.length : of.filter((one) => one[measure] === 1).length)),
    );
  const all = safeTables(count("people"), () => false);
  // Who said yes is no more than who there is: a group that is kept back is kept back in every column.
  const within = (measure: Measure) => safeTables(count(measure), (at, group) => all[at]?.[group] == null);
  const [yes, no, decided] = [within("yes"), within("no"), within("decided")];
  const [alarmed, late] = [within("alarmed"), within("late")];
  return groupsOf.flatMap((groups, at) =>
    groups.map(({ characteristic, group }, index) => ({
      characteristic,
      group,
      people: all[at]?.[index] ?? null,
      saidYes: yes[at]?.[index] ?? null,
      saidNo: no[at]?.[index] ?? null,
      decidedForThem: decided[at]?.[index] ?? null,
      hadAlarm: alarmed[at]?.[index] ?? null,
      lateCheck: late[at]?.[index] ?? null,
    })),
  );
}

/** What cannot be read counts as not told. */
function toldOf(text: string | null): Characteristics {
  if (text === null) return {};
  try {
    const told = Characteristics.safeParse(JSON.parse(text));
    return told.success ? told.data : {};
  } catch {
    return {};
  }
}
