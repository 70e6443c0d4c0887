import "../edge-agent/platform/node-version.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { accepted, flipsOf, verifies } from "./audit-trials/flips.ts";
import { makeLog } from "./audit-trials/made-log.ts";

/*
 * npm run flips:audit: one bit of each byte of an export of 1,000 entries is turned over, and the verifier has to refuse each. The whole
 * takes hours; --every N takes every N-th byte. Ends with 1 where a flip was accepted.
 */

const { values } = parseArgs({
  options: { entries: { type: "string", default: "1000" }, every: { type: "string", default: "1" } },
});
const folder = mkdtempSync(join(tmpdir(), "audit-flips-"));
try {
  const log = makeLog(folder, Number(values.entries));
  if (!verifies(log.dir, log.vkey)) throw new Error("the export as it was made is refused");
  const flips = [...flipsOf(log.dir, Number(values.every))];
  const passed = accepted(log, join(folder, "scratch"), flips);
  for (const { file, byte, bit } of passed.slice(0, 20)) console.log(`accepted: bit ${bit} of byte ${byte} of ${file}`);
  console.log(`${flips.length} flips of one bit, ${flips.length - passed.length} refused, ${passed.length} accepted`);
  process.exitCode = passed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
