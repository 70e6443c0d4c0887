/** What can be wrong with a log, as a verifier names it. */
export const logFaults = [
  "entry-unreadable", // not the bytes of an entry
  "entry-changed", // not the entry whose hash was stored
  "seq-gap", // entries are missing
  "seq-order", // an entry stands in another place than its number says
  "seq-repeated", // an entry stands there twice
  "boot-returns", // an entry of a run that was over
  "mono-backwards", // within one run the monotonic clock went back
  "clock-backwards", // UTC went back and no entry says that the clock was stepped
  "commitment", // personal data that are not those of the entry
  "stored-hash", // a stored hash of a subtree that is not that of its entries
  "checkpoint-unreadable",
  "checkpoint-signature", // not signed by a key that the reader trusts
  "key-lost", // the old key was lost and handed nothing over: the reader has to be given the new one
  "checkpoint-order",
  "no-checkpoint", // nothing is signed, so anything could have been changed; an empty log too
  "unsigned", // entries after the newest checkpoint: anybody could have added them
  "root-differs", // signed entries are not those that are here
  "fork", // two roots were signed for one size
  "truncated", // fewer entries than were signed
  "rolled-back", // fewer entries than a checkpoint kept elsewhere speaks of
] as const;
export type LogFaultWhy = (typeof logFaults)[number];

export interface LogFault {
  readonly why: LogFaultWhy;
  /** The entry, or the first of those meant; null where no entry is meant. */
  readonly seq: number | null;
  /** The last entry meant, where the fault is somewhere between the two. */
  readonly lastSeq: number | null;
  readonly words: string;
}

export const logFault = (why: LogFaultWhy, seq: number | null, words: string, lastSeq = seq): LogFault => ({
  why,
  seq,
  lastSeq,
  words,
});
