import type { Activation } from "../../../edge-agent/contract/consent.ts";
import type { ConsentChange, ConsentRecord } from "../../../edge-agent/contract/consent-history.ts";
import { purposeNames } from "../../web/components/bed-tile/bed-words.ts";
import { alternativeWords, concernWords, outcomeWords, unableWords } from "./consent-words.ts";
import { everyWords, hoursWords, momentWords, spanWords } from "./moment-words.ts";

export interface HistoryLine {
  readonly when: string;
  readonly what: string;
  /** What was written down with it. */
  readonly lines: readonly string[];
}

/** The newest first. */
export function historyLines(history: readonly ConsentChange[], nowUtcMs: number, timeZone: string): HistoryLine[] {
  return history
    .map((change, index) => ({
      when: momentWords(change.atUtcMs, nowUtcMs, timeZone),
      what: `${purposeNames[change.purpose]}: ${changeWords(change, beforeOf(history, index))}`,
      lines: recordLines(change.record),
    }))
    .toReversed();
}

const beforeOf = (history: readonly ConsentChange[], index: number): ConsentChange["state"] | null =>
  history.slice(0, index).findLast(({ purpose }) => purpose === history[index]?.purpose)?.state ?? null;

/** "offered by Sam Reed". */
function changeWords({ state, by, byPerson, record }: ConsentChange, before: ConsentChange["state"] | null): string {
  const who = byPerson ? "by the person" : `by ${by}`;
  if (record?.is === "review") return `reviewed ${who}, ${outcomeWords[record.outcome]}`;
  switch (state) {
    case "never-offered":
      return "not offered";
    case "offered":
      return `offered ${who}`;
    case "granted":
      if (before === "paused") return byPerson ? "on again, by the person" : "on again, the pause was over";
      return before === "granted" ? "still all right, said the person" : "turned on by the person";
    case "best-interests":
      return before === "paused" ? "on again, the pause was over" : `decided in the person’s best interests ${who}`;
    case "paused":
      return `paused ${who}`;
    case "withdrawn":
      return before === "offered" ? `offer taken back ${who}` : `turned off ${who}`;
    case "refused":
      return "the person said no";
    case "expired":
      return "ended at its time";
    case "ended":
      return `ended with the stay, ${who}`;
  }
}

export function recordLines(record: ConsentRecord | null): string[] {
  if (record === null) return [];
  switch (record.is) {
    case "activation":
      return activationLines(record, "Review");
    case "review":
      return [`“${record.words}”`];
    case "best-interests":
      return [
        ...(record.activation === null ? [] : activationLines(record.activation, "Ends")),
        `Cannot: ${record.unableTo.map((one) => unableWords[one]).join(", ")}. Because of: ${record.impairment}`,
        `Help given: ${record.helpGiven}`,
        `Why: ${record.decision}`,
        `Assessed by ${record.assessor}. Asked: ${record.consulted}`,
        `Attorney or deputy: ${record.attorneyOrDeputy ?? "none"}. No advance decision refuses it.`,
        `Capacity is assessed again after ${spanWords(record.assessAgainAfterHours)}.`,
      ];
    case "unreadable":
      return ["What was written down cannot be read. Tell the governance lead."];
  }
}

/** `then`: what is due when its time is over. */
function activationLines(activation: Activation, then: "Review" | "Ends"): string[] {
  const { concern, alternatives, words, reviewAfterHours, hours, askAgainEveryHours } = activation;
  const again = askAgainEveryHours === null ? "" : ` Asked again ${everyWords(askAgainEveryHours)}.`;
  return [
    `For: ${concernWords[concern]}. Less was thought of: ${alternatives.map((one) => alternativeWords[one]).join(", ")}.`,
    ...(words === null ? [] : [`“${words}”`]),
    `${then} after ${spanWords(reviewAfterHours)}. Hours: ${hoursWords(hours)}.${again}`,
  ];
}
