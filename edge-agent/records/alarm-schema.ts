/** How far an alarm was passed on, how often it came up, and how it ended. */
export const alarmEndings = `
ALTER TABLE alarm ADD COLUMN escalation INTEGER NOT NULL DEFAULT 0 CHECK (escalation IN (0, 1, 2));
ALTER TABLE alarm ADD COLUMN raisings INTEGER NOT NULL DEFAULT 1 CHECK (raisings >= 1);
ALTER TABLE alarm ADD COLUMN outcome TEXT;
ALTER TABLE alarm ADD COLUMN false_because TEXT;
ALTER TABLE alarm ADD COLUMN outcome_by TEXT;
ALTER TABLE alarm ADD COLUMN outcome_at INTEGER;
CREATE TRIGGER alarm_outcome_once BEFORE UPDATE ON alarm
  WHEN OLD.outcome IS NOT NULL AND (NEW.outcome IS NOT OLD.outcome OR NEW.outcome_by IS NOT OLD.outcome_by)
  BEGIN SELECT RAISE(ABORT, 'how an alarm ended is said once'); END;
CREATE TRIGGER alarm_outcome_is_somebodys BEFORE UPDATE ON alarm
  WHEN NEW.outcome IS NOT NULL AND (NEW.outcome_by IS NULL OR NEW.outcome_at IS NULL OR NEW.acknowledged_by IS NULL)
  BEGIN SELECT RAISE(ABORT, 'somebody says how an alarm ended, after somebody went'); END;
CREATE INDEX alarm_raised ON alarm (raised_at);
`;
