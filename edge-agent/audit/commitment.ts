import { canonicalBytes } from "./canonical.ts";
import { sha256 } from "./merkle.ts";

/*
 * Salted commitments: an entry says that personal data belonged to it without saying which. The data and the salt lie
 * beside the log; with both a reader checks that nothing was swapped, and once both are erased the entry tells nothing.
 */

export const saltBytes = 32;
const blockBytes = 256;

/**
 * ISO/IEC 7816-4 padding to blocks of 256: one byte 0x80, then zeros up to the next multiple. There is always at least
 * one byte of padding, so that no two values pad to the same bytes. docs/decisions/0001-audit-padding.md says why.
 */
export function pad256(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(bytes.length / blockBytes) + 1) * blockBytes);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  return padded;
}

/**
 * SHA256(0x02 || salt || seq as uint64 big-endian || pad256(JCS(phi))). `salt`: 32 fresh random bytes for each entry.
 */
export function commitment(phi: unknown, salt: Uint8Array, seq: number): Uint8Array {
  if (salt.length !== saltBytes) throw new RangeError(`a salt has ${saltBytes} bytes`);
  const padded = pad256(canonicalBytes(phi));
  const bytes = new Uint8Array(1 + saltBytes + 8 + padded.length);
  bytes[0] = 0x02; // apart from leaves (0x00) and nodes (0x01)
  bytes.set(salt, 1);
  new DataView(bytes.buffer).setBigUint64(1 + saltBytes, BigInt(seq));
  bytes.set(padded, 1 + saltBytes + 8);
  return sha256(bytes);
}
