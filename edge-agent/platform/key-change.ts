import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyPair } from "./keys.ts";

/*
 * Files of a change of key in `<data>/keys/`: `<owner>.next.pem` is the new key until the log was handed over to it. Then it takes the
 * place of `<owner>.key.pem`. `<owner>.first.vkey` keeps the public key that an auditor took down when the ward was set up.
 */

type Owner = "station" | "dashboard";
const nextFile = (dataDir: string, owner: Owner): string => join(dataDir, "keys", `${owner}.next.pem`);

/** Made where there is none yet: a change that was cut off goes on with the same key. */
export function nextKey(dataDir: string, owner: Owner): KeyPair {
  const file = nextFile(dataDir, owner);
  if (!existsSync(file)) {
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    writeFileSync(file, pem, { mode: 0o600, flag: "wx", flush: true });
  }
  const privateKey = createPrivateKey(readFileSync(file, "utf8"));
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** After the hand-over is in the log and signed. @param vkey the new public key, as a line */
export function takeNextKey(dataDir: string, owner: Owner, vkey: string): void {
  const keys = join(dataDir, "keys");
  const [current, first] = [join(keys, `${owner}.vkey`), join(keys, `${owner}.first.vkey`)];
  if (!existsSync(first) && existsSync(current)) copyFileSync(current, first);
  writeFileSync(`${current}.new`, `${vkey}\n`, { mode: 0o600, flush: true });
  renameSync(`${current}.new`, current);
  renameSync(nextFile(dataDir, owner), join(keys, `${owner}.key.pem`));
}
