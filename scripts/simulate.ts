import "../edge-agent/platform/node-version.ts";
import { readArguments } from "./read-arguments.ts";
import { playHistory } from "./simulate/history.ts";
import { needed } from "./simulate/needed.ts";

const usage = `npm run simulate -- [--histories 1000] [--seed N]

Plays random histories of a whole ward in one process: three beds, the agent's loop, cores, records, leases and log, with clock, network, disk,
kills and answers of the models made up from the seed. Everything of DESIGN section 1 is held against each, every second.

  --histories  how many, one seed after the other (default 1000)
  --seed       the first seed; the same seed is the same history (default: by the time)

A failure prints the rule, the moment, what happened before, and the command that plays it again. Exit 1 then, or where something that the
rules are about never happened.`;

const values = readArguments(usage, {
  histories: { type: "string", default: "1000" },
  seed: { type: "string" },
  help: { type: "boolean", default: false },
});
const histories = Number(values.histories);
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (
  values.help ||
  !(Number.isInteger(histories) && histories >= 1) ||
  !(Number.isInteger(firstSeed) && firstSeed >= 0)
) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

const begun = performance.now();
const sums = new Map<string, number>();
let failed = 0;
for (let n = 0; n < histories; n++) {
  const { seed, tallies, broken } = await playHistory(firstSeed + n);
  for (const [what, count] of tallies.counts) sums.set(what, (sums.get(what) ?? 0) + count);
  if (broken !== null) {
    failed += 1;
    process.stdout.write(`\nBROKEN after ${broken.atSec.toFixed(2)} s of history ${seed}\n${broken.words}\n`);
    for (const line of broken.story) process.stdout.write(`  ${line}\n`);
    process.stdout.write(`again: npm run simulate -- --histories 1 --seed ${seed}\n`);
  }
  if ((n + 1) % 50 === 0)
    process.stderr.write(
      `${n + 1} of ${histories}, ${failed} broken, ${((performance.now() - begun) / 1_000).toFixed(0)} s\n`,
    );
}
for (const [what, count] of [...sums].sort(([a], [b]) => a.localeCompare(b)))
  process.stdout.write(`${String(count).padStart(10)}  ${what}\n`);
const never = histories < 20 ? [] : needed.filter((what) => (sums.get(what) ?? 0) === 0);
for (const what of never) process.stdout.write(`NEVER SEEN: ${what}\n`);
process.stdout.write(`${histories} histories from seed ${firstSeed}: ${failed} broken\n`);
process.exit(failed === 0 && never.length === 0 ? 0 : 1);
