import { verify as checkSignature, createPublicKey, type KeyObject } from "node:crypto";
import { fromBase64, toBase64 } from "./base64.ts";
import { sameHash, sha256 } from "./merkle.ts";

/*
 * Signed notes: c2sp.org/signed-note@v1.0.0, Ed25519 (signature type 0x01) only. A note is a text that ends in a
 * newline, a blank line, and signature lines `— <key name> base64(key id, 4 bytes || signature, 64 bytes)`; the dash is
 * U+2014.
 */

/** A public key with the name it signs under. `keyId`: first 4 bytes of SHA256(name || 0x0A || 0x01 || key). */
export interface Vkey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Ed25519 over the bytes given, 64 bytes. Where the private key lies is the caller's matter. */
export type Signer = (bytes: Uint8Array) => Uint8Array;

export const noteFaults = ["too-large", "malformed", "no-known-key", "bad-signature"] as const;
export type NoteFault = (typeof noteFaults)[number];

export type OpenedNote =
  | { readonly ok: true; readonly text: string; readonly signedBy: readonly string[] }
  | { readonly ok: false; readonly why: NoteFault };

const ed25519Type = 0x01;
const noteBytesMax = 64 * 1024;
const signatureLinesMax = 100;

/** Name rule of signed-note: not empty, no white space, no plus sign. */
export const isKeyName = (name: string): boolean => name.isWellFormed() && /^[^\s+]+$/u.test(name);

/** The vkey of an Ed25519 public key. Throws RangeError for another kind of key or a name that a note cannot carry. */
export function vkeyOf(name: string, key: KeyObject): Vkey {
  const { x, crv } = key.export({ format: "jwk" });
  if (crv !== "Ed25519" || x === undefined) throw new RangeError("an Ed25519 public key is needed");
  if (!isKeyName(name)) throw new RangeError(`not a key name: ${JSON.stringify(name)}`);
  const publicKey = new Uint8Array(Buffer.from(x, "base64url"));
  return { name, keyId: keyIdOf(name, publicKey), publicKey };
}

/** `name+hex(key id)+base64(0x01 || key)`. */
export function writeVkey(vkey: Vkey): string {
  const typed = new Uint8Array([ed25519Type, ...vkey.publicKey]);
  return `${vkey.name}+${Buffer.from(vkey.keyId).toString("hex")}+${toBase64(typed)}`;
}

/** Undefined where the line is no Ed25519 vkey or its key id is not that of its key. From a file, before any check. */
export function readVkey(line: string): Vkey | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(line.trim());
  if (match === null) return undefined;
  const [, name, idHex, keyText] = match as unknown as [string, string, string, string];
  const typed = fromBase64(keyText);
  if (typed?.length !== 33 || typed[0] !== ed25519Type) return undefined;
  const publicKey = typed.slice(1);
  const keyId = keyIdOf(name, publicKey);
  return Buffer.from(keyId).toString("hex") === idHex ? { name, keyId, publicKey } : undefined;
}

/** The note with one signature line. `text` must end in a newline. */
export function signNote(text: string, vkey: Vkey, sign: Signer): string {
  if (!isNoteText(text)) throw new RangeError("a note's text is lines of printable text, the last one ended");
  const signature = sign(new TextEncoder().encode(text));
  return `${text}\n— ${vkey.name} ${toBase64(new Uint8Array([...vkey.keyId, ...signature]))}\n`;
}

/**
 * Opens a note with the keys that the reader trusts. Lines by other keys are passed over (a witness may have signed
 * too), but a line that names a trusted key and does not verify spoils the note. From a file, before any check; never
 * throws.
 */
export function openNote(note: string, vkeys: readonly Vkey[]): OpenedNote {
  if (Buffer.byteLength(note) > noteBytesMax) return { ok: false, why: "too-large" };
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0) return { ok: false, why: "malformed" };
  const text = note.slice(0, blank + 1);
  const lines = note.slice(blank + 2).split("\n");
  if (!isNoteText(text) || lines.pop() !== "" || lines.length === 0 || lines.length > signatureLinesMax) {
    return { ok: false, why: "malformed" };
  }
  const signedBy: string[] = [];
  for (const line of lines) {
    const signature = readSignatureLine(line);
    if (signature === undefined) return { ok: false, why: "malformed" };
    const vkey = vkeys.find((known) => known.name === signature.name && sameHash(known.keyId, signature.keyId));
    if (vkey === undefined) continue;
    if (!isSignedBy(text, vkey, signature.bytes)) return { ok: false, why: "bad-signature" };
    if (!signedBy.includes(vkey.name)) signedBy.push(vkey.name);
  }
  return signedBy.length === 0 ? { ok: false, why: "no-known-key" } : { ok: true, text, signedBy };
}

function readSignatureLine(line: string): { name: string; keyId: Uint8Array; bytes: Uint8Array } | undefined {
  const match = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  if (match === null) return undefined;
  const [, name, signatureText] = match as unknown as [string, string, string];
  const bytes = fromBase64(signatureText);
  return bytes === undefined || bytes.length < 5
    ? undefined
    : { name, keyId: bytes.slice(0, 4), bytes: bytes.slice(4) };
}

/** A log has a checkpoint for each second of activity: the key is unpacked once. */
const unpacked = new WeakMap<Vkey, KeyObject>();

function isSignedBy(text: string, vkey: Vkey, signature: Uint8Array): boolean {
  try {
    let key = unpacked.get(vkey);
    if (key === undefined) {
      const x = Buffer.from(vkey.publicKey).toString("base64url");
      key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
      unpacked.set(vkey, key);
    }
    return checkSignature(null, Buffer.from(text), key, signature);
  } catch {
    // Not a point of the curve, or a signature of another length: nobody signed with that.
    return false;
  }
}

/** signed-note: valid UTF-8, no control character but the newline, ends in a newline. */
function isNoteText(text: string): boolean {
  if (!text.endsWith("\n") || !text.isWellFormed()) return false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if ((unit < 0x20 && unit !== 0x0a) || unit === 0x7f) return false;
  }
  return true;
}

function keyIdOf(name: string, publicKey: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(`${name}\n`);
  return sha256(new Uint8Array([...prefix, ed25519Type, ...publicKey])).slice(0, 4);
}
