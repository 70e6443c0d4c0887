import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ReleaseState } from "../../edge-agent/contract/release-state.ts";

/*
 * What an update is doing, in a file that is on the disk before it is done: after a power cut whoever comes next knows what to finish and
 * what to undo. There is one while an update is under way, and none otherwise.
 */

/**
 * `stopping`: what will be changed is put aside, nothing is changed. `swapping`: files are being changed. `starting`: all are changed, and
 * the new release is being watched. `keeping`: it was found well. `rolling-back`: what was put aside is being put back.
 */
export const updateStages = ["stopping", "swapping", "starting", "keeping", "rolling-back"] as const;
export type UpdateStage = (typeof updateStages)[number];

const Mark = z.strictObject({ size: z.int().nonnegative(), root: z.string() });
/** Size and root (base64) of an audit log at one moment. */
export type LogMark = z.infer<typeof Mark>;

const Saved = z.strictObject({
  path: z.string(),
  /** Name of the copy; null: there was no such file. */
  copy: z.string().nullable(),
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
});
export type Saved = z.infer<typeof Saved>;

export const Journal = z.strictObject({
  v: z.literal(1),
  stage: z.enum(updateStages),
  from: z.int().positive(),
  to: z.int().positive(),
  startedUtcMs: z.number(),
  backup: z.string(),
  /** Text of the file that says which release ran over these data; null: there was none. */
  acceptedBefore: z.string().nullable(),
  /** How the ward was; null: it did not run. */
  before: ReleaseState.nullable(),
  /** The logs when everything had stopped, by database; null before that. */
  marks: z.record(z.string(), Mark).nullable(),
  /** Versions of the databases before. */
  schemas: z.record(z.string(), z.int()),
  saved: z.array(Saved),
  why: z.string().nullable(),
});
export type Journal = z.infer<typeof Journal>;

/** Below the folder of the program. */
export const journalName = "update.json";
export const savedFolder = "before";

export type ReadJournal =
  | { readonly is: "none" }
  | { readonly is: "journal"; readonly journal: Journal }
  | { readonly is: "unreadable"; readonly path: string };

export function readJournal(prefix: string): ReadJournal {
  const path = join(prefix, journalName);
  if (!existsSync(path)) return { is: "none" };
  try {
    return { is: "journal", journal: Journal.parse(JSON.parse(readFileSync(path, "utf8"))) };
  } catch {
    return { is: "unreadable", path };
  }
}

export function writeJournal(prefix: string, journal: Journal): void {
  writeWhole(join(prefix, journalName), `${JSON.stringify(journal)}\n`, 0o600);
}

export function removeJournal(prefix: string): void {
  rmSync(join(prefix, savedFolder), { recursive: true, force: true });
  rmSync(join(prefix, journalName), { force: true });
  syncFolder(prefix);
}

/** On the disk when it returns, whole or not at all. */
export function writeWhole(path: string, bytes: string | Uint8Array, mode: number): void {
  writeFileSync(`${path}.part`, bytes, { mode, flush: true });
  renameSync(`${path}.part`, path);
  syncFolder(dirname(path));
}

export function syncFolder(path: string): void {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
}
