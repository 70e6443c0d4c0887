import type { AuditEntry } from "../contract/audit-entry.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { commitment, saltBytes } from "./commitment.ts";
import { readEntry } from "./entry.ts";
import { type LogFault, logFault } from "./faults.ts";
import { HashList } from "./hash-list.ts";
import { type Handover, keysAfter, readHandover } from "./key-handover.ts";
import { hashesToAppend, leafHash, rootOf, sameHash, storedHashCount, storedHashIndex } from "./merkle.ts";
import { type Vkey, writeVkey } from "./note.ts";
import { followOrder, orderAtStart } from "./order.ts";

/** Personal data beside the log, as a file has them; `seq` is null where the line says no entry. */
export interface PersonalRow {
  readonly seq: number | null;
  readonly salt: Uint8Array;
  readonly phi: unknown;
}

/** An exported log, as its files say it. Everything in it may lie. */
export interface LogExport {
  /** The bytes of each entry, in the order of the file. */
  readonly entries: Iterable<Uint8Array>;
  /** base64 of the stored hashes in the order of their index; undefined where the export has none. */
  readonly storedHashes: Iterable<string> | undefined;
  /** Signed notes, in the order of the file. */
  readonly checkpoints: readonly string[];
  /** In the order of the file; undefined where they were not exported. */
  readonly phi: Iterable<PersonalRow> | undefined;
  /** What was found on the way through these entries, where that was clean and threads have gone it already (clean-walk.ts). */
  readonly walked?: Walk | undefined;
}

/** What one pass over entries, stored hashes and personal data leaves for the checkpoints to be held against. */
export interface Walk {
  readonly tree: HashList;
  readonly entries: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly commitmentsChecked: number;
  readonly handovers: readonly Handover[];
}

/** What the reader brings. */
export interface Trust {
  readonly vkeys: readonly Vkey[];
  /**
   * Checkpoints of this log that were kept elsewhere (on paper, by a witness): the log may not fall behind them. Without
   * one, a log that was rolled back to an older checkpoint as a whole cannot be told from a young one.
   */
  readonly known: readonly string[];
}

export interface Verdict {
  readonly ok: boolean;
  readonly origin: string | null;
  readonly entries: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly checkpoints: number;
  /** Entries that the newest good checkpoint covers. */
  readonly signedEntries: number;
  readonly commitmentsChecked: number;
  /** Where the log got another key, in order. */
  readonly handovers: readonly Handover[];
  readonly faults: readonly LogFault[];
}

/**
 * Verifies an export from nothing but its own bytes and the keys that the reader trusts: reads every entry, builds the
 * tree again, and holds it against the stored hashes and every signed checkpoint. As each checkpoint's root is computed
 * from the same entries, each is then consistent with the next. Never throws for what a file says; faults are in the
 * order found.
 */
export function verifyLog(log: LogExport, trust: Trust): Verdict {
  const faults: LogFault[] = [];
  const { tree, entries, handovers, ...walk } = log.walked ?? walkLog(log, faults);
  const signed = checkCheckpoints(log.checkpoints, { vkeys: trust.vkeys, handovers }, tree, entries, faults);
  if (signed.length === 0) {
    faults.push(logFault("no-checkpoint", null, "no good checkpoint of this log is signed by a key that is trusted"));
  }
  const known = { ...trust, vkeys: [...trust.vkeys, ...(signed.length > 0 ? handovers.map(({ to }) => to) : [])] };
  const newest = signed.at(-1);
  checkKnown(known, newest?.origin, tree, entries, faults);
  return {
    ok: faults.length === 0,
    origin: newest?.origin ?? null,
    entries,
    firstAt: walk.firstAt,
    lastAt: walk.lastAt,
    checkpoints: signed.length,
    signedEntries: newest?.size ?? 0,
    commitmentsChecked: walk.commitmentsChecked,
    handovers,
    faults,
  };
}

