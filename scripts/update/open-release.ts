import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type ListedFile, readManifest, sha256Hex } from "../../edge-agent/audit/manifest.ts";
import { readVkey } from "../../edge-agent/audit/note.ts";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { hashOfPackageFile, packagesListName, readPackagesList } from "../../edge-agent/io/package-files.ts";
import { siteFolder } from "../../edge-agent/io/release-manifest.ts";
import { parseSiteConfig } from "../../edge-agent/platform/read-config.ts";

/* A release as somebody carried it here. Everything in it may lie until its note was opened with the key that this site trusts already. */

export interface OpenedRelease {
  readonly ok: true;
  readonly number: number;
  readonly site: SiteConfig;
  /** site.json and what lies beside it, by name, with the note and the list themselves. */
  readonly siteFiles: ReadonlyMap<string, string>;
  /** Of the program. */
  readonly files: readonly ListedFile[];
  readonly packages: ReadonlyMap<string, string>;
}
export type OpenRelease = OpenedRelease | { readonly ok: false; readonly words: string };

/** Unpacks a .tar.gz into an empty folder. Undefined: it is all there; otherwise why not. GNU tar writes nothing outside the folder. */
export function unpack(archive: string, into: string): string | undefined {
  const { status, stderr } = spawnSync("tar", ["--no-same-owner", "-xzf", archive, "-C", into], { encoding: "utf8" });
  return status === 0 ? undefined : `${archive} cannot be unpacked: ${stderr.trim().split("\n").at(-1)}`;
}

/**
 * @param folder of the program; @param beside: of its site.json
 * @param vkeyLine the key that this site trusts; the one that the release brings counts for nothing
 */
export function openRelease(folder: string, beside: string, vkeyLine: string): OpenRelease {
  const refused = (words: string): OpenRelease => ({ ok: false, words });
  const missing = ["release.list", "release.note"].filter((name) => !existsSync(join(beside, name)));
  if (missing.length > 0) return refused(`nobody signed it: ${missing.join(" and ")} missing in ${beside}`);
  const [list, note] = ["release.list", "release.note"].map((name) => readFileSync(join(beside, name), "utf8"));
  const vkey = readVkey(vkeyLine.trim());
  if (vkey === undefined) return refused("release.vkey of this site is no key line");
  const read = readManifest("release", { list: list ?? "", note: note ?? "" }, [vkey]);
  if (!read.ok) return refused(read.words);
  const siteFiles = new Map([
    ["release.list", list ?? ""],
    ["release.note", note ?? ""],
    ["release.vkey", vkeyLine],
  ]);
  for (const { path, sha256 } of read.files.filter((one) => one.path.startsWith(`${siteFolder}/`))) {
    const name = path.slice(siteFolder.length + 1);
    if (name.includes("/")) return refused(`${path} lies in a folder of its own`);
    const file = join(beside, name);
    if (!existsSync(file)) return refused(`${name} is missing`);
    const bytes = readFileSync(file);
    if (sha256Hex(bytes) !== sha256) return refused(`${name} is not what was signed`);
    siteFiles.set(name, bytes.toString("utf8"));
  }
  const config = siteFiles.get("site.json");
  if (config === undefined) return refused("no site.json was signed with it: its configuration must have that name");
  const parsed = parseSiteConfig(config);
  if (!parsed.ok) return refused(`its site.json cannot be used: ${parsed.errors.join("; ")}`);
  const packages = readPackagesList(siteFiles.get(packagesListName) ?? "");
  if (packages === undefined)
    return refused("its packages are not in the signed list: sign it again (npm run release:sign)");
  const files = read.files.filter((one) => !one.path.startsWith(`${siteFolder}/`));
  const changed = files.find(({ path, sha256 }) => !isFile(join(folder, path), sha256));
  if (changed !== undefined) return refused(`${changed.path} is missing, or not what was signed`);
  return { ok: true, number: read.number, site: parsed.site, siteFiles, files, packages };
}

/**
 * Copies what was signed and nothing else, and reads each copy again. Undefined: every byte is as it was signed; otherwise in words what
 * is not. Links come last, so that nothing is written through one.
 */
export function copyRelease(from: string, to: string, { files, packages }: OpenedRelease): string | undefined {
  const made = new Set<string>();
  const copyOne = (file: string, target: string): void => {
    const folder = dirname(target);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o755 });
    made.add(folder);
    copyFileSync(file, target);
    // The ward's account reads it, and nobody but root writes it, however it was carried here.
    chmodSync(target, (statSync(file).mode & 0o100) === 0 ? 0o644 : 0o755);
  };
  for (const { path, sha256 } of files) {
    copyOne(join(from, path), join(to, path));
    if (!isFile(join(to, path), sha256)) return `${path} was changed while it was copied`;
  }
  const links: string[] = [];
  for (const path of packages.keys()) {
    const file = join(from, "node_modules", path);
    const is = lstatSync(file, { throwIfNoEntry: false });
    if (is === undefined) return `node_modules/${path} is missing`;
    if (is.isSymbolicLink()) links.push(path);
    else if (is.isFile()) copyOne(file, join(to, "node_modules", path));
    else return `node_modules/${path} is no file`;
  }
  for (const path of links) {
    const target = readlinkSync(join(from, "node_modules", path));
    if (target.startsWith("/") || normalize(join(dirname(path), target)).startsWith(".."))
      return `node_modules/${path} leads out of the release`;
    mkdirSync(dirname(join(to, "node_modules", path)), { recursive: true });
    symlinkSync(target, join(to, "node_modules", path));
  }
  const linked = new Set(links);
  for (const [path, sha256] of packages)
    if (hashOfPackageFile(to, { path, is: linked.has(path) ? "link" : "file" }) !== sha256)
      return `node_modules/${path} is not what was signed`;
  return undefined;
}

function isFile(path: string, sha256: string): boolean {
  const is = lstatSync(path, { throwIfNoEntry: false });
  return is?.isFile() === true && sha256Hex(readFileSync(path)) === sha256;
}
