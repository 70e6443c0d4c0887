import { verify as checkSignature, createPublicKey } from "node:crypto";
import { fromBase64, toBase64 } from "./base64.ts";
import { sameHash, sha256 } from "./merkle.ts";
import { isKeyName, type Signer } from "./note.ts";

/*
 * Witness cosignatures: c2sp.org/tlog-cosignature@v1, Ed25519 (signature type 0x04). A witness says "at this time this was the
 * largest tree of this log that I had seen, and it is the one I saw before, with more at its end".
 */

/** A witness's public key; `keyId`: first 4 bytes of SHA256(name || 0x0A || 0x04 || key). */
export interface Cosigner {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface Cosigned {
  readonly name: string;
  /** Seconds since 1970 UTC, by the witness's clock. */
  readonly atSec: number;
}

const cosignatureType = 0x04;
const keyBytes = 32;
const keyIdBytes = 4;
const timeBytes = 8;
const signatureBytes = 64;

/** Throws RangeError for a name that a note cannot carry or a key of another length. */
export function cosignerOf(name: string, publicKey: Uint8Array): Cosigner {
  if (!isKeyName(name) || publicKey.length !== keyBytes) throw new RangeError(`not a witness's key: ${name}`);
  return { name, keyId: keyIdOf(name, publicKey), publicKey };
}

/** `name+hex(key id)+base64(0x04 || key)`. */
export function writeCosigner({ name, keyId, publicKey }: Cosigner): string {
  const typed = new Uint8Array([cosignatureType, ...publicKey]);
  return `${name}+${Buffer.from(keyId).toString("hex")}+${toBase64(typed)}`;
}

/** Undefined where the line is no such key. From a file, before any check. */
export function readCosigner(line: string): Cosigner | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(line.trim());
  if (match === null) return undefined;
  const [, name, idHex, keyText] = match as unknown as [string, string, string, string];
  const typed = fromBase64(keyText);
  if (typed?.length !== keyBytes + 1 || typed[0] !== cosignatureType || !isKeyName(name)) return undefined;
  const cosigner = cosignerOf(name, typed.slice(1));
  return Buffer.from(cosigner.keyId).toString("hex") === idHex ? cosigner : undefined;
}

/** The signature line, with its line end, to be added to the note. @param body text of the checkpoint, its three lines */
export function cosign(body: string, cosigner: Cosigner, atSec: number, sign: Signer): string {
  const signature = sign(signedBytes(body, atSec));
  const time = new Uint8Array(timeBytes);
  new DataView(time.buffer).setBigUint64(0, BigInt(atSec));
  return `— ${cosigner.name} ${toBase64(new Uint8Array([...cosigner.keyId, ...time, ...signature]))}\n`;
}

/**
 * Who cosigned this checkpoint, of the witnesses that the reader trusts; each once, at its newest time. A line that names a witness and
 * does not verify counts as none. From a file, before any check; never throws.
 */
export function cosignedBy(note: string, cosigners: readonly Cosigner[]): Cosigned[] {
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0) return [];
  const body = note.slice(0, blank + 1);
  const newest = new Map<string, number>();
  for (const line of note.slice(blank + 2).split("\n")) {
    const found = readLine(line);
    if (found === undefined) continue;
    const cosigner = cosigners.find(({ name, keyId }) => name === found.name && sameHash(keyId, found.keyId));
    if (cosigner === undefined || !isSignedBy(body, cosigner, found)) continue;
    newest.set(cosigner.name, Math.max(newest.get(cosigner.name) ?? 0, found.atSec));
  }
  return [...newest].map(([name, atSec]) => ({ name, atSec }));
}

interface Line {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly atSec: number;
  readonly signature: Uint8Array;
}

function readLine(line: string): Line | undefined {
  const match = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  if (match === null) return undefined;
  const [, name, text] = match as unknown as [string, string, string];
  const bytes = fromBase64(text);
  if (bytes?.length !== keyIdBytes + timeBytes + signatureBytes) return undefined;
  const atSec = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(keyIdBytes));
  if (!Number.isSafeInteger(atSec)) return undefined;
  return { name, keyId: bytes.slice(0, keyIdBytes), atSec, signature: bytes.slice(keyIdBytes + timeBytes) };
}

function isSignedBy(body: string, { publicKey }: Cosigner, { atSec, signature }: Line): boolean {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return checkSignature(null, signedBytes(body, atSec), key, signature);
  } catch {
    return false;
  }
}

const signedBytes = (body: string, atSec: number): Uint8Array =>
  new TextEncoder().encode(`cosignature/v1\ntime ${atSec}\n${body}`);

function keyIdOf(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(new Uint8Array([...new TextEncoder().encode(`${name}\n`), cosignatureType, ...publicKey])).slice(
    0,
    keyIdBytes,
  );
}
