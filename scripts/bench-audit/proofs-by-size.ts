import type Database from "better-sqlite3";
import { leafHash, rootOf } from "../../edge-agent/audit/merkle.ts";
import { inclusionProof, verifyInclusion } from "../../edge-agent/audit/proof.ts";
import { openForReading } from "../../edge-agent/records/open.ts";
import { quantile } from "../evaluate/statistics.ts";

export interface ProofCost {
  readonly size: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Hashes in the longest proof: the height of the tree. */
  readonly hashesMax: number;
  /** Hashes that the database was asked for, at most. */
  readonly readsMax: number;
}

/** What a proof of inclusion costs, of entries all over the log, each read from the file and checked against the root. */
export function proofCost(path: string, size: number, proofs: number): ProofCost {
  const db: Database.Database = openForReading(path);
  try {
    const stored = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
    const entry = db.prepare("SELECT data FROM entry WHERE idx = ?").pluck();
    let reads = 0;
    const read = (index: number) => {
      reads += 1;
      return new Uint8Array(stored.get(index) as Uint8Array);
    };
    const root = rootOf(size, read);
    const tookMs: number[] = [];
    let hashesMax = 0;
    let readsMax = 0;
    for (let n = 0; n < proofs; n += 1) {
      const index = Math.floor((n / proofs) * size);
      reads = 0;
      const begun = performance.now();
      const proof = inclusionProof(index, size, read);
      tookMs.push(performance.now() - begun);
      readsMax = Math.max(readsMax, reads);
      hashesMax = Math.max(hashesMax, proof.length);
      const leaf = leafHash(new Uint8Array(entry.get(index) as Uint8Array));
      if (!verifyInclusion(index, size, leaf, proof, root))
        throw new Error(`the proof of entry ${index} does not hold`);
    }
    return { size, p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99), hashesMax, readsMax };
  } finally {
    db.close();
  }
}
