import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { readStationKey } from "../../edge-agent/platform/keys.ts";
import { giveTo } from "../backup/put-back.ts";
import { takeBackup } from "../backup/take.ts";
import { changedByHand } from "../install/carry-out.ts";
import { installPlan, installProblems, type Step, type Wanted } from "../install/plan.ts";
import { templatesIn } from "../install/templates.ts";
import { askAgentState } from "./ask-agent-state.ts";
import { type Journal, removeJournal, type UpdateStage, writeJournal } from "./journal.ts";
import { markLogs } from "./log-mark.ts";
import { note } from "./notes.ts";
import { copyRelease, type OpenedRelease, openRelease, unpack } from "./open-release.ts";
import { type UpdatePlace, wardService } from "./place.ts";
import { rollBack } from "./roll-back.ts";
import { schemasOf, selfCheck } from "./self-check.ts";
import { linkOf, point, putAside, putIn } from "./swap.ts";
import { type Patience, watchHealth } from "./watch-health.ts";

export interface UpdateAsked {
  /** A folder, or a .tar.gz. */
  readonly release: string;
  /** Folder of the site's files, where they are not in `site/` of the release. */
  readonly beside: string | undefined;
  readonly dryRun: boolean;
  /** A newer schema of the databases is taken, although there may be no way back from it. */
  readonly oneWay: boolean;
  readonly patience: Patience;
  /** Told at each stage once it is on the disk; for tests that cut the power there. */
  readonly onStage?: (stage: UpdateStage | "prepared") => void;
}

export type Updated =
  | { readonly is: "kept" | "nothing-to-do" | "would" }
  /** Nothing was changed. */
  | { readonly is: "refused"; readonly words: string }
  | { readonly is: "rolled-back"; readonly words: string }
  /** A person must do something. */
  | { readonly is: "stuck"; readonly words: string };

const releasesKept = 3;

