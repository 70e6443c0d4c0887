import Database from "better-sqlite3";

/** Why a database did not do what it was told. */
export const storeErrorCodes = [
  "disk-full",
  "io", // the disk failed: the connection is not used again, see WardRecords.reopen
  "locked", // another process holds the database
  "damaged", // no database, or one that SQLite finds broken
  "log-damaged", // the audit log is not what was written
  "refused", // never, on no disk: no grant, append-only, a reference to nothing, or what no entry can hold
  "newer-schema", // written by a newer program
  "no-key", // personal data are sealed, and the key is not here
  "wrong-key", // sealed with another key than the one given
  "closed",
] as const;
export type StoreErrorCode = (typeof storeErrorCodes)[number];

/** Starting again would not mend it: a person has to look. */
export const hopelessCodes: readonly StoreErrorCode[] = [
  "log-damaged",
  "damaged",
  "newer-schema",
  "refused",
  "no-key",
  "wrong-key",
];

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, what: string, cause?: unknown) {
    super(`${code}: ${what}`, cause === undefined ? {} : { cause });
    this.name = "StoreError";
    this.code = code;
  }
}

/**
 * Runs `work`; an error of SQLite or of the file system becomes a StoreError, everything else is ours and goes through.
 */
export function asStoreError<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined || !(cause instanceof Error)) throw cause;
    throw new StoreError(code, `${what}: ${cause.message}`, cause);
  }
}

function codeOf(cause: unknown): StoreErrorCode | undefined {
  if (cause instanceof Database.SqliteError) return codeOfSqlite(cause.code);
  // Errors of system calls carry the name of the call.
  if (!(cause instanceof Error) || !("syscall" in cause) || !("code" in cause)) return undefined;
  return cause.code === "ENOSPC" || cause.code === "EDQUOT" ? "disk-full" : "io";
}

/** sqlite.org/rescode.html. Undefined for a wrong statement, which is a bug. */
function codeOfSqlite(sqliteCode: string): StoreErrorCode | undefined {
  if (sqliteCode === "SQLITE_FULL") return "disk-full";
  if (sqliteCode.startsWith("SQLITE_BUSY") || sqliteCode.startsWith("SQLITE_LOCKED")) return "locked";
  if (sqliteCode.startsWith("SQLITE_CORRUPT") || sqliteCode === "SQLITE_NOTADB") return "damaged";
  if (sqliteCode.startsWith("SQLITE_CONSTRAINT")) return "refused";
  const disk = ["SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_NOLFS"];
  return disk.some((start) => sqliteCode.startsWith(start)) ? "io" : undefined;
}
