import "../../edge-agent/platform/node-version.ts";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readArguments } from "../read-arguments.ts";
import { failsRun, KnownMisses } from "./known-misses.ts";
import { failedSections, htmlOf, jsonOf, judge, markdownOf, type Report, wordOf } from "./report.ts";
import { runSections } from "./schedule.ts";
import { sections } from "./sections.ts";

const usage = `npm run evaluate -- [--quick] [--only NAME] [--out FOLDER] [--seed N] [--allow-known]

Measures perception against its targets and writes report.json, report.md and report.html.
  --quick        at most 8 minutes in all; without it at most 60 on two cores
  --only NAME    this section only (may be given again): ${sections.map((one) => one.name).join(", ")}
  --out FOLDER   where the report goes (evaluation)
  --seed N       another simulated world (1)
  --allow-known  rows that docs/evaluation-known-misses.json names do not fail the run unless they got worse, nor do those of a
                 quick run that few samples cannot tell from chance
Exit: 0 every row met, 1 a row missed or a section failed, 2 bad use, 130 stopped by Ctrl-C (no report).
`;

const options = readArguments(usage, {
  quick: { type: "boolean", default: false },
  only: { type: "string", multiple: true, default: [] },
  out: { type: "string", default: "evaluation" },
  seed: { type: "string", default: "1" },
  "allow-known": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
});

if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const unknown = options.only.filter((name) => !sections.some((one) => one.name === name));
if (unknown.length > 0 || !/^\d{1,9}$/.test(options.seed)) {
  const words = unknown.length > 0 ? `there is no section ${unknown.join(", ")}` : "--seed takes a whole number";
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}

const cancel = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => cancel.abort(new Error("stopped")));

const knownPath = fileURLToPath(new URL("../../docs/evaluation-known-misses.json", import.meta.url));
const ran = await runSections(
  sections.filter((one) => options.only.length === 0 || options.only.includes(one.name)),
  {
    quick: options.quick,
    seed: Number(options.seed),
    say: (line) => process.stderr.write(`${line}\n`),
    cancel: cancel.signal,
  },
).catch((error: unknown) => {
  if (!cancel.signal.aborted) throw error;
  process.stderr.write("stopped: no report was written\n");
  process.exit(130);
});
const report: Report = {
  quick: options.quick,
  seed: Number(options.seed),
  sections: ran,
  known: existsSync(knownPath) ? KnownMisses.parse(JSON.parse(readFileSync(knownPath, "utf8"))) : [],
};

mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, "report.json"), jsonOf(report));
writeFileSync(join(options.out, "report.md"), markdownOf(report));
writeFileSync(join(options.out, "report.html"), htmlOf(report));

for (const { section, row, standing } of judge(report)) {
  const word = wordOf(row, standing, report.quick);
  if (word.startsWith("MISSED")) {
    process.stdout.write(`${word}: ${section}: ${row.condition}: ${row.figure} ${row.value ?? "absent"}\n`);
  }
}
for (const { name, failure } of failedSections(report)) process.stdout.write(`FAILED: ${name}: ${failure}\n`);
process.stdout.write(`report: ${join(options.out, "report.html")}\n`);
const missed = judge(report).some(({ standing }) => failsRun(standing, options["allow-known"]));
process.exitCode = missed || failedSections(report).length > 0 ? 1 : 0;
