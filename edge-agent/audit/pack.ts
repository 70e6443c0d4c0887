import { canonical } from "./canonical.ts";
import { sha256 } from "./merkle.ts";
import { openNote, type Signer, signNote, type Vkey } from "./note.ts";

/*
 * An inspection pack: data files, a manifest of their hashes, and a signed note (c2sp.org/signed-note) over the hash of the manifest.
 * The same data give the same manifest. What is made from the data for reading (a PDF, instructions) is not in it.
 */

/** Files that the manifest covers lie below these. */
const covered = /^(?:data|log)\/[a-z0-9][a-z0-9./-]*$/;
export const manifestPath = "manifest.json";
export const notePath = "manifest.note";
const firstLine = "quietround inspection pack v1";

export type PackFiles = ReadonlyMap<string, Uint8Array>;

const hexOf = (bytes: Uint8Array): string => Buffer.from(sha256(bytes)).toString("hex");
export const isCovered = (path: string): boolean => covered.test(path) && !path.includes("..");

/** Of all files that it covers, by path. Throws RangeError for a path that a manifest cannot have. */
export function manifestOf(files: PackFiles): Uint8Array {
  const rows = [...files].map(([path, bytes]) => {
    if (!isCovered(path)) throw new RangeError(`not a path of a pack: ${path}`);
    return { path, bytes: bytes.length, sha256: hexOf(bytes) };
  });
  return new TextEncoder().encode(canonical({ v: 1, files: rows.sort((a, b) => (a.path < b.path ? -1 : 1)) }));
}

export const manifestHash = (manifest: Uint8Array): string => hexOf(manifest);

export const signManifest = (manifest: Uint8Array, vkey: Vkey, sign: Signer): string =>
  signNote(`${firstLine}\n${manifestHash(manifest)}\n`, vkey, sign);

export const packFaults = ["no-manifest", "signature", "other-manifest", "missing", "changed", "extra"] as const;
export interface PackFault {
  readonly fault: (typeof packFaults)[number];
  /** Of which file, or what is wrong with the signature. */
  readonly what: string;
}

export interface CheckedPack {
  readonly faults: readonly PackFault[];
  /** Undefined: there is no manifest. */
  readonly manifestSha256: string | undefined;
  readonly signedBy: readonly string[];
  readonly files: number;
}

/** From a stranger's hands, before any check; never throws. @param vkeys that the reader trusts */
export function checkPack(files: PackFiles, vkeys: readonly Vkey[]): CheckedPack {
  const manifest = files.get(manifestPath);
  const rows = manifest === undefined ? undefined : rowsOf(manifest);
  if (manifest === undefined || rows === undefined) {
    const fault: PackFault = { fault: "no-manifest", what: manifestPath };
    return { faults: [fault], manifestSha256: undefined, signedBy: [], files: 0 };
  }
  const faults: PackFault[] = [];
  const manifestSha256 = manifestHash(manifest);
  const note = openNote(Buffer.from(files.get(notePath) ?? []).toString("utf8"), vkeys);
  if (!note.ok) faults.push({ fault: "signature", what: note.why });
  else if (note.text !== `${firstLine}\n${manifestSha256}\n`) faults.push({ fault: "other-manifest", what: notePath });
  for (const [path, hash] of rows) {
    const bytes = files.get(path);
    if (bytes === undefined) faults.push({ fault: "missing", what: path });
    else if (hexOf(bytes) !== hash) faults.push({ fault: "changed", what: path });
  }
  for (const path of files.keys()) {
    if (/^(?:data|log)(?:\/|$)/.test(path) && !rows.has(path)) faults.push({ fault: "extra", what: path });
  }
  return { faults, manifestSha256, signedBy: note.ok ? note.signedBy : [], files: rows.size };
}

function rowsOf(manifest: Uint8Array): Map<string, string> | undefined {
  try {
    const read: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(manifest));
    if (typeof read !== "object" || read === null || !("files" in read) || !Array.isArray(read.files)) return undefined;
    const rows = new Map<string, string>();
    for (const row of read.files as readonly { readonly path?: unknown; readonly sha256?: unknown }[]) {
      if (typeof row?.path !== "string" || typeof row.sha256 !== "string" || !isCovered(row.path)) return undefined;
      if (rows.has(row.path)) return undefined;
      rows.set(row.path, row.sha256);
    }
    return rows;
  } catch {
    return undefined;
  }
}
