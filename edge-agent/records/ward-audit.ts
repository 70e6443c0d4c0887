import type Database from "better-sqlite3";
import { localHour } from "../contract/local-hour.ts";
import type { AuditLine, AuditPeriod, WardAudit } from "../contract/ward-audit.ts";
import { allowingStates } from "../contract/words.ts";
import { accessLines } from "./ward-audit-access.ts";
import { type AuditedEntry, checkLog, entriesIn } from "./ward-audit-log.ts";
import {
  consentLines,
  ends,
  feedbackLines,
  nearestRank,
  stayIdsIn,
  steppingDownLines,
  trainingLines,
} from "./ward-audit-people.ts";
import { sensingLines } from "./ward-audit-sensing.ts";

/** After a look, an action of the same person at the same bed within this time follows from it. */
export const followsWithinMs = 15 * 60_000;

interface AuditSources {
  readonly ward: Database.Database;
  readonly dashboard: Database.Database;
  readonly timeZone: string;
}

/** How the ward used this in a period. Sums only: no line is about one person or one member of staff. Reads only. */
export function readWardAudit({ ward, dashboard, timeZone }: AuditSources, period: AuditPeriod): WardAudit {
  const entries = [...entriesIn(ward, period)];
  const looks = [...entriesIn(dashboard, period)].filter(
    ({ action, actor }) => action === "page.open" && actor.kind === "staff",
  );
  return {
    v: 1,
    ...period,
    lines: [
      ...consentLines(ward, period),
      ...steppingDownLines(ward, period),
      ...sensingLines(ward, period),
      ...openingLines(looks, entries, timeZone),
      ...checkLines(looks, entries, groupsOf(ward, period)),
      ...alarmLines(entries),
      ...stopLines(entries),
      ...trainingLines(ward, period),
      ...changeLines(entries),
      ...feedbackLines(ward, period),
      ...accessLines(ward, period),
      ...[checkLog(ward, period), checkLog(dashboard, period)].flatMap((log, at) =>
        logLines(log, at === 0 ? "ward" : "pages"),
      ),
    ],
  };
}

function openingLines(looks: readonly AuditedEntry[], entries: readonly AuditedEntry[], timeZone: string): AuditLine[] {
  const served = looks.filter(({ outcome, detail }) => outcome === 0 && typeof detail.bed === "string");
  const refused = looks.filter(({ outcome }) => outcome !== 0);
  const acted = new Map<string, number[]>();
  for (const { actor, action, detail, atUtcMs } of entries) {
    if (actor.kind !== "staff" || action === "sign-in" || typeof detail.bed !== "string") continue;
    const key = `${actor.id} ${detail.bed}`;
    const times = acted.get(key) ?? [];
    acted.set(key, times);
    times.push(atUtcMs);
  }
  const idle = served.filter(({ actor, detail, atUtcMs }) => {
    const times = acted.get(`${actor.kind === "staff" ? actor.id : ""} ${detail.bed}`) ?? [];
    return !times.some((at) => at >= atUtcMs && at <= atUtcMs + followsWithinMs);
  });
  const line = (figure: string, group: string | null, value: number): AuditLine => ({
    part: "openings",
    figure,
    group,
    value,
    unit: "times",
    of: served.length,
    ofWhat: "openings",
  });
  const by = (figure: string, group: (look: AuditedEntry) => string): AuditLine[] =>
    counted(served, group).map(([name, count]) => line(figure, name, count));
  return [
    line("without-following-action", null, idle.length),
    { ...line("turned-away", null, refused.length), of: served.length + refused.length },
    ...by("by-role", ({ actor }) => (actor.kind === "staff" ? actor.role : "other")),
    ...by("by-purpose", ({ detail }) => String(detail.purposeOfEvent)),
    ...by("by-hour", ({ atUtcMs }) => String(localHour(atUtcMs, timeZone)).padStart(2, "0")),
  ];
}

type Groups = ReadonlyMap<string, "sensed" | "said-no" | "not-asked">;

/** Whether something was allowed in the period, or the person said no and nothing was, or neither. */
function groupsOf(db: Database.Database, period: AuditPeriod): Groups {
  const states = allowingStates.map((state) => `'${state}'`).join(", ");
  const ever = (condition: string): Set<unknown> =>
    new Set(
      db.prepare(`SELECT DISTINCT stay FROM consent WHERE at < :until AND ${condition}`).pluck().all(ends(period)),
    );
  const on = ever(`state IN (${states}) AND until > :from AND coalesce((SELECT min(next.at) FROM consent AS next
    WHERE next.stay = consent.stay AND next.purpose = consent.purpose AND next.transition > consent.transition), :until) > :from`);
  const { until } = ends(period);
  const no = new Set(
    db
      .prepare("SELECT DISTINCT stay FROM consent WHERE at < ? AND state IN ('refused', 'withdrawn') AND by_person = 1")
      .pluck()
      .all(until),
  );
  return new Map(stayIdsIn(db, period).map((id) => [id, on.has(id) ? "sensed" : no.has(id) ? "said-no" : "not-asked"]));
}

