import { existsSync, readFileSync, renameSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { AuditIntent } from "../contract/door.ts";
import { UpdateNote, updateNotesFile } from "../contract/release-state.ts";

const fileBytesMax = 256 * 1024;
const badSteps: readonly UpdateNote["step"][] = ["refused", "rolled-back", "stuck"];

/**
 * Takes what an update of the program wrote down into the audit log. The file is put aside before it is read, so that a line that is added
 * meanwhile begins a new one; after a power cut in between its lines are in the log twice, never missing. Throws what `write` throws, and
 * then everything is taken at the next try.
 */
export function takeUpdateNotes(dataDir: string, write: (entries: readonly AuditIntent[]) => void): void {
  const [file, taken] = [join(dataDir, updateNotesFile), join(dataDir, `${updateNotesFile}.taken`)];
  // First what an earlier run had put aside and did not finish.
  for (;;) {
    if (!existsSync(taken)) {
      if (!existsSync(file)) return;
      renameSync(file, taken);
    }
    write(entriesOf(taken));
    unlinkSync(taken);
  }
}

function entriesOf(file: string): AuditIntent[] {
  if (statSync(file).size > fileBytesMax) return [unreadable("the file is too large")];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const note = noteOf(line);
      return note === undefined ? unreadable("a line cannot be read") : entryOf(note);
    });
}

function noteOf(line: string): UpdateNote | undefined {
  try {
    return UpdateNote.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const entryOf = ({ atUtcMs, step, from, to, words }: UpdateNote): AuditIntent => ({
  action: "release.update",
  actor: { kind: "setup", name: "set-up on this machine" },
  outcome: badSteps.includes(step) ? 4 : 0,
  detail: { step, from, to, words, happenedAt: new Date(atUtcMs).toISOString() },
  phi: null,
});

/** A power cut can leave half a line; that something was there is said all the same. */
const unreadable = (words: string): AuditIntent => ({
  action: "release.update",
  actor: { kind: "system", part: "agent" },
  outcome: 4,
  detail: { step: null, words },
  phi: null,
});
