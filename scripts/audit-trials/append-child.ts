import { createPrivateKey, createPublicKey, randomUUID } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import Database from "better-sqlite3";
import type { Stamp } from "../../edge-agent/contract/audit-entry.ts";
import { openWard } from "../../edge-agent/records/open-ward.ts";

/*
 * Appends until it is killed, at a statement of its own choice (killAt > 0: before or after the n-th statement that writes) or from
 * outside. Says each number only once its commit has returned.
 */
const [path = "", keyFile = "", killAtText = "0"] = process.argv.slice(2);
const killAt = Number(killAtText);
const privateKey = createPrivateKey(readFileSync(keyFile));
const stamp = (): Stamp => ({ utcMs: Date.now(), monoNs: process.hrtime.bigint() });
const records = openWard(path, {
  domain: "w7.example",
  key: { privateKey, publicKey: createPublicKey(privateKey) },
  boot: randomUUID(),
  cfgSha256: null,
  modelSha256: null,
  stamp: stamp(),
});

let points = 0;
function point(): void {
  points += 1;
  if (points === killAt) process.kill(process.pid, "SIGKILL");
}
const db = new Database(":memory:");
const statements = Object.getPrototypeOf(db.prepare("SELECT 1")) as { run: (...args: unknown[]) => unknown };
const { run } = statements;
statements.run = function (this: unknown, ...args: unknown[]): unknown {
  point();
  const done = run.apply(this, args);
  point();
  return done;
};

const from = records.restoreRoom("room-1").leaseNumber;
writeSync(1, `from ${from}\n`);
for (let number = from + 1; number <= from + 40; number += 1) {
  records.commit(
    [
      {
        // Every third is signed at once, so that the kill also meets a checkpoint.
        action: number % 3 === 0 ? "alert.raise" : "lease.start",
        actor: { kind: "system", part: "trial" },
        outcome: 0,
        detail: { number },
        phi: number % 2 === 0 ? { number } : null,
      },
    ],
    [{ table: "lease-number", bed: "room-1", number, stay: null }],
    stamp(),
  );
  point();
  writeSync(1, `${number}\n`);
}
