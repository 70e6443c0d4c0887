import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface WitnessKey {
  readonly privateKey: KeyObject;
  /** The 32 bytes of RFC 8032. */
  readonly publicKey: Uint8Array;
}

/** The key of a witness in its own folder (0700), made at the first start (Ed25519, PKCS 8, 0600). */
export function witnessKeyIn(folder: string): WitnessKey {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "witness.key.pem");
  if (!existsSync(file)) {
    const made = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    writeFileSync(file, made, { mode: 0o600, flag: "wx" });
  }
  const privateKey = createPrivateKey(readFileSync(file, "utf8"));
  const { x } = privateKey.export({ format: "jwk" });
  return { privateKey, publicKey: new Uint8Array(Buffer.from(x ?? "", "base64url")) };
}
