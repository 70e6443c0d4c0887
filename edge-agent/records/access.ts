import type Database from "better-sqlite3";
import {
  type Access,
  type AccessAsk,
  AccessKind,
  accessState,
  awaitsReview,
  breakGlassMsMax,
  windowMsMax,
} from "../contract/access.ts";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import { allowingStates } from "../contract/words.ts";
import { type Append, at, intentOf } from "./invites.ts";
import { insertSealed, updateSealed } from "./sealed-tables.ts";

type Staff = Extract<Actor, { kind: "staff" }>;
type AskOf<Do extends AccessAsk["do"]> = Extract<AccessAsk, { do: Do }>;

/** Each change with its entry, in the caller's transaction. Who may do what by their role was decided before. */
export function decideAccess(
  db: Database.Database,
  append: Append,
  ask: AccessAsk,
  by: Staff,
  stamp: Stamp,
): AskResult | Refused {
  if (ask.do === "ask-access") return askAccess(db, append, ask, by, stamp);
  const access = readAccess(db, ask.number);
  if (access === undefined) return refuse("not-found", "There is no such request.");
  switch (ask.do) {
    case "agree-access":
      return agree(db, append, access, by, stamp);
    case "end-access":
      return end(db, append, access, by, stamp);
    case "review-access":
      return review(db, append, access, ask, by, stamp);
  }
}

function askAccess(
  db: Database.Database,
  append: Append,
  ask: AskOf<"ask-access">,
  by: Staff,
  stamp: Stamp,
): AskResult | Refused {
  const { kind, bed, reason, lawful, untold } = ask;
  const [from, until, forMs] = [Math.round(ask.fromUtcMs), Math.round(ask.untilUtcMs), Math.round(ask.forMs)];
  if (until <= from || from > at(stamp)) return refuse("policy", "Choose a time that has begun, and its end after it.");
  if (until - from > windowMsMax) return refuse("policy", "At most 31 days at a time: only what is needed.");
  if (kind === "break-glass" && forMs > breakGlassMsMax) return refuse("policy", "At most 60 minutes.");
  if (kind === "break-glass" && (untold !== null || lawful !== null))
    return refuse("policy", "Of broken glass the person is always told.");
  const stays = db
    .prepare("SELECT id FROM stay WHERE bed = ? AND started_at < ? AND coalesce(ended_at, ?) > ? LIMIT 2")
    .pluck()
    .all(bed, until, Number.MAX_SAFE_INTEGER, from) as string[];
  const [stay, another] = stays;
  if (stay === undefined) return refuse("not-found", "Nobody was admitted to this bed in that time.");
  if (another !== undefined)
    return refuse("policy", "More than one person was in this bed in that time. Choose a shorter time.");
  if (kind === "hold" && lawful === null && !saidYesToReview(db, stay))
    return refuse(
      "policy",
      "The person did not say yes to “Incident review”. Name the law that asks for it, or leave it.",
    );
  const asked = { asked_by: by.id, asked_name: by.name, asked_at: at(stamp) };
  const window = { from_at: from, until_at: until, for_ms: forMs };
  const number = Number(insertSealed(db, "access", { kind, stay, ...window, reason, lawful, untold, ...asked }));
  const detail = { access: number, kind, bed, stay, fromUtcMs: from, untilUtcMs: until, forMs, told: untold === null };
  append(intentOf("access.ask", by, { ...detail, consented: lawful === null }, { reason, lawful, untold }), stamp);
  return { is: "access", number };
}

/** As it stood when the stay ended, where it has: leaving the ward is no answer. */
function saidYesToReview(db: Database.Database, stay: string): boolean {
  const state: unknown = db
    .prepare(
      `SELECT state FROM consent WHERE stay = ? AND purpose = 'incident-review' AND state <> 'ended'
       ORDER BY transition DESC LIMIT 1`,
    )
    .pluck()
    .get(stay);
  return allowingStates.some((one) => one === state);
}

function agree(db: Database.Database, append: Append, access: Access, by: Staff, stamp: Stamp): AskResult | Refused {
  const { number, kind, stay, bed, fromUtcMs, untilUtcMs, reason, asked, forMs } = access;
  const now = at(stamp);
  if (asked.id === by.id) return refuse("policy", "You asked for it. A second person has to agree.");
  switch (accessState(access, now)) {
    case "asked":
      break;
    case "lapsed":
      return refuse("policy", "Nobody agreed within a day. Ask for it anew.");
    case "open":
    case "over":
      return refuse("already-done", "This was decided already.");
  }
  const openUntil = now + forMs;
  append(intentOf("access.agree", by, { access: number, kind, bed, stay, openUntil, askedBy: asked.id }), stamp);
  const hold =
    kind === "hold"
      ? Number(
          insertSealed(db, "hold", {
            ...{ stay, from_at: fromUtcMs, until_at: untilUtcMs, reason },
            ...{ first_by: asked.id, second_by: by.id, at: now, expires_at: openUntil },
          }),
        )
      : null;
  const agreed = { agreed_by: by.id, agreed_name: by.name, agreed_at: now };
  updateSealed(db, "access", number, { ...agreed, open_until: openUntil, hold });
  return { is: "access", number };
}

