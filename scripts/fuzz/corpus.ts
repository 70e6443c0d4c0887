import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/* Inputs that are kept: tests/corpus/<target>/, one a file. What was found once is fed again with every run of the tests. */

const corpusFolder = fileURLToPath(new URL("../../tests/corpus", import.meta.url));

export function readCorpus(
  target: string,
  folder = corpusFolder,
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const place = join(folder, target);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .toSorted()
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(place, name))) }));
}

/** Writes it where it is not kept yet. Returns its path. */
export function keep(target: string, why: "seed" | "found", bytes: Uint8Array, folder = corpusFolder): string {
  const place = join(folder, target);
  mkdirSync(place, { recursive: true });
  const path = join(place, `${why}-${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}.bin`);
  if (!existsSync(path)) writeFileSync(path, bytes);
  return path;
}

export const keptTargets = (folder = corpusFolder): readonly string[] =>
  existsSync(folder) ? readdirSync(folder) : [];
