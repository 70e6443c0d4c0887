import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/*
 * npm run docs:safety: the safety case as data. docs/safety/hazards.json says what can go wrong, what holds it, and which test shows
 * that it does; the pages beside it are written from it. Tests compare them, and a run of all tests fails where a control's test
 * does not exist or did not pass (DCB0129, clinical risk management of the maker).
 */

const Likelihood = z.enum(["very-low", "low", "medium", "high", "very-high"]);
const Severity = z.enum(["minor", "significant", "considerable", "major", "catastrophic"]);
const Rating = z.strictObject({ likelihood: Likelihood, severity: Severity });
const Control = z.strictObject({
  what: z.string().min(10),
  /** Clause of the rule or of the design that asks for it. */
  requirement: z.string().min(3),
  /** Part of a test's full name, in its file. */
  tests: z.array(z.strictObject({ file: z.string(), name: z.string().min(4) })).min(1),
});
const Hazard = z.strictObject({
  id: z.string().regex(/^H\d+$/),
  hazard: z.string(),
  effect: z.string(),
  causes: z.array(z.string()).min(1),
  initial: Rating,
  residual: Rating,
  controls: z.array(Control).min(1),
  owner: z.string(),
  status: z.string(),
});
export const SafetyCase = z.strictObject({
  v: z.literal(1),
  /** DCB0129's matrix: the risk from 1 to 5. */
  matrix: z.record(Likelihood, z.record(Severity, z.int().min(1).max(5))),
  hazards: z.array(Hazard).min(1),
});
export type SafetyCase = z.infer<typeof SafetyCase>;
type Hazard = SafetyCase["hazards"][number];

const Soup = z.strictObject({
  purposes: z.record(z.string(), z.string().min(5)),
  /** What is known to be wrong with this release, and what to do about it. */
  anomalies: z.array(z.strictObject({ id: z.string(), what: z.string(), matters: z.string(), until: z.string() })),
});
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), license: z.string().optional(), dev: z.boolean().optional() }),
  ),
});
const Package = z.object({ dependencies: z.record(z.string(), z.string()) });

const root = fileURLToPath(new URL("..", import.meta.url));
export const safetyFolder = join(root, "docs/safety");
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
/** @throws where the file is no safety case */
export const readSafetyCase = (): SafetyCase => SafetyCase.parse(read("docs/safety/hazards.json"));

const words = (text: string): string => text.replaceAll("-", " ");
const riskOf = ({ matrix }: SafetyCase, { likelihood, severity }: Hazard["initial"]): number =>
  matrix[likelihood]?.[severity] ?? Number.NaN;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const made = "_Written by `npm run docs:safety` from the data beside it._";

function hazardLog(safety: SafetyCase): string {
  const ratingWords = (rating: Hazard["initial"]): string =>
    `${riskOf(safety, rating)} (${words(rating.likelihood)}, ${rating.severity})`;
  const rows = safety.hazards.map((one) => [
    one.id,
    `**${one.hazard}.** ${one.effect}.`,
    one.causes.join("; "),
    ratingWords(one.initial),
    one.controls.map(({ what }) => what).join("<br>"),
    ratingWords(one.residual),
    `${one.status}. ${one.owner}`,
  ]);
  const head = ["", "hazard and effect", "causes", "risk before", "controls", "risk after", "status and owner"];
  return `# Hazard log\n\n${made} Risk from 1 to 5 by the DCB0129 matrix: likelihood and severity.\n\n${table(head, rows)}\n`;
}

function traceability({ hazards }: SafetyCase): string {
  const rows = hazards.flatMap(({ id, controls }) =>
    controls.flatMap(({ what, requirement, tests }) =>
      tests.map(({ file, name }) => [id, what, requirement, `\`${file}\``, name]),
    ),
  );
  return `# Hazard, control, test\n\n${made} A run of all tests fails where one of these does not exist or does not pass.\n\n${table(["hazard", "control", "asked for by", "file", "test"], rows)}\n`;
}

function soupList(): string {
  const { purposes } = Soup.parse(read("docs/safety/soup.json"));
  const { packages } = Lock.parse(read("package-lock.json"));
  const { dependencies } = Package.parse(read("package.json"));
  const direct = Object.keys(dependencies).toSorted();
  const missing = direct.filter((name) => purposes[name] === undefined);
  const gone = Object.keys(purposes).filter((name) => dependencies[name] === undefined);
  if (missing.length + gone.length > 0) {
    throw new Error(
      `docs/safety/soup.json: no purpose for ${missing.join(", ") || "-"}; not used: ${gone.join(", ") || "-"}`,
    );
  }
  const of = (name: string) => packages[`node_modules/${name}`];
  const rows = direct.map((name) => [name, of(name)?.version ?? "?", of(name)?.license ?? "?", purposes[name] ?? ""]);
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  const licences = new Map<string, number>();
  for (const [, { license = "not stated" }] of shipped) licences.set(license, (licences.get(license) ?? 0) + 1);
  const others = [...licences].toSorted().map(([license, count]) => [license, String(count)]);
  return `# Software that others wrote (SOUP)\n\n${made} Exact versions and hashes of all ${shipped.length} packages, those that these bring along included, are in \`package-lock.json\`.\n\n${table(["package", "version", "licence", "what it is for"], rows)}\n\n## Licences of all ${shipped.length}\n\n${table(["licence", "packages"], others)}\n`;
}

function anomalyList(): string {
  const { anomalies } = Soup.parse(read("docs/safety/soup.json"));
  const rows = anomalies.map(({ id, what, matters, until }) => [id, what, matters, until]);
  return `# Known anomalies of this release\n\n${made}\n\n${table(["", "what", "why it matters", "until it is mended"], rows)}\n`;
}

/** Every page, by its file name in docs/safety. */
export function safetyPages(safety: SafetyCase): Readonly<Record<string, string>> {
  return {
    "hazard-log.md": hazardLog(safety),
    "traceability.md": traceability(safety),
    "soup.md": soupList(),
    "anomalies.md": anomalyList(),
  };
}

if (import.meta.main) {
  if (process.argv.length > 2) {
    process.stdout.write(
      "Usage: npm run docs:safety\n\nWrites the pages of docs/safety from hazards.json and soup.json.\n",
    );
    process.exit(process.argv[2] === "--help" ? 0 : 2);
  }
  for (const [file, page] of Object.entries(safetyPages(readSafetyCase())))
    writeFileSync(join(safetyFolder, file), page);
}
