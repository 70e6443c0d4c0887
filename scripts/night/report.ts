import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { Verdict } from "./judge.ts";
import { clock } from "./night-clock.ts";

/** Something measured against its target. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Null: only told. */
  readonly atMost: number | null;
}
export interface Picture {
  readonly file: string;
  readonly words: string;
}
export interface Report {
  readonly title: string;
  readonly startUtcMs: number;
  readonly verdicts: readonly Verdict[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly pictures: readonly Picture[];
  /** For `report.json` only. */
  readonly details?: readonly unknown[];
}

/** What is not known has missed as well. */
const isOver = ({ value, atMost }: Figure): boolean => atMost !== null && !(value <= atMost);

export const wrongOf = ({ verdicts, figures }: Report): readonly string[] => [
  ...verdicts.filter(({ is }) => is !== "right").map(sentence),
  ...figures
    .filter(isOver)
    .map(({ name, value, unit, atMost }) => `${name}: ${value} ${unit}, at most ${atMost} ${unit}`),
];

function sentence({ is, bed, what, expected, told }: Verdict): string {
  const due = expected === null ? "" : ` due ${span(expected)} (${expected.because})`;
  return `${is}: ${bed} ${what}${told === null ? "" : ` at ${clock(told.atSec)}`}${due}`;
}
const span = ({ fromSec, toSec }: { fromSec: number; toSec: number }): string => `${clock(fromSec)} to ${clock(toSec)}`;

/** `report.md` and `report.json` in the folder. @returns what is wrong, one line each */
export function writeReport(folder: string, report: Report): readonly string[] {
  const wrong = wrongOf(report);
  mkdirSync(folder, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load1: loadavg()[0],
    node: process.version,
  };
  const told = { at: new Date().toISOString(), machine, wrong, ...report };
  writeFileSync(join(folder, "report.json"), `${JSON.stringify(told, undefined, 2)}\n`);
  writeFileSync(join(folder, "report.md"), markdown(report, wrong));
  return wrong;
}

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

function markdown(report: Report, wrong: readonly string[]): string {
  const { title, startUtcMs, verdicts, figures, notes, pictures } = report;
  const right = verdicts.filter(({ is }) => is === "right").length;
  const wall = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", timeStyle: "medium" });
  const rows = verdicts.map(({ is, bed, what, expected, told }) => [
    is === "right" ? "right" : `**${is}**`,
    told === null ? "" : clock(told.atSec),
    told === null ? "" : wall.format(startUtcMs + 1_000 * told.atSec),
    bed,
    what,
    expected === null ? "" : span(expected),
    expected?.because ?? "",
  ]);
  const measured = figures.map((figure) => [
    figure.name,
    `${figure.value} ${figure.unit}`,
    figure.atMost === null ? "" : `${isOver(figure) ? "**over** " : ""}at most ${figure.atMost} ${figure.unit}`,
  ]);
  return [
    `# ${title}`,
    "",
    `${verdicts.length} things had to be told or were told: ${right} right, ${verdicts.length - right} wrong.`,
    ...(wrong.length === 0 ? [] : ["", "## What is wrong", "", ...wrong.map((line) => `- ${line}`)]),
    "",
    ...notes.map((note) => `- ${note}`),
    "",
    "## Measured",
    "",
    tableOf(["what", "value", "target"], measured),
    "",
    ...pictures.flatMap(({ file, words }) => [`![${words}](${file})`, "", `*${words}*`, ""]),
    "## All of it",
    "",
    tableOf(["", "of the night", "on the ward's clock", "bed", "what", "due", "because the person"], rows),
    "",
  ].join("\n");
}
