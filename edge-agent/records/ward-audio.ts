import type Database from "better-sqlite3";
import type { Stamp } from "../contract/audit-entry.ts";
import type { AuditAction } from "../contract/door.ts";
import type { Actor } from "../contract/people.ts";
import { SoundTest, WardAudio } from "../contract/ward-state.ts";
import { StaffRole } from "../contract/words.ts";
import type { Append } from "./invites.ts";
import { insertSealed } from "./sealed-tables.ts";
import { StoreError } from "./store-error.ts";
import { storedWord } from "./stored-word.ts";

/** What was decided about the ward's sounds, and what somebody heard. The newest of each kind holds. */
export const wardAudioSchema = `
CREATE TABLE ward_audio (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('audio', 'sound-test')),
  held TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX ward_audio_latest ON ward_audio (kind, number);
CREATE TRIGGER ward_audio_no_update BEFORE UPDATE ON ward_audio
  BEGIN SELECT RAISE(ABORT, 'ward_audio is append-only'); END;
CREATE TRIGGER ward_audio_no_delete BEFORE DELETE ON ward_audio
  BEGIN SELECT RAISE(ABORT, 'ward_audio is append-only'); END;
`;

export interface AudioEntry {
  readonly action: Extract<AuditAction, "audio.pause" | "audio.off" | "audio.on" | "sound.heard">;
  readonly by: Actor;
  readonly detail: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** Words that somebody typed. */
  readonly reason: string | null;
  readonly held:
    | { readonly kind: "audio"; readonly audio: WardAudio }
    | { readonly kind: "sound-test"; readonly test: SoundTest };
}

/** The entry first, then what it explains. */
export function writeAudio(db: Database.Database, append: Append, entry: AudioEntry, stamp: Stamp): void {
  const { action, by: actor, detail, reason, held } = entry;
  append({ action, actor, outcome: 0, detail, phi: reason === null ? null : { reason } }, stamp);
  insertSealed(db, "ward_audio", {
    kind: held.kind,
    held: JSON.stringify(held.kind === "audio" ? held.audio : held.test),
    at: Math.round(stamp.utcMs),
  });
}

/** As it was when the agent stopped. */
export function readAudio(db: Database.Database): { readonly audio: WardAudio; readonly soundTest: SoundTest | null } {
  const newest = db.prepare("SELECT held FROM ward_audio WHERE kind = ? ORDER BY number DESC LIMIT 1").pluck();
  const audio: unknown = newest.get("audio");
  const test: unknown = newest.get("sound-test");
  return {
    audio: typeof audio === "string" ? parsed(WardAudio, audio) : { paused: null, off: null },
    soundTest: typeof test === "string" ? parsed(SoundTest, test) : null,
  };
}

/** Staff who are signed in, each once, in the role of their newest session. */
export function onDuty(db: Database.Database, utcMs: number): { readonly name: string; readonly role: StaffRole }[] {
  const rows = db
    .prepare(
      `SELECT staff.name, session.role, max(session.started_at) FROM session JOIN staff ON staff.id = session.staff
       WHERE session.ended_at IS NULL AND session.expires_at > ? GROUP BY staff.id ORDER BY staff.name`,
    )
    .all(Math.round(utcMs)) as { name: string; role: string }[];
  return rows.map(({ name, role }) => ({ name, role: storedWord(StaffRole, role) }));
}

function parsed<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: unknown } },
  text: string,
): T {
  const read = schema.safeParse(JSON.parse(text));
  if (!read.success)
    throw new StoreError("damaged", "what was decided about the ward's sounds is not readable", read.error);
  return read.data;
}
