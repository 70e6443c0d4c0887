import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
} from "node:fs";
import { join } from "node:path";
import { readManifest } from "../../edge-agent/audit/manifest.ts";
import { readVkey } from "../../edge-agent/audit/note.ts";
import { dataKeyPlace } from "../../edge-agent/records/data-key-place.ts";

export type ReadBackup =
  | { readonly ok: true; readonly takenUtcMs: number; readonly databases: readonly string[] }
  | { readonly ok: false; readonly words: string };

/** Whether this folder is a backup that the station of this key made, with every byte as it was then. */
export function readBackup(folder: string, vkeyLine: string): ReadBackup {
  const [list, note] = [join(folder, "backup.list"), join(folder, "backup.note")];
  if (!existsSync(list) || !existsSync(note))
    return { ok: false, words: `${folder} is no whole backup: backup.list or backup.note is missing` };
  const vkey = readVkey(vkeyLine.trim());
  if (vkey === undefined) return { ok: false, words: "the key given is no vkey line" };
  const read = readManifest("backup", { list: readFileSync(list, "utf8"), note: readFileSync(note, "utf8") }, [vkey]);
  if (!read.ok) return read;
  for (const { path, sha256 } of read.files) {
    const file = join(folder, path);
    if (!existsSync(file)) return { ok: false, words: `${path} is missing from the backup` };
    if (createHash("sha256").update(readFileSync(file)).digest("hex") !== sha256)
      return { ok: false, words: `${path} of the backup is not what was backed up` };
  }
  const databases = read.files.map(({ path }) => path).filter((path) => /^[^/]+\.sqlite$/.test(path));
  if (!databases.includes("ward.sqlite")) return { ok: false, words: "there is no ward.sqlite in the backup" };
  return { ok: true, takenUtcMs: read.number * 1_000, databases };
}

/** Of this machine and not of a moment: which release it took, and where the key of what is sealed lies. */
const kept = ["release.accepted", dataKeyPlace];

/**
 * Puts the databases of a backup that was read into a data folder. What is there goes aside as a whole, into `aside`, and nothing is
 * deleted. The file that keeps withdrawals is not put back: without it nothing is taken as granted in any bed, until each person
 * touches again. A no that was said after the backup is in no backup.
 */
export function putBack(backup: string, databases: readonly string[], dataDir: string, aside: string): void {
  const keys = join(dataDir, "keys");
  if (existsSync(join(dataDir, "ward.sqlite"))) {
    renameSync(dataDir, aside);
    mkdirSync(dataDir, { mode: 0o700 });
    cpSync(join(aside, "keys"), keys, { recursive: true, preserveTimestamps: true });
    for (const folder of [keys, join(keys, "credentials")]) if (existsSync(folder)) chmodSync(folder, 0o700);
    for (const name of kept) if (existsSync(join(aside, name))) copyFileSync(join(aside, name), join(dataDir, name));
  }
  for (const name of databases) {
    copyFileSync(join(backup, name), join(dataDir, name));
    chmodSync(join(dataDir, name), 0o600);
  }
}

/**
 * All that lies in the folder, and itself, belongs to this account then: what root put back would be closed to the ward's own. The folder
 * comes last: before that the account can change nothing in it under our hands.
 */
export function giveTo(folder: string, account: { readonly uid: number; readonly gid: number }): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveTo(path, account);
    else lchownSync(path, account.uid, account.gid);
  }
  lchownSync(folder, account.uid, account.gid);
}
