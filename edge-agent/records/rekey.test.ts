import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keyFileOf, readKeyFile, replaceKeyFile, settleDataKey } from "./data-key-place.ts";
import { freshDataKey } from "./data-keys.ts";
import { fillWithCanaries } from "./fill-with-canaries.ts";
import { openForReading } from "./open.ts";
import { at, intent, logOptionsOf, scratchFolder, vkey } from "./records-for-tests.ts";
import { rekeyDatabase } from "./rekey.ts";
import { sealedTables } from "./sealed-columns.ts";
import { WardRecords } from "./ward.ts";
import { WatchedLog } from "./watched-log.ts";

let folder: ReturnType<typeof scratchFolder>;
let path: string;
let canaries: string[];
const credentials = process.env.CREDENTIALS_DIRECTORY;

beforeEach(() => {
  delete process.env.CREDENTIALS_DIRECTORY;
  folder = scratchFolder();
  mkdirSync(join(folder.path, "data"));
  path = join(folder.path, "data", "ward.sqlite");
  settleDataKey(join(folder.path, "data"), { file: null, mayMake: true });
  const records = opened();
  canaries = fillWithCanaries(records, path);
  records.close();
});
afterEach(() => {
  process.env.CREDENTIALS_DIRECTORY = credentials;
  folder.done();
});

function opened(): WardRecords {
  const records = new WardRecords(path, logOptionsOf());
  records.start();
  return records;
}
const keysNow = () => readKeyFile(keyFileOf(path), null);
function words(): unknown[] {
  const db = openForReading(path);
  try {
    return Object.entries(sealedTables).flatMap(([table, { columns }]) =>
      columns.map((column) => db.prepare(`SELECT "${column}" FROM "${table}" ORDER BY 1`).pluck().all()),
    );
  } finally {
    db.close();
  }
}
const holds = (word: string): boolean =>
  readdirSync(join(folder.path, "data")).some((name) => readFileSync(join(folder.path, "data", name)).includes(word));

describe("another data key", () => {
  it("opens everything, and nothing sealed with the one before is left in any file", () => {
    const was = words();
    const old = keysNow().current;
    const next = freshDataKey();
    replaceKeyFile(keyFileOf(path), [next, old]);
    expect(rekeyDatabase(path, keysNow())).toBeGreaterThan(40);
    replaceKeyFile(keyFileOf(path), [next]);
    expect(words()).toEqual(was);
    expect(holds(`qr1:${next.id}:`)).toBe(true);
    expect(holds(`qr1:${old.id}:`)).toBe(false);
    expect(canaries.filter(holds)).toEqual([]);
    const log = new WatchedLog(path, [vkey]);
    const records = opened();
    records.commit([intent("page.open", { who: "x" })], [], at(8_000_000));
    records.checkpointIfDirty();
    expect(log.verify([], { utcMs: () => 0, monoMs: () => 0 })).toMatchObject({ ok: true });
    log.close();
    // People are found by name and badge still.
    const again = { name: "Zed Again", role: "nurse", by: { kind: "setup", name: "engineer" } } as const;
    const ids = [0, 1].map((n) => {
      const { code } = records.inviteStaff(again, at(8_001_000 + n));
      const said = records.signIn(code, at(8_002_000 + n));
      return typeof said === "object" && said.is === "staff" ? said.id : expect.fail(String(said));
    });
    expect(ids[0]).toBe(ids[1]);
    records.close();
  });

  it("cut off after any batch: no ward starts over it, everything is still read, and another call ends it", () => {
    const was = words();
    const [old, next] = [keysNow().current, freshDataKey()];
    replaceKeyFile(keyFileOf(path), [next, old]);
    let batches = 0;
    for (let until = 1; ; until += 9) {
      let seen = 0;
      const cut = () => {
        seen += 1;
        batches = Math.max(batches, seen);
        if (seen === until) throw new Error("the power was cut");
      };
      try {
        rekeyDatabase(path, keysNow(), cut);
        break;
      } catch (cause) {
        expect(String(cause)).toContain("the power was cut");
      }
      expect(() => opened()).toThrow(/wrong-key: the change of the data key was not finished: run npm run data:rekey/);
      expect(words()).toEqual(was);
    }
    expect(batches).toBeGreaterThan(20);
    replaceKeyFile(keyFileOf(path), [next]);
    expect(words()).toEqual(was);
    opened().close();
  });

  it("does not end while one value cannot be opened: the key before is not given up", () => {
    const old = keysNow().current;
    replaceKeyFile(keyFileOf(path), [freshDataKey(), old]);
    const raw = new Database(path);
    raw.exec(
      "DROP TRIGGER needs_no_update; UPDATE needs SET needs = substr(needs, 1, 40) || 'AAAAAAAA' || substr(needs, 49)",
    );
    raw.close();
    expect(() => rekeyDatabase(path, keysNow())).toThrow(/^damaged: needs\.needs of row 1 was changed/);
  });
});
