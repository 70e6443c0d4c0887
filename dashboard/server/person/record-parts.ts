import { alarmCatalogue } from "../../../edge-agent/contract/alarm-catalogue.ts";
import { ConsentRow, readConsentRecord } from "../../../edge-agent/contract/consent-history.ts";
import type { Looker } from "../../../edge-agent/contract/who-looked.ts";
import { AlarmCondition } from "../../../edge-agent/contract/words.ts";
import type { PersonExport } from "../../../edge-agent/records/person-export.ts";
import { lookerWords } from "../roles.ts";
import { historyLines } from "./history-words.ts";
import { momentWords } from "./moment-words.ts";

type Row = Readonly<Record<string, unknown>>;

export interface RecordPart {
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * What was recorded of a person, line by line, in the order in which it is asked about. `named`: who
 * looked, as the site's policy has it for the person themselves; left out, staff are named.
 */
export function recordParts(
  read: Pick<PersonExport, "tables" | "looked" | "facts">,
  nowUtcMs: number,
  timeZone: string,
  named: "name" | "role" = "name",
): RecordPart[] {
  const looker = (name: string | null, role: Looker): string => {
    if (role === "advocate") return "Whom the person let look";
    return named === "name" && name !== null ? `${name} (${lookerWords(role)})` : lookerWords(role);
  };
  const moment = (utcMs: unknown): string => (typeof utcMs === "number" ? momentWords(utcMs, nowUtcMs, timeZone) : "");
  const rowsOf = (table: string): readonly Row[] =>
    (read.tables.find((one) => one.table === table)?.rows ?? []) as Row[];
  return [
    { title: "Every decision about consent", lines: consentLines(rowsOf("consent"), nowUtcMs, timeZone) },
    { title: "Checks in person", lines: checkLines(rowsOf("person_check"), moment) },
    { title: "Alarms", lines: alarmLines(rowsOf("alarm"), moment) },
    {
      title: "Who looked",
      lines: read.looked.map(({ atUtcMs, role, name }) => `${moment(atUtcMs)}: ${looker(name, role)}`),
    },
    {
      title: "How much there is of everything",
      lines: [
        ...read.tables.map(({ title, rows }) => `${title}: ${rows.length}`),
        `Readings of the sensors, each second that something was kept: ${read.facts}`,
      ],
    },
  ];
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
