import { createPrivateKey, createPublicKey, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Stamp } from "../edge-agent/contract/audit-entry.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";

/*
 * Started by audit-disk.test.ts on a disk that fails after some bytes and is mended while this runs: commits, says how
 * each commit went, and ends by itself after twenty good ones that followed a bad one.
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
let failed = false;
for (let number = 1, good = 0; good < 20; number += 1) {
  const phi = { number, words: "x".repeat(500) };
  try {
    const actor = { kind: "system", part: "test" } as const;
    records.commit([{ action: "alert.raise", actor, outcome: 0, detail: { number }, phi }], [], stamp());
    process.stdout.write(`ok ${number}\n`);
    if (failed) good += 1;
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    failed = true;
    process.stdout.write(`${cause.code} ${number}\n`);
    await wait(20);
  }
}
records.close();
