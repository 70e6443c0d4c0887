import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { credentialName, dataKeysFor, keyFileOf, makeKeyFile, settleDataKey } from "./data-key-place.ts";
import { openForReading } from "./open.ts";
import { logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";
import { WardRecords } from "./ward.ts";

let folder: ReturnType<typeof scratchFolder>;
let data: string;
let ward: string;
const credentials = process.env.CREDENTIALS_DIRECTORY;

beforeEach(() => {
  delete process.env.CREDENTIALS_DIRECTORY;
  folder = scratchFolder();
  data = join(folder.path, "data");
  mkdirSync(data);
  ward = join(data, "ward.sqlite");
});
afterEach(() => {
  process.env.CREDENTIALS_DIRECTORY = credentials;
  folder.done();
});

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (cause) {
    return cause instanceof StoreError ? cause.message : String(cause);
  }
  return "did not refuse";
};
const opened = (): WardRecords => {
  const records = new WardRecords(ward, logOptionsOf());
  records.start();
  return records;
};

describe("where the data key is", () => {
  it("a demonstration makes one beside its data folder, for itself alone, and finds it again", () => {
    settleDataKey(data, { file: null, mayMake: true });
    const file = `${data}.key`;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const made = readFileSync(file, "utf8");
    settleDataKey(data, { file: null, mayMake: true });
    expect(readFileSync(file, "utf8")).toBe(made);
    expect(keyFileOf(ward)).toBe(file);
    // Only the place is in the data folder.
    const key = made.trim().split(" ")[1] ?? "no key";
    for (const name of readdirSync(data)) expect(readFileSync(join(data, name), "utf8")).not.toContain(key);
  });

  it("a ward makes none: without one it refuses with words, and no file is made", () => {
    const words = refusal(() => settleDataKey(data, { file: null, mayMake: false }));
    expect(words).toMatch(/^no-key: this ward has no data key\. .*LoadCredential.*dataKeyFile/);
    expect(refusal(opened)).toMatch(/^no-key: it is not known where the data key is/);
    expect(refusal(() => settleDataKey(data, { file: join(folder.path, "gone"), mayMake: true }))).toMatch(/ENOENT/);
    expect(readdirSync(data)).toEqual([]);
  });

  it("a key in the data folder is refused, also by way of a link", () => {
    const inside = join(data, "keys", "data.key");
    mkdirSync(join(data, "keys"));
    makeKeyFile(inside);
    symlinkSync(inside, join(folder.path, "outside.key"));
    for (const file of [inside, join(folder.path, "outside.key")])
      expect(refusal(() => settleDataKey(data, { file, mayMake: false }))).toMatch(
        /lies in the data folder: move it out/,
      );
    expect(existsSync(join(data, "data-key.place"))).toBe(false);
  });

  it("a key that others may read, and a file that is none, are refused", () => {
    const file = join(folder.path, "data.key");
    makeKeyFile(file);
    chmodSync(file, 0o640);
    expect(refusal(() => settleDataKey(data, { file, mayMake: false }))).toMatch(/others may read .*: chmod 600 /);
    expect(refusal(() => settleDataKey(data, { file: process.execPath, mayMake: false }))).toMatch(/no-key/);
  });

  it("one made as the documentation says is taken", () => {
    const words = readFileSync(fileURLToPath(new URL("../../docs/data-at-rest.md", import.meta.url)), "utf8");
    const file = join(folder.path, "data-key");
    const recipe = /^\(umask 077; .*\)$/m.exec(words)?.[0].replace("/etc/quietround/data-key", file) ?? "no recipe";
    expect(spawnSync("sh", ["-c", recipe]).status).toBe(0);
    expect(() => settleDataKey(data, { file, mayMake: false })).not.toThrow();
  });

  it("a credential of the service comes before every file", () => {
    const given = join(folder.path, "credentials");
    mkdirSync(given);
    makeKeyFile(join(given, credentialName));
    process.env.CREDENTIALS_DIRECTORY = given;
    settleDataKey(data, { file: null, mayMake: false });
    expect(readdirSync(data)).toEqual([]);
    // Named as well, it is for whoever works by hand, and the service need not be able to read it.
    settleDataKey(data, { file: join(folder.path, "by-hand.key"), mayMake: false });
    expect(keyFileOf(ward)).toBe(join(given, credentialName));
    // A service that was given other credentials only.
    renameSync(join(given, credentialName), join(given, "other"));
    expect(keyFileOf(ward)).toBe(join(folder.path, "by-hand.key"));
  });
});

describe("records with the wrong key or none", () => {
  beforeEach(() => {
    settleDataKey(data, { file: null, mayMake: true });
    const records = opened();
    records.commit([], [stay("s1")], { utcMs: 1, monoNs: 1n });
    records.close();
  });
  const bytes = () => readdirSync(data).map((name) => [name, readFileSync(join(data, name)).toString("base64")]);

  it("are not opened, by a writer or a reader, and not one byte of them changes; with their key they are well", () => {
    const was = bytes();
    const ownKey = dataKeysFor(ward).current.id;
    renameSync(`${data}.key`, `${data}.kept`);
    for (const open of [opened, () => openForReading(ward)])
      expect(refusal(open)).toMatch(/^no-key: the data key .*data\.key cannot be read .*nothing was changed/);
    makeKeyFile(`${data}.key`);
    for (const open of [opened, () => openForReading(ward)])
      expect(refusal(open)).toMatch(new RegExp(`^wrong-key: these records are sealed with data key ${ownKey}`));
    expect(bytes().filter(([name]) => !/-(shm|wal)$/.test(name ?? ""))).toEqual(was);
    renameSync(`${data}.kept`, `${data}.key`);
    opened().close();
    const db = openForReading(ward);
    expect(db.prepare("SELECT label FROM stay").pluck().get()).toBe("A.B.");
    db.close();
  });
});
