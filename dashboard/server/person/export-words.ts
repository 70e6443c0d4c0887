import { alarmCatalogue } from "../../../edge-agent/contract/alarm-catalogue.ts";
import { ConsentRow, readConsentRecord } from "../../../edge-agent/contract/consent-history.ts";
import { AlarmCondition } from "../../../edge-agent/contract/words.ts";
import type { PersonExport } from "../../../edge-agent/records/person-export.ts";
import { roleWords } from "../roles.ts";
import { historyLines } from "./history-words.ts";
import { momentWords } from "./moment-words.ts";

type Row = Readonly<Record<string, unknown>>;

/** For somebody who reads no JSON: what there is, how much, and the main things line by line. */
export function plainExport(read: PersonExport, nowUtcMs: number, timeZone: string): string {
  const moment = (utcMs: unknown): string => (typeof utcMs === "number" ? momentWords(utcMs, nowUtcMs, timeZone) : "");
  const rowsOf = (table: string): readonly Row[] =>
    (read.tables.find((one) => one.table === table)?.rows ?? []) as Row[];
  const part = (title: string, lines: readonly string[]): string =>
    `${title}\n${"-".repeat(title.length)}\n${lines.length === 0 ? "Nothing." : lines.map((line) => `- ${line}`).join("\n")}\n`;
  const { label, bed, started_at: since, ended_at: until } = read.stay;
  const stayed = until === null ? `since ${moment(since)}` : `${moment(since)} to ${moment(until)}`;
  const parts = [
    part("What you decided, and what was decided for you", consentLines(rowsOf("consent"), nowUtcMs, timeZone)),
    part("Checks in person", checkLines(rowsOf("person_check"), moment)),
    part("Alarms", alarmLines(rowsOf("alarm"), moment)),
    part(
      "Who looked at your page",
      read.looked.map(({ atUtcMs, role, name }) => `${moment(atUtcMs)}: ${name} (${roleWords[role]})`),
    ),
    part("How much there is of everything", [
      ...read.tables.map(({ title, rows }) => `${title}: ${rows.length}`),
      `Readings of the sensors, each second that something was kept: ${read.facts} (sensor-readings.csv)`,
    ]),
  ];
  return `Everything that is kept about you in this ward's system

You are called "${String(label)}" here. You are in ${String(bed)}, ${stayed}.

What the sensors measured is a distance. No picture and no sound of you was ever kept: there is none that could be given to you.
The same as below, and all of it, is in everything.json.

${parts.join("\n")}
If something is wrong, ask staff to correct it: what was written is not changed, and the correction stands beside it.
You can also ask your advocate, or the Information Commissioner (ico.org.uk, 0303 123 1113).
`;
}

const consentColumns = Object.keys(ConsentRow.shape);

function consentLines(rows: readonly Row[], nowUtcMs: number, timeZone: string): string[] {
  const changes = rows.flatMap((row) => {
    const read = ConsentRow.safeParse(Object.fromEntries(consentColumns.map((name) => [name, row[name]])));
    if (!read.success) return [];
    const { purpose, state, at, by, by_person, until, record } = read.data;
    const change = { purpose, state, atUtcMs: at, by, byPerson: by_person === 1, untilUtcMs: until };
    return [{ ...change, record: readConsentRecord(record) }];
  });
  return historyLines(changes, nowUtcMs, timeZone).map(({ when, what, lines }) =>
    [`${when}: ${what}`, ...lines].join(". "),
  );
}

const checkLines = (rows: readonly Row[], moment: (utcMs: unknown) => string): string[] =>
  rows.map((row) => `${moment(row.seen_at)}: seen by ${String(row.by_name)}`);

function alarmLines(rows: readonly Row[], moment: (utcMs: unknown) => string): string[] {
  return rows.map(({ condition, raised_at, acknowledged_by }) => {
    const known = AlarmCondition.safeParse(condition);
    const words = known.success ? alarmCatalogue[known.data].words : String(condition);
    const went = typeof acknowledged_by === "string" ? `; ${acknowledged_by} went` : "";
    return `${moment(raised_at)}: ${words}${went}`;
  });
}
