import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  Alertness,
  type CheckSeen,
  Engagement,
  recordWithinMs,
  SeenHow,
  SeenWhere,
} from "../../../edge-agent/contract/checks.ts";
import { Words } from "../../../edge-agent/contract/text.ts";
import { alertnessWords, engagementWords, howWords, seenWords, whereWords } from "../../words/check-words.ts";
import { type Body, choices, type FieldError, type Read, readAs, textOf, wordsOf } from "./form-body.ts";
import { timeWords } from "./moment-words.ts";
import { personForm } from "./person-form.ts";
import type { PersonDeps, Visit } from "./visit.ts";

type Bare = Omit<CheckSeen, "concern" | "afterSedation">;

/** What is seen most often, in one touch each; anything else has its own fields. */
export const usualSights: Readonly<Record<string, Bare>> = {
  asleep: { where: "in-bed", how: "asleep-breathing-seen", engagement: "asleep" },
  "awake-in-bed": { where: "in-bed", how: "awake", engagement: "greeted" },
  "awake-in-room": { where: "bedroom", how: "awake", engagement: "greeted" },
  "day-area": { where: "day-area", how: "awake", engagement: "talked" },
  bathroom: { where: "bathroom", how: "awake", engagement: "greeted" },
  distressed: { where: "bedroom", how: "awake", engagement: "distressed" },
  "no-breathing": { where: "in-bed", how: "breathing-not-seen", engagement: null },
  "not-found": { where: "not-found", how: null, engagement: null },
};
const other = "other";

const Late = z.object({ lateBecause: Words(200) });
const faults = {
  sight: "Choose what you saw.",
  where: "Choose where the person was.",
  how: "Choose awake, asleep or breathing not seen.",
  engagement: "Choose one word for how the person was with you.",
  concern: "At most 200 characters.",
  alertness: "Say how awake the person was.",
  breathsPerMin:
    "Count the breathing for a minute: a whole number. Leave it empty only where it could not be counted, and say why as a concern.",
  seenAt: "A time of the last 24 hours, such as 02:15.",
  lateBecause: "Say why it is written down later.",
} as const;

/** /person/<bed>/check: one touch for what was seen, one to write it down. */
export function checkForm(app: FastifyInstance, deps: PersonDeps): void {
  const { timeZone } = deps.site.consent;
  personForm(app, deps, {
    path: "check",
    template: "check.njk",
    least: "nurse",
    did: "check",
    next: () => "/ward",
    refused: ({ tile }) => (tile?.stay == null ? "Nobody is admitted to this bed." : null),
    view: (visit, params, body) => ({
      ...viewOf(visit, body, (utcMs) => timeWords(utcMs, timeZone)),
      supersedes: textOf(body, "supersedes") || (params.corrects ?? ""),
    }),
    read: (visit, _params, body) => {
      const seen = readSeen(visit, body);
      const time = readTime(body, deps.utcMs(), timeZone);
      const errors = [...(seen.ok ? [] : seen.errors), ...(time.ok ? [] : time.errors)];
      if (!seen.ok || !time.ok) return { ok: false, errors };
      const ask = { bed: visit.bed, stay: textOf(body, "stay"), seen: seen.value, ...time.value };
      return { ok: true, value: { do: "check", ...ask, supersedes: wordsOf(body, "supersedes") } };
    },
  });
}

function viewOf(visit: Visit, body: Body, time: (utcMs: number) => string) {
  const chosen = textOf(body, "sight");
  const words = Object.fromEntries(
    Object.entries(usualSights).map(([id, seen]) => [id, seenWords({ ...seen, concern: null })]),
  );
  const last = visit.tile?.checks?.lastMade ?? null;
  return {
    sights: choices({ ...words, [other]: "Something else" }, [chosen]),
    where: choices(whereWords, [textOf(body, "where")]),
    how: choices(howWords, [textOf(body, "how")]),
    engagement: choices(engagementWords, [textOf(body, "engagement")]),
    sedation: visit.tile?.sedation ?? null,
    alertness: choices(alertnessWords, [textOf(body, "alertness")]),
    typed: {
      concern: textOf(body, "concern"),
      breathsPerMin: textOf(body, "breathsPerMin"),
      seenAt: textOf(body, "seenAt"),
      lateBecause: textOf(body, "lateBecause"),
    },
    lastSeen: last === null ? null : `Last seen ${time(last.atUtcMs)} by ${last.by}`,
  };
}

