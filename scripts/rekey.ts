import "../edge-agent/platform/node-version.ts";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { keyFileOf, readKeyFile, replaceKeyFile } from "../edge-agent/records/data-key-place.ts";
import { freshDataKey } from "../edge-agent/records/data-keys.ts";
import { rekeyDatabase } from "../edge-agent/records/rekey.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";
import { lockData } from "./data-lock.ts";

/*
 * npm run data:rekey: another data key, while the ward is stopped. The new key is in the key file, before the old one, before
 * anything is sealed with it, and the old one goes once nothing is sealed with it any more. Cut off at any point, it is called again.
 */

const usage = `usage: npm run data:rekey -- --data DIR [--key-file FILE]

  The ward has to be stopped. FILE is the key file, where it is not the one that the ward noted; a systemd credential is
  decrypted first, and encrypted again afterwards. A backup that was made before needs the key before: keep a copy with it.
`;

function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}

const { values } = parseArgs({ options: { data: { type: "string" }, "key-file": { type: "string" } } });
const { data, "key-file": named } = values;
if (data === undefined) fail("--data is needed");
if (!existsSync(data)) fail(`there is no folder ${data}`);
const lock = lockData(data);
if (lock.is === "taken") fail(`a ward is running over ${data} (process ${lock.pid}): stop it first`);
process.on("exit", () => lock.release());

try {
  const files = ["ward.sqlite", "dashboard.sqlite"].map((name) => join(data, name)).filter((file) => existsSync(file));
  const keyFile = named === undefined ? keyFileOf(join(data, "ward.sqlite")) : resolve(named);
  const before = readKeyFile(keyFile, data);
  const begun = before.byId.size > 1;
  if (!begun) replaceKeyFile(keyFile, [freshDataKey(), before.current]);
  const keys = readKeyFile(keyFile, data);
  process.stdout.write(`${begun ? "going on" : "begun"}: everything is sealed with key ${keys.current.id}\n`);
  for (const file of files) {
    process.stdout.write(`${file}: ${rekeyDatabase(file, keys)} rows sealed anew\n`);
  }
  replaceKeyFile(keyFile, [keys.current]);
  process.stdout.write(`done: ${keyFile} holds key ${keys.current.id} alone\n`);
} catch (cause) {
  if (!(cause instanceof StoreError)) throw cause;
  process.stderr.write(`${cause.message}\n`);
  process.exitCode = 1;
}
