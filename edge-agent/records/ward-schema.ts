import { allowingStates, ConsentState, purposes } from "../contract/words.ts";
import { acceptedRateSchema } from "./accepted-rate.ts";
import { accessSchema } from "./access-schema.ts";
import { accountSchema } from "./account-schema.ts";
import { advocateSchema } from "./advocate-looks.ts";
import { alarmEndings } from "./alarm-schema.ts";
import { auditSchema } from "./audit-schema.ts";
import { characteristicsSchema } from "./characteristics.ts";
import { wardSealing } from "./data-key-schema.ts";
import { factPlaces } from "./fact-places-schema.ts";
import { feedbackAnswersSchema } from "./feedback-answers.ts";
import type { Migrations } from "./migrations.ts";
import { oidcSchema } from "./oidc-accounts.ts";
import { orderEnds } from "./order-schema.ts";
import { retentionSchema } from "./retention.ts";
import { sedationSchema } from "./sedation.ts";
import { wallClockSchema } from "./wall-clock.ts";
import { wardAudioSchema } from "./ward-audio.ts";

/*
 * The ward database. Times are ms since 1970 UTC. Rules that must hold whatever the program does are triggers: the
 * fourth of the four layers that keep an unconsented bed unsensed.
 */

const latestConsent = (purpose: string): string =>
  `(SELECT state FROM consent WHERE stay = NEW.stay AND purpose = '${purpose}' ORDER BY transition DESC LIMIT 1)`;

const appendOnly = (table: string): string =>
  ["UPDATE", "DELETE"]
    .map(
      (act) => `CREATE TRIGGER ${table}_no_${act.toLowerCase()} BEFORE ${act} ON ${table}
  BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
    )
    .join("\n");

const rooms = `
CREATE TABLE stay (
  id TEXT PRIMARY KEY,
  bed TEXT NOT NULL,
  label TEXT NOT NULL,
  demonstration INTEGER NOT NULL CHECK (demonstration IN (0, 1)),
  started_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
-- One open stay a bed: a new occupant can inherit nothing.
CREATE UNIQUE INDEX stay_open ON stay (bed) WHERE ended_at IS NULL;
CREATE TRIGGER stay_ends_once BEFORE UPDATE ON stay
  WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.id <> OLD.id OR NEW.bed <> OLD.bed
  BEGIN SELECT RAISE(ABORT, 'a stay only ends, and only once'); END;

CREATE TABLE consent (
  transition INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  purpose TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL
) STRICT;
CREATE INDEX consent_latest ON consent (stay, purpose, transition);
${appendOnly("consent")}
CREATE TRIGGER consent_of_open_stay BEFORE INSERT ON consent
  WHEN NEW.state IN ('offered', 'granted')
    AND NOT EXISTS (SELECT 1 FROM stay WHERE id = NEW.stay AND ended_at IS NULL)
  BEGIN SELECT RAISE(ABORT, 'the stay is over'); END;

CREATE TABLE care_order (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  care_order TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX care_order_latest ON care_order (stay, number);
${appendOnly("care_order")}

CREATE TABLE alarm (
  id TEXT PRIMARY KEY,
  stay TEXT NOT NULL REFERENCES stay (id),
  condition TEXT NOT NULL,
  priority TEXT NOT NULL,
  presence TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  cleared_at INTEGER,
  acknowledged_by TEXT,
  acknowledged_at INTEGER,
  audited INTEGER NOT NULL CHECK (audited IN (0, 1))
) STRICT;
CREATE INDEX alarm_of_stay ON alarm (stay);
CREATE TRIGGER alarm_stays_of_stay BEFORE UPDATE ON alarm
  WHEN NEW.stay <> OLD.stay OR NEW.condition <> OLD.condition
  BEGIN SELECT RAISE(ABORT, 'an alarm keeps its stay and its condition'); END;

CREATE TABLE lease_number (
  bed TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  -- Whose lease is open; null once it ended. A process that was killed leaves it set.
  stay TEXT REFERENCES stay (id)
) STRICT;
CREATE TRIGGER lease_number_rises BEFORE UPDATE ON lease_number
  WHEN NEW.number < OLD.number
  BEGIN SELECT RAISE(ABORT, 'a lease number only rises'); END;

CREATE TABLE fact (
  stay TEXT NOT NULL REFERENCES stay (id),
  at INTEGER NOT NULL,
  occupancy TEXT,
  movement REAL,
  breathing_per_min REAL,
  low_per_min REAL,
  high_per_min REAL,
  quality REAL,
  reason TEXT,
  CHECK (coalesce(occupancy, movement, breathing_per_min, low_per_min, high_per_min, quality, reason) IS NOT NULL)
) STRICT;
CREATE INDEX fact_of_stay ON fact (stay, at);
CREATE TRIGGER fact_needs_open_stay BEFORE INSERT ON fact
  WHEN NOT EXISTS (SELECT 1 FROM stay WHERE id = NEW.stay AND ended_at IS NULL)
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
CREATE TRIGGER fact_needs_movement_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.occupancy, NEW.movement) IS NOT NULL AND ${latestConsent("movement-alerts")} IS NOT 'granted'
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
CREATE TRIGGER fact_needs_breathing_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.breathing_per_min, NEW.low_per_min, NEW.high_per_min, NEW.quality, NEW.reason) IS NOT NULL
    AND ${latestConsent("breathing-rate")} IS NOT 'granted'
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact
  BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;
`;

/** Codes and tokens are kept as SHA-256 only: whoever reads the database cannot sign in with it. */
const people = `
CREATE TABLE staff (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  since INTEGER NOT NULL
) STRICT;
CREATE TABLE invite (
  code_sha256 BLOB PRIMARY KEY CHECK (length(code_sha256) = 32),
  kind TEXT NOT NULL CHECK (kind IN ('staff', 'bedside')),
  name TEXT,
  role TEXT,
  stay TEXT REFERENCES stay (id),
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  CHECK (CASE kind WHEN 'staff' THEN name IS NOT NULL AND role IS NOT NULL AND stay IS NULL
                   ELSE stay IS NOT NULL AND name IS NULL AND role IS NULL END)
) STRICT;
CREATE TRIGGER invite_is_used_once BEFORE UPDATE ON invite
  WHEN OLD.used_at IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'a code is used once'); END;
