import { openNote, type Vkey } from "./note.ts";

/*
 * The maker's word that this release may raise alarms about breathing: a signed note of three lines,
 *
 *   quietround release
 *   {version}
 *   alarm
 *
 * The key that signs it belongs to whoever answers for the device's conformity. This release was made for no such use, so no key
 * is named, and no file opens it.
 */
export const releaseKey: Vkey | null = null;
export const releaseVersion = "0.1.0";

export type ReleaseCheck = { readonly ok: true } | { readonly ok: false; readonly words: string };

/** @param note null: there is no file. From a file, before any check. */
export function checkRelease(note: string | null, version: string, key: Vkey | null): ReleaseCheck {
  const refused = (words: string): ReleaseCheck => ({ ok: false, words });
  if (key === null) return refused("this release was not made for alarms about breathing, and nothing can make it so");
  if (note === null) return refused("the signed release file is missing");
  const opened = openNote(note, [key]);
  if (!opened.ok) return refused(`the release file is not the maker's (${opened.why})`);
  const [title, named, use] = opened.text.split("\n");
  if (title !== "quietround release" || use !== "alarm") return refused("the release file is about something else");
  return named === version ? { ok: true } : refused(`the release file is for version ${named}, this is ${version}`);
}
