import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { importPKCS8 } from "jose";
import * as client from "openid-client";
import type { OidcConfig } from "../../../edge-agent/contract/oidc.ts";

/** Words that say what to do. */
export class OidcKeyError extends Error {}

/**
 * How the provider knows that it is us: a short-lived token signed with our key (private_key_jwt, RFC 7523 2.2), or PKCE alone where
 * there is none. Throws OidcKeyError.
 */
export async function readClientAuth(oidc: OidcConfig, folder: string): Promise<client.ClientAuth> {
  const { keyFile, keyAlgorithm, keyId } = oidc;
  if (keyFile === null) return client.None();
  const path = resolve(folder, keyFile);
  let pem: string;
  try {
    pem = readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new OidcKeyError(
      `cannot read ${path} (dashboard.oidc.keyFile): ${code === "ENOENT" ? "there is no such file" : code}`,
    );
  }
  try {
    // Whatever PEM it is in (PKCS#1, SEC 1): one form.
    const pkcs8 = createPrivateKey(pem).export({ type: "pkcs8", format: "pem" }).toString();
    const key = (await importPKCS8(pkcs8, keyAlgorithm)) as client.CryptoKey;
    return client.PrivateKeyJwt(keyId === null ? key : { key, kid: keyId });
  } catch {
    throw new OidcKeyError(
      `${path} (dashboard.oidc.keyFile) is no private key for ${keyAlgorithm}: PEM without a passphrase, and dashboard.oidc.keyAlgorithm as it was registered`,
    );
  }
}
