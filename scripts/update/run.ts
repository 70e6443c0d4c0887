import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readStationKey } from "../../edge-agent/platform/keys.ts";
import { giveTo } from "../backup/put-back.ts";
import { takeBackup } from "../backup/take.ts";
import { changedByHand } from "../install/carry-out.ts";
import { installPlan, installProblems, type Wanted } from "../install/plan.ts";
import { templatesIn } from "../install/templates.ts";
import { carryThrough, type OnStage, type Prepared, type Updated } from "./carry-through.ts";
import { note } from "./notes.ts";
import { copyRelease, type OpenedRelease, openRelease, unpack } from "./open-release.ts";
import { type UpdatePlace, wardService } from "./place.ts";
import { schemasOf, selfCheck } from "./self-check.ts";
import { linkOf } from "./swap.ts";
import type { Patience } from "./watch-health.ts";

export interface UpdateAsked {
  /** A folder, or a .tar.gz. */
  readonly release: string;
  /** Folder of the site's files, where they are not in `site/` of the release. */
  readonly beside: string | undefined;
  readonly dryRun: boolean;
  /** A newer schema of the databases is taken, although there may be no way back from it. */
  readonly oneWay: boolean;
  readonly patience: Patience;
  readonly onStage?: OnStage;
}

/** An update from its signature to the day after. Throws what a disk or the service manager says; then `recover` goes on. */
export async function runUpdate(place: UpdatePlace, asked: UpdateAsked): Promise<Updated> {
  const from = currentRelease(place);
  const found = await lookAt(place, asked, from);
  switch (found.is) {
    case "prepared":
      return carryThrough(place, found.prepared, asked.patience, asked.onStage ?? (() => {}));
    case "nothing-to-do":
    case "would":
      return found;
    case "refused": {
      const words = `REFUSED, nothing was changed: ${found.words}`;
      if (asked.dryRun) place.say(words);
      else await note(place, { step: "refused", from, to: found.to, words });
      return { is: "refused", words: found.words };
    }
  }
}

type Found =
  | { readonly is: "prepared"; readonly prepared: Prepared }
  | { readonly is: "nothing-to-do" | "would" }
  | { readonly is: "refused"; readonly to: number | null; readonly words: string };

/** Nothing that the ward uses is touched by it; where it is carried as an archive, that is unpacked here and gone again afterwards. */
async function lookAt(place: UpdatePlace, asked: UpdateAsked, from: number): Promise<Found> {
  const unpacked = mkdtempSync(join(asked.dryRun ? tmpdir() : join(place.prefix, "releases"), ".unpacked-"));
  try {
    const folder = statSync(asked.release).isDirectory() ? asked.release : unpacked;
    const broken = folder === unpacked ? unpack(asked.release, unpacked) : undefined;
    if (broken !== undefined) return { is: "refused", to: null, words: broken };
    const trusted = readFileSync(join(place.config, "release.vkey"), "utf8");
    const opened = openRelease(folder, asked.beside ?? join(folder, "site"), trusted);
    if (!opened.ok) return { is: "refused", to: null, words: opened.words };
    const to = opened.number;
    if (to === from) {
      place.say(`release ${to} runs here already`);
      return { is: "nothing-to-do" };
    }
    const words = refusal(place, opened, from);
    if (words !== undefined) return { is: "refused", to, words };
    place.say(
      `release ${to} is signed for this site: ${opened.files.length} files, ${opened.packages.size} of packages`,
    );
    if (!asked.dryRun) return await prepare(place, asked, opened, folder, from);
    sayPlan(place, opened, from, asked);
    return { is: "would" };
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

async function prepare(
  place: UpdatePlace,
  { oneWay }: UpdateAsked,
  opened: OpenedRelease,
  folder: string,
  from: number,
): Promise<Found> {
  const to = opened.number;
  const refused = (words: string): Found => ({ is: "refused", to, words });
  const program = join(place.prefix, "releases", String(to));
  const uncopied = copied(folder, program, opened);
  if (uncopied !== undefined) return refused(uncopied);
  const plan = installPlan(wantedOf(place, opened, templatesIn(join(program, "config"))));
  const byHand = changedByHand(plan, place, place.inRoot.prefix);
  if (byHand.length > 0)
    return refused(
      `changed here since it was put there: ${byHand.join(", ")}; take it into the file that you sign, or put it back`,
    );
  const backup = await backupOf(place);
  const checked = selfCheck({ ...checkOf(place, backup), program, siteFiles: opened.siteFiles });
  if (!checked.ok) return refused(`it does not start with this ward's records: ${checked.words}`);
  const schemas = schemasOf(backup);
  const newer = Object.entries(checked.schemas).flatMap(([name, version]) =>
    version > (schemas[name] ?? version) ? [name] : [],
  );
  if (newer.length > 0 && !oneWay)
    return refused(
      `it changes the schema of ${newer.join(", ")}, which release ${from} cannot read then: with --one-way it is taken, and only a person brings the old one back (docs/update.md)`,
    );
  return { is: "prepared", prepared: { from, to, backup, plan, schemas, migrates: newer.length > 0 } };
}

/** Number of the release that `current` points at. Throws where there is none. */
export function currentRelease(place: UpdatePlace): number {
  const number = Number(basename(linkOf(join(place.prefix, "current")) ?? ""));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`${join(place.prefix, "current")} names no release: install one first (npm run ward:install)`);
}

/** Why this release is not taken, in words. */
function refusal(place: UpdatePlace, opened: OpenedRelease, from: number): string | undefined {
  const accepted = Math.max(from, Number(textOf(join(place.data, "release.accepted")) ?? 0) || 0);
  if (opened.number < accepted)
    return `it is release ${opened.number}, and release ${accepted} ran here before: an older one is not taken back; sign it again with a higher number`;
  if (opened.site.development)
    return `its site.json says "development": true, and nothing of it would be checked at its start`;
  return installProblems(wantedOf(place, opened, new Map()))[0];
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
