/** Who opened whose records, with whom, why and until when (contract/access.ts). What two people decided is never changed after. */
export const accessSchema = `
CREATE TABLE access (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('hold', 'break-glass')),
  stay TEXT NOT NULL REFERENCES stay (id),
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL CHECK (until_at > from_at),
  reason TEXT NOT NULL CHECK (reason <> ''),
  lawful TEXT CHECK (lawful IS NULL OR kind = 'hold'),
  untold TEXT CHECK (untold IS NULL OR kind = 'hold'),
  for_ms INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  asked_name TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  agreed_by TEXT CHECK (agreed_by <> asked_by),
  agreed_name TEXT,
  agreed_at INTEGER,
  open_until INTEGER,
  hold INTEGER REFERENCES hold (number),
  ended_at INTEGER,
  review_by TEXT CHECK (review_by <> asked_by AND review_by <> agreed_by),
  review_name TEXT,
  review_at INTEGER,
  review_right INTEGER CHECK (review_right IN (0, 1)),
  review_words TEXT,
  CHECK ((agreed_by IS NULL) = (agreed_at IS NULL) AND (agreed_by IS NULL) = (open_until IS NULL)),
  CHECK ((agreed_by IS NULL) = (agreed_name IS NULL)),
  -- An hour at most, whatever asks.
  CHECK (kind <> 'break-glass' OR open_until IS NULL OR open_until - agreed_at <= 3600000),
  CHECK (review_at IS NULL OR (kind = 'break-glass' AND agreed_at IS NOT NULL AND review_by IS NOT NULL
    AND review_name IS NOT NULL AND review_right IS NOT NULL AND review_words <> ''))
) STRICT;
CREATE INDEX access_of_stay ON access (stay);
CREATE TRIGGER access_no_delete BEFORE DELETE ON access
  BEGIN SELECT RAISE(ABORT, 'access is append-only'); END;
CREATE TRIGGER access_is_asked_first BEFORE INSERT ON access
  WHEN NEW.agreed_by IS NOT NULL OR NEW.review_by IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'a second person agrees later'); END;
CREATE TRIGGER access_is_decided_once BEFORE UPDATE ON access
  WHEN NEW.number <> OLD.number OR NEW.kind <> OLD.kind OR NEW.stay <> OLD.stay OR NEW.from_at <> OLD.from_at
    OR NEW.until_at <> OLD.until_at OR NEW.reason <> OLD.reason OR NEW.untold IS NOT OLD.untold OR NEW.lawful IS NOT OLD.lawful OR NEW.for_ms <> OLD.for_ms
    OR NEW.asked_by <> OLD.asked_by OR NEW.asked_name <> OLD.asked_name OR NEW.asked_at <> OLD.asked_at
    OR (OLD.agreed_by IS NOT NULL AND (NEW.agreed_by IS NOT OLD.agreed_by OR NEW.agreed_name IS NOT OLD.agreed_name
      OR NEW.agreed_at IS NOT OLD.agreed_at OR NEW.open_until IS NOT OLD.open_until OR NEW.hold IS NOT OLD.hold))
    OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NOT OLD.ended_at)
    OR (OLD.review_by IS NOT NULL AND (NEW.review_by IS NOT OLD.review_by OR NEW.review_right IS NOT OLD.review_right
      OR NEW.review_words IS NOT OLD.review_words OR NEW.review_at IS NOT OLD.review_at))
  BEGIN SELECT RAISE(ABORT, 'what was decided about access stays'); END;
`;
