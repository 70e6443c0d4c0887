import Database from "better-sqlite3";

/** Why a database did not do what it was told. */
export const storeErrorCodes = [
  "disk-full",
  "io", // the disk failed: the connection is not used again, see WardRecords.reopen
  "locked", // another process holds the database
  "damaged", // no database, or one that SQLite finds broken
  "log-damaged", // the audit log is not what was written
  "refused", // a rule of the database: no grant, append-only, a reference to nothing
  "newer-schema", // written by a newer program
  "closed",
] as const;
export type StoreErrorCode = (typeof storeErrorCodes)[number];

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, what: string, cause?: unknown) {
    super(`${code}: ${what}`, cause === undefined ? {} : { cause });
    this.name = "StoreError";
    this.code = code;
  }
}

/** Runs `work`; an error of SQLite becomes a StoreError, everything else is ours and goes through. */
export function asStoreError<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError)) throw cause;
    const code = codeOf(cause.code);
    if (code === undefined) throw cause;
    throw new StoreError(code, `${what}: ${cause.message}`, cause);
  }
}

/** sqlite.org/rescode.html. Undefined for a wrong statement, which is a bug. */
function codeOf(sqliteCode: string): StoreErrorCode | undefined {
  if (sqliteCode === "SQLITE_FULL") return "disk-full";
  if (sqliteCode.startsWith("SQLITE_BUSY") || sqliteCode.startsWith("SQLITE_LOCKED")) return "locked";
  if (sqliteCode.startsWith("SQLITE_CORRUPT") || sqliteCode === "SQLITE_NOTADB") return "damaged";
  if (sqliteCode.startsWith("SQLITE_CONSTRAINT")) return "refused";
  const disk = ["SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_NOLFS"];
  return disk.some((start) => sqliteCode.startsWith(start)) ? "io" : undefined;
}
