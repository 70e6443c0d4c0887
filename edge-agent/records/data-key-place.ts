import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type DataKey, type DataKeys, freshDataKey, keyLines, readKeyLines } from "./data-keys.ts";
import { StoreError } from "./store-error.ts";

/*
 * Where the data key lies: a credential that systemd gave to the service, else the file that the configuration names. Never in
 * the data folder: whoever carries the folder away must not have the key with it. `data-key.place` in the data folder says where
 * the file is, so that every program that opens the records finds it as the agent did; it is no secret.
 */

export const credentialName = "data-key";
export const dataKeyPlace = "data-key.place";

export interface DataKeyOptions {
  /** Of the configuration; null: none is named. */
  readonly file: string | null;
  /** A demonstration makes its own key beside its data folder. */
  readonly mayMake: boolean;
}

/** Finds or makes the key file of a data folder and notes the place. Throws StoreError "no-key" with what to do. */
export function settleDataKey(dataDir: string, { file, mayMake }: DataKeyOptions): void {
  if (credentialFile() !== undefined) {
    // The service may not be able to read the file itself; whoever works on the machine by hand finds it by the note.
    if (file !== null) notePlace(dataDir, file);
    return;
  }
  const chosen = file ?? (mayMake ? `${resolve(dataDir)}.key` : null);
  if (chosen === null) throw noKey("this ward has no data key");
  if (file === null && !existsSync(chosen)) makeKeyFile(chosen);
  readKeyFile(chosen, dataDir);
  notePlace(dataDir, chosen);
}

function notePlace(dataDir: string, file: string): void {
  const note = join(dataDir, dataKeyPlace);
  if (existsSync(note) && readFileSync(note, "utf8").trim() === file) return;
  writeWhole(note, `${file}\n`);
}

/** The file with the keys of a database. Throws StoreError "no-key". */
export function keyFileOf(databaseFile: string): string {
  const credential = credentialFile();
  if (credential !== undefined) return credential;
  const note = join(dirname(databaseFile), dataKeyPlace);
  if (databaseFile === ":memory:" || !existsSync(note)) throw noKey("it is not known where the data key is");
  return readFileSync(note, "utf8").trim();
}

/** The keys of a database. Throws StoreError "no-key". */
export const dataKeysFor = (databaseFile: string): DataKeys =>
  readKeyFile(keyFileOf(databaseFile), databaseFile === ":memory:" ? null : dirname(databaseFile));

function credentialFile(): string | undefined {
  const folder = process.env.CREDENTIALS_DIRECTORY;
  const file = folder === undefined || folder === "" ? undefined : join(folder, credentialName);
  return file !== undefined && existsSync(file) ? file : undefined;
}

/** `dataDir`: where the key may not lie; null: there is none. Throws StoreError "no-key". */
export function readKeyFile(file: string, dataDir: string | null): DataKeys {
  let text: string;
  try {
    if (dataDir !== null && existsSync(dataDir) && isWithin(realpathSync(file), realpathSync(dataDir))) {
      throw noKey(
        `the data key ${file} lies in the data folder: move it out, whoever takes the folder would have both`,
      );
    }
    const { mode } = statSync(file);
    // systemd gives a service its credential by an access list, which stands where the group's rights would.
    if ((mode & (file === credentialFile() ? 0o007 : 0o077)) !== 0) {
      throw noKey(`others may read the data key ${file}: chmod 600 ${file}`);
    }
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw noKey(
      `the data key ${file} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
      cause,
    );
  }
  const keys = readKeyLines(text);
  if (keys === undefined)
    throw noKey(`${file} is no data key: a line is "quietround-data-key-1" and 32 bytes in base64`);
  return keys;
}

function isWithin(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way !== "" && way.split("/")[0] !== "..";
}

const noKey = (what: string, cause?: unknown): StoreError =>
  new StoreError(
    "no-key",
    `${what}. Personal data are sealed, and nothing was changed. Give the key as the systemd credential "${credentialName}" (LoadCredential), or name its file in dataKeyFile of the configuration; docs/data-at-rest.md says how to make one`,
    cause,
  );

/** Makes a file with a new key, 0600. The first of two that start at once wins. */
export function makeKeyFile(file: string): void {
  const temporary = writeTemporary(file, keyLines([freshDataKey()]));
  try {
    linkSync(temporary, file);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
  } finally {
    unlinkSync(temporary);
  }
  syncFolder(file);
}

/** Puts these keys in the place of those before: all of them or, after a power cut, none. */
export const replaceKeyFile = (file: string, keys: readonly DataKey[]): void => writeWhole(file, keyLines(keys));

function writeWhole(file: string, text: string): void {
  renameSync(writeTemporary(file, text), file);
  syncFolder(file);
}

function writeTemporary(file: string, text: string): string {
  const temporary = join(dirname(file), `.${basename(file)}.new-${process.pid}`);
  const handle = openSync(temporary, "w", 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return temporary;
}

function syncFolder(file: string): void {
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
}