function walkLog(log: LogExport, faults: LogFault[]): Walk {
  const stored = storedHashesOf(log.storedHashes, faults);
  const personal = log.phi === undefined ? undefined : personalRows(log.phi, faults);
  const tree = new HashList();
  let order = orderAtStart;
  let count = 0;
  let firstAt: string | null = null;
  let lastAt: string | null = null;
  let commitmentsChecked = 0;
  const handovers: Handover[] = [];
  for (const bytes of log.entries) {
    const leaf = leafHash(bytes);
    for (const hash of hashesToAppend(count, leaf, tree.read)) tree.push(hash);
    count += 1;
    const read = readEntry(bytes);
    const seq = read.ok ? read.entry.seq : order.nextSeq;
    if (stored !== undefined && leafDiffers(stored, seq, leaf)) {
      faults.push(logFault("entry-changed", seq, `entry ${seq} is not the one that was written: its hash differs`));
    }
    if (!read.ok) {
      faults.push(logFault("entry-unreadable", seq, `entry ${seq} is ${read.why}: ${read.words}`));
      order = { ...order, nextSeq: seq + 1 };
      continue;
    }
    const handover = readHandover(read.entry);
    if (handover !== undefined) handovers.push(handover);
    firstAt ??= read.entry.t;
    lastAt = read.entry.t;
    const step = followOrder(order, read.entry);
    order = step.order;
    faults.push(...step.faults);
    const person = personal?.get(seq);
    if (person !== undefined) {
      commitmentsChecked += 1;
      if (!isCommittedTo(read.entry, person)) {
        faults.push(
          logFault("commitment", seq, `the personal data beside entry ${seq} are not those it was written for`),
        );
      }
    }
  }
  for (const seq of personal?.keys() ?? []) {
    if (Number.isInteger(seq) && seq >= 0 && seq < count) continue;
    faults.push(logFault("commitment", null, `there are personal data of an entry ${seq}, and there is no such entry`));
  }
  if (stored !== undefined) checkStructure(stored, tree, count, faults);
  return { tree, entries: count, firstAt, lastAt, commitmentsChecked, handovers };
}

/** Of two rows for one entry a reader could be shown the one that was not checked, so there may be one only. */
function personalRows(rows: Iterable<PersonalRow>, faults: LogFault[]): Map<number, PersonalRow> {
  const bySeq = new Map<number, PersonalRow>();
  for (const row of rows) {
    if (row.seq === null) {
      faults.push(logFault("commitment", null, "a line of the personal data is none that an export writes"));
    } else if (bySeq.has(row.seq)) {
      faults.push(logFault("commitment", row.seq, `there are personal data for entry ${row.seq} more than once`));
    } else {
      bySeq.set(row.seq, row);
    }
  }
  return bySeq;
}

function storedHashesOf(lines: Iterable<string> | undefined, faults: LogFault[]): HashList | undefined {
  if (lines === undefined) return undefined;
  const list = new HashList();
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) {
      faults.push(logFault("stored-hash", null, `stored hash ${list.length} is no hash`));
      return list;
    }
    list.push(hash);
  }
  return list;
}

function leafDiffers(stored: HashList, seq: number, leaf: Uint8Array): boolean {
  const index = storedHashIndex(0, seq);
  return index < stored.length && !sameHash(stored.read(index), leaf);
}

/**
 * Subtrees above the leaves, and their number. Where a leaf differs its subtrees do too: only the first fault is named.
 */
function checkStructure(stored: HashList, tree: HashList, count: number, faults: LogFault[]): void {
  if (stored.length !== storedHashCount(count)) {
    const words = `${count} entries have ${storedHashCount(count)} stored hashes, and there are ${stored.length}`;
    faults.push(logFault("stored-hash", null, words));
  }
  if (faults.length > 0) return;
  for (let seq = 0; seq < count; seq += 1) {
    for (let index = storedHashIndex(0, seq); index < storedHashCount(seq + 1); index += 1) {
      if (sameHash(stored.read(index), tree.read(index))) continue;
      faults.push(
        logFault("stored-hash", seq, `stored hash ${index}, written with entry ${seq}, is not that of its entries`),
      );
      return;
    }
  }
}

