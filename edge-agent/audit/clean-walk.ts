import type { AuditEntry } from "../contract/audit-entry.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { commitment, saltBytes } from "./commitment.ts";
import { readEntry } from "./entry.ts";
import { HashList } from "./hash-list.ts";
import { readHandover } from "./key-handover.ts";
import { hashBytes, hashesToAppend, leafHash } from "./merkle.ts";
import { followOrder, type Order, orderAtStart } from "./order.ts";
import type { PersonalRow, Walk } from "./verify.ts";

/*
 * A long export read in slices, by several threads. This way says only that everything is clean, never what is wrong: at the
 * first doubt it gives undefined and the export is read in order, from the beginning, by the one way that names faults. So there
 * are no two opinions about a damaged log.
 */

/** Entries that follow each other without a fault among themselves. Flat bytes, cheap to hand from thread to thread. */
export interface CleanEntries {
  readonly first: AuditEntry;
  readonly lastAt: string;
  /** After the last of them, as if the first were the first of the log. */
  readonly order: Order;
  readonly leaves: Uint8Array;
  /** One commitment an entry; zeros where it has none. */
  readonly commitments: Uint8Array;
  /** Entries that may hand the key over. */
  readonly ofKeys: readonly AuditEntry[];
}

/** Rows of personal data in rising order, each with the commitment that it makes. */
export interface CleanRows {
  readonly seqs: Float64Array;
  readonly commitments: Uint8Array;
}

/** A hash in base64, of which the last character is "=", and a line feed. */
export const lineBytes = 45;

/** Undefined where anything is not as the log writes it. */
export function readCleanEntries(lines: readonly Uint8Array[]): CleanEntries | undefined {
  const leaves = new Uint8Array(lines.length * hashBytes);
  const commitments = new Uint8Array(lines.length * hashBytes);
  const ofKeys: AuditEntry[] = [];
  let first: AuditEntry | undefined;
  let lastAt = "";
  let order = orderAtStart;
  for (const [place, bytes] of lines.entries()) {
    const read = readEntry(bytes);
    if (!read.ok) return undefined;
    const { entry } = read;
    if (first === undefined) {
      first = entry;
      order = { ...order, nextSeq: entry.seq };
    }
    const step = followOrder(order, entry);
    if (step.faults.length > 0) return undefined;
    order = step.order;
    lastAt = entry.t;
    leaves.set(leafHash(bytes), place * hashBytes);
    if (entry.subj !== null) {
      const subj = fromBase64(entry.subj);
      if (subj?.length !== hashBytes) return undefined;
      commitments.set(subj, place * hashBytes);
    }
    if (entry.action === "audit.key") ofKeys.push(entry);
  }
  return first === undefined ? undefined : { first, lastAt, order, leaves, commitments, ofKeys };
}

/** Undefined where a row is none, out of its order, or of no possible commitment. */
export function readCleanRows(rows: readonly (PersonalRow | undefined)[]): CleanRows | undefined {
  const seqs = new Float64Array(rows.length);
  const commitments = new Uint8Array(rows.length * hashBytes);
  let before = -1;
  for (const [place, row] of rows.entries()) {
    const seq = row?.seq ?? -1;
    if (row === undefined || !Number.isSafeInteger(seq) || seq <= before || row.salt.length !== saltBytes) {
      return undefined;
    }
    before = seq;
    seqs[place] = seq;
    try {
      commitments.set(commitment(row.phi, row.salt, seq), place * hashBytes);
    } catch {
      // Data without a canonical form are not what was committed to.
      return undefined;
    }
  }
  return { seqs, commitments };
}

/** The slices of one export joined in their order. */
export class CleanWalk {
  private readonly tree = new HashList();
  private readonly slices: { readonly from: number; readonly commitments: Uint8Array }[] = [];
  private readonly ofKeys: AuditEntry[] = [];
  private order = orderAtStart;
  private firstAt: string | null = null;
  private lastAt: string | null = null;

  /** False where the slice does not follow the one before without a doubt. */
  add({ first, lastAt, order, leaves, commitments, ofKeys }: CleanEntries): boolean {
    const seam = followOrder(this.order, first);
    const { last } = seam.order;
    // A time that steps back a little at the seam is no fault, and later ones are held against the higher one: not known there.
    const same = last?.monoNs === BigInt(first.mono) && last.utcMs === Date.parse(first.t);
    if (seam.faults.length > 0 || !same) return false;
    const ended = seam.order.endedBoots;
    const later = [...order.endedBoots, order.last?.boot ?? first.boot].filter((boot) => boot !== first.boot);
    if (later.some((boot) => ended.has(boot))) return false;
    const from = this.order.nextSeq;
    for (let at = 0; at < leaves.length; at += hashBytes) {
      const leaf = leaves.subarray(at, at + hashBytes);
      for (const hash of hashesToAppend(from + at / hashBytes, leaf, this.tree.read)) this.tree.push(hash);
    }
    this.order = { ...order, endedBoots: new Set([...ended, ...order.endedBoots]) };
    this.slices.push({ from, commitments });
    this.ofKeys.push(...ofKeys);
    this.firstAt ??= first.t;
    this.lastAt = lastAt;
    return true;
  }

  /** How many hashes the entries so far make. */
  hashes(): number {
    return this.tree.length;
  }

  /** Whether these are the lines that an export has for the stored hashes from `from` on, and exactly those. */
  areHashLines(lines: Uint8Array, from: number): boolean {
    const count = this.tree.length - from;
    if (lines.length !== count * lineBytes) return false;
    // A byte of zeros after each hash makes groups of 33, whose base64 runs on without padding: one text for all.
    const groups = new Uint8Array(count * (hashBytes + 1));
    for (let at = 0; at < count; at += 1) groups.set(this.tree.read(from + at), at * (hashBytes + 1));
    const text = Buffer.from(toBase64(groups), "latin1");
    for (let at = 0; at < count; at += 1) {
      const [line, group] = [at * lineBytes, at * (lineBytes - 1)];
      for (let place = 0; place < lineBytes - 2; place += 1) {
        if (lines[line + place] !== text[group + place]) return false;
      }
      if (lines[line + lineBytes - 2] !== 0x3d || lines[line + lineBytes - 1] !== 0x0a) return false;
    }
    return true;
  }

  /** Undefined where personal data are not those of their entries. */
  finish(rows: readonly CleanRows[]): Walk | undefined {
    let before = -1;
    let slice = 0;
    let commitmentsChecked = 0;
    for (const { seqs, commitments } of rows) {
      for (const [place, seq] of seqs.entries()) {
        if (seq <= before || seq >= this.order.nextSeq) return undefined;
        before = seq;
        while (seq >= (this.slices[slice + 1]?.from ?? Number.POSITIVE_INFINITY)) slice += 1;
        const its = this.slices[slice];
        if (its === undefined || !sameAt(commitments, place, its.commitments, seq - its.from)) return undefined;
        commitmentsChecked += 1;
      }
    }
    const handovers = this.ofKeys.map((entry) => readHandover(entry)).filter((one) => one !== undefined);
    const { tree, firstAt, lastAt } = this;
    return { tree, entries: this.order.nextSeq, firstAt, lastAt, commitmentsChecked, handovers };
  }
}

function sameAt(a: Uint8Array, placeA: number, b: Uint8Array, placeB: number): boolean {
  for (let byte = 0; byte < hashBytes; byte += 1) {
    if (a[placeA * hashBytes + byte] !== b[placeB * hashBytes + byte]) return false;
  }
  return true;
}
