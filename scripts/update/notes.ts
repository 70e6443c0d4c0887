import { appendFileSync, chownSync, statSync } from "node:fs";
import { join } from "node:path";
import { type UpdateNote, updateNotesFile } from "../../edge-agent/contract/release-state.ts";
import { askAgentState } from "./ask-agent-state.ts";
import type { UpdatePlace } from "./place.ts";

const wordsMax = 500;

/**
 * Says it to the engineer, and writes it down for the audit log: the agent takes it into the log at once where it runs, else at its next
 * start.
 */
export async function note(
  place: UpdatePlace,
  said: Pick<UpdateNote, "step" | "from" | "to" | "words">,
  nowUtcMs = Date.now(),
): Promise<void> {
  place.say(said.words);
  writeNote(place, said, nowUtcMs);
  await askAgentState(place.data);
}

export function writeNote(
  place: UpdatePlace,
  { step, from, to, words }: Pick<UpdateNote, "step" | "from" | "to" | "words">,
  nowUtcMs = Date.now(),
): void {
  const line: UpdateNote = { v: 1, atUtcMs: Math.floor(nowUtcMs), step, from, to, words: words.slice(0, wordsMax) };
  const file = join(place.data, updateNotesFile);
  appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true });
  const { uid, gid } = statSync(place.data);
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
}
