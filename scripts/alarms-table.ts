import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  acknowledgeAlarm,
  applyAlarmChanges,
  closeAlarm,
  settleAlarms,
  wantsOutcome,
} from "../edge-agent/care/alarms.ts";
import { noConditions } from "../edge-agent/care/room.ts";
import { alarmCatalogue } from "../edge-agent/contract/alarm-catalogue.ts";
import { AlarmPolicy } from "../edge-agent/contract/alarm-policy.ts";
import type { AlarmRow } from "../edge-agent/contract/door.ts";
import { existsFor, IntendedUse, intendedUseWords } from "../edge-agent/contract/intended-use.ts";
import { AlarmCondition, AlarmPresence } from "../edge-agent/contract/words.ts";

/* npm run docs:alarms: writes the tables of docs/alarms.md from the code. A test compares them. */

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Every condition, the most urgent first within those about the person and those about the system. */
function catalogueTable(): string {
  const rows = (["person", "technical"] as const).flatMap((about) =>
    AlarmCondition.options
      .filter((condition) => alarmCatalogue[condition].about === about)
      .map((condition) => {
        const { words, priority, orderPart, purpose, toDo, clears } = alarmCatalogue[condition];
        const on = orderPart === null ? "always" : "when ordered";
        return [`**${words}** (${condition})`, about, priority, on, purpose ?? "none", toDo, clears];
      }),
  );
  return table(
    ["alarm", "about", "priority", "watched", "consent to", "what the nurse is asked to do", "when it is over"],
    rows,
  );
}

/** What leads from one state to the next, found by doing it to an alarm in each state. */
function statesTable(): string {
  const acts = {
    "the condition begins": (row: AlarmRow | null) => settled(row, true),
    "the condition is over": (row: AlarmRow | null) => settled(row, false),
    "somebody says “I'm going now”": (row: AlarmRow | null) =>
      row && after(row, acknowledgeAlarm([row], row.id, "Sam", 2)),
    "somebody says how it was": (row: AlarmRow | null) =>
      row && after(row, closeAlarm([row], row.id, { is: "all-well", falseBecause: null, name: "Sam", atUtcMs: 2 })),
  };
  const states = [null, ...AlarmPresence.options.map(inState)];
  const rows = states.map((row) => [
    `**${stateWords(row)}**`,
    ...Object.values(acts).map((act) => cellWords(row, act(row))),
  ]);
  return table(["it is", ...Object.keys(acts)], rows);
}

function inState(presence: AlarmPresence): AlarmRow {
  const went = presence === "ack" || presence === "off";
  return {
    id: "a",
    stay: "s",
    condition: "left-bed",
    priority: "medium",
    presence,
    raisedAtUtcMs: 0,
    clearedAtUtcMs: presence === "on" || presence === "ack" ? null : 1,
    acknowledged: went ? { name: "Sam", atUtcMs: 1 } : null,
    audited: true,
    escalation: 0,
    raisings: 1,
    outcome: null,
  };
}

function settled(row: AlarmRow | null, holds: boolean): AlarmRow | null {
  const context = { stay: "s", utcMs: 2, audited: true, escalation, nextId: () => "b" };
  const { alarms } = settleAlarms(row === null ? [] : [row], { ...noConditions, "left-bed": holds }, context);
  return alarms.at(-1) ?? null;
}

const after = (row: AlarmRow, change: ReturnType<typeof acknowledgeAlarm>): AlarmRow | null =>
  change === undefined ? row : (applyAlarmChanges([row], [change]).at(-1) ?? null);

const presenceWords: Readonly<Record<AlarmPresence, string>> = {
  on: "on",
  latched: "over, nobody has looked (latched)",
  ack: "on, somebody is going (ack)",
  off: "over, asked how it was",
};
const stateWords = (row: AlarmRow | null): string =>
  row === null ? "none" : row.presence === "off" && !wantsOutcome(row) ? "none" : presenceWords[row.presence];

function cellWords(row: AlarmRow | null, next: AlarmRow | null): string {
  if (row !== null && next !== null && next.id !== row.id) return "a new alarm is on; this one still asks";
  if (row !== null && next !== null && next.outcome !== row.outcome) return "stays on, and does not ask later";
  return stateWords(next) === stateWords(row) ? "·" : stateWords(next);
}

const { escalation, confirmWithinMs, orderHoursMax } = AlarmPolicy.parse({});

/** As a site has them that says nothing else. */
function escalationTable(): string {
  const rows = Object.entries(escalation).map(([priority, steps]) => [
    priority,
    ...(steps === null ? ["never", "never"] : [`${steps.stationsAfterSec} s`, `${steps.inChargeAfterSec} s`]),
  ]);
  const limits = `An alarm that no screen has confirmed within ${(confirmWithinMs ?? 0) / 1_000} s is told as one of its own. An order holds for at most ${orderHoursMax} hours.`;
  return `${table(["nobody went to one of priority", "every station is called after", "the nurse in charge is called after"], rows)}\n\n${limits}`;
}

function intendedUseTable(): string {
  const rows = IntendedUse.options.map((use) => {
    const missing = AlarmCondition.options.filter((condition) => !existsFor(use, condition));
    const words = missing.map((condition) => alarmCatalogue[condition].words);
    return [`**${use}**`, intendedUseWords[use], words.length === 0 ? "nothing" : words.join("; ")];
  });
  return table(["the release is made for", "said on every screen", "what it does not have"], rows);
}

const tables: Readonly<Record<string, () => string>> = {
  catalogue: catalogueTable,
  states: statesTable,
  escalation: escalationTable,
  "intended-use": intendedUseTable,
};

export const alarmsPage = fileURLToPath(new URL("../docs/alarms.md", import.meta.url));

/** @throws Error where the page has no place for one of the tables */
export function withAlarmTables(page: string): string {
  return Object.entries(tables).reduce((text, [name, write]) => {
    const [from, to] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
    const [begin, end] = [text.indexOf(from), text.indexOf(to)];
    if (begin < 0 || end < begin) throw new Error(`docs/alarms.md has no ${from} ... ${to}`);
    return `${text.slice(0, begin + from.length)}\n${write()}\n${text.slice(end)}`;
  }, page);
}

if (import.meta.main) {
  if (process.argv.length > 2) {
    process.stdout.write("Usage: npm run docs:alarms\n\nWrites the tables of docs/alarms.md from the code.\n");
    process.exit(process.argv[2] === "--help" ? 0 : 2);
  }
  writeFileSync(alarmsPage, withAlarmTables(readFileSync(alarmsPage, "utf8")));
}
