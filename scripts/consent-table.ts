import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ActName, consentTable } from "../edge-agent/care/consent.ts";
import { ConsentState } from "../edge-agent/contract/words.ts";

/* npm run docs:consent: writes the table of states and acts into docs/consent.md, from the code. A test compares them. */

const acts: Readonly<Record<ActName, string>> = {
  offer: "staff offer it",
  "say-yes": "the person says yes",
  "say-no": "the person says no",
  "turn-off": "staff turn it off",
  "best-interests": "decided for the person",
  review: "staff review it",
  pause: "pause",
  resume: "the pause ends",
  "still-yes": "asked again: still yes",
  expire: "its time is over",
  end: "discharge, other bed",
};

const refusals: Readonly<Record<string, string>> = {
  "(not-offered)": "_refused: offer it first_",
  "(refused-by-person)": "_refused: the person said no_",
  "(already-done)": "_refused: nothing to do_",
  "(not-found)": "_refused: it is over_",
};

/** One row a state, one column an act; the cell says where it leads. */
export function consentTableWords(): string {
  const head = ["it is", ...Object.values(acts)];
  const rows = ConsentState.options.map((state) => [
    `**${state}**`,
    ...(Object.keys(acts) as ActName[]).map((act) => cellWords(consentTable[state][act])),
  ]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cellWords(cell: string): string {
  if (cell === "as-it-is") return "·";
  if (cell === "as-before") return "as before the pause";
  return refusals[cell] ?? cell;
}

export const consentPage = fileURLToPath(new URL("../docs/consent.md", import.meta.url));
const [from, to] = ["<!-- table: begin -->", "<!-- table: end -->"];

/** @throws Error where the page has no place for the table */
export function withTable(page: string): string {
  const [begin, end] = [page.indexOf(from), page.indexOf(to)];
  if (begin < 0 || end < begin) throw new Error(`docs/consent.md has no ${from} ... ${to}`);
  return `${page.slice(0, begin + from.length)}\n${consentTableWords()}\n${page.slice(end)}`;
}

if (import.meta.main) {
  if (process.argv.length > 2) {
    process.stdout.write(
      "Usage: npm run docs:consent\n\nWrites the table of consent into docs/consent.md, from the code.\n",
    );
    process.exit(process.argv[2] === "--help" ? 0 : 2);
  }
  writeFileSync(consentPage, withTable(readFileSync(consentPage, "utf8")));
}
