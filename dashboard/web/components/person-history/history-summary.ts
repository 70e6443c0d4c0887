import type { PersonHistory } from "../../../../edge-agent/contract/person-history.ts";
import type { NoRateReason } from "../../../../edge-agent/contract/words.ts";
import { clockWords, lengthWords } from "../../age-words.ts";
import { conditionWords } from "../alert-list/condition-words.ts";
import { gapWords, occupancyWords } from "./gap-words.ts";
import { emptySpans, lengthOf, type Span, spansOf } from "./history-spans.ts";

const rowMs = 1_800_000;

export interface HistoryRow {
  readonly when: string;
  readonly breathing: string;
  readonly without: string;
  readonly bed: string;
  readonly alerts: string;
  readonly checks: string;
}

/** What the picture says, in sentences. */
export function historySummary(history: PersonHistory): string[] {
  const { shown, steps, stepMs } = history;
  if (!shown.breathing && !shown.movement) return ["Nothing is turned on now, so nothing that was recorded is shown."];
  if (steps.atUtcMs.length === 0) return ["Nothing was recorded in the last 12 hours."];
  const rates = steps.perMin.flatMap((rate) => rate ?? []).toSorted((a, b) => a - b);
  if (!shown.breathing) return ["Breathing rate is not turned on now, so none is shown."];
  if (rates.length === 0) return ["No breathing rate could be told in the last 12 hours."];
  const quantile = (part: number): number => Math.round(rates[Math.floor((rates.length - 1) * part)] ?? 0);
  const least = Math.floor(Math.min(...steps.minPerMin.flatMap((rate) => rate ?? [])));
  const most = Math.ceil(Math.max(...steps.maxPerMin.flatMap((rate) => rate ?? [])));
  return [
    `A rate was shown for ${lengthWords(rates.length * stepMs)}: mostly ${quantile(0.05)} to ${quantile(0.95)} a minute, at least ${least}, at most ${most}.`,
    ...withoutWords(history),
  ];
}

/** "No rate: moving 38 min, nobody in bed 14 min." */
function withoutWords(history: PersonHistory): string[] {
  const spans = spansOf(history, history.steps.reason);
  const reasons = [...new Set(spans.map(({ what }) => what))];
  const told = reasons
    .map((reason) => ({ words: gapWords[reason].words, ms: lengthOf(spans.filter(({ what }) => what === reason)) }))
    .concat({ words: "nothing recorded", ms: lengthOf(emptySpans(history)) })
    .filter(({ ms }) => ms >= history.stepMs)
    .toSorted((a, b) => b.ms - a.ms);
  return told.length === 0
    ? []
    : [`No rate: ${told.map(({ words, ms }) => `${words} ${lengthWords(ms)}`).join(", ")}.`];
}

/** The picture as a table: a row for each half hour, the newest first. */
export function historyRows(history: PersonHistory): HistoryRow[] {
  const rows: HistoryRow[] = [];
  for (let from = history.fromUtcMs; from < history.untilUtcMs; from += rowMs) {
    rows.unshift(rowOf(history, from, Math.min(from + rowMs, history.untilUtcMs)));
  }
  return rows;
}

function rowOf(history: PersonHistory, fromUtcMs: number, untilUtcMs: number): HistoryRow {
  const { steps, shown } = history;
  const isIn = (at: number): boolean => at >= fromUtcMs && at < untilUtcMs;
  const within = steps.atUtcMs.flatMap((at, index) => (isIn(at) ? index : []));
  const of = <T>(values: readonly (T | null)[]): T[] => within.flatMap((index) => values[index] ?? []);
  const [least, most] = [of(steps.minPerMin), of(steps.maxPerMin)];
  const range = least.length === 0 ? "no rate" : `${Math.floor(Math.min(...least))} to ${Math.ceil(Math.max(...most))}`;
  const alerts = history.alarms.filter(({ raisedAtUtcMs }) => isIn(raisedAtUtcMs));
  const checks = history.checks.filter(({ seenAtUtcMs }) => isIn(seenAtUtcMs));
  return {
    when: `${clockWords(fromUtcMs)} to ${clockWords(untilUtcMs)}`,
    breathing: shown.breathing ? range : "not turned on",
    without: reasonsOf(of(steps.reason), within.length === 0),
    bed: shown.movement
      ? [...new Set(of(steps.occupancy))].map((one) => occupancyWords[one]).join(", ")
      : "not turned on",
    alerts: alerts.map((one) => `${clockWords(one.raisedAtUtcMs)} ${conditionWords(one.condition, null)}`).join("; "),
    checks: checks.map(({ seenAtUtcMs, name }) => `${clockWords(seenAtUtcMs)} ${name}`).join("; "),
  };
}

function reasonsOf(reasons: readonly NoRateReason[], empty: boolean): string {
  if (empty) return "nothing recorded";
  return [...new Set(reasons)].map((reason) => gapWords[reason].words).join(", ");
}

/** What a span is called, with its times: "moving, 03:10 to 03:14". */
export const spanWords = ({ fromUtcMs, untilUtcMs }: Span<string>, words: string): string =>
  `${words}, ${clockWords(fromUtcMs)} to ${clockWords(untilUtcMs)}`;
