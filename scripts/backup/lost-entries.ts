import { openCheckpoint } from "../../edge-agent/audit/checkpoint.ts";
import { rootOf, sameHash } from "../../edge-agent/audit/merkle.ts";
import { currentKey } from "../../edge-agent/records/key-rotation.ts";
import { openSealedShut } from "../../edge-agent/records/open.ts";
import { StoreError } from "../../edge-agent/records/store-error.ts";
import { hashesOf, newestCheckpoint } from "../../edge-agent/records/stored-log.ts";

/* What a log that was put back no longer has, told from what was seen of it before. */

export interface SeenCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface Lost {
  /** Entries that were seen and are not in the log that was put back. */
  readonly missing: number;
  /** Size of the newest checkpoint that is known; null: none is. */
  readonly newest: number | null;
  /** What was seen is no earlier state of this log, and this log none of it. */
  readonly forked: boolean;
}

/** From a file, before any check. Undefined: it is no checkpoint that the key of this log signed. */
export function readSeen(note: string, logFile: string): SeenCheckpoint | undefined {
  const opened = openCheckpoint(note, [currentKey(logFile)]);
  return opened.ok ? opened.checkpoint : undefined;
}

/** The newest of a log that is about to be replaced; undefined where it has none or cannot be read: perhaps that is why it is replaced. */
export function ownCheckpoint(logFile: string): SeenCheckpoint | undefined {
  try {
    const db = openSealedShut(logFile);
    try {
      const newest = newestCheckpoint(db);
      return newest === undefined ? undefined : readSeen(newest.note, logFile);
    } finally {
      db.close();
    }
  } catch (cause) {
    if (cause instanceof StoreError || (cause instanceof Error && "code" in cause)) return undefined;
    throw cause;
  }
}

/** Throws StoreError. */
export function lostSince(logFile: string, seen: readonly SeenCheckpoint[]): Lost {
  const db = openSealedShut(logFile);
  try {
    const size = Number(db.prepare("SELECT count(*) FROM entry").pluck().get());
    const newest = seen.length === 0 ? null : Math.max(...seen.map((one) => one.size));
    const forked = seen.some((one) => one.size <= size && !sameHash(rootOf(one.size, hashesOf(db)), one.root));
    return { missing: Math.max(0, (newest ?? 0) - size), newest, forked };
  } finally {
    db.close();
  }
}

export function lostWords({ missing, newest, forked }: Lost): string {
  if (forked)
    return "WHAT WAS SEEN OF THIS LOG BEFORE IS NOT IN IT: it is another log, or was changed. Keep both, and tell the governance lead.\n";
  if (newest === null)
    return "nothing is known of what came after the backup: hand over a checkpoint with --witness-note to count it\n";
  return missing === 0
    ? `everything that was seen of this log (${newest} entries) is in it\n`
    : `${missing} entries are MISSING: the log was seen with ${newest}. Acknowledgements, checks in person and changes of consent may be among them: ask the ward what happened since\n`;
}
