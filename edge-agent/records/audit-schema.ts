/*
 * Tables of an audit log, the same in every database that has one. The triggers keep the log append-only against our
 * own bugs and against a hasty hand; against somebody who owns the disk only the signed checkpoints help.
 */

/**
 * entry.idx: number of the entry from 0. hash.idx: stored hash index. checkpoint.size: number of entries that it signs.
 */
export const auditSchema = `
CREATE TABLE log_identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  vkey TEXT NOT NULL
) STRICT;
CREATE TABLE entry (
  idx INTEGER PRIMARY KEY,
  data BLOB NOT NULL CHECK (length(data) BETWEEN 1 AND 65535)
) STRICT;
CREATE TABLE hash (
  idx INTEGER PRIMARY KEY,
  h BLOB NOT NULL CHECK (length(h) = 32)
) STRICT;
CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY CHECK (size > 0),
  note TEXT NOT NULL
) STRICT;
CREATE TABLE phi (
  seq INTEGER PRIMARY KEY REFERENCES entry (idx),
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  blob BLOB NOT NULL
) STRICT;
${["log_identity", "entry", "hash", "checkpoint"]
  .flatMap((table) =>
    ["UPDATE", "DELETE"].map(
      (act) => `CREATE TRIGGER ${table}_no_${act.toLowerCase()} BEFORE ${act} ON ${table}
  BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
    ),
  )
  .join("\n")}
CREATE TRIGGER phi_no_update BEFORE UPDATE ON phi
  BEGIN SELECT RAISE(ABORT, 'personal data of an entry are erased, never changed'); END;
CREATE TRIGGER entry_next BEFORE INSERT ON entry
  WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entry)
  BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
CREATE TRIGGER hash_next BEFORE INSERT ON hash
  WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM hash)
  BEGIN SELECT RAISE(ABORT, 'hash is append-only'); END;
CREATE TRIGGER checkpoint_next BEFORE INSERT ON checkpoint
  WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoint)
    OR NEW.size > (SELECT coalesce(max(idx) + 1, 0) FROM entry)
  BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
`;
