import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/*
 * No screen, export or field ranks or labels a person as high, medium or low risk (NICE NG225 1.6: no risk scores to foresee or
 * to stratify). Priorities belong to alarm conditions. Reads every template, word, schema and field as text.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["dashboard", "edge-agent/contract", "edge-agent/records", "edge-agent/care", "config"];

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !["built", "media"].includes(entry.name)) yield* filesBelow(path);
    else if (/\.(ts|njk|json|scss)$/.test(entry.name)) yield path;
  }
}

const level = "(?:very |extremely )?(?:high|higher|highest|medium|moderate|low|lower|lowest|red|amber|green)";
const ranks: readonly (readonly [string, RegExp])[] = [
  [
    "a level beside the word risk",
    new RegExp(`\\b${level}[- _]?(?:er )?risk|risk[- _:=]{0,3}(?:is |level |of )?${level}\\b`, "i"),
  ],
  [
    "a field for a risk of a person",
    /\brisk[-_ ]?(?:level|score|rating|band|category|tier|class|group|flag|grade|rank)|\b(?:patient|person|stay)[-_ ]?(?:risk|severity|score|rank)/i,
  ],
  ["a total of NEWS2", /news ?-?2?[-_ ]?(?:total|aggregate|sum\b|score)|(?:total|aggregate)[-_ ]?news/i],
  ["a coloured label for a person", /\bRAG[-_ ]?(?:rating|status)\b/],
];
/** Camel and snake case read like words. */
const spaced = (text: string): string => text.replaceAll(/([a-z])([A-Z])/g, "$1 $2");

const found = (text: string): string[] =>
  ranks.filter(([, rank]) => rank.test(text) || rank.test(spaced(text))).map(([name]) => name);

const files = folders.flatMap((folder) => [...filesBelow(folder)]);

test("nothing that is shown, stored or exported ranks or labels a person", () => {
  expect(files.length).toBeGreaterThan(150);
  const wrong = files.flatMap((path) =>
    readFileSync(join(root, path), "utf8")
      .split("\n")
      .flatMap((line, index) => found(line).map((name) => `${path}:${index + 1}: ${name}`)),
  );
  expect(wrong).toEqual([]);
});

test("a list of high, medium and low is that of alarm conditions, and no other schema has one", () => {
  const lists = files
    .filter((path) => path.startsWith("edge-agent/contract/") && !path.endsWith(".test.ts"))
    .flatMap((path) =>
      [...readFileSync(join(root, path), "utf8").matchAll(/(\w+) = z\s*\.enum\(\[([^\]]*)\]/g)].map(
        ([, name = "", words = ""]) => ({
          name,
          words: [...words.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word),
        }),
      ),
    );
  expect(lists.length).toBeGreaterThan(10);
  const ranked = lists.filter(
    ({ words }) => words.filter((word) => /^(high|medium|moderate|low)$/.test(word)).length >= 2,
  );
  expect(ranked.map(({ name }) => name)).toEqual(["AlarmPriority"]);
});

test.each([
  "<p>High risk</p>",
  "low-risk patients",
  "riskLevel: z.string(),",
  "risk_score INTEGER",
  "Risk: medium",
  "const patientRisk = 3;",
  "personSeverity",
  "news2Total",
  "NEWS2 score: 7",
  "higher risk of falls",
  "the RAG status of the person",
  '"very high risk": "x"',
])("the lint sees %j", (line) => expect(found(line)).not.toEqual([]));

test.each([
  "NEWS2 breathing component: 0 or 2",
  "Intermittent, high frequency",
  'priority: "high"',
  "a low signal; no rate",
  "the asterisk marks it",
  "what may go wrong, and the risk of it",
])("and leaves %j alone", (line) => expect(found(line)).toEqual([]));
