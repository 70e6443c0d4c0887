import { generateKeyPairSync, randomUUID } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEntry } from "../edge-agent/audit/entry.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";

/* What a power cut or a bad block leaves of the ward's database, opened again as the agent opens it. */

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
/** sqlite.org/fileformat.html 4.1: the header of the write-ahead log and of each of its frames. */
const walHeaderBytes = 32;
const frameHeaderBytes = 24;
const commits = 9;
let folder: string;
let database: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faults-wal-"));
  database = join(folder, "ward.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (path: string) =>
  openWard(path, {
    domain: "w7.example",
    key: { privateKey, publicKey },
    boot: randomUUID(),
    cfgSha256: null,
    modelSha256: null,
    stamp: { utcMs: Date.now(), monoNs: process.hrtime.bigint() },
  });
type Records = ReturnType<typeof open>;

function write(records: Records, number: number): void {
  records.commit(
    [
      {
        action: number % 3 === 0 ? "alert.raise" : "lease.start",
        actor: { kind: "system", part: "test" },
        outcome: 0,
        detail: { number },
        phi: { number, words: "x".repeat(3_000) },
      },
    ],
    [{ table: "lease-number", bed: "room-1", number, stay: null }],
    { utcMs: Date.now(), monoNs: process.hrtime.bigint() },
  );
}

/** Numbers of the commits as the entries and as the rows tell them. Opening has checked the log and its root. */
function storedIn(path: string): { entries: number[]; row: number } {
  const records = open(path);
  const row = records.restoreRoom("room-1").leaseNumber;
  records.close();
  const db = openForReading(path);
  const bytes = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Uint8Array[];
  expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
  db.close();
  const entries = bytes.flatMap((data) => {
    const read = readEntry(new Uint8Array(data));
    return read.ok && typeof read.entry.detail.number === "number" ? [read.entry.detail.number] : [];
  });
  return { entries, row };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place + 1);

describe("the write-ahead log", () => {
  it("cut at every frame and within it: what was acknowledged by then is there, and of the next commit all or nothing", () => {
    open(database).close();
    const records = open(database);
    const acknowledgedBytes = upTo(commits).map((number) => {
      write(records, number);
      return statSync(`${database}-wal`).size;
    });
    // As a power cut leaves it: nobody has closed it.
    const copy = join(folder, "copy.sqlite");
    const whole = readFileSync(`${database}-wal`);
    const main = readFileSync(database);
    const frameBytes = frameHeaderBytes + whole.readUInt32BE(8);
    const frames = (whole.length - walHeaderBytes) / frameBytes;
    expect(Number.isInteger(frames)).toBe(true);
    expect(frames).toBeGreaterThan(3 * commits);
    const seen = new Set<number>();
    for (let frame = 0; frame <= frames; frame++) {
      for (const beyond of frame === frames ? [0] : [0, Math.floor(frameBytes / 2)]) {
        const cut = walHeaderBytes + frame * frameBytes + beyond;
        const acknowledged = acknowledgedBytes.filter((bytes) => bytes <= cut).length;
        writeFileSync(copy, main);
        writeFileSync(`${copy}-wal`, whole.subarray(0, cut));
        const { entries, row } = storedIn(copy);
        expect(entries, `cut at ${cut} bytes`).toEqual(upTo(row));
        // An alarm is written before its checkpoint is, and acknowledged after it.
        expect([acknowledged, acknowledged + 1]).toContain(row);
        seen.add(acknowledged);
        for (const end of ["", "-wal", "-shm"]) rmSync(copy + end, { force: true });
      }
    }
    expect(seen.size).toBe(commits + 1);
    records.close();
  });
});

describe("a damaged page", () => {
  it("of any part of the database: it is not opened and the words say so, or nothing of it was in use", () => {
    const records = open(database);
    for (const number of upTo(commits)) write(records, number);
    records.close();
    const whole = readFileSync(database);
    const pageBytes = whole.readUInt16BE(16);
    const copy = join(folder, "copy.sqlite");
    const outcomes: string[] = [];
    for (let page = 0; page < whole.length / pageBytes; page++) {
      copyFileSync(database, copy);
      const damaged = Buffer.from(whole);
      damaged.fill(0xa5, page * pageBytes, (page + 1) * pageBytes);
      writeFileSync(copy, damaged);
      try {
        expect(storedIn(copy)).toEqual({ entries: upTo(commits), row: commits });
        outcomes.push("whole");
      } catch (cause) {
        if (!(cause instanceof StoreError)) throw cause;
        expect(["damaged", "log-damaged"], `page ${page + 1}: ${cause.message}`).toContain(cause.code);
        outcomes.push(cause.code);
      }
      for (const end of ["", "-wal", "-shm"]) rmSync(copy + end, { force: true });
    }
    expect(outcomes.length).toBeGreaterThan(20);
    // Only pages that hold nothing may go unnoticed.
    const free = whole.readUInt32BE(36);
    expect(outcomes.filter((one) => one === "whole").length).toBeLessThanOrEqual(free);
  });
});
