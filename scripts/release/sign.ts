import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { signManifest } from "../../edge-agent/audit/manifest.ts";
import { vkeyOf, writeVkey } from "../../edge-agent/audit/note.ts";
import { packagesListName } from "../../edge-agent/io/package-files.ts";
import { siteFolder } from "../../edge-agent/io/release-manifest.ts";
import { signerOf } from "../../edge-agent/records/open-ward.ts";
import { listed, releaseFiles } from "./files.ts";

export interface ToSign {
  /** Of the program. */
  readonly root: string;
  readonly config: string;
  readonly key: KeyObject;
  /** Of the key. */
  readonly name: string;
  readonly number: number;
  /** Text of the list of the packages' files. */
  readonly packages: string;
}

/** Writes packages.list, release.list, release.note and release.vkey beside the configuration. */
export function signRelease({ root, config, key, name, number, packages }: ToSign): { files: number; vkey: string } {
  const folder = dirname(resolve(config));
  writeFileSync(join(folder, packagesListName), packages);
  const ofSite = [basename(config), "assessment.json", packagesListName]
    .filter((file) => existsSync(join(folder, file)))
    .map((file) => listed(join(folder, file), `${siteFolder}/${file}`));
  const files = [...releaseFiles(root), ...ofSite];
  const vkey = vkeyOf(name, createPublicKey(key));
  const { list, note } = signManifest("release", number, files, { vkey, sign: signerOf(key) });
  writeFileSync(join(folder, "release.list"), list);
  writeFileSync(join(folder, "release.note"), note);
  writeFileSync(join(folder, "release.vkey"), `${writeVkey(vkey)}\n`);
  return { files: files.length, vkey: writeVkey(vkey) };
}