/** An update from its signature to the day after. Throws what a disk or the service manager says; then `recover` goes on. */
export async function runUpdate(place: UpdatePlace, asked: UpdateAsked): Promise<Updated> {
  const stage = asked.onStage ?? (() => {});
  const unpacked = join(place.prefix, "releases", ".unpacked");
  rmSync(unpacked, { recursive: true, force: true });
  try {
    const folder = statSync(asked.release).isDirectory() ? asked.release : unpackInto(asked.release, unpacked);
    const from = currentRelease(place);
    const opened = openRelease(
      folder,
      asked.beside ?? join(folder, "site"),
      readFileSync(join(place.config, "release.vkey"), "utf8"),
    );
    const to = opened.ok ? opened.number : null;
    const words = opened.ok ? refusal(place, opened, from) : opened.words;
    if (words === "same") {
      place.say(`release ${to} runs here already`);
      return { is: "nothing-to-do" };
    }
    if (words !== undefined || !opened.ok) return await refuse(place, asked, from, to, words ?? "");
    place.say(
      `release ${opened.number} is signed for this site: ${opened.files.length} files, ${opened.packages.size} of packages`,
    );
    if (asked.dryRun) {
      sayPlan(place, opened, from, asked);
      return { is: "would" };
    }
    const program = join(place.prefix, "releases", String(opened.number));
    const uncopied = copied(folder, program, opened);
    if (uncopied !== undefined) return await refuse(place, asked, from, to, uncopied);
    const plan = planOf(place, opened, program);
    const byHand = changedByHand(plan, place, place.inRoot.prefix);
    if (byHand.length > 0)
      return await refuse(
        place,
        asked,
        from,
        to,
        `changed here since it was put there: ${byHand.join(", ")}; take it into the file that you sign, or put it back`,
      );
    const backup = await backupOf(place);
    const checked = selfCheck({ ...checkOf(place, backup), program, siteFiles: opened.siteFiles });
    if (!checked.ok)
      return await refuse(place, asked, from, to, `it does not start with this ward's records: ${checked.words}`);
    const schemas = schemasOf(backup);
    const newer = Object.entries(checked.schemas).filter(([name, version]) => version > (schemas[name] ?? version));
    if (newer.length > 0 && !asked.oneWay)
      return await refuse(
        place,
        asked,
        from,
        to,
        `it changes the schema of ${newer.map(([name]) => name).join(", ")}, and the release of before cannot read that: with --one-way it is taken, and only a person brings the old one back (docs/update.md)`,
      );
    const before = await askAgentState(place.data);
    if (before === undefined)
      place.say("the ward does not run: whether its rooms are monitored afterwards cannot be compared");
    await note(place, {
      step: "begun",
      from,
      to: opened.number,
      words: `update from release ${from} to ${opened.number}: backup in ${backup}, the new one starts with a copy of the records`,
    });
    stage("prepared");

    point(join(place.prefix, "recover"), `releases/${from}`);
    let journal: Journal = {
      ...{ v: 1, stage: "stopping", from, to: opened.number, startedUtcMs: Date.now(), backup },
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
    if (newer.length > 0) keepDatabases(place);
    at({ stage: "swapping", marks: markLogs(place.data) });
    putIn(plan, place);
    at({ stage: "starting" });
    place.services.reload();
    place.services.start(wardService);
    place.say(`release ${opened.number} is started`);
    const ill = await watchHealth(place, journal, opened.number, asked.patience);
    if (ill !== undefined) return await rollBack(place, { ...journal, why: ill }, asked.patience, stage);
    at({ stage: "keeping" });
    return await keep(place, journal);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
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

/** Number of the release that `current` points at. Throws where there is none. */
export function currentRelease(place: UpdatePlace): number {
  const number = Number(basename(linkOf(join(place.prefix, "current")) ?? ""));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`${join(place.prefix, "current")} names no release: install one first (npm run ward:install)`);
}

/** Why this release is not taken, in words; "same": it runs already. */
function refusal(place: UpdatePlace, opened: OpenedRelease, from: number): string | "same" | undefined {
  if (opened.number === from) return "same";
  const accepted = Math.max(from, Number(textOf(join(place.data, "release.accepted")) ?? 0) || 0);
  if (opened.number < accepted)
    return `it is release ${opened.number}, and release ${accepted} ran here before: an older one is not taken back; sign it again with a higher number`;
  if (opened.site.development)
    return `its site.json says "development": true, and nothing of it would be checked at its start`;
  return installProblems(wantedOf(place, opened, new Map()))[0];
}

async function refuse(
  place: UpdatePlace,
  { dryRun }: UpdateAsked,
  from: number,
  to: number | null,
  words: string,
): Promise<Updated> {
  const said = `REFUSED, nothing was changed: ${words}`;
  if (dryRun) place.say(said);
  else await note(place, { step: "refused", from, to, words: said });
  return { is: "refused", words };
}

function unpackInto(archive: string, into: string): string {
  unpack(archive, into);
  return into;
}

/** Undefined: it is there whole. One that an earlier try left is made anew. */
function copied(folder: string, program: string, opened: OpenedRelease): string | undefined {
  const part = `${program}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o755 });
  const wrong = copyRelease(folder, part, opened);
  if (wrong !== undefined) {
    rmSync(part, { recursive: true, force: true });
    return wrong;
  }
  // All of its files are on the disk before its name is.
  execFileSync("sync", ["--file-system", part]);
  rmSync(program, { recursive: true, force: true });
  renameSync(part, program);
  return undefined;
}

const wantedOf = (place: UpdatePlace, opened: OpenedRelease, templates: ReadonlyMap<string, string>): Wanted => ({
  ...{ kind: "station", places: place.inRoot, release: opened.number, templates },
  ...{ site: opened.site, siteFiles: opened.siteFiles },
});

const planOf = (place: UpdatePlace, opened: OpenedRelease, program: string): Step[] =>
  installPlan(wantedOf(place, opened, templatesIn(join(program, "config"))));

async function backupOf({ data, config, backup, say }: UpdatePlace): Promise<string> {
  const vkeyLine = readFileSync(join(data, "keys", "station.vkey"), "utf8");
  const from = { dataDir: data, configFile: join(config, "site.json"), key: readStationKey(data), vkeyLine };
  const taken = await takeBackup(from, backup, Date.now(), () => {});
  if (process.getuid?.() === 0) giveTo(taken.folder, statSync(data));
  say(`a backup is in ${taken.folder}: ${taken.entries} entries of the audit log`);
  return taken.folder;
}

function checkOf(place: UpdatePlace, backup: string) {
  const dataKey = join(place.config, "data-key");
  const scratch = join(place.backup, "checks");
  return { backup, dataDir: place.data, scratch, dataKey: existsSync(dataKey) ? dataKey : null };
}

/** As they are when all has stopped, for a release that changes their schema and then does not start. */
function keepDatabases({ data, prefix }: UpdatePlace): void {
  const folder = join(prefix, "before", "databases");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(data).filter((one) => /\.sqlite(-wal)?$/.test(one)))
    execFileSync("cp", ["--preserve=all", join(data, name), join(folder, name)]);
  execFileSync("sync", ["--file-system", folder]);
}

function sayPlan(place: UpdatePlace, opened: OpenedRelease, from: number, { patience }: UpdateAsked): void {
  for (const line of [
    `copy it to ${place.prefix}/releases/${opened.number}`,
    `take a backup into ${place.backup}`,
    "start it once over a copy of the records, and refuse it where that fails",
    `stop ${wardService}: for about ten seconds nothing is sensed, and the boards say so; brokers of the site's own go on`,
    `put in ${[...opened.siteFiles.keys()].join(", ")}, the units, and point ${place.prefix}/current at releases/${opened.number}`,
    `start ${wardService}, and wait up to ${patience.readyMs / 1_000} s until every room is as before, then watch it for ${patience.steadyMs / 1_000} s`,
    `where it is not well: put all of it back and start release ${from}`,
  ])
    place.say(`would ${line}`);
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
