import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { askers } from "../tests/ask-visitors.ts";
import { askRows, liveRows, routeRows } from "../tests/privilege-table.ts";
import { visitors } from "../tests/route-visitors.ts";

/* npm run docs:privileges: writes docs/privileges.md from the table that the tests walk. A test compares them. */

export const privilegesPage = fileURLToPath(new URL("../docs/privileges.md", import.meta.url));

export function privilegesWords(): string {
  const table = (
    head: string,
    columns: readonly string[],
    rows: Readonly<Record<string, readonly string[] | string>>,
  ): string =>
    [
      `| ${[head, ...columns].join(" | ")} |`,
      `| ${[head, ...columns].map(() => "---").join(" | ")} |`,
      ...Object.entries(rows).map(([name, row]) =>
        typeof row === "string"
          ? `| \`${name}\` | ${row}${" |".repeat(columns.length)}`
          : `| \`${name}\` | ${columns.map((column) => (row.includes(column) ? "yes" : "")).join(" | ")} |`,
      ),
    ].join("\n");
  return `# Who may do what

_Written by \`npm run docs:privileges\` from the table that the tests walk: a route, a live feed or an ask without a row fails them._

\`locked\`: a screen that nobody touched for a while, signed in as nurse in charge. \`untrained\`: a nurse without current training in this system on record.

## What the agent hears out, by who asks

The agent decides again about each of these, whatever page sent it. \`other-bedside\`: the screen of another bed. Turning off is everybody's on the ward.

${table("ask", askers, askRows)}

## Pages and forms

${table("route", visitors, routeRows)}

## The live feed

${table("as", visitors, liveRows)}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(privilegesPage, privilegesWords());
