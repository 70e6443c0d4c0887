import { createHash } from "node:crypto";
import { openNote, type Signer, signNote, type Vkey } from "./note.ts";

/*
 * A list of files with their hashes, signed as a whole: what a release is, what a backup holds. Two texts: the list,
 *
 *   {sha256, hex} {bytes} {path}
 *
 * a line each, in the order of the paths' code points, and a signed note (C2SP signed-note) of four lines,
 *
 *   quietround {kind}
 *   {number}
 *   {number of files}
 *   {sha256 of the list, hex}
 *
 * The number only grows from one manifest of a kind to the next.
 */

export interface ListedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface Manifest {
  readonly list: string;
  readonly note: string;
}

export type ReadManifest =
  | { readonly ok: true; readonly number: number; readonly files: readonly ListedFile[] }
  | { readonly ok: false; readonly words: string };

/** Within the folder that the list is of. */
export const isListable = (path: string): boolean =>
  /^[^\s\\/][^\n\\]*$/.test(path) && !path.split("/").some((part) => part === "" || part === "." || part === "..");

export const sha256Hex = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** @param number whole, above 0 */
export function signManifest(
  kind: string,
  number: number,
  files: readonly ListedFile[],
  { vkey, sign }: { readonly vkey: Vkey; readonly sign: Signer },
): Manifest {
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError("a manifest's number is whole and above 0");
  const wrong = files.find(({ path }) => !isListable(path));
  if (wrong !== undefined) throw new RangeError(`a file cannot be listed: ${JSON.stringify(wrong.path)}`);
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const list = sorted.map(({ sha256, bytes, path }) => `${sha256} ${bytes} ${path}\n`).join("");
  const text = `quietround ${kind}\n${number}\n${files.length}\n${sha256Hex(list)}\n`;
  return { list, note: signNote(text, vkey, sign) };
}

/** From files, before any check. */
export function readManifest(kind: string, { list, note }: Manifest, keys: readonly Vkey[]): ReadManifest {
  const refused = (words: string): ReadManifest => ({ ok: false, words });
  const opened = openNote(note, keys);
  if (!opened.ok) return refused(`it is not signed with the key that is trusted here (${opened.why})`);
  const [title, number = "", count = "", hash, end, ...more] = opened.text.split("\n");
  if (title !== `quietround ${kind}` || end !== "" || more.length > 0 || !/^[1-9]\d{0,14}$/.test(number))
    return refused("what is signed is about something else");
  if (sha256Hex(list) !== hash) return refused("its list of files was changed after it was signed");
  const files = list
    .split("\n")
    .slice(0, -1)
    .map((line) => /^([0-9a-f]{64}) (0|[1-9]\d{0,14}) (.+)$/.exec(line));
  const read = files.flatMap((line) => {
    const [, sha256 = "", bytes = "", path = ""] = line ?? [];
    return isListable(path) ? [{ sha256, bytes: Number(bytes), path }] : [];
  });
  if (read.length !== files.length || String(read.length) !== count) return refused("its list of files cannot be read");
  return { ok: true, number: Number(number), files: read };
}
