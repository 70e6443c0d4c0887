import { createPrivateKey, createPublicKey, randomUUID } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import type { Stamp } from "../edge-agent/contract/audit-entry.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";

/*
 * Started by audit-kill.test.ts and killed by it: commits without end, and says each number only once its commit has
 * returned.
 */
const [path = "", keyFile = ""] = process.argv.slice(2);
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
const from = records.restoreRoom("room-1").leaseNumber;
for (let number = from + 1; ; number += 1) {
  records.commit(
    [
      {
        action: number % 5 === 0 ? "alert.raise" : "lease.start",
        actor: { kind: "system", part: "test" },
        outcome: 0,
        detail: { number },
        phi: number % 3 === 0 ? { number } : null,
      },
    ],
    [{ table: "lease-number", bed: "room-1", number, stay: null }],
    stamp(),
  );
  writeSync(1, `${number}\n`);
}
