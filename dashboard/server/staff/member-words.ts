import type { StaffMember } from "../../../edge-agent/contract/staff.ts";
import { momentWords } from "../person/moment-words.ts";
import { roleWords } from "../roles.ts";

const soonMs = 30 * 86_400_000;

/** "20 Nov 2027". */
export const dayWords = (day: string): string =>
  new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(
    Date.parse(day),
  );

/** One person of the staff list, in words. `look` is the shape and colour of the line. */
export function memberView(member: StaffMember, nowUtcMs: number, timeZone: string) {
  const { id, name, badge, role, agency, addedBy, training } = member;
  const ended = member.endedAtUtcMs !== null || (member.untilUtcMs !== null && member.untilUtcMs <= nowUtcMs);
  const when = (utcMs: number): string => momentWords(utcMs, nowUtcMs, timeZone);
  return {
    id,
    name,
    badge,
    role: roleWords[role],
    agency,
    addedBy,
    ended,
    waiting: !ended && member.waitUntilUtcMs !== null,
    ...stateOf(member, ended, when),
    training: trainingOf(training, nowUtcMs),
  };
}

function stateOf(member: StaffMember, ended: boolean, when: (utcMs: number) => string) {
  const { endedAtUtcMs, untilUtcMs, waitUntilUtcMs, started } = member;
  if (endedAtUtcMs !== null) return { look: "ended", state: `Ended ${when(endedAtUtcMs)}` };
  if (ended && untilUtcMs !== null) return { look: "ended", state: `Ended by itself ${when(untilUtcMs)}` };
  if (waitUntilUtcMs !== null)
    return { look: "waits", state: `Too many wrong tries: waits until ${when(waitUntilUtcMs)}` };
  if (!started) return { look: "code", state: "Has not started the account yet" };
  return { look: "in", state: untilUtcMs === null ? "Can sign in" : `Can sign in until ${when(untilUtcMs)}` };
}

function trainingOf(training: StaffMember["training"], nowUtcMs: number) {
  if (training === null) return { look: "none", words: "No training recorded", by: null };
  const { doneOn, validUntil, recordedBy } = training;
  // Valid through its last day.
  const leftMs = Date.parse(validUntil) + 86_400_000 - nowUtcMs;
  const by = `Done ${dayWords(doneOn)}, recorded by ${recordedBy}`;
  if (leftMs <= 0) return { look: "over", words: `Training ran out on ${dayWords(validUntil)}`, by };
  return { look: leftMs < soonMs ? "soon" : "valid", words: `Training valid until ${dayWords(validUntil)}`, by };
}
