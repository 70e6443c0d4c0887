import { fromBase64, toBase64 } from "./base64.ts";
import { hashBytes } from "./merkle.ts";
import { type NoteFault, openNote, type Signer, signNote, type Vkey } from "./note.ts";

/*
 * Checkpoints: c2sp.org/tlog-checkpoint without extension lines. Three lines: origin, number of entries, root in
 * base64.
 */

export interface Checkpoint {
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  readonly root: Uint8Array;
}

export type CheckpointFault = NoteFault | "not-a-checkpoint" | "other-origin";

export type OpenedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly why: CheckpointFault };

export function writeCheckpoint(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`;
}

/** Undefined for any other text, also for a size with a leading zero. From a file, before any check. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const match = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n$/u.exec(text);
  if (match === null) return undefined;
  const [, origin, sizeText, rootText] = match as unknown as [string, string, string, string];
  const size = Number(sizeText);
  const root = fromBase64(rootText);
  return Number.isSafeInteger(size) && root?.length === hashBytes ? { origin, size, root } : undefined;
}

/** The origin is the key's name: a log signs for itself and for no other. */
export function signCheckpoint(size: number, root: Uint8Array, vkey: Vkey, sign: Signer): string {
  return signNote(writeCheckpoint({ origin: vkey.name, size, root }), vkey, sign);
}

/**
 * Opens a signed checkpoint with the keys that the reader trusts; the origin must be the name of a key that signed it.
 */
export function openCheckpoint(note: string, vkeys: readonly Vkey[]): OpenedCheckpoint {
  const opened = openNote(note, vkeys);
  if (!opened.ok) return opened;
  const checkpoint = readCheckpoint(opened.text);
  if (checkpoint === undefined) return { ok: false, why: "not-a-checkpoint" };
  return opened.signedBy.includes(checkpoint.origin) ? { ok: true, checkpoint } : { ok: false, why: "other-origin" };
}
