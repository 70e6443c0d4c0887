import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { signCheckpoint } from "../edge-agent/audit/checkpoint.ts";
import { hashesToAppend, leafHash, rootOf, storedHashIndex } from "../edge-agent/audit/merkle.ts";
import { vkeyOf } from "../edge-agent/audit/note.ts";
import { addCheckpoint } from "../edge-agent/audit/witness.ts";
import type { Stamp } from "../edge-agent/contract/audit-entry.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { requestFrom } from "../edge-agent/records/stored-log.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";
import { WatchedLog } from "../edge-agent/records/watched-log.ts";

/*
 * What somebody who owns the disk can do to the ward's own database while nobody runs: each is found and named, by the full
 * verification beside the log and, but for what is noted, by the next start. (Rolling back the whole file: audit-witnessed.test.ts;
 * exports: audit-attacks.test.ts.)
 */

const keys = generateKeyPairSync("ed25519");
const origin = "ward.example/audit/2026";
const vkey = vkeyOf(origin, keys.publicKey);
const sign = signerOf(keys.privateKey);
const clock = { utcMs: () => Date.UTC(2026, 10, 23), monoMs: () => 0 };
const at = (n: number, boot = 0): Stamp => ({
  utcMs: Date.UTC(2026, 10, 22) + n * 60_000,
  monoNs: BigInt(n - boot) * 60_000_000_000n,
});
let folder: string;
let file: string;
/** The checkpoint of ten entries, as a witness kept it. */
let kept: string;

function openWard(pair = keys): WardRecords {
  const options = { origin, sign: signerOf(pair.privateKey), publicKey: pair.publicKey };
  const records = new WardRecords(file, { ...options, boot: randomUUID(), cfgSha256: null, modelSha256: null });
  records.start();
  return records;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-attack-table-"));
  file = join(folder, "ward.sqlite");
  const ward = openWard();
  const actor = { kind: "system", part: "test" } as const;
  for (let n = 0; n < 10; n += 1) {
    ward.commit([{ action: "lease.start", actor, outcome: 0, detail: { n }, phi: null }], [], at(n));
    if (n % 4 === 1) ward.checkpointIfDirty();
  }
  ward.close();
  kept = onDisk((db) => String(db.prepare("SELECT note FROM checkpoint WHERE size = 10").pluck().get()));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Somebody who owns the file is not held up by triggers. */
function onDisk<T>(work: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    for (const name of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[]) {
      db.exec(`DROP TRIGGER ${name}`);
    }
    return work(db);
  } finally {
    db.close();
  }
}

type Change = (entries: string[]) => string[];
/** Entries changed, and all hashes made again so that they fit. */
const rehashed =
  (change: Change) =>
  (db: Database.Database): void => {
    const texts = db.prepare("SELECT CAST(data AS TEXT) FROM entry ORDER BY idx").pluck().all() as string[];
    db.exec("DELETE FROM entry; DELETE FROM hash");
    const hashes: Uint8Array[] = [];
    for (const [n, text] of change(texts).entries()) {
      const bytes = new TextEncoder().encode(text);
      db.prepare("INSERT INTO entry (idx, data) VALUES (?, ?)").run(n, bytes);
      for (const [level, hash] of hashesToAppend(n, leafHash(bytes), (index) => hashes[index] ?? bytes).entries()) {
        hashes[storedHashIndex(0, n) + level] = hash;
        db.prepare("INSERT INTO hash VALUES (?, ?)").run(storedHashIndex(0, n) + level, hash);
      }
    }
  };
const numbered: Change = (texts) => texts.map((text, n) => text.replace(/"seq":\d+/, `"seq":${n}`));
const edited: Change = (texts) => texts.with(4, (texts[4] ?? "").replace('"n":4', '"n":40'));

/** As the one who holds the private key too: the checkpoint of ten is signed anew over what is there. */
function signAnew(db: Database.Database): void {
  const hash = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
  const root = rootOf(10, (index) => new Uint8Array(hash.get(index) as Uint8Array));
  db.exec("DELETE FROM checkpoint");
  db.prepare("INSERT INTO checkpoint VALUES (10, ?)").run(signCheckpoint(10, root, vkey, sign));
}