CREATE TABLE session (
  token_sha256 BLOB PRIMARY KEY CHECK (length(token_sha256) = 32),
  staff TEXT REFERENCES staff (id),
  role TEXT,
  stay TEXT REFERENCES stay (id),
  started_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  CHECK ((staff IS NULL) = (role IS NULL) AND (staff IS NULL) <> (stay IS NULL))
) STRICT;
CREATE INDEX session_of_stay ON session (stay);
CREATE TRIGGER session_ends_with_stay AFTER UPDATE OF ended_at ON stay
  BEGIN UPDATE session SET ended_at = NEW.ended_at WHERE stay = NEW.id AND ended_at IS NULL; END;
`;

const sqlWords = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(", ");
/** The newest state of a purpose allows it at this time. */
const allowsAt = (purpose: string): string =>
  `(SELECT state IN (${sqlWords(allowingStates)}) AND NEW.at < until FROM consent
    WHERE stay = NEW.stay AND purpose = '${purpose}' ORDER BY transition DESC LIMIT 1)`;

/**
 * Consent with its end, and what was written down with it. Whoever was asked for in this file before counts as turned off: what
 * had no end is asked for anew.
 */
const consents = `
ALTER TABLE consent ADD COLUMN until INTEGER;
ALTER TABLE consent ADD COLUMN by_person INTEGER NOT NULL DEFAULT 0 CHECK (by_person IN (0, 1));
-- What holds with it, as JSON of contract/consent.ts, and what was written down when it changed.
ALTER TABLE consent ADD COLUMN held TEXT NOT NULL DEFAULT '{}';
ALTER TABLE consent ADD COLUMN record TEXT;
CREATE TRIGGER consent_is_known BEFORE INSERT ON consent
  WHEN NEW.state NOT IN (${sqlWords(ConsentState.options)}) OR NEW.purpose NOT IN (${sqlWords(purposes)})
  BEGIN SELECT RAISE(ABORT, 'no such consent'); END;
CREATE TRIGGER consent_has_an_end BEFORE INSERT ON consent
  WHEN NEW.state IN (${sqlWords([...allowingStates, "paused"])}) AND (NEW.until IS NULL OR NEW.until <= NEW.at)
  BEGIN SELECT RAISE(ABORT, 'consent has an end'); END;
DROP TRIGGER consent_of_open_stay;
CREATE TRIGGER consent_of_open_stay BEFORE INSERT ON consent
  WHEN NEW.state NOT IN ('ended', 'withdrawn', 'refused', 'expired')
    AND NOT EXISTS (SELECT 1 FROM stay WHERE id = NEW.stay AND ended_at IS NULL)
  BEGIN SELECT RAISE(ABORT, 'the stay is over'); END;
