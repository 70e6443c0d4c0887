import { fromBase64, toBase64 } from "./base64.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { hashBytes, leafHash } from "./merkle.ts";
import type { Vkey } from "./note.ts";
import { verifyInclusion } from "./proof.ts";

/*
 * One entry with all that shows it to be in a log: c2sp.org/tlog-proof@v1. For a complaint or a coroner, who get this entry and no
 * other.
 *
 *   c2sp.org/tlog-proof@v1
 *   index 41
 *   <base64 hash>...
 *
 *   <signed checkpoint, with its cosignatures>
 */

const header = "c2sp.org/tlog-proof@v1";
const proofLinesMax = 63;

export const writeProof = (index: number, proof: readonly Uint8Array[], note: string): string =>
  `${header}\nindex ${index}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${note}`;

export type CheckedProof =
  | { readonly ok: true; readonly origin: string; readonly index: number; readonly size: number }
  | { readonly ok: false; readonly words: string };

/** Whether these bytes are the entry of that number in a log that a trusted key signed. From a file, before any check; never throws. */
export function checkProof(text: string, entry: Uint8Array, vkeys: readonly Vkey[]): CheckedProof {
  const wrong = (words: string): CheckedProof => ({ ok: false, words });
  const blank = text.indexOf("\n\n");
  if (blank < 0) return wrong("it is no proof of an entry");
  const [first, second, ...lines] = text.slice(0, blank).split("\n");
  const number = /^index (0|[1-9][0-9]{0,15})$/.exec(second ?? "")?.[1];
  if (first !== header || number === undefined || lines.length > proofLinesMax) {
    return wrong("it is no proof of an entry");
  }
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== hashBytes) return wrong("a hash of the proof is none");
    proof.push(hash);
  }
  const opened = openCheckpoint(text.slice(blank + 2), vkeys);
  if (!opened.ok) return wrong(`its checkpoint is not believed: ${opened.why}`);
  const { origin, size, root } = opened.checkpoint;
  const index = Number(number);
  if (!Number.isSafeInteger(index) || !verifyInclusion(index, size, leafHash(entry), proof, root)) {
    return wrong(`the entry is not number ${number} of ${size} in ${origin}`);
  }
  return { ok: true, origin, index, size };
}
