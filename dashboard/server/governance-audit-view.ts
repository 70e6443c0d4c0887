import { alarmCatalogue } from "../../edge-agent/contract/alarm-catalogue.ts";
import type { AuditLine, AuditPart, WardAudit } from "../../edge-agent/contract/ward-audit.ts";
import { AlarmCondition } from "../../edge-agent/contract/words.ts";
import { roleWords } from "./roles.ts";

/* The lines of a ward audit in plain words: the same on the page and in the file for a spreadsheet. */

const partWords: Readonly<Record<AuditPart, readonly [title: string, about: string]>> = {
  consent: ["Consent", "How many people each thing happened to at least once, of the people who were here."],
  "stepping-down": [
    "Stepping down",
    "How long each purpose stayed on, and what became of reviews that were due. Less is the aim.",
  ],
  sensing: ["Hours sensed, and hours not", "Of the hours for which people were here."],
  openings: ["Who opened what", "Looks of staff at a person's page. Never by name."],
  checks: [
    "Checks in person",
    "Beside looks at a screen: sensors do not replace checks. Who said no must be checked as well as everybody else.",
  ],
  alarms: ["Alarms", "Each time that an alarm came up."],
  stops: ["How fast a stop is", "From the touch until no sample is accepted any more. Promised: 2 s for 99 of 100."],
  training: ["Training", "On the last day of the period."],
  changes: ["What was changed", "Configurations, models, and orders that set what an alarm waits for."],
  feedback: ["What people said at their beds", "Their words are on the governance page."],
  access: ["Records that two people opened", "After an incident, or in an emergency. The list is under Governance."],
  log: [
    "Is the log whole?",
    "What this computer finds in its own log. Only an export checked elsewhere shows that nobody rewrote all of it.",
  ],
};

const figureWords: Readonly<Record<string, string>> = {
  held: "Held after an incident",
  "held-without-yes": "Held by law, without the person's yes",
  "held-untold": "Held, and a law forbids telling the person",
  "glass-broken": "Emergency looks",
  "reviewed-in-time": "Emergency looks reviewed within a day",
  "found-not-right": "Emergency looks found not right",
  offered: "Offered",
  granted: "Said yes",
  refused: "Said no",
  withdrawn: "Turned off",
  paused: "Paused",
  expired: "Ended without a review",
  "best-interests": "Decided for them",
  "on-per-person-median": "On for each person, half of them at most",
  reviewed: "Reviewed in time",
  "ended-without-review": "Ended without a review",
  "fewer-hours": "Reduced to fewer hours",
  stopped: "Stopped by the review",
  sensed: "Sensed",
  "sensor-lost": "Not monitored: the sensor was lost",
  "not-allowed": "Not monitored: not allowed, or not at this hour",
  "without-following-action": "Nothing followed within 15 minutes",
  "turned-away": "Turned away",
  "by-role": "By role",
  "by-purpose": "By purpose",
  "by-hour": "By hour of the day",
  "in-time": "In time",
  "written-later": "Written down later",
  "looks-for-each-check": "Looks at a screen for each check",
  "by-kind": "By kind",
  answered: "Answered",
  "answered-median": "Answered, half of them within",
  "answered-90th": "Answered, 9 of 10 within",
  false: "False",
  stops: "Stops and pauses",
  "touch-to-stop-p50": "Half of all, at most",
  "touch-to-stop-p99": "99 of 100, at most",
  "in-date": "Training in date",
  starts: "Starts of the program",
  "configurations-in-force": "Configurations in force",
  "models-in-force": "Models in force",
  "orders-set": "Orders set or changed",
  "clock-steps": "Steps of the clock",
  question: "Questions",
  complaint: "Complaints",
  "how-is-it": "How this is for me",
  "not-as-written": "Entries that are not as they were written",
  "time-backwards": "Entries with an earlier time than the one before",
  "signatures-sound": "Signatures that fit the log",
};

const groupWords: Readonly<Record<string, string>> = {
  "movement-alerts": "Movement alerts",
  "breathing-rate": "Breathing rate",
  "night-report": "Night report",
  "activity-summary": "Activity summary",
  "incident-review": "Incident review",
  sensed: "People with something on",
  "said-no": "People who said no",
  "not-asked": "People with nothing on who did not say no",
  ward: "The ward's log",
  pages: "The log of pages opened",
  TREAT: "Care",
  PATRQT: "The person asked",
  HQUALIMP: "Looking after quality",
  SYSADMIN: "Setting up",
  ...roleWords,
};

const conditionWords = (group: string): string | undefined => {
  const condition = AlarmCondition.safeParse(group);
  return condition.success ? alarmCatalogue[condition.data].words : undefined;
};

export const wordsOf = ({ part, figure, group }: AuditLine): string => {
  const words = figureWords[figure] ?? figure;
  if (group === null) return words;
  const named = (part === "alarms" ? conditionWords(group) : undefined) ?? groupWords[group];
  return `${words}: ${figure === "by-hour" ? `${group}:00` : (named ?? group)}`;
};

/** A table for each part. */
export const auditView = ({ lines }: WardAudit) =>
  Object.entries(partWords).map(([part, [title, about]]) => ({
    part,
    title,
    about,
    rows: lines
      .filter((line) => line.part === part)
      .map((line) => ({ words: wordsOf(line), value: valueWords(line), of: ofWords(line) })),
  }));

function valueWords({ value, unit }: AuditLine): string {
  if (value === null) return "–";
  if (unit === "ms") return value < 120_000 ? `${(value / 1_000).toFixed(2)} s` : `${Math.round(value / 60_000)} min`;
  if (unit === "hours") return `${Math.round(value)} h`;
  if (unit === "days") return `${value.toFixed(1)} days`;
  return unit === "ratio" ? value.toFixed(2) : String(value);
}

function ofWords({ value, unit, of, ofWhat }: AuditLine): string {
  if (of === null || ofWhat === null) return "–";
  const whole = `of ${Math.round(of)} ${ofWhat}`;
  const isShare = value !== null && of > 0 && (unit === "times" || unit === "people" || unit === "hours");
  return isShare && ofWhat !== "people" ? `${whole} (${Math.round((100 * value) / of)} %)` : whole;
}

/** RFC 4180. Words are of this program alone, so that no cell begins like a formula. */
export function auditCsv({ lines }: WardAudit): string {
  const cell = (value: string | number | null): string =>
    value === null ? "" : typeof value === "number" ? String(value) : `"${value.replaceAll('"', '""')}"`;
  const rows = lines.map((line) =>
    [line.part, line.figure, line.group, wordsOf(line), line.value, line.unit, line.of, line.ofWhat]
      .map(cell)
      .join(","),
  );
  return `${["part,figure,group,words,value,unit,of,of_what", ...rows].join("\r\n")}\r\n`;
}
