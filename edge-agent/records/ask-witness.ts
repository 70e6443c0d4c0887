import type Database from "better-sqlite3";
import { type Cosigner, cosignedBy } from "../audit/cosignature.ts";
import type { WitnessSeen, WitnessState } from "../contract/audit-policy.ts";
import { type NewestCheckpoint, requestFrom } from "./stored-log.ts";
import type { WatchStore } from "./watch-store.ts";

/** A witness that a log is shown to. */
export interface Witness {
  readonly name: string;
  readonly key: Cosigner;
  /** Sends the request of c2sp.org/tlog-witness and gives the answer; throws where there is none. */
  readonly post: (request: string) => Promise<{ readonly status: number; readonly text: string }>;
}

/**
 * Shows the newest checkpoint of a log to a witness and keeps what it says. Only reads the log, so a witness that is slow or down
 * delays no entry.
 */
export async function askWitness(
  db: Database.Database,
  store: WatchStore,
  { name, key, post }: Witness,
  newest: NewestCheckpoint,
): Promise<WitnessSeen> {
  const { size, note } = newest;
  const known = store.sizeAt(name);
  const keep = (state: WitnessState, at: number, words: string, line: string | null = null): WitnessSeen => {
    const cosignedAtSec = line === null ? store.cosignedAt(name) : (cosignedBy(note + line, [key])[0]?.atSec ?? null);
    const seen = { name, state, size: at, cosignedAtSec, words };
    store.keepWitness(seen, line);
    return seen;
  };
  const ahead = (seen: number): WitnessSeen =>
    keep("ahead", seen, `it has seen ${seen} entries, and ${size} are here: the log was rolled back`);
  try {
    // A file that was rolled back together with the log knows less than the witness does: it says how much.
    let old = Math.min(known, size);
    for (let tries = 0; tries < 2; tries += 1) {
      const { status, text } = await post(requestFrom(db, old, newest));
      if (status === 200) {
        const given = cosignedBy(note + text, [key]).length === 1;
        if (!given) return keep("refused", known, "what it answered is no cosignature of its key");
        return keep("cosigned", size, `it has cosigned ${size} entries`, text);
      }
      if (status === 409) {
        const told = /^(0|[1-9][0-9]{0,15})\n$/.exec(text)?.[1];
        if (told === undefined) return keep("refused", known, "it answered with a size that is none");
        if (Number(told) > size) return ahead(Number(told));
        if (Number(told) === old) return keep("other-history", old, `it has seen other entries below ${size}`);
        old = Number(told);
        continue;
      }
      if (status === 422) return keep("other-history", old, `it has seen other entries below ${old}`);
      return keep("refused", known, `it answered ${status}`);
    }
    return keep("refused", known, "it names another size each time");
  } catch (cause) {
    return keep("unreachable", known, cause instanceof Error ? cause.message : String(cause));
  }
}
