import { isMissed, type KnownMiss, type Standing, standingOf } from "./known-misses.ts";
import { escaped, plot } from "./plots.ts";
import type { Row, SectionResult } from "./section.ts";

export interface Ran {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly result: SectionResult;
  /** Why there is no result; null: there is one. */
  readonly failure: string | null;
}

export interface Report {
  readonly quick: boolean;
  readonly seed: number;
  readonly sections: readonly Ran[];
  readonly known: readonly KnownMiss[];
}

export interface Judged {
  readonly section: string;
  readonly row: Row;
  readonly standing: Standing;
}

export const judge = ({ sections, known, quick }: Report): readonly Judged[] =>
  sections.flatMap(({ name, result }) =>
    result.rows.map((row) => ({ section: name, row, standing: standingOf(name, row, known, quick) })),
  );

/** Sections that ended without a result: what they would have measured is not known, whatever is on file. */
export const failedSections = ({ sections }: Report): readonly Ran[] =>
  sections.filter(({ failure }) => failure !== null);

const number = (value: number): string => String(Number(value.toPrecision(4)));
const rangeOf = ({ ci95 }: Row): string => (ci95 === null ? "" : `${number(ci95[0])} to ${number(ci95[1])}`);
const targetOf = ({ target }: Row): string =>
  target === null
    ? ""
    : "between" in target
      ? `${number(target.between[0])} to ${number(target.between[1])}`
      : "atMost" in target
        ? `at most ${number(target.atMost)}`
        : `at least ${number(target.atLeast)}`;

/** What is said of a row; a miss on file is still a miss. */
export function wordOf(row: Row, standing: Standing, quick: boolean): string {
  const few = row.enough || row.target === null ? "" : " (too few samples)";
  if (row.target === null) return "";
  if (!isMissed(row, quick)) return `met${few}`;
  const also = standing === "known" ? " (known)" : standing === "worse" ? " (known, but worse)" : "";
  return `MISSED${also}${few}`;
}

const columns = ["condition", "figure", "value", "95 % interval", "n", "target", ""] as const;

const cellsOf = (row: Row, standing: Standing, quick: boolean): readonly string[] => [
  row.condition,
  row.figure,
  row.value === null ? "absent" : `${number(row.value)} ${row.unit}`,
  rangeOf(row),
  String(row.n),
  targetOf(row),
  wordOf(row, standing, quick),
];

const summaryOf = (report: Report): string => {
  const judged = judge(report).filter(({ row }) => row.target !== null);
  const missed = judged.filter(({ row }) => isMissed(row, report.quick)).length;
  const failed = failedSections(report).map(({ name }) => name);
  const without = failed.length === 0 ? "" : ` FAILED, not measured: ${failed.join(", ")}.`;
  return `${judged.length - missed} rows met, ${missed} missed.${without} ${report.quick ? "Quick" : "Full"} run, seed ${report.seed}.`;
};

export function markdownOf(report: Report): string {
  const lines = ["# Evaluation", "", summaryOf(report), ""];
  for (const { name, title, result, seconds, failure } of report.sections) {
    if (failure !== null) {
      lines.push(`## ${title} (${name}, ${Math.round(seconds)} s)`, "", "FAILED, nothing was measured:", "");
      lines.push(...failure.split("\n").map((line) => `    ${line}`), "");
      continue;
    }
    lines.push(`## ${title} (${name}, ${Math.round(seconds)} s)`, "", `| ${columns.join(" | ")} |`);
    lines.push(`|${columns.map(() => "---|").join("")}`);
    for (const row of result.rows) {
      const cells = cellsOf(row, standingOf(name, row, report.known, report.quick), report.quick);
      lines.push(`| ${cells.map((one) => one.replaceAll("|", "\\|")).join(" | ")} |`);
    }
    lines.push("", ...result.notes.map((note) => `- ${note}`), "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#111}
table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.25rem .6rem;text-align:left}
.missed{background:#fde4dc;font-weight:bold}figure{display:inline-block;margin:1rem 1rem 1rem 0;vertical-align:top}
figcaption{font-weight:bold}svg{font:12px system-ui,sans-serif}.grid{stroke:#ddd;fill:none}
.legend{list-style:none;padding:0;display:flex;gap:1rem;flex-wrap:wrap}.legend li{border-left:1rem solid;padding-left:.4rem}`;

export function htmlOf(report: Report): string {
  const parts = report.sections.map(({ name, title, result, seconds, failure }) => {
    if (failure !== null) {
      return `<section><h2>${escaped(title)}</h2><p class="missed">${escaped(name)} FAILED, nothing was measured:</p><pre>${escaped(failure)}</pre></section>`;
    }
    const rows = result.rows.map((row) => {
      const cells = cellsOf(row, standingOf(name, row, report.known, report.quick), report.quick);
      const kind = isMissed(row, report.quick) ? ' class="missed"' : "";
      return `<tr${kind}>${cells.map((one) => `<td>${escaped(one)}</td>`).join("")}</tr>`;
    });
    const head = columns.map((one) => `<th scope="col">${one}</th>`).join("");
    const notes = result.notes.map((note) => `<li>${escaped(note)}</li>`).join("");
    return `<section><h2>${escaped(title)}</h2><p>${escaped(name)}, ${Math.round(seconds)} s</p>
<table><tr>${head}</tr>${rows.join("\n")}</table><ul>${notes}</ul>${result.figures.map(plot).join("\n")}</section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Evaluation</title><style>${style}</style></head>
<body><h1>Evaluation</h1><p>${escaped(summaryOf(report))}</p>
${parts.join("\n")}</body></html>
`;
}

/** Rows with their standing, for machines. */
export const jsonOf = (report: Report): string =>
  `${JSON.stringify(
    {
      quick: report.quick,
      seed: report.seed,
      sections: report.sections.map(({ name, title, seconds, result, failure }) => ({
        name,
        title,
        seconds: Math.round(seconds),
        failure,
        ...result,
        rows: result.rows.map((row) => ({ ...row, standing: standingOf(name, row, report.known, report.quick) })),
      })),
    },
    null,
    1,
  )}\n`;
