import type Database from "better-sqlite3";
import { readEntry } from "../audit/entry.ts";
import { type Handover, handoverIntent, keyChain, readHandover } from "../audit/key-handover.ts";
import { readVkey, type Signer, type Vkey, writeVkey } from "../audit/note.ts";
import type { AuditIntent } from "../contract/door.ts";
import { openForReading } from "./open.ts";
import { asStoreError, StoreError } from "./store-error.ts";

/** Where a stored log got another key, in order. */
export function storedHandovers(db: Database.Database): Handover[] {
  const rows = db
    .prepare(`SELECT data FROM entry WHERE instr(plain, CAST('"action":"audit.key"' AS BLOB)) > 0 ORDER BY idx`)
    .pluck()
    .iterate();
  const handovers: Handover[] = [];
  for (const data of rows) {
    const read = data instanceof Uint8Array ? readEntry(new Uint8Array(data)) : undefined;
    const handover = read?.ok === true ? readHandover(read.entry) : undefined;
    if (handover !== undefined) handovers.push(handover);
  }
  return handovers;
}

/** The key that signs a stored log now. Throws StoreError. */
export function currentKey(logFile: string): Vkey {
  const db = openForReading(logFile);
  try {
    return asStoreError("cannot read whose log it is", () => {
      const first = readVkey(String(db.prepare("SELECT vkey FROM log_identity").pluck().get()));
      if (first === undefined) throw new StoreError("log-damaged", "the database does not say whose log it is");
      return keyChain(first, storedHandovers(db)).at(-1) ?? first;
    });
  } finally {
    db.close();
  }
}

/** The entry to be committed with the old key; the new one signs from the next start on. Undefined where the log has it already. */
export function handOver(logFile: string, to: Vkey, sign: Signer): AuditIntent | undefined {
  const from = currentKey(logFile);
  return writeVkey(from) === writeVkey(to) ? undefined : handoverIntent(from, to, sign, null);
}
