import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { SiteConfig } from "../contract/config.ts";

/*
 * Outside a demonstration and development nothing runs that nobody signed: every file of the release, its models, and this site's
 * configuration are in one signed list (`release.list`, `release.note` beside the configuration), by the key in `release.vkey` there.
 */

interface ListedFile {
  readonly path: string;
  readonly sha256: string;
}
type Opened =
  | { readonly ok: true; readonly number: number; readonly files: readonly ListedFile[] }
  | { readonly ok: false; readonly words: string };

export interface ReleasePlace {
  readonly configFile: string;
  readonly dataDir: string;
  /** Of the program. */
  readonly root: string;
}

/** `number`: of the release; null: none is asked for. */
export type CheckedRelease =
  | { readonly ok: true; readonly number: number | null }
  | { readonly ok: false; readonly words: string };

/** Files of the site are listed below this. */
export const siteFolder = "site";
const names = { list: "release.list", note: "release.note", key: "release.vkey" } as const;

/** @param open checks list and note with the key of this line */
export function checkedRelease(
  place: ReleasePlace,
  { demonstration, development }: Pick<SiteConfig, "demonstration" | "development">,
  open: (list: string, note: string, vkey: string) => Opened,
): CheckedRelease {
  if (demonstration || development) return { ok: true, number: null };
  const folder = dirname(place.configFile);
  const [list, note, key] = [names.list, names.note, names.key].map((name) => textOf(join(folder, name)));
  const refused = (words: string): CheckedRelease => ({
    ok: false,
    words: `This release may not run with ${place.configFile}: ${words}. Sign it (npm run release:sign), or say "development": true where nobody is cared for.`,
  });
  if (list === undefined || note === undefined || key === undefined)
    return refused(`${Object.values(names).join(", ")} are wanted in ${folder}, and not all are there`);
  const opened = open(list, note, key);
  if (!opened.ok) return refused(opened.words);
  const accepted = acceptedBefore(place.dataDir);
  if (opened.number < accepted)
    return refused(
      `it is release ${opened.number}, and release ${accepted} ran here before: an older one is not taken back`,
    );
  const wanted = `${siteFolder}/${basename(place.configFile)}`;
  if (!opened.files.some(({ path }) => path === wanted))
    return refused(`the configuration is not in the signed list (${wanted})`);
  for (const { path, sha256 } of opened.files) {
    const file = path.startsWith(`${siteFolder}/`)
      ? join(folder, path.slice(siteFolder.length + 1))
      : join(place.root, path);
    if (!existsSync(file)) return refused(`${file} is missing`);
    if (createHash("sha256").update(readFileSync(file)).digest("hex") !== sha256)
      return refused(`${file} is not what was signed`);
  }
  return { ok: true, number: opened.number };
}

/** From now on nothing older runs over these data. */
export function keepAccepted(dataDir: string, number: number | null): void {
  if (number !== null && number > acceptedBefore(dataDir))
    writeFileSync(join(dataDir, "release.accepted"), `${number}\n`, { mode: 0o600, flush: true });
}

function acceptedBefore(dataDir: string): number {
  const text = textOf(join(dataDir, "release.accepted"))?.trim() ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
