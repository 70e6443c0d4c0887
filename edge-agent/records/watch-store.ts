import { existsSync } from "node:fs";
import type Database from "better-sqlite3";
import type { LogSeen, Verification, WitnessSeen } from "../contract/audit-policy.ts";
import { type Migrations, migrate } from "./migrations.ts";
import { openForReading, openForWriting } from "./open.ts";
import { asStoreError } from "./store-error.ts";

/*
 * What others say of a log: cosignatures, what came of asking each witness, and the last full verification. In a file of its own
 * beside the log, with a writer of its own, so that nothing of this can hold the log up. A file that is lost loses no entry: the
 * witnesses have their own memory.
 */

const schema: Migrations = [
  `CREATE TABLE cosignature (
  size INTEGER NOT NULL,
  name TEXT NOT NULL,
  at_sec INTEGER NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (size, name)
) STRICT;
CREATE TABLE witness (
  name TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  size INTEGER NOT NULL,
  cosigned_at_sec INTEGER,
  words TEXT NOT NULL
) STRICT;
CREATE TABLE quorum (one INTEGER PRIMARY KEY CHECK (one = 1), met INTEGER) STRICT;
CREATE TABLE verification (
  at INTEGER PRIMARY KEY,
  took_ms INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  ok INTEGER NOT NULL,
  words TEXT NOT NULL
) STRICT;`,
];

/** A cosignature an hour and witness is kept for exports, and the newest. */
const keptEverySec = 3_600;
const verificationsMax = 100;

export const watchFileOf = (logFile: string): string => `${logFile.replace(/\.sqlite$/, "")}.watch.sqlite`;

export class WatchStore {
  private readonly db: Database.Database;

  /** Throws StoreError. */
  constructor(path: string) {
    this.db = openForWriting(path);
    migrate(this.db, schema);
  }

  /** Entries that this witness has cosigned; 0 where it is not known. */
  sizeAt(name: string): number {
    const size: unknown = this.db.prepare("SELECT size FROM witness WHERE name = ?").pluck().get(name);
    return typeof size === "number" ? size : 0;
  }

  /** When it cosigned last, by its clock; null: never. */
  cosignedAt(name: string): number | null {
    const at: unknown = this.db.prepare("SELECT cosigned_at_sec FROM witness WHERE name = ?").pluck().get(name);
    return typeof at === "number" ? at : null;
  }

  /** The lines under the checkpoint of this size. */
  linesAt(size: number): string[] {
    return this.db.prepare("SELECT line FROM cosignature WHERE size = ? ORDER BY name").pluck().all(size) as string[];
  }

  /** @param line its cosignature; null: it gave none this time. */
  keepWitness(seen: WitnessSeen, line: string | null): void {
    asStoreError("cannot keep what a witness said", () =>
      this.db.transaction(() => {
        this.db
          .prepare("INSERT OR REPLACE INTO witness (name, state, size, cosigned_at_sec, words) VALUES (?, ?, ?, ?, ?)")
          .run(seen.name, seen.state, seen.size, seen.cosignedAtSec, seen.words);
        if (line === null || seen.cosignedAtSec === null) return;
        const hour = Math.floor(seen.cosignedAtSec / keptEverySec);
        this.db.prepare("DELETE FROM cosignature WHERE name = ? AND at_sec / ? = ?").run(seen.name, keptEverySec, hour);
        this.db
          .prepare("INSERT OR REPLACE INTO cosignature (size, name, at_sec, line) VALUES (?, ?, ?, ?)")
          .run(seen.size, seen.name, seen.cosignedAtSec, line);
      })(),
    );
  }

  /** Which witnesses are asked now: those that are not are forgotten, their cosignatures stay. */
  keepOnly(names: readonly string[]): void {
    const known = this.db.prepare("SELECT name FROM witness").pluck().all() as string[];
    for (const name of known.filter((one) => !names.includes(one))) {
      this.db.prepare("DELETE FROM witness WHERE name = ?").run(name);
    }
  }

  keepQuorum(met: boolean | null): void {
    this.db.prepare("INSERT OR REPLACE INTO quorum (one, met) VALUES (1, ?)").run(met === null ? null : Number(met));
  }

  keepVerification({ atUtcMs, tookMs, entries, ok, words }: Verification): void {
    asStoreError("cannot keep a verification", () => {
      this.db
        .prepare("INSERT OR REPLACE INTO verification (at, took_ms, entries, ok, words) VALUES (?, ?, ?, ?, ?)")
        .run(atUtcMs, Math.round(tookMs), entries, Number(ok), words);
      this.db
        .prepare("DELETE FROM verification WHERE at NOT IN (SELECT at FROM verification ORDER BY at DESC LIMIT ?)")
        .run(verificationsMax);
    });
  }

  close(): void {
    this.db.close();
  }
}

/** Undefined while nobody looked at this log. Throws StoreError. */
export function readLogSeen(logFile: string): LogSeen | undefined {
  return reading(logFile, (db) => {
    const verification = db
      .prepare("SELECT at AS atUtcMs, took_ms AS tookMs, entries, ok, words FROM verification ORDER BY at DESC LIMIT 1")
      .get() as (Omit<Verification, "ok"> & { ok: number }) | undefined;
    const witnesses = db
      .prepare("SELECT name, state, size, cosigned_at_sec AS cosignedAtSec, words FROM witness ORDER BY name")
      .all() as WitnessSeen[];
    const met: unknown = db.prepare("SELECT met FROM quorum").pluck().get();
    return {
      verification: verification === undefined ? null : { ...verification, ok: verification.ok === 1 },
      witnesses,
      quorum: typeof met === "number" ? met === 1 : null,
    };
  });
}

/** The cosignature lines by the size of the checkpoint that they stand under. */
export function readCosignatures(logFile: string): ReadonlyMap<number, readonly string[]> {
  const rows = reading(logFile, (db) => db.prepare("SELECT size, line FROM cosignature ORDER BY size, name").all()) as
    | { size: number; line: string }[]
    | undefined;
  return new Map(
    [...Map.groupBy(rows ?? [], ({ size }) => size)].map(([size, of]) => [size, of.map(({ line }) => line)]),
  );
}

function reading<T>(logFile: string, read: (db: Database.Database) => T): T | undefined {
  const path = watchFileOf(logFile);
  if (!existsSync(path)) return undefined;
  const db = openForReading(path);
  try {
    return asStoreError("cannot read what was seen of a log", () => db.transaction(() => read(db))());
  } finally {
    db.close();
  }
}
