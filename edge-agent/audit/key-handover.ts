import { verify as checkSignature, createPublicKey } from "node:crypto";
import type { AuditEntry } from "../contract/audit-entry.ts";
import type { AuditIntent } from "../contract/door.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { readVkey, type Signer, type Vkey, writeVkey } from "./note.ts";

/*
 * A log keeps its name and gets another key. The entry `audit.key` names both keys; the new one signs the pair, so that nobody can be
 * given a key that its owner does not hold, and the old one signs the checkpoint over the entry. Where the old one was lost nothing
 * can sign for it: the entry says so, and a reader has to be given the new key by another way.
 */

export interface Handover {
  readonly seq: number;
  readonly from: Vkey;
  readonly to: Vkey;
  /** Why the old key signs nothing; null: it hands over itself. */
  readonly lost: string | null;
}

const pairBytes = (from: string, to: string): Uint8Array =>
  new TextEncoder().encode(`quietround audit key handover/v1\n${from}\n${to}\n`);

/** @param sign with the new key */
export function handoverIntent(from: Vkey, to: Vkey, sign: Signer, lost: string | null): AuditIntent {
  const [old, next] = [writeVkey(from), writeVkey(to)];
  const detail = { from: old, to: next, proof: toBase64(sign(pairBytes(old, next))), lost };
  return {
    action: "audit.key",
    actor: { kind: "system", part: "audit" },
    outcome: lost === null ? 0 : 8,
    detail,
    phi: null,
  };
}

/** Undefined where the entry hands nothing over, or names a key that did not sign for itself. From a file, before any check. */
export function readHandover({ action, seq, detail }: AuditEntry): Handover | undefined {
  if (action !== "audit.key") return undefined;
  const { from: old, to: next, proof, lost = null } = detail;
  if (typeof old !== "string" || typeof next !== "string" || typeof proof !== "string") return undefined;
  if (lost !== null && typeof lost !== "string") return undefined;
  const [from, to, signature] = [readVkey(old), readVkey(next), fromBase64(proof)];
  if (from === undefined || to === undefined || signature?.length !== 64 || from.name !== to.name) return undefined;
  return isSignedBy(to, pairBytes(old, next), signature) ? { seq, from, to, lost } : undefined;
}

function isSignedBy({ publicKey }: Vkey, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    return checkSignature(
      null,
      bytes,
      createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }),
      signature,
    );
  } catch {
    return false;
  }
}

/** The keys of a log in order, from its first one, as its own entries hand it over. */
export function keyChain(first: Vkey, handovers: readonly Handover[]): Vkey[] {
  const chain = [first];
  for (const { from, to } of handovers) {
    const last = chain.at(-1);
    if (last !== undefined && writeVkey(last) === writeVkey(from)) chain.push(to);
  }
  return chain;
}

/** Keys in force after a good checkpoint of so many entries: those that were handed over sign no more. */
export function keysAfter(keys: readonly Vkey[], handovers: readonly Handover[], size: number): Vkey[] {
  let now = [...keys];
  for (const { seq, from, to, lost } of handovers) {
    if (seq >= size || !now.some((key) => writeVkey(key) === writeVkey(from))) continue;
    const rest = now.filter((key) => writeVkey(key) !== writeVkey(from));
    if (lost === null) now = [...rest.filter((key) => writeVkey(key) !== writeVkey(to)), to];
    // Only a reader who has the new key by another way goes on.
    else if (rest.some((key) => writeVkey(key) === writeVkey(to))) now = rest;
  }
  return now;
}
