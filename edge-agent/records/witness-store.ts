import type Database from "better-sqlite3";
import type { Seen } from "../audit/witness.ts";
import { type Migrations, migrate } from "./migrations.ts";
import { openForWriting } from "./open.ts";
import { asStoreError } from "./store-error.ts";

/** What a witness has seen of each log. A size never falls, and no size ever gets another root. */
const schema: Migrations = [
  `CREATE TABLE witnessed (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL
) STRICT;
CREATE TRIGGER witnessed_only_grows BEFORE UPDATE ON witnessed
  WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
  BEGIN SELECT RAISE(ABORT, 'a witness forgets nothing'); END;
CREATE TRIGGER witnessed_stays BEFORE DELETE ON witnessed
  BEGIN SELECT RAISE(ABORT, 'a witness forgets nothing'); END;`,
];

export class WitnessStore {
  private readonly path: string;
  private db: Database.Database | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Throws StoreError. */
  start(): void {
    const db = openForWriting(this.path);
    try {
      migrate(db, schema);
    } catch (cause) {
      db.close();
      throw cause;
    }
    this.db = db;
  }

  seen(origin: string): Seen | undefined {
    return asStoreError("cannot read what was witnessed", () => {
      const row = this.open().prepare("SELECT size, root FROM witnessed WHERE origin = ?").get(origin) as
        | { size: number; root: Uint8Array }
        | undefined;
      return row === undefined ? undefined : { size: row.size, root: new Uint8Array(row.root) };
    });
  }

  /** The signed checkpoint of this log that was seen last; undefined: none was. */
  note(origin: string): string | undefined {
    const note: unknown = asStoreError("cannot read what was witnessed", () =>
      this.open().prepare("SELECT note FROM witnessed WHERE origin = ?").pluck().get(origin),
    );
    return typeof note === "string" ? note : undefined;
  }

  /** On the disk when it returns: only then may the witness answer. Throws StoreError. */
  keep(origin: string, { size, root }: Seen, note: string): void {
    asStoreError("cannot keep what was witnessed", () => {
      this.open()
        .prepare(
          `INSERT INTO witnessed (origin, size, root, note) VALUES (?, ?, ?, ?)
           ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note`,
        )
        .run(origin, size, root, note);
    });
  }

  close(): void {
    this.db?.close();
    this.db = undefined;
  }

  private open(): Database.Database {
    if (this.db === undefined) throw new Error("the witness's store is not open");
    return this.db;
  }
}
