import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../install/plan.ts";
import { askAgentState } from "./ask-agent-state.ts";
import { type Journal, removeJournal, savedFolder, type UpdateStage, writeJournal } from "./journal.ts";
import { markLogs } from "./log-mark.ts";
import { note } from "./notes.ts";
import { type UpdatePlace, wardService } from "./place.ts";
import { rollBack } from "./roll-back.ts";
import { point, putAside, putIn } from "./swap.ts";
import { type Patience, watchHealth } from "./watch-health.ts";

/** A release that was checked and lies beside the one that runs. */
export interface Prepared {
  readonly from: number;
  readonly to: number;
  /** Folder of the backup that was just taken. */
  readonly backup: string;
  readonly plan: readonly Step[];
  /** Versions of the databases as they are. */
  readonly schemas: Readonly<Record<string, number>>;
  /** It changes them. */
  readonly migrates: boolean;
}

/** Told once a stage is on the disk; for tests that cut the power there. */
export type OnStage = (stage: UpdateStage | "prepared") => void;

export type Updated =
  | { readonly is: "kept" | "nothing-to-do" | "would" }
  /** Nothing was changed. */
  | { readonly is: "refused"; readonly words: string }
  | { readonly is: "rolled-back"; readonly words: string }
  /** A person must do something. */
  | { readonly is: "stuck"; readonly words: string };

const releasesKept = 3;

/** Puts a prepared release in, and watches it. Throws what a disk or the service manager says; then `recover` goes on. */
export async function carryThrough(
  place: UpdatePlace,
  { from, to, backup, plan, schemas, migrates }: Prepared,
  patience: Patience,
  stage: OnStage,
): Promise<Updated> {
  const before = await askAgentState(place.data);
  if (before === undefined)
    place.say("the ward does not run: whether its rooms are monitored afterwards cannot be compared");
  await note(place, {
    step: "begun",
    from,
    to,
    words: `update from release ${from} to ${to}: backup in ${backup}, the new one starts with a copy of the records`,
  });
  stage("prepared");
  point(join(place.prefix, "recover"), `releases/${from}`);
  let journal: Journal = {
    ...{ v: 1, stage: "stopping", from, to: to, startedUtcMs: Date.now(), backup },
    acceptedBefore: textOf(join(place.data, "release.accepted")),
    before: before ?? null,
    ...{ marks: null, schemas, saved: putAside(plan, place), why: null },
  };
  const at = (next: Partial<Journal>): void => {
    journal = { ...journal, ...next };
    writeJournal(place.prefix, journal);
    stage(journal.stage);
  };
  at({});
  place.services.stop(wardService);
  if (migrates) keepDatabases(place);
  at({ stage: "swapping", marks: markLogs(place.data) });
  putIn(plan, place);
  at({ stage: "starting" });
  place.services.reload();
  place.services.start(wardService);
  place.say(`release ${to} is started`);
  const ill = await watchHealth(place, journal, to, patience);
  if (ill !== undefined) return await rollBack(place, { ...journal, why: ill }, patience, stage);
  at({ stage: "keeping" });
  return await keep(place, journal);
}

/** What is left to do once a release was found well; also for an update that was cut off there. */
export async function keep(place: UpdatePlace, { from, to }: Journal): Promise<Updated> {
  point(join(place.prefix, "recover"), `releases/${to}`);
  await note(place, { step: "kept", from, to, words: `release ${to} runs, and is kept` });
  removeJournal(place.prefix);
  const releases = join(place.prefix, "releases");
  const numbers = readdirSync(releases)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((one, other) => other - one);
  const wanted = new Set([to, from, ...numbers.filter((number) => number <= to).slice(0, releasesKept)]);
  for (const number of numbers.filter((one) => !wanted.has(one))) {
    rmSync(join(releases, String(number)), { recursive: true, force: true });
    place.say(`removed release ${number}`);
  }
  return { is: "kept" };
}

/** As they are when all has stopped, for a release that changes their schema and then does not start. */
function keepDatabases({ data, prefix }: UpdatePlace): void {
  const folder = join(prefix, savedFolder, "databases");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(data).filter((one) => /\.sqlite(-wal)?$/.test(one)))
    execFileSync("cp", ["--preserve=all", join(data, name), join(folder, name)]);
  execFileSync("sync", ["--file-system", folder]);
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
