import type Database from "better-sqlite3";
import type { AuditLine, AuditPeriod } from "../contract/ward-audit.ts";
import { allowingStates, type ConsentState, purposes } from "../contract/words.ts";

/* What the rows of stays, consent, staff and feedback tell of a period. Demonstrations do not count. */

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(", ");
const present = "demonstration = 0 AND started_at < :until AND coalesce(ended_at, :until) > :from";
const hourMs = 3_600_000;

/** The people whose stay touches the period. */
export const stayIdsIn = (db: Database.Database, period: AuditPeriod): string[] =>
  db.prepare(`SELECT id FROM stay WHERE ${present}`).pluck().all(ends(period)) as string[];

export const ends = ({ fromUtcMs, untilUtcMs }: AuditPeriod) => ({
  from: Math.round(fromUtcMs),
  until: Math.round(untilUtcMs),
});

const told: readonly ConsentState[] = [
  "offered",
  "granted",
  "refused",
  "withdrawn",
  "paused",
  "expired",
  "best-interests",
];

/** How many people each thing happened to at least once, of the people who were there. */
export function consentLines(db: Database.Database, period: AuditPeriod): AuditLine[] {
  const people = stayIdsIn(db, period).length;
  const rows = db
    .prepare(
      `SELECT purpose, state, count(DISTINCT stay) AS people FROM consent JOIN stay ON stay.id = consent.stay
       WHERE demonstration = 0 AND at >= :from AND at < :until GROUP BY purpose, state`,
    )
    .all(ends(period)) as { purpose: string; state: string; people: number }[];
  return purposes.flatMap((purpose) =>
    told.map((state): AuditLine => {
      const value = rows.find((row) => row.purpose === purpose && row.state === state)?.people ?? 0;
      return { part: "consent", figure: state, group: purpose, value, unit: "people", of: people, ofWhat: "people" };
    }),
  );
}

/** How long each purpose stayed on for a person, and what the reviews of the period did. */
export function steppingDownLines(db: Database.Database, period: AuditPeriod): AuditLine[] {
  const spans = db
    .prepare(
      `WITH change AS (
         SELECT stay, purpose, state, at, until,
           lead(at) OVER (PARTITION BY stay, purpose ORDER BY transition) AS next_at,
           coalesce(ended_at, :until) AS over_at
         FROM consent JOIN stay ON stay.id = consent.stay WHERE ${present})
       SELECT purpose, sum(min(coalesce(next_at, over_at), until, :until) - at) AS ms FROM change
       WHERE state IN (${quoted(allowingStates)}) AND at < :until GROUP BY stay, purpose`,
    )
    .all(ends(period)) as { purpose: string; ms: number }[];
  const reviews = db
    .prepare(
      `SELECT purpose, state, json_extract(record, '$.outcome') AS outcome, count(*) AS times
       FROM consent JOIN stay ON stay.id = consent.stay
       WHERE demonstration = 0 AND at >= :from AND at < :until AND
         (state = 'expired' OR json_extract(record, '$.outcome') IS NOT NULL) GROUP BY 1, 2, 3`,
    )
    .all(ends(period)) as { purpose: string; state: string; outcome: string | null; times: number }[];
  return purposes.flatMap((purpose): AuditLine[] => {
    const days = spans.filter((span) => span.purpose === purpose).map(({ ms }) => Math.max(0, ms) / (24 * hourMs));
    const own = reviews.filter((review) => review.purpose === purpose);
    const sum = (which: (review: (typeof own)[number]) => boolean): number =>
      own.filter(which).reduce((total, { times }) => total + times, 0);
    const done = sum(({ outcome }) => outcome !== null);
    const due = done + sum(({ state, outcome }) => state === "expired" && outcome === null);
    const line = (figure: string, value: number): AuditLine => ({
      part: "stepping-down",
      figure,
      group: purpose,
      value,
      unit: "times",
      of: due,
      ofWhat: "reviews",
    });
    return [
      {
        part: "stepping-down",
        figure: "on-per-person-median",
        group: purpose,
        value: nearestRank(days, 0.5),
        unit: "days",
        of: days.length,
        ofWhat: "people",
      },
      line("reviewed", done),
      line("ended-without-review", due - done),
      line(
        "fewer-hours",
        sum(({ outcome }) => outcome === "fewer-hours"),
      ),
      line(
        "stopped",
        sum(({ outcome }) => outcome === "stop"),
      ),
    ];
  });
}

/** Whose training is in date on the last day, of those who have an account then. */
export function trainingLines(db: Database.Database, { untilUtcMs }: AuditPeriod): AuditLine[] {
  const day = new Date(untilUtcMs - 1).toISOString().slice(0, 10);
  const row = db
    .prepare(
      `SELECT count(*) AS staff, coalesce(sum((SELECT valid_until FROM training WHERE training.staff = account.staff
           AND at < :until ORDER BY number DESC LIMIT 1) >= :day), 0) AS current
       FROM account WHERE added_at < :until AND coalesce(ended_at, :until) >= :until`,
    )
    .get({ until: Math.round(untilUtcMs), day }) as { staff: number; current: number };
  return [
    {
      part: "training",
      figure: "in-date",
      group: null,
      value: row.current,
      unit: "people",
      of: row.staff,
      ofWhat: "staff",
    },
  ];
}

/** What people said on the screens at their beds. */
export function feedbackLines(db: Database.Database, period: AuditPeriod): AuditLine[] {
  const people = stayIdsIn(db, period).length;
  const rows = db
    .prepare("SELECT about, count(*) AS times FROM feedback WHERE at >= :from AND at < :until GROUP BY about")
    .all(ends(period)) as { about: string; times: number }[];
  const answered = db
    .prepare(
      `SELECT count(*) FROM feedback WHERE at >= :from AND at < :until
       AND EXISTS (SELECT 1 FROM feedback_answer WHERE feedback = feedback.number AND feedback_answer.at < :until)`,
    )
    .pluck()
    .get(ends(period)) as number;
  const said = ["question", "complaint", "how-is-it"].map((about): AuditLine => {
    const value = rows.find((row) => row.about === about)?.times ?? 0;
    return { part: "feedback", figure: about, group: null, value, unit: "times", of: people, ofWhat: "people" };
  });
  const all = rows.reduce((sum, { times }) => sum + times, 0);
  const line = { part: "feedback", figure: "answered", group: null, unit: "times", ofWhat: "messages" } as const;
  return [...said, { ...line, value: answered, of: all }];
}

/** The nearest rank, so that it is a value that was there. */
export function nearestRank(values: readonly number[], part: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}