function end(db: Database.Database, append: Append, access: Access, by: Staff, stamp: Stamp): AskResult | Refused {
  const { number, kind, stay, bed, asked, agreed } = access;
  if (by.role !== "governance-lead" && by.id !== asked.id && by.id !== agreed?.id)
    return refuse("not-allowed", "Only the two who opened it, or a governance lead, can end it.");
  const now = at(stamp);
  const state = accessState(access, now);
  if (state === "over" || state === "lapsed") return refuse("already-done", "It is over already.");
  append(intentOf("access.end", by, { access: number, kind, bed, stay }), stamp);
  db.prepare("UPDATE main.access SET ended_at = ? WHERE number = ?").run(now, number);
  db.prepare(
    "UPDATE main.hold SET expires_at = max(?, at + 1) WHERE number = (SELECT hold FROM access WHERE number = ?)",
  ).run(now, number);
  return { is: "done" };
}

function review(
  db: Database.Database,
  append: Append,
  access: Access,
  { right, words }: AskOf<"review-access">,
  by: Staff,
  stamp: Stamp,
): AskResult | Refused {
  const { number, kind, stay, bed, asked, agreed } = access;
  if (!awaitsReview(access)) return refuse("already-done", "There is nothing to review here.");
  if (by.id === asked.id || by.id === agreed?.id)
    return refuse("policy", "You opened it yourself. Another governance lead has to review it.");
  append(intentOf("access.review", by, { access: number, kind, bed, stay, right }, { words }), stamp);
  const reviewed = { review_by: by.id, review_name: by.name, review_at: at(stamp) };
  updateSealed(db, "access", number, { ...reviewed, review_right: right ? 1 : 0, review_words: words });
  return { is: "done" };
}

interface Row {
  readonly number: number;
  readonly kind: string;
  readonly stay: string;
  readonly bed: string;
  readonly label: string;
  readonly from_at: number;
  readonly until_at: number;
  readonly reason: string;
  readonly lawful: string | null;
  readonly untold: string | null;
  readonly for_ms: number;
  readonly asked_by: string;
  readonly asked_name: string;
  readonly asked_at: number;
  readonly agreed_by: string | null;
  readonly agreed_name: string | null;
  readonly agreed_at: number | null;
  readonly open_until: number | null;
  readonly ended_at: number | null;
  readonly review_by: string | null;
  readonly review_name: string | null;
  readonly review_at: number | null;
  readonly review_right: number | null;
  readonly review_words: string | null;
}

const rows = "SELECT access.*, stay.bed, stay.label FROM access JOIN stay ON stay.id = access.stay";
const listMax = 200;

export function readAccess(db: Database.Database, number: number): Access | undefined {
  const row = db.prepare(`${rows} WHERE number = ?`).get(number) as Row | undefined;
  return row && accessOf(row);
}

/** The newest first. */
export const listAccess = (db: Database.Database): Access[] =>
  (db.prepare(`${rows} ORDER BY number DESC LIMIT ${listMax}`).all() as Row[]).map(accessOf);

function accessOf(row: Row): Access {
  const { agreed_by, agreed_name, agreed_at, open_until, review_by, review_name, review_at, review_words } = row;
  return {
    number: row.number,
    kind: AccessKind.parse(row.kind),
    stay: row.stay,
    bed: row.bed,
    label: row.label,
    fromUtcMs: row.from_at,
    untilUtcMs: row.until_at,
    reason: row.reason,
    lawful: row.lawful,
    untold: row.untold,
    forMs: row.for_ms,
    asked: { id: row.asked_by, name: row.asked_name, atUtcMs: row.asked_at },
    agreed:
      agreed_by === null || agreed_name === null || agreed_at === null || open_until === null
        ? null
        : { id: agreed_by, name: agreed_name, atUtcMs: agreed_at, opensUntilUtcMs: open_until },
    endedAtUtcMs: row.ended_at,
    review:
      review_by === null || review_name === null || review_at === null || review_words === null
        ? null
        : { id: review_by, name: review_name, atUtcMs: review_at, right: row.review_right === 1, words: review_words },
  };
}
