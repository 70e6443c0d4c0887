import { createPublicKey } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type ListedFile, signManifest } from "../../edge-agent/audit/manifest.ts";
import { readVkey } from "../../edge-agent/audit/note.ts";
import type { KeyPair } from "../../edge-agent/platform/keys.ts";
import { openSealedShut } from "../../edge-agent/records/open.ts";
import { signerOf } from "../../edge-agent/records/open-ward.ts";
import { listed } from "../release/files.ts";

export interface TakenBackup {
  readonly folder: string;
  readonly files: readonly ListedFile[];
  /** Entries of the ward's audit log that are in it. */
  readonly entries: number;
}

/** Beside the configuration, and part of what a ward is. */
const besideConfig = ["assessment.json", "packages.list", "release.list", "release.note", "release.vkey"];

/**
 * Copies the databases of a data folder as each is at one moment, while the ward runs or not, with the configuration and what lies
 * beside it; never a private key. The folder has its name once everything in it is whole, signed with the station's key.
 *
 * @param told how much of a database is copied, 0 to 1
 */
export async function takeBackup(
  from: { readonly dataDir: string; readonly configFile: string; readonly key: KeyPair; readonly vkeyLine: string },
  into: string,
  nowUtcMs: number,
  told: (name: string, done: number) => void,
): Promise<TakenBackup> {
  const vkey = readVkey(from.vkeyLine.trim());
  if (vkey === undefined || !createPublicKey(from.key.privateKey).equals(from.key.publicKey))
    throw new Error(`the public key beside the data is not that of the station`);
  const folder = join(into, `quietround-${new Date(nowUtcMs).toISOString().replaceAll(/[:.]/g, "-")}`);
  const part = `${folder}.part`;
  mkdirSync(into, { recursive: true, mode: 0o700 });
  mkdirSync(part, { mode: 0o700 });
  const names = readdirSync(from.dataDir).filter((name) => name.endsWith(".sqlite"));
  for (const name of names) {
    const db = openSealedShut(join(from.dataDir, name));
    try {
      await db.backup(join(part, name), {
        progress: ({ totalPages, remainingPages }) => {
          told(name, totalPages === 0 ? 1 : 1 - remainingPages / totalPages);
          return 1_000;
        },
      });
    } finally {
      db.close();
    }
    chmodSync(join(part, name), 0o600);
  }
  mkdirSync(join(part, "config"), { mode: 0o700 });
  const beside = [from.configFile, ...besideConfig.map((name) => join(dirname(from.configFile), name))];
  for (const file of beside.filter((one) => existsSync(one))) copyFileSync(file, join(part, "config", basename(file)));
  const entries = entriesOf(join(part, "ward.sqlite"));
  const paths = [...names, ...readdirSync(join(part, "config")).map((name) => `config/${name}`)];
  const files = paths.map((path) => listed(join(part, path), path));
  const number = Math.floor(nowUtcMs / 1_000);
  const { list, note } = signManifest("backup", number, files, { vkey, sign: signerOf(from.key.privateKey) });
  writeFileSync(join(part, "backup.list"), list, { mode: 0o600, flush: true });
  writeFileSync(join(part, "backup.note"), note, { mode: 0o600, flush: true });
  renameSync(part, folder);
  return { folder, files, entries };
}

function entriesOf(path: string): number {
  const db = openSealedShut(path);
  try {
    const [fault] = db.pragma("quick_check(1)", { simple: false }) as { quick_check: string }[];
    if (fault?.quick_check !== "ok") throw new Error(`the copy of ${basename(path)} is damaged: ${fault?.quick_check}`);
    return db.prepare("SELECT count(*) FROM entry").pluck().get() as number;
  } finally {
    db.close();
  }
}
