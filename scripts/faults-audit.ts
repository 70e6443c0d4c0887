import "../edge-agent/platform/node-version.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { KillTrial } from "./audit-trials/kill-rounds.ts";

/* npm run faults:audit: 200 rounds of kill -9 at every place of an append. Ends with 1 at the first loss. Wants strace. */

const { values } = parseArgs({ options: { rounds: { type: "string", default: "200" } } });
const folder = mkdtempSync(join(tmpdir(), "audit-faults-"));
try {
  const trial = new KillTrial(folder);
  let last = 0;
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const { at, acknowledged, stored } = trial.round(round);
    if (round % 20 === 19)
      console.log(`round ${round + 1}: killed at ${at}, ${acknowledged} acknowledged, ${stored} stored`);
    last = stored;
  }
  console.log(
    `${values.rounds} kills, ${last} commits, none that was acknowledged is lost, each time the root is the recomputed one`,
  );
} catch (cause) {
  console.error(cause instanceof Error ? cause.message : String(cause));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