CREATE TRIGGER consent_needs_an_offer BEFORE INSERT ON consent
  WHEN NEW.state = 'granted' AND NOT EXISTS
    (SELECT 1 FROM consent WHERE stay = NEW.stay AND purpose = NEW.purpose AND state = 'offered' AND record IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'consent needs an offer first'); END;
CREATE TRIGGER consent_is_the_persons BEFORE INSERT ON consent
  WHEN NEW.state = 'granted' AND NEW.by_person = 0 AND coalesce(
    (SELECT CASE json_extract(held, '$.pause.from') WHEN 'best-interests' THEN 'decided' ELSE state END
       FROM consent WHERE stay = NEW.stay AND purpose = NEW.purpose ORDER BY transition DESC LIMIT 1), '')
    NOT IN ('granted', 'paused')
  BEGIN SELECT RAISE(ABORT, 'consent is the person''s own'); END;
-- Over a person's no nobody decides for them: neither after it, nor after an offer that followed it.
CREATE TRIGGER best_interests_after_no BEFORE INSERT ON consent
  WHEN NEW.state = 'best-interests' AND coalesce(
    (SELECT state <> 'granted' FROM consent WHERE stay = NEW.stay AND purpose = NEW.purpose AND by_person = 1
       AND state IN ('granted', 'withdrawn', 'refused', 'expired') ORDER BY transition DESC LIMIT 1), 0)
  BEGIN SELECT RAISE(ABORT, 'the person said no'); END;
CREATE TRIGGER best_interests_has_a_record BEFORE INSERT ON consent
  WHEN NEW.state = 'best-interests' AND NEW.record IS NULL AND NOT EXISTS
    (SELECT 1 FROM consent WHERE stay = NEW.stay AND purpose = NEW.purpose AND state = 'best-interests' AND record IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'a decision for a person has a record'); END;
DROP TRIGGER fact_needs_movement_grant;
CREATE TRIGGER fact_needs_movement_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.occupancy, NEW.movement) IS NOT NULL AND ${allowsAt("movement-alerts")} IS NOT 1
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
DROP TRIGGER fact_needs_breathing_grant;
CREATE TRIGGER fact_needs_breathing_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.breathing_per_min, NEW.low_per_min, NEW.high_per_min, NEW.quality, NEW.reason) IS NOT NULL
    AND ${allowsAt("breathing-rate")} IS NOT 1
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;

CREATE TABLE needs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  needs TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX needs_latest ON needs (stay, number);
${appendOnly("needs")}

-- From the bedside, to governance; never shown on the ward.
CREATE TABLE feedback (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  about TEXT NOT NULL,
  feels TEXT,
  words TEXT,
  at INTEGER NOT NULL
) STRICT;
${appendOnly("feedback")}
`;

/** Checks in person: the order, and what was seen. Never edited; an entry that corrects another names it. */
const checks = `
CREATE TABLE observation_order (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  observation TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX observation_order_latest ON observation_order (stay, number);
${appendOnly("observation_order")}
CREATE TABLE person_check (
  id TEXT PRIMARY KEY,
  stay TEXT NOT NULL REFERENCES stay (id),
  level TEXT,
  by_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  seen TEXT NOT NULL,
  retrospective TEXT,
  supersedes TEXT REFERENCES person_check (id),
  CHECK (seen_at <= recorded_at + 1000),
  -- Later than five minutes wants a reason.
  CHECK (recorded_at - seen_at <= 300000 OR retrospective IS NOT NULL)
) STRICT;
CREATE INDEX person_check_of_stay ON person_check (stay, seen_at);
${appendOnly("person_check")}
CREATE TRIGGER person_check_of_same_stay BEFORE INSERT ON person_check
  WHEN NEW.supersedes IS NOT NULL AND (SELECT stay FROM person_check WHERE id = NEW.supersedes) IS NOT NEW.stay
  BEGIN SELECT RAISE(ABORT, 'it corrects an entry of another stay'); END;
`;

export const wardMigrations: Migrations = [
  `${auditSchema}\n${rooms}\n${people}`,
  consents,
  checks,
  characteristicsSchema,
  alarmEndings,
  wardAudioSchema,
  sedationSchema,
  factPlaces(allowsAt("movement-alerts")),
  retentionSchema,
  acceptedRateSchema,
  wallClockSchema,
  orderEnds,
  accountSchema,
  feedbackAnswersSchema,
  accessSchema,
  advocateSchema,
  wardSealing,
  oidcSchema,
];
