import "../edge-agent/platform/node-version.ts";
import { spawnSync } from "node:child_process";
import { readArguments } from "./read-arguments.ts";
import { root } from "./release/lock.ts";

const usage = `npm run release:advisories

Asks the registry for known vulnerabilities of the packages that run on a ward. Exits 0: none is known; 1: some are; 2: it could not
be asked, which is no answer: ask again where there is a network, before a release and every week after it.
`;
readArguments(usage, {}, process.argv.slice(2));
const ran = spawnSync("npm", ["audit", "--omit", "dev", "--json", "--package-lock-only"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 64e6,
});
const told = read(ran.stdout);
if (told === undefined) {
  process.stdout.write(
    "COULD NOT ASK: the registry did not answer. Nothing is known about vulnerabilities; try again with a network.\n",
  );
  process.exit(2);
}
const known = Object.entries(told);
for (const [name, { severity, range }] of known) process.stdout.write(`${severity}: ${name} ${range}\n`);
process.stdout.write(
  known.length === 0 ? "no known vulnerabilities\n" : `${known.length} packages with known vulnerabilities\n`,
);
process.exit(known.length === 0 ? 0 : 1);

function read(text: string): Record<string, { severity: string; range: string }> | undefined {
  try {
    const report = JSON.parse(text) as { vulnerabilities?: Record<string, { severity: string; range: string }> };
    return report.vulnerabilities;
  } catch {
    return undefined;
  }
}
