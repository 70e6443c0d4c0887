import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { DataKeys } from "./data-keys.ts";
import { StoreError } from "./store-error.ts";

/*
 * One value at rest: AES-256-GCM (NIST SP 800-38D) with a fresh nonce of 96 random bits. The table, the column and the row are
 * associated data, so that a value that was copied to another place does not open there.
 *
 *   text   qr1:<key id>:<base64url of nonce, sealed bytes, tag>
 *   bytes  the same beginning in ASCII, then the three as they are
 */

const nonceBytes = 12;
const tagBytes = 16;
const begin = "qr1:";
const headLength = begin.length + 8 + 1;

export interface Place {
  readonly table: string;
  readonly column: string;
  /** The row's own key. */
  readonly row: string | number | Uint8Array;
}

export type Plain = string | Uint8Array;

export function seal<Value extends Plain>(
  keys: DataKeys,
  value: Value,
  place: Place,
): Value extends string ? string : Buffer;
export function seal({ current }: DataKeys, value: Plain, place: Place): Plain {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", current.secret, nonce, { authTagLength: tagBytes });
  cipher.setAAD(placeBytes(place));
  const sealed = Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  const head = `${begin}${current.id}:`;
  return typeof value === "string" ? head + sealed.toString("base64url") : Buffer.concat([Buffer.from(head), sealed]);
}

/** Throws StoreError: "damaged" for what was changed, moved or never sealed, "wrong-key" for what another key sealed. */
export function unseal<Value extends Plain>(
  keys: DataKeys,
  value: Value,
  place: Place,
): Value extends string ? string : Buffer;
export function unseal(keys: DataKeys, value: Plain, place: Place): Plain {
  const head = typeof value === "string" ? value.slice(0, headLength) : textOf(value.subarray(0, headLength));
  if (!isHead(head)) throw damaged(place, "is not sealed");
  const key = keys.byId.get(head.slice(begin.length, -1));
  if (key === undefined) {
    throw new StoreError("wrong-key", `${placeWords(place)} was sealed with key ${head.slice(begin.length, -1)}`);
  }
  const body =
    typeof value === "string" ? Buffer.from(value.slice(headLength), "base64url") : value.subarray(headLength);
  // The last letter has bits that say nothing: another one in its place is a change as well.
  if (typeof value === "string" && Buffer.from(body).toString("base64url") !== value.slice(headLength))
    throw damaged(place, "was changed");
  if (body.length < nonceBytes + tagBytes) throw damaged(place, "was cut off");
  const decipher = createDecipheriv("aes-256-gcm", key.secret, body.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(placeBytes(place));
  decipher.setAuthTag(body.subarray(-tagBytes));
  let opened: Buffer;
  try {
    opened = Buffer.concat([decipher.update(body.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch {
    throw damaged(place, "was changed, or belongs to another row");
  }
  return typeof value === "string" ? opened.toString("utf8") : opened;
}

/** The id of the key that sealed it; undefined: it is not sealed. */
export function sealedWith(value: Plain): string | undefined {
  const head = typeof value === "string" ? value.slice(0, headLength) : textOf(value.subarray(0, headLength));
  return isHead(head) ? head.slice(begin.length, -1) : undefined;
}

/** What a sealed word is found by. Equal words of one use give equal marks, and only who has the key can make one. */
export const markOf = ({ current }: DataKeys, use: string, word: string): Buffer =>
  createHmac("sha256", current.indexKey).update(`${use}\n`).update(word).digest();

const isHead = (head: string): boolean => /^qr1:[0-9a-f]{8}:$/.test(head);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const rowWords = (row: Place["row"]): string =>
  row instanceof Uint8Array ? Buffer.from(row).toString("hex") : String(row);
const placeBytes = ({ table, column, row }: Place): Buffer =>
  Buffer.from(JSON.stringify(["quietround", table, column, rowWords(row)]));
const placeWords = ({ table, column, row }: Place): string => `${table}.${column} of row ${rowWords(row)}`;
const damaged = (place: Place, what: string): StoreError => new StoreError("damaged", `${placeWords(place)} ${what}`);
