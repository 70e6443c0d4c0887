import { alarmCatalogue } from "../../edge-agent/contract/alarm-catalogue.ts";
import type { HandedAlarm, HandedStay } from "../../edge-agent/contract/handover.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import type { AlarmOutcome, FalseAlarmWhy } from "../../edge-agent/contract/words.ts";
import { notMonitoredWords, purposeNames } from "../web/components/bed-tile/bed-words.ts";
import { momentWords, timeWords } from "./person/moment-words.ts";

/* One person's shift on half a page: what happened, what is not on or waits, what is due. */

export interface HandoverPerson {
  readonly bedName: string;
  readonly label: string;
  readonly left: string | null;
  /** What is so now, and that the next shift has to know. */
  readonly now: readonly string[];
  readonly due: readonly string[];
  readonly happened: readonly string[];
}

export const outcomeWords: Readonly<Record<AlarmOutcome, string>> = {
  "all-well": "all well",
  helped: "helped",
  "called-doctor": "doctor called",
  "false-alarm": "false alarm",
};
export const falseWords: Readonly<Record<FalseAlarmWhy, string>> = {
  "staff-in-room": "staff were in the room",
  visitor: "a visitor",
  "nobody-there": "nobody was there",
  "was-asleep": "the person was asleep",
  equipment: "the equipment",
  other: "another reason",
};

export interface Now {
  readonly utcMs: number;
  readonly timeZone: string;
}

export function handoverPerson(stay: HandedStay, bedName: string, tile: Tile | undefined, now: Now): HandoverPerson {
  const here = tile?.stay?.id === stay.stay ? tile : undefined;
  const time = (utcMs: number): string => timeWords(utcMs, now.timeZone);
  return {
    bedName,
    label: stay.label,
    left: stay.endedAtUtcMs === null ? null : `Left ${momentWords(stay.endedAtUtcMs, now.utcMs, now.timeZone)}`,
    now:
      stay.endedAtUtcMs !== null
        ? []
        : here === undefined
          ? ["Nothing is heard of this bed: check in person"]
          : nowLines(here, time),
    due: stay.endedAtUtcMs === null && here !== undefined ? dueLines(here, time) : [],
    happened: happenedLines(stay, time),
  };
}

type Time = (utcMs: number) => string;

function nowLines(tile: Tile, time: Time): string[] {
  const lines: string[] = [];
  for (const alarm of tile.alarms) {
    const { words } = alarmCatalogue[alarm.condition];
    const who = alarm.acknowledged === null ? "nobody is going yet" : `${alarm.acknowledged.name} is going`;
    lines.push(`Alarm since ${time(alarm.raisedAt)}: ${words.toLowerCase()}; ${who}`);
  }
  if (tile.sedation !== null) {
    lines.push(
      `Watch after sedation until ${time(tile.sedation.untilUtcMs)}, a check every ${tile.sedation.everyMinutes} min`,
    );
  }
  if (tile.notMonitored !== null) lines.push(`Not monitored: ${notMonitoredWords[tile.notMonitored].toLowerCase()}`);
  const paused = tile.consents.filter(({ state }) => state === "paused");
  for (const { purpose, pause } of paused) {
    lines.push(`${purposeNames[purpose]} paused${pause === null ? "" : ` until ${time(pause.untilUtcMs)}`}`);
  }
  if (tile.checks === null) lines.push("No checks in person are ordered");
  return lines;
}

function dueLines(tile: Tile, time: Time): string[] {
  const lines: string[] = [];
  const { checks } = tile;
  if (checks !== null) {
    const missed = checks.missedInARow > 0 ? `, ${checks.missedInARow} missed` : "";
    lines.push(`Check in person by ${time(checks.dueUtcMs)}${missed}`);
    if (checks.reviewDue) lines.push("The order of checks is due to be looked at again");
  }
  for (const { condition, raisedAt } of tile.toClose) {
    lines.push(`How did it end? ${alarmCatalogue[condition].words} at ${time(raisedAt)}`);
  }
  for (const { purpose, due, untilUtcMs } of tile.consents) {
    if (due === "ask-again") lines.push(`${purposeNames[purpose]}: ask whether it is still all right`);
    if (due === "review")
      lines.push(`${purposeNames[purpose]}: review${untilUtcMs === null ? "" : ` by ${time(untilUtcMs)}`}`);
  }
  const until = tile.order?.untilUtcMs ?? null;
  if (until !== null) lines.push(`Order for alarms ends at ${time(until)}`);
  return lines;
}

function happenedLines({ alarms, checks, consents, sedations }: HandedStay, time: Time): string[] {
  const lines = [checkLine(checks, time)];
  for (const { atUtcMs, by, words } of checks.concerns) lines.push(`${time(atUtcMs)} ${by}: “${words}”`);
  for (const { atUtcMs, by } of sedations) lines.push(`${time(atUtcMs)} watch after sedation, by ${by}`);
  lines.push(...alarms.map((alarm) => alarmLine(alarm, time)));
  for (const { purpose, state, atUtcMs, byPerson } of consents) {
    lines.push(
      `${time(atUtcMs)} ${purposeNames[purpose]}: ${state.replace("-", " ")}${byPerson ? ", by the person" : ""}`,
    );
  }
  return lines;
}

function checkLine({ made, late, missed, last }: HandedStay["checks"], time: Time): string {
  const parts = [`${made} check${made === 1 ? "" : "s"} in time`];
  if (late > 0) parts.push(`${late} written down later`);
  if (missed > 0) parts.push(`${missed} missed`);
  const seen = last === null ? "" : `; last seen ${time(last.atUtcMs)} by ${last.by}`;
  return `${parts.join(", ")}${seen}`;
}

function alarmLine(alarm: HandedAlarm, time: Time): string {
  const times = alarm.raisings > 1 ? ` (${alarm.raisings} times)` : "";
  const gone =
    alarm.acknowledgedBy === null || alarm.acknowledgedAtUtcMs === null
      ? "nobody answered"
      : `${alarm.acknowledgedBy} went at ${time(alarm.acknowledgedAtUtcMs)}`;
  const called = alarm.escalation === 2 ? ", the nurse in charge was called" : "";
  const because = alarm.falseBecause === null ? "" : ` (${falseWords[alarm.falseBecause]})`;
  const ended = alarm.outcome === null ? "" : `: ${outcomeWords[alarm.outcome]}${because}`;
  return `${time(alarm.raisedAtUtcMs)} ${alarmCatalogue[alarm.condition].words}${times}; ${gone}${called}${ended}`;
}
