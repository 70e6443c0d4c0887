import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { canonicalize } from "json-canonicalize";
import { Segment } from "../contract/ids.ts";

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A secret for one use and place, that the installation always finds again and nobody else can foretell. SHA-256, hex. */
export function secretFor(privateKey: KeyObject, use: string): string {
  const der = privateKey.export({ type: "pkcs8", format: "der" });
  const secret = createHash("sha256").update("quietround ").update(use).update("\0").update(der).digest("hex");
  der.fill(0);
  return secret;
}

export class KeyError extends Error {
  readonly code: "missing" | "unreadable";
  constructor(code: "missing" | "unreadable", path: string, cause: unknown) {
    super(`${code} key file ${path}`, { cause });
    this.code = code;
  }
}

const keyFolder = (dataDir: string): string => join(dataDir, "keys");
const credentialFolder = (dataDir: string): string => join(keyFolder(dataDir), "credentials");

/**
 * Makes what is not there yet, for one installation: `keys/` (0700), the signing keys of station and dashboard (Ed25519,
 * PKCS 8, 0600) with their public halves as C2SP vkey lines, and a random secret for each broker client. Never replaces a
 * file: an audit log is worth nothing once its key has changed.
 *
 * @param origins names in the vkey lines: the audit logs' origins.
 */
export function ensureKeys(
  dataDir: string,
  clients: readonly string[],
  origins: { readonly station: string; readonly dashboard: string },
): void {
  mkdirSync(credentialFolder(dataDir), { recursive: true, mode: 0o700 });
  chmodSync(keyFolder(dataDir), 0o700);
  chmodSync(credentialFolder(dataDir), 0o700);
  for (const owner of ["station", "dashboard"] as const) {
    const pem = join(keyFolder(dataDir), `${owner}.key.pem`);
    writeNew(pem, () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    const { publicKey } = readPair(pem);
    writeNew(join(keyFolder(dataDir), `${owner}.vkey`), () => `${vkeyLine(origins[owner], publicKey)}\n`);
  }
  for (const client of clients) {
    writeNew(join(credentialFolder(dataDir), Segment.parse(client)), () => randomBytes(32).toString("base64url"));
  }
}

/** C2SP signed-note: `name+hex(keyid)+base64(0x01 || pub32)`, keyid = first 4 bytes of SHA-256(name || 0x0A || 0x01 || pub32). */
export function vkeyLine(name: string, publicKey: KeyObject): string {
  const typed = Buffer.concat([Buffer.of(0x01), rawPublicKey(publicKey)]);
  const keyId = createHash("sha256").update(name).update(Buffer.of(0x0a)).update(typed).digest().subarray(0, 4);
  return `${name}+${keyId.toString("hex")}+${typed.toString("base64")}`;
}

/** The 32 bytes of RFC 8032: the end of the DER form (RFC 8410). */
const rawPublicKey = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" }).subarray(-32);

export const readStationKey = (dataDir: string): KeyPair => readPair(join(keyFolder(dataDir), "station.key.pem"));
export const readDashboardKey = (dataDir: string): KeyPair => readPair(join(keyFolder(dataDir), "dashboard.key.pem"));

/** Read from the vkey line, so that a process which only checks leases needs no private key. */
export function readStationPublicKey(dataDir: string): KeyObject {
  const path = join(keyFolder(dataDir), "station.vkey");
  // The key is the last 44 characters, base64 of 33 bytes: a '+' may stand inside it, so it is not looked for.
  const bytes = Buffer.from(readText(path).trim().slice(-44), "base64");
  if (bytes.length !== 33 || bytes[0] !== 0x01) throw new KeyError("unreadable", path, "not an Ed25519 vkey line");
  const prefix = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410: SubjectPublicKeyInfo of Ed25519
  return createPublicKey({ key: Buffer.concat([prefix, bytes.subarray(1)]), type: "spki", format: "der" });
}

export const readCredential = (dataDir: string, client: string): string =>
  readText(join(credentialFolder(dataDir), Segment.parse(client))).trim();

export function readAllCredentials(dataDir: string): Map<string, string> {
  const names = readdirSync(credentialFolder(dataDir)).filter((name) => Segment.safeParse(name).success);
  return new Map(names.map((name) => [name, readCredential(dataDir, name)]));
}

/** Ed25519 (RFC 8032) over the RFC 8785 bytes of a JSON value; base64. */
export const signCanonical = (privateKey: KeyObject, value: unknown): string =>
  sign(null, Buffer.from(canonicalize(value)), privateKey).toString("base64");

/** The signature may be anything a client sent. */
export function verifyCanonical(publicKey: KeyObject, value: unknown, signatureBase64: string): boolean {
  const signature = Buffer.from(signatureBase64, "base64");
  return signature.length === 64 && verify(null, Buffer.from(canonicalize(value)), publicKey, signature);
}

function readPair(path: string): KeyPair {
  const pem = readText(path);
  try {
    const privateKey = createPrivateKey(pem);
    return { privateKey, publicKey: createPublicKey(privateKey) };
  } catch (cause) {
    throw new KeyError("unreadable", path, cause);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new KeyError("missing", path, cause);
  }
}

/**
 * The whole file or none: a power cut leaves at most a `.new-` file beside it, which nothing reads. `link` refuses to
 * replace a file, so two starts at once agree on the first one's key.
 */
function writeNew(path: string, content: () => string): void {
  const temporary = join(path, "..", `.new-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    readFileSync(path);
    return;
  } catch (cause) {
    if (!isCode(cause, "ENOENT")) throw new KeyError("unreadable", path, cause);
  }
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, content());
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(temporary, path);
  } catch (cause) {
    if (!isCode(cause, "EEXIST")) throw cause;
  } finally {
    unlinkSync(temporary);
  }
  const folder = openSync(join(path, ".."), "r");
  fsyncSync(folder);
  closeSync(folder);
}

const isCode = (cause: unknown, code: string): boolean =>
  cause instanceof Error && "code" in cause && cause.code === code;
