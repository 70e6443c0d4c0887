import { fromBase64, toBase64 } from "./base64.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { hashBytes, sameHash } from "./merkle.ts";
import { openNote, type Vkey } from "./note.ts";
import { verifyConsistency } from "./proof.ts";

/*
 * A witness of other logs: c2sp.org/tlog-witness@v1, the request `add-checkpoint`. It cosigns a checkpoint only where the log's
 * key signed it and a proof shows that nothing it saw before was changed. What it has seen is on its disk before it answers: a
 * witness that forgets could be shown two histories.
 */

/** The newest checkpoint of a log that this witness has cosigned. */
export interface Seen {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface WitnessRules {
  /** Keys of the logs that it looks after. */
  readonly logs: readonly Vkey[];
  readonly seen: (origin: string) => Seen | undefined;
}

export type WitnessAnswer =
  /** Keep `seen`, then answer with the cosignature over `body`. */
  | { readonly is: "cosign"; readonly origin: string; readonly seen: Seen; readonly body: string }
  | { readonly is: "refuse"; readonly status: 400 | 403 | 404 | 422; readonly words: string }
  /** The log proves from another size: this is the one that the witness knows. */
  | { readonly is: "conflict"; readonly size: number };

const requestBytesMax = 64 * 1024;
/** A path in a tree of 2^63 entries. */
const proofLinesMax = 63;

/** From the network, before any check; never throws. */
export function addCheckpoint(request: string, { logs, seen }: WitnessRules): WitnessAnswer {
  if (request.length > requestBytesMax) return refuse(400, "the request is too large");
  const read = readRequest(request);
  if (read === undefined) return refuse(400, "the request is no old size, proof and checkpoint");
  const { old, proof, note } = read;
  const body = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const claimed = readCheckpoint(body);
  if (claimed === undefined) return refuse(400, "the note is no checkpoint");
  const ofLog = logs.filter(({ name }) => name === claimed.origin);
  if (ofLog.length === 0) return refuse(404, "this log is not known here");
  if (!openNote(note, ofLog).ok) return refuse(403, "the log's key did not sign this checkpoint");
  if (old > claimed.size) return refuse(400, "the old size is larger than the checkpoint's");
  const last = seen(claimed.origin);
  if (old !== (last?.size ?? 0)) return { is: "conflict", size: last?.size ?? 0 };
  if (last !== undefined && old === claimed.size) {
    if (!sameHash(last.root, claimed.root)) return { is: "conflict", size: last.size };
    if (proof.length > 0) return refuse(422, "nothing is to be proven of the same size");
  } else if (last === undefined || old === 0) {
    if (proof.length > 0) return refuse(422, "nothing can be proven from an empty log");
  } else if (!verifyConsistency(old, claimed.size, last.root, claimed.root, proof)) {
    return refuse(422, "the proof does not show that the log only grew");
  }
  return { is: "cosign", origin: claimed.origin, seen: { size: claimed.size, root: claimed.root }, body };
}

/** What a log sends. */
export const writeRequest = (old: number, proof: readonly Uint8Array[], note: string): string =>
  `old ${old}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${note}`;

function readRequest(request: string): { old: number; proof: Uint8Array[]; note: string } | undefined {
  const blank = request.indexOf("\n\n");
  if (blank < 0) return undefined;
  const [first, ...lines] = request.slice(0, blank).split("\n");
  const old = /^old (0|[1-9][0-9]{0,15})$/.exec(first ?? "")?.[1];
  if (old === undefined || !Number.isSafeInteger(Number(old)) || lines.length > proofLinesMax) return undefined;
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== hashBytes) return undefined;
    proof.push(hash);
  }
  return { old: Number(old), proof, note: request.slice(blank + 2) };
}

const refuse = (status: 400 | 403 | 404 | 422, words: string): WitnessAnswer => ({ is: "refuse", status, words });