/** What was seen; the rules of the watch after sedation are the agent's, and said here so that nobody is sent back twice. */
export function readSeen({ tile }: Pick<Visit, "tile">, body: Body): Read<CheckSeen> {
  const sight = textOf(body, "sight");
  const bare = Object.hasOwn(usualSights, sight) ? usualSights[sight] : undefined;
  if (bare === undefined && sight !== other) return wrong("sight");
  const read =
    bare === undefined
      ? readAs(
          z.object({ where: SeenWhere, how: SeenHow.nullable(), engagement: Engagement.nullable() }),
          { where: textOf(body, "where"), how: wordsOf(body, "how"), engagement: wordsOf(body, "engagement") },
          faults,
        )
      : ({ ok: true, value: bare } as const);
  if (!read.ok) return read;
  const concern = wordsOf(body, "concern");
  if (concern !== null && !Words(200).safeParse(concern).success) return wrong("concern");
  const { where, how } = read.value;
  const isSeen = where !== "not-found" && where !== "off-the-ward";
  if (isSeen && how === null) return wrong("how");
  if (tile?.sedation == null || !isSeen) return { ok: true, value: { ...read.value, concern } };
  const after = readAs(
    z.object({ alertness: Alertness, breathsPerMin: z.int().min(0).max(80).nullable() }),
    { alertness: textOf(body, "alertness"), breathsPerMin: breathsOf(body) },
    faults,
  );
  if (!after.ok) return after;
  // Not counted is a finding, and has its reason.
  if (after.value.breathsPerMin === null && concern === null) return wrong("breathsPerMin");
  return { ok: true, value: { ...read.value, concern, afterSedation: after.value } };
}

const breathsOf = (body: Body): number | null => {
  const text = textOf(body, "breathsPerMin");
  return text === "" ? null : Number(text);
};

type Time = { readonly seenAtUtcMs: number | null; readonly lateBecause: string | null };

/** Just now, unless a time was typed: then it is of the last 24 hours on the ward's clock. */
export function readTime(body: Body, nowUtcMs: number, timeZone: string): Read<Time> {
  const text = textOf(body, "seenAt");
  if (text === "") return { ok: true, value: { seenAtUtcMs: null, lateBecause: null } };
  const match = /^([01]?\d|2[0-3])[:.]?([0-5]\d)$/.exec(text);
  if (match === null) return wrong("seenAt");
  const seenAtUtcMs = newestAt(`${match[1]?.padStart(2, "0")}:${match[2]}`, nowUtcMs, timeZone);
  if (seenAtUtcMs === undefined) return wrong("seenAt");
  if (nowUtcMs - seenAtUtcMs <= recordWithinMs) return { ok: true, value: { seenAtUtcMs, lateBecause: null } };
  const late = readAs(Late, { lateBecause: textOf(body, "lateBecause") }, faults);
  return late.ok ? { ok: true, value: { seenAtUtcMs, ...late.value } } : late;
}

/** The last minute that the ward's clock showed this time; on a night with the hour twice, the later one. */
function newestAt(clock: string, nowUtcMs: number, timeZone: string): number | undefined {
  const minute = 60_000;
  const from = Math.floor(nowUtcMs / minute) * minute;
  for (let at = from; at > from - 25 * 60 * minute; at -= minute) if (timeWords(at, timeZone) === clock) return at;
  return undefined;
}

const wrong = (id: keyof typeof faults): { readonly ok: false; readonly errors: readonly FieldError[] } => ({
  ok: false,
  errors: [{ id, words: faults[id] }],
});