/**
 * Checks in time of those that were due, beside looks at pages (over-reliance), and the same for people who said no (parity): to
 * decline must not mean worse care.
 */
function checkLines(looks: readonly AuditedEntry[], entries: readonly AuditedEntry[], groups: Groups): AuditLine[] {
  const of = ({ detail }: AuditedEntry) => groups.get(String(detail.stay));
  const recorded = entries.filter(
    ({ action, detail }) => action === "check.record" && (detail.supersedes ?? null) === null,
  );
  const inTime = recorded.filter(({ detail }) => detail.retrospective !== true);
  const missed = entries.filter(({ action }) => action === "check.missed");
  return ([null, "sensed", "said-no", "not-asked"] as const).flatMap((group): AuditLine[] => {
    const count = (all: readonly AuditedEntry[]): number =>
      all.filter((one) => (group === null ? of(one) !== undefined : of(one) === group)).length;
    const [onTime, due] = [count(inTime), count(inTime) + count(missed)];
    const seen = count(recorded);
    const looked = count(looks.filter(({ outcome }) => outcome === 0));
    const line = { part: "checks", group, unit: "times", of: due, ofWhat: "checks" } as const;
    return [
      { ...line, figure: "in-time", value: onTime },
      { ...line, figure: "written-later", value: seen - onTime, of: seen },
      { ...line, figure: "looks-for-each-check", value: seen === 0 ? null : looked / seen, unit: "ratio", of: seen },
    ];
  });
}

function alarmLines(entries: readonly AuditedEntry[]): AuditLine[] {
  const raised = entries.filter(({ action }) => action === "alert.raise");
  const closed = entries.filter(({ action }) => action === "alert.close");
  const first = new Map(raised.toReversed().map(({ detail, atUtcMs }) => [detail.alarm, atUtcMs]));
  const took = entries.flatMap(({ action, detail, atUtcMs }) => {
    const at = first.get(detail.alarm);
    return action === "alert.acknowledge" && at !== undefined ? [atUtcMs - at] : [];
  });
  const falseOnes = closed.filter(({ detail }) => detail.outcome === "false-alarm").length;
  const line = { part: "alarms", group: null, of: raised.length, ofWhat: "alarms" } as const;
  return [
    ...counted(raised, ({ detail }) => String(detail.condition)).map(
      ([group, value]): AuditLine => ({ ...line, figure: "by-kind", group, value, unit: "times" }),
    ),
    { ...line, figure: "answered", value: took.length, unit: "times" },
    { ...line, figure: "answered-median", value: nearestRank(took, 0.5), unit: "ms", of: took.length },
    { ...line, figure: "answered-90th", value: nearestRank(took, 0.9), unit: "ms", of: took.length },
    { ...line, figure: "false", value: falseOnes, unit: "times", of: closed.length },
  ];
}

/** From the touch to the last accepted sample, as the entries of withdrawals, refusals and pauses say. */
function stopLines(entries: readonly AuditedEntry[]): AuditLine[] {
  const took = entries.flatMap(({ action, detail }) =>
    /^consent\.(withdraw|refuse|pause)$/.test(action) && typeof detail.touchToStopMs === "number"
      ? [detail.touchToStopMs]
      : [],
  );
  const line = { part: "stops", group: null, of: null, ofWhat: null } as const;
  return [
    { ...line, figure: "stops", value: took.length, unit: "times" },
    { ...line, figure: "touch-to-stop-p50", value: nearestRank(took, 0.5), unit: "ms" },
    { ...line, figure: "touch-to-stop-p99", value: nearestRank(took, 0.99), unit: "ms" },
  ];
}

/** Another configuration or model than the run before; orders set what an alarm waits for. */
function changeLines(entries: readonly AuditedEntry[]): AuditLine[] {
  const line = (figure: string, value: number): AuditLine => ({
    part: "changes",
    figure,
    group: null,
    value,
    unit: "times",
    of: null,
    ofWhat: null,
  });
  const of = (action: string) => entries.filter((one) => one.action === action);
  const different = (action: string, key: string) => new Set(of(action).map(({ detail }) => detail[key])).size;
  return [
    line("starts", of("process.start").length),
    line("configurations-in-force", different("config.apply", "sha256")),
    line("models-in-force", different("model.load", "sha256")),
    line("orders-set", of("order.set").length),
    line("clock-steps", of("clock.step").length),
  ];
}

function logLines({ entries, changed, backwards, checkpoints, sound }: ReturnType<typeof checkLog>, group: string) {
  const line = { part: "log", group, unit: "times", of: entries, ofWhat: "entries" } as const;
  return [
    { ...line, figure: "not-as-written", value: changed },
    { ...line, figure: "time-backwards", value: backwards },
    { ...line, figure: "signatures-sound", value: sound, of: checkpoints, ofWhat: "checkpoints" },
  ] satisfies AuditLine[];
}

/** In the order of their names. */
function counted<T>(all: readonly T[], nameOf: (one: T) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
