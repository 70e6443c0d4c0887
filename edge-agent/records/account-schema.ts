/**
 * Accounts of staff. Passwords and PINs lie here as argon2id only; tokens of stations as SHA-256 only: whoever reads the database
 * cannot sign in with it.
 */
export const accountSchema = `
CREATE TABLE account (
  staff TEXT PRIMARY KEY REFERENCES staff (id),
  badge TEXT NOT NULL,
  role TEXT NOT NULL,
  agency INTEGER NOT NULL CHECK (agency IN (0, 1)),
  until INTEGER,
  password TEXT CHECK (password LIKE '$argon2id$%'),
  pin TEXT CHECK (pin LIKE '$argon2id$%'),
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  ended_at INTEGER,
  CHECK ((password IS NULL) = (pin IS NULL)),
  CHECK (agency = 0 OR until IS NOT NULL),
  CHECK (ended_at IS NULL OR password IS NULL)
) STRICT;
CREATE UNIQUE INDEX account_badge ON account (badge) WHERE ended_at IS NULL;
ALTER TABLE invite ADD COLUMN staff TEXT REFERENCES staff (id);
ALTER TABLE invite ADD COLUMN first INTEGER NOT NULL DEFAULT 0 CHECK (first IN (0, 1));
-- Until when it is enough to touch the screen or give the PIN; null: of a one-time code, which has neither.
ALTER TABLE session ADD COLUMN shift_until INTEGER;
-- Who signed in with a password on which screen in this shift.
CREATE TABLE station_shift (
  station_sha256 BLOB NOT NULL CHECK (length(station_sha256) = 32),
  staff TEXT NOT NULL REFERENCES staff (id),
  until INTEGER NOT NULL,
  PRIMARY KEY (station_sha256, staff)
) STRICT;
-- Also of badges that nobody has, so that a wait tells nothing about who works here.
CREATE TABLE wrong_try (
  badge_sha256 BLOB PRIMARY KEY CHECK (length(badge_sha256) = 32),
  tries INTEGER NOT NULL,
  at INTEGER NOT NULL,
  wait_until INTEGER NOT NULL
) STRICT;
CREATE TABLE training (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  staff TEXT NOT NULL REFERENCES staff (id),
  done_on TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  CHECK (done_on <= valid_until)
) STRICT;
CREATE INDEX training_latest ON training (staff, number);
CREATE TRIGGER training_no_update BEFORE UPDATE ON training
  BEGIN SELECT RAISE(ABORT, 'training is append-only'); END;
CREATE TRIGGER training_no_delete BEFORE DELETE ON training
  BEGIN SELECT RAISE(ABORT, 'training is append-only'); END;
CREATE TABLE floor_order (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  beds TEXT NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL
) STRICT;
`;
