/** A rate of the sensor that a named nurse took over as an observation. Never filed by itself, never changed. */
export const acceptedRateSchema = `
CREATE TABLE accepted_rate (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  by_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  per_min REAL NOT NULL CHECK (per_min > 0),
  low_per_min REAL NOT NULL,
  high_per_min REAL NOT NULL,
  quality REAL NOT NULL,
  at INTEGER NOT NULL,
  CHECK (low_per_min <= per_min AND per_min <= high_per_min)
) STRICT;
CREATE INDEX accepted_rate_of_stay ON accepted_rate (stay, at);
CREATE TRIGGER accepted_rate_no_update BEFORE UPDATE ON accepted_rate
  BEGIN SELECT RAISE(ABORT, 'accepted_rate is append-only'); END;
CREATE TRIGGER accepted_rate_needs_open_stay BEFORE INSERT ON accepted_rate
  WHEN NOT EXISTS (SELECT 1 FROM stay WHERE id = NEW.stay AND ended_at IS NULL)
  BEGIN SELECT RAISE(ABORT, 'the stay is over'); END;
`;