/** The good ones, in order. Each entry must be covered by the newest one. Of roots that differ only the first is named: later ones follow from it. */
function checkCheckpoints(
  notes: readonly string[],
  { vkeys, handovers }: { readonly vkeys: readonly Vkey[]; readonly handovers: readonly Handover[] },
  tree: HashList,
  count: number,
  faults: LogFault[],
): Checkpoint[] {
  const good: Checkpoint[] = [];
  let last: Checkpoint | undefined;
  let differs = false;
  let keys: readonly Vkey[] = vkeys;
  for (const [place, note] of notes.entries()) {
    const opened = openCheckpoint(note, keys);
    if (!opened.ok) {
      const unsigned = opened.why === "no-known-key" || opened.why === "bad-signature" || opened.why === "other-origin";
      const why = unsigned ? "checkpoint-signature" : "checkpoint-unreadable";
      faults.push(logFault(why, null, `checkpoint ${place + 1} of the file: ${opened.why}`));
      continue;
    }
    const { checkpoint } = opened;
    const { size } = checkpoint;
    if (last !== undefined && checkpoint.origin !== last.origin) {
      faults.push(
        logFault("checkpoint-signature", null, `checkpoint ${place + 1} is of another log, ${checkpoint.origin}`),
      );
      continue;
    }
    if (last !== undefined && size === last.size && !sameHash(checkpoint.root, last.root)) {
      faults.push(logFault("fork", Math.max(0, size - 1), `two different roots were signed for ${size} entries`));
      continue;
    }
    if (last !== undefined && size <= last.size) {
      const words = `a checkpoint of ${size} entries stands after one of ${last.size}`;
      faults.push(logFault("checkpoint-order", null, words));
      continue;
    }
    last = checkpoint;
    if (size > count) {
      const words = `${size} entries were signed and ${count} are here: entries ${count} to ${size - 1} were cut off`;
      faults.push(logFault("truncated", count, words, size - 1));
    } else if (sameHash(rootOf(size, tree.read), checkpoint.root)) {
      good.push(checkpoint);
      keys = keysAfter(keys, handovers, size);
    } else if (!differs) {
      differs = true;
      faults.push(rootDiffers(good.at(-1)?.size ?? 0, size));
    }
  }
  for (const { seq, to, lost } of handovers) {
    if (lost === null || vkeys.some((key) => writeVkey(key) === writeVkey(to))) continue;
    const words = `entry ${seq} says that the key was lost (${lost}): what comes after it is signed by ${writeVkey(to)} only`;
    faults.push(logFault("key-lost", seq, words));
  }
  if (last !== undefined && last.size < count) {
    const which = last.size === count - 1 ? `entry ${last.size} stands` : `entries ${last.size} to ${count - 1} stand`;
    const words = `${which} after the newest checkpoint: signed by nobody`;
    faults.push(logFault("unsigned", last.size, words, count - 1));
  }
  return good;
}

function rootDiffers(goodSize: number, size: number): LogFault {
  const words =
    `entries ${goodSize} to ${size - 1} are not those that were signed: ` +
    `the checkpoint of ${size} entries has another root, the one of ${goodSize} still holds`;
  return logFault("root-differs", goodSize, words, size - 1);
}

function checkKnown(trust: Trust, origin: string | undefined, tree: HashList, count: number, faults: LogFault[]): void {
  for (const note of trust.known) {
    const opened = openCheckpoint(note, trust.vkeys);
    if (!opened.ok) {
      faults.push(logFault("checkpoint-unreadable", null, `a checkpoint kept elsewhere: ${opened.why}`));
      continue;
    }
    const { size, root } = opened.checkpoint;
    if (origin !== undefined && opened.checkpoint.origin !== origin) {
      const words = `a checkpoint kept elsewhere is of another log, ${opened.checkpoint.origin}`;
      faults.push(logFault("checkpoint-signature", null, words));
    } else if (size > count) {
      const words = `a checkpoint kept elsewhere speaks of ${size} entries, and ${count} are here`;
      faults.push(logFault("rolled-back", count, words, size - 1));
    } else if (!sameHash(rootOf(size, tree.read), root)) {
      const words = `a checkpoint kept elsewhere has another root for the first ${size} entries`;
      faults.push(logFault("fork", 0, words, Math.max(0, size - 1)));
    }
  }
}

function isCommittedTo(entry: AuditEntry, person: PersonalRow): boolean {
  if (entry.subj === null || person.salt.length !== saltBytes) return false;
  try {
    return toBase64(commitment(person.phi, person.salt, entry.seq)) === entry.subj;
  } catch {
    // Data without a canonical form cannot be what was committed to.
    return false;
  }
}
