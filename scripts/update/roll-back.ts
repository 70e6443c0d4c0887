import { chmodSync, chownSync, copyFileSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Updated } from "./carry-through.ts";
import { type Journal, removeJournal, savedFolder, type UpdateStage, writeJournal } from "./journal.ts";
import { markLogs } from "./log-mark.ts";
import { note, writeNote } from "./notes.ts";
import { type UpdatePlace, wardService } from "./place.ts";
import { schemasOf } from "./self-check.ts";
import { putBackFiles } from "./swap.ts";
import { type Patience, watchHealth } from "./watch-health.ts";

/** For the release of before to become well again. */
const readyMsMin = 120_000;

/**
 * Puts back what an update changed and starts the release of before. Records that the new one has changed are put back only where it has
 * added nothing to any log: what somebody acknowledged is never lost, and no log goes back behind what others have seen of it. Otherwise the
 * new one stays, and a person decides.
 */
export async function rollBack(
  place: UpdatePlace,
  journal: Journal,
  patience: Patience,
  stage: (stage: UpdateStage) => void,
): Promise<Updated> {
  const { from, to } = journal;
  const why = journal.why ?? "the update was cut off";
  place.say(`release ${to} is not well: ${why}`);
  const back = filesBack(place, { ...journal, why }, stage, () => place.services.stop(wardService));
  place.services.reload();
  place.services.start(wardService);
  if (back !== undefined) {
    const words = stuckWords(from, to, why, back);
    await note(place, { step: "stuck", from, to, words });
    removeJournal(place.prefix);
    return { is: "stuck", words };
  }
  // Nothing better can be done meanwhile: it gets its time.
  const readyMs = Math.max(patience.readyMs, readyMsMin);
  const ill = await watchHealth(place, journal, from, { ...patience, readyMs });
  const words = `ROLLED BACK to release ${from}: release ${to} was not well (${why})`;
  await note(place, { step: "rolled-back", from, to, words });
  removeJournal(place.prefix);
  if (ill === undefined) return { is: "rolled-back", words };
  const call = `release ${from} runs again and is not well either: ${ill}. Check in person, read journalctl -u ${wardService}`;
  await note(place, { step: "stuck", from, to, words: call });
  return { is: "stuck", words: call };
}

/** Before the ward is started, after a power cut: nothing runs, and nothing is waited for. The agent says it in the log at its start. */
export function rollBackAtStart(place: UpdatePlace, journal: Journal): Updated {
  const { from, to } = journal;
  const why = journal.why ?? "the update was cut off";
  const back = filesBack(
    place,
    { ...journal, why },
    () => {},
    () => {},
  );
  const words = back === undefined ? `ROLLED BACK to release ${from}: ${why}` : stuckWords(from, to, why, back);
  const step = back === undefined ? "rolled-back" : "stuck";
  place.say(words);
  writeNote(place, { step, from, to, words });
  // Units were read at the start of the machine, when they were those of the other release.
  try {
    place.services.reload();
  } catch (cause) {
    place.say(
      `systemctl daemon-reload failed (${cause instanceof Error ? cause.message : String(cause)}): do it by hand`,
    );
  }
  removeJournal(place.prefix);
  return { is: step, words };
}

const stuckWords = (from: number, to: number, why: string, back: string): string =>
  `RELEASE ${to} STAYS and is not well (${why}): release ${from} cannot be put back, because ${back}. Check in person; docs/update.md says what to do`;

/** Undefined: all is as it was. Otherwise why the new release must stay. */
function filesBack(
  place: UpdatePlace,
  journal: Journal,
  stage: (stage: UpdateStage) => void,
  stop: () => void,
): string | undefined {
  const next: Journal = { ...journal, stage: "rolling-back" };
  writeJournal(place.prefix, next);
  stage("rolling-back");
  stop();
  const changed = Object.entries(schemasOf(place.data)).filter(
    ([name, version]) => journal.schemas[name] !== undefined && version > journal.schemas[name],
  );
  if (changed.length > 0) {
    if (!logsUntouched(place, journal))
      return `it changed the schema of ${changed.map(([name]) => name).join(", ")} and has written entries since`;
    putBackDatabases(place);
  }
  putBackFiles(next, place);
  return undefined;
}

function logsUntouched({ data }: UpdatePlace, { marks }: Journal): boolean {
  if (marks === null) return false;
  const now = markLogs(data);
  return Object.entries(marks).every(([name, { size, root }]) => now[name]?.size === size && now[name]?.root === root);
}

function putBackDatabases({ data, prefix }: UpdatePlace): void {
  const folder = join(prefix, savedFolder, "databases");
  if (!existsSync(folder)) throw new Error(`${folder} is missing: the databases of before cannot be put back`);
  const { uid, gid } = statSync(data);
  const kept = readdirSync(folder);
  for (const name of readdirSync(data).filter((one) => /\.sqlite(-wal|-shm)?$/.test(one)))
    if (/-(wal|shm)$/.test(name) && kept.includes(name.replace(/-(wal|shm)$/, ""))) rmSync(join(data, name));
  for (const name of kept) {
    copyFileSync(join(folder, name), join(data, name));
    chmodSync(join(data, name), 0o600);
    if (process.getuid?.() === 0) chownSync(join(data, name), uid, gid);
  }
}