const attacks: readonly (readonly [string, (db: Database.Database) => void, RegExp, RegExp | null])[] = [
  [
    "edit an entry",
    (db) =>
      db.exec(`UPDATE entry SET data = CAST(replace(CAST(data AS TEXT), '"n":4', '"n":40') AS BLOB) WHERE idx = 4`),
    /^entry-changed: entry 4 /,
    /entry 4 does not have the hash that was stored/,
  ],
  ["edit an entry and its hashes", rehashed(edited), /^root-differs: entries 2 to 5 /, /the checkpoint of 6 entries/],
  [
    "delete an entry",
    (db) => db.exec("DELETE FROM entry WHERE idx = 4"),
    /^seq-gap: entry 4 is missing/,
    /entry 4 is missing/,
  ],
  [
    "delete an entry, number and hash the rest anew",
    rehashed((texts) => numbered(texts.toSpliced(4, 1))),
    /^root-differs: entries 2 to 5 /,
    /10 entries were signed, and 9 are here|the checkpoint of 6 entries/,
  ],
  [
    "insert an entry",
    rehashed((texts) => numbered(texts.toSpliced(4, 0, (texts[4] ?? "").replace("lease.start", "consent.grant")))),
    /^root-differs: entries 2 to 5 /,
    /the checkpoint of 6 entries/,
  ],
  [
    "reorder entries",
    rehashed((texts) => numbered(texts.with(4, texts[5] ?? "").with(5, texts[4] ?? ""))),
    /^mono-backwards: the clock of this run went back/,
    /the checkpoint of 6 entries/,
  ],
  [
    "truncate",
    (db) => db.exec(`DELETE FROM entry WHERE idx > 6; DELETE FROM hash WHERE idx >= ${storedHashIndex(0, 7)}`),
    /^truncated: 10 entries were signed and 7 are here/,
    /10 entries were signed, and 7 are here/,
  ],
  [
    "roll back the clock in a forged entry",
    rehashed((texts) => texts.with(9, (texts[9] ?? "").replace(/"t":"[^"]+"/, '"t":"2026-11-20T00:00:00.000Z"'))),
    /^clock-backwards: .*no clock\.step says so/,
    /the checkpoint of 10 entries/,
  ],
  [
    "replace the key: sign everything with another one",
    (db) => {
      const other = generateKeyPairSync("ed25519");
      const hash = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
      const root = rootOf(10, (index) => new Uint8Array(hash.get(index) as Uint8Array));
      const note = signCheckpoint(10, root, vkeyOf(origin, other.publicKey), signerOf(other.privateKey));
      db.exec("DELETE FROM checkpoint");
      db.prepare("INSERT INTO checkpoint VALUES (10, ?)").run(note);
    },
    /^checkpoint-signature: /,
    /is not signed by ward\.example\/audit\/2026/,
  ],
  [
    // With the key in hand the start cannot know; whoever kept a checkpoint does.
    "fork: another history, signed with the log's own key",
    (db) => {
      rehashed(edited)(db);
      signAnew(db);
    },
    /^fork: a checkpoint kept elsewhere has another root for the first 10 entries/,
    null,
  ],
];

describe("what is done to the database is named", () => {
  it.each(attacks)("%s", (_name, attack, verifier, start) => {
    const watched = new WatchedLog(file, [vkey]);
    expect(watched.verify([kept], clock)).toMatchObject({ ok: true, entries: 10 });
    watched.close();
    onDisk(attack);
    const after = new WatchedLog(file, [vkey]);
    expect(after.verify([kept], clock).words).toMatch(verifier);
    after.close();
    if (start === null) openWard().close();
    else expect(() => openWard().close()).toThrow(start);
  });

  it("another key at the start is refused, and a clock that went back is said before the next entry", () => {
    expect(() => openWard(generateKeyPairSync("ed25519"))).toThrow(/^refused: this log is /);
    const ward = openWard();
    const actor = { kind: "system", part: "test" } as const;
    ward.commit([{ action: "lease.end", actor, outcome: 0, detail: {}, phi: null }], [], at(1, 1));
    ward.close();
    const last = onDisk((db) => db.prepare("SELECT CAST(data AS TEXT) FROM entry WHERE idx = 10").pluck().get());
    expect(last).toContain('"action":"clock.step"');
  });

  it("an old checkpoint that is played to a witness again is answered with the size that it has seen", () => {
    const db = new Database(file, { readonly: true });
    const of = (size: number) => {
      const note = String(db.prepare("SELECT note FROM checkpoint WHERE size = ?").pluck().get(size));
      return requestFrom(db, 0, { size, note });
    };
    const [old, newest] = [of(6), of(10)];
    db.close();
    const first = addCheckpoint(newest, { logs: [vkey], seen: () => undefined });
    const seen = first.is === "cosign" ? first.seen : expect.fail("not cosigned");
    expect(addCheckpoint(old, { logs: [vkey], seen: () => seen })).toEqual({ is: "conflict", size: 10 });
  });
});
