import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { join } from "node:path";

/*
 * The packages below node_modules as a list, a line for each file: `{sha256, hex} {path below node_modules}`. A link counts by where it
 * points. The list is a file of the site and stands in the signed list of the release, so that it is as good as signed itself.
 */

/** Beside the configuration. */
export const packagesListName = "packages.list";
/** What tools for development and the set-up leave there begins with a dot; no import finds it. */
const isLeft = (name: string): boolean => name.startsWith(".") && name !== ".bin";
const chunkBytes = 1024 * 1024;

export interface PackageFile {
  /** Below node_modules. */
  readonly path: string;
  readonly is: "file" | "link";
}

/** @param without folders below node_modules that are left out, such as packages for development */
export function* packageFiles(root: string, without: ReadonlySet<string> = new Set()): Iterable<PackageFile> {
  yield* below(join(root, "node_modules"), "", without);
}

function* below(top: string, folder: string, without: ReadonlySet<string>): Iterable<PackageFile> {
  for (const entry of readdirSync(join(top, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if ((folder === "" && isLeft(entry.name)) || without.has(path)) continue;
    if (entry.isDirectory()) yield* below(top, path, without);
    else yield { path, is: entry.isSymbolicLink() ? "link" : "file" };
  }
}

/** Hex. @param rest called with the bytes that were read: whoever is not in a hurry waits there */
export function hashOfPackageFile(
  root: string,
  { path, is }: PackageFile,
  rest: (bytes: number) => void = () => {},
): string {
  const file = join(root, "node_modules", path);
  const hash = createHash("sha256");
  if (is === "link") return hash.update(`link ${readlinkSync(file)}`).digest("hex");
  const handle = openSync(file, "r");
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let got = readSync(handle, chunk); got > 0; got = readSync(handle, chunk)) {
      hash.update(chunk.subarray(0, got));
      rest(got);
    }
    return hash.digest("hex");
  } finally {
    closeSync(handle);
  }
}

export function writePackagesList(files: readonly { readonly path: string; readonly sha256: string }[]): string {
  const wrong = files.find(({ path }) => path.includes("\n"));
  if (wrong !== undefined) throw new RangeError(`a package's file cannot be listed: ${JSON.stringify(wrong.path)}`);
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return sorted.map(({ sha256, path }) => `${sha256} ${path}\n`).join("");
}

/** Hash by path; undefined where the text is no such list. */
export function readPackagesList(text: string): ReadonlyMap<string, string> | undefined {
  const lines = text.split("\n").slice(0, -1);
  const read = lines.flatMap((line) => {
    const [, sha256, path] = /^([0-9a-f]{64}) ([^\s/][^\n]*)$/.exec(line) ?? [];
    const safe = path?.split("/").every((part) => part !== "" && part !== "." && part !== "..");
    return sha256 === undefined || path === undefined || safe !== true ? [] : [[path, sha256] as const];
  });
  return read.length === lines.length && text.endsWith("\n") ? new Map(read) : undefined;
}

/**
 * What is not as it was listed, in words, at most `wordsMax` of it; none: all is so. Files that nobody listed count: an import could find
 * them.
 */
export function differingPackages(
  root: string,
  list: ReadonlyMap<string, string>,
  { wordsMax = 5, rest }: { readonly wordsMax?: number; readonly rest?: (bytes: number) => void } = {},
): string[] {
  const found: string[] = [];
  const missing = new Set(list.keys());
  for (const file of packageFiles(root)) {
    if (found.length >= wordsMax) return found;
    const wanted = list.get(file.path);
    missing.delete(file.path);
    if (wanted === undefined) found.push(`node_modules/${file.path} is in no list`);
    else if (hashOfPackageFile(root, file, rest) !== wanted)
      found.push(`node_modules/${file.path} is not what was signed`);
  }
  return [...found, ...[...missing].map((path) => `node_modules/${path} is missing`)].slice(0, wordsMax);
}
