import "../edge-agent/platform/node-version.ts";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { vkeyOf } from "../edge-agent/audit/note.ts";
import { verifyLog } from "../edge-agent/audit/verify.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { benchOrigin, GrowingLog, newBenchKey } from "./bench-audit/build-log.ts";
import { monthReport } from "./bench-audit/month-report.ts";
import { type ProofCost, proofCost } from "./bench-audit/proofs-by-size.ts";
import { waitForLog } from "./bench-audit/wait-for-log.ts";
import { readArguments } from "./read-arguments.ts";
import { readLongExport } from "./verify-threads/read-long-export.ts";

const usage = `npm run bench:audit [-- --entries 1000000] [--out FILE.json]

How fast the audit log is: how long 20 beds wait for it when all have an alarm at once, at full durability; what a proof of
inclusion costs as the log grows to --entries; how many entries a second the verifier reads; how long the ward audit of a
month of 20 beds takes (about --facts facts). Exits 1 where a target is missed. With a million entries it takes about five minutes and 2 GB of disk.`;
const values = readArguments(usage, {
  entries: { type: "string", default: "1000000" },
  facts: { type: "string", default: "2000000" },
  out: { type: "string", default: "" },
  help: { type: "boolean", default: false },
});
const [entries, facts] = [Number(values.entries), Number(values.facts)];
if (values.help || !Number.isInteger(entries) || entries < 1_000 || !(facts >= 0)) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

const beds = 20;
const targets = { waitP99Ms: 50, proofP99Ms: 5, verifiedPerSec: 100_000, reportMs: 5_000, feedWaitedMs: 100 };
const say = (words: string) => process.stdout.write(`${words}\n`);
const missed: string[] = [];
const judge = (ok: boolean, words: string) => {
  say(`${ok ? "met   " : "MISSED"}  ${words}`);
  if (!ok) missed.push(words);
};

const folder = mkdtempSync(join(tmpdir(), "quietround-bench-audit-"));
try {
  const key = newBenchKey();
  const waits = waitForLog(folder, key, { beds, rounds: 200 });
  const { together, oneByOne } = waits;
  judge(
    together.p99Ms <= targets.waitP99Ms,
    `${beds} beds with an alarm at once wait for the log: p50 ${ms(together.p50Ms)}, p99 ${ms(together.p99Ms)}, worst ${ms(together.worstMs)} (target ${targets.waitP99Ms} ms p99); each by itself, in turn: p99 ${ms(oneByOne.p99Ms)}, ${(oneByOne.p99Ms / together.p99Ms).toFixed(1)} times as long`,
  );

  const log = new GrowingLog(folder, key);
  const sizes = [1_000, 10_000, 100_000, 1_000_000].filter((size) => size < entries);
  const proofs: ProofCost[] = [];
  for (const size of [...sizes, entries]) {
    const begun = performance.now();
    log.growTo(size);
    if (size >= 100_000)
      say(`        ${size} entries after ${((performance.now() - begun) / 1_000).toFixed(0)} s more`);
    proofs.push(proofCost(log.path, size, 1_000));
  }
  for (const { size, p50Ms, p99Ms, hashesMax, readsMax } of proofs) {
    say(
      `        ${size} entries: a proof takes p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms, ${hashesMax} hashes (log2 ${Math.log2(size).toFixed(1)}), ${readsMax} reads`,
    );
  }
  const [small, large] = [proofs[0], proofs.at(-1)];
  if (small === undefined || large === undefined) throw new Error("no proof was measured");
  judge(
    large.p99Ms <= targets.proofP99Ms,
    `a proof of inclusion at ${large.size} entries: p99 ${ms(large.p99Ms)} (target ${targets.proofP99Ms} ms)`,
  );
  judge(
    large.hashesMax <= Math.ceil(Math.log2(large.size)) && large.readsMax <= 3 * Math.ceil(Math.log2(large.size)) ** 2,
    `it grows with the logarithm: ${large.size / small.size} times the entries, ${(large.readsMax / small.readsMax).toFixed(1)} times the reads, ${(large.p50Ms / small.p50Ms).toFixed(1)} times the time`,
  );

  const out = join(folder, "export");
  exportLog(log.path, out, { personalData: "included" });
  log.close();
  const trust = { vkeys: [vkeyOf(benchOrigin, key.publicKey)], known: [] };
  const begun = performance.now();
  const verdict = verifyLog(await readLongExport(out), trust);
  const verifiedPerSec = verdict.entries / ((performance.now() - begun) / 1_000);
  if (!verdict.ok) throw new Error(`the verifier found a fault: ${verdict.faults[0]?.words}`);
  judge(
    verifiedPerSec >= targets.verifiedPerSec,
    `the verifier reads ${Math.round(verifiedPerSec)} entries a second, with ${verdict.commitmentsChecked} commitments (target ${targets.verifiedPerSec})`,
  );

  const report = await monthReport(folder, beds, facts);
  judge(
    report.tookMs !== null && report.tookMs <= targets.reportMs,
    `the ward audit of a month of ${beds} beds, ${report.facts} facts and ${report.entries} entries: ${report.tookMs === null ? "no answer" : ms(report.tookMs)} (target ${targets.reportMs} ms)`,
  );
  judge(
    report.feedWaitedMs <= targets.feedWaitedMs,
    `the thread of the live feed waits meanwhile for ${ms(report.feedWaitedMs)} at most (target ${targets.feedWaitedMs} ms)`,
  );

  if (values.out !== "") {
    mkdirSync(dirname(values.out), { recursive: true });
    writeFileSync(
      values.out,
      `${JSON.stringify({ beds, targets, waits, proofs, verifiedPerSec, report, missed }, null, 2)}\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = missed.length > 0 ? 1 : 0;

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
