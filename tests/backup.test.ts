import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEntry } from "../edge-agent/audit/entry.ts";
import { makeKeyFile } from "../edge-agent/records/data-key-place.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { newestCheckpoint } from "../edge-agent/records/stored-log.ts";
import { giveTo } from "../scripts/backup/put-back.ts";
import { lockData } from "../scripts/data-lock.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* A ward is backed up while it senses, goes on, is lost, and comes back from the backup: whole, and with nothing on. */

const folder = mkdtempSync(join(tmpdir(), "quietround-backup-"));
const script = (name: string): string => fileURLToPath(new URL(`../scripts/${name}.ts`, import.meta.url));
const run = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, [script(name), ...args], {
    encoding: "utf8",
    timeout: 120_000,
    env: { ...process.env, ...env },
  });
let ward: RunningWard;
let bedside: string;
let stay: string;
let backup: string;

const tile = () => ward.tiles.get("room-1");
const stateOf = (purpose: string) => tile()?.consents.find((one) => one.purpose === purpose)?.state;
const actions = (dataDir: string): string[] => {
  const db = openForReading(join(dataDir, "ward.sqlite"));
  try {
    return (db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Buffer[]).map((row) => {
      const read = readEntry(new Uint8Array(row));
      return read.ok ? read.entry.action : expect.fail(read.words);
    });
  } finally {
    db.close();
  }
};
const newestNote = (dataDir: string): string => {
  const db = openForReading(join(dataDir, "ward.sqlite"));
  try {
    return newestCheckpoint(db)?.note ?? expect.fail("nothing is signed");
  } finally {
    db.close();
  }
};
const lastDetail = (dataDir: string): unknown => {
  const db = openForReading(join(dataDir, "ward.sqlite"));
  try {
    const row = db.prepare("SELECT data FROM entry ORDER BY idx DESC LIMIT 1").pluck().get() as Buffer;
    const read = readEntry(new Uint8Array(row));
    return read.ok ? read.entry.detail : expect.fail(read.words);
  } finally {
    db.close();
  }
};
const asides = (): string[] =>
  readdirSync(dirname(ward.dataDir)).filter((name) => name.startsWith(`${basename(ward.dataDir)}.before-`));

beforeAll(async () => {
  ward = await runWard({ sensors: [{ port: { via: "simulated", seed: 3, scene: "asleep", speed: 1 } }] });
  ({ stay, bedside } = await ward.admit("room-1"));
  await ward.turnOn("room-1", stay, bedside);
  await ward.until("sensing", () => (tile()?.engineering.framesAccepted ?? 0) > 5);
}, 120_000);
afterAll(async () => {
  const left = ward === undefined ? [] : asides().map((name) => join(dirname(ward.dataDir), name));
  await ward?.stop();
  for (const one of [folder, ...left]) rmSync(one, { recursive: true, force: true });
});

describe("a backup", () => {
  it("is taken while the ward runs, holds no private key, and is nobody else's to read", () => {
    const ran = run("ward-backup", ["--data", ward.dataDir, "--config", ward.configPath, "--to", folder]);
    expect(ran.stderr).not.toContain("NO BACKUP");
    expect(ran.status).toBe(0);
    const [name = ""] = readdirSync(folder);
    backup = join(folder, name);
    expect(ran.stdout).toContain(backup);
    expect(statSync(backup).mode & 0o777).toBe(0o700);
    const files = readdirSync(backup, { recursive: true }).map(String).sort();
    expect(files).toContain("ward.sqlite");
    expect(files).toContain("config/site.json");
    for (const file of files.filter((one) => statSync(join(backup, one)).isFile()))
      expect(readFileSync(join(backup, file), "latin1")).not.toContain("PRIVATE KEY");
    expect(actions(backup)).toContain("consent.grant");
  });

  it("says what is wrong where it cannot be made", () => {
    const asked = ["--data", ward.dataDir, "--config", ward.configPath];
    expect(run("ward-backup", [...asked, "--to", join(ward.dataDir, "copies")]).stderr).toContain(
      "would be lost with it",
    );
    expect(run("ward-backup", [...asked, "--to", script("ward-backup")])).toMatchObject({ status: 1 });
    expect(run("ward-backup", ["--data", folder, "--to", folder]).stderr).toContain("there is no configuration");
  });
});

describe("from a backup", () => {
  it("nothing is put back where a byte of it changed, a file is missing, or another station made it", () => {
    const put = (from: string, more: readonly string[] = []) =>
      run("ward-restore", ["--from", from, "--data", ward.dataDir, ...more]);
    const lock = lockData(ward.dataDir);
    expect(put(backup).stderr).toContain("a ward is running over");
    if (lock.is === "held") lock.release();
    const spoilt = join(folder, "spoilt");
    for (const spoil of [
      (at: string) => appendFileSync(join(at, "ward.sqlite"), " "),
      (at: string) => rmSync(join(at, "ward.sqlite")),
      (at: string) => appendFileSync(join(at, "backup.list"), "\n"),
      (at: string) => rmSync(join(at, "backup.note")),
    ]) {
      cpSync(backup, spoilt, { recursive: true });
      spoil(spoilt);
      const ran = put(spoilt);
      expect(ran.status).toBe(1);
      expect(ran.stderr).toContain("NOTHING was changed");
      rmSync(spoilt, { recursive: true });
    }
    const other = put(backup, ["--key", join(ward.dataDir, "keys", "dashboard.vkey")]);
    expect(other.stderr).toContain("not signed with the key");
    expect(asides()).toEqual([]);
  });

  it("nothing is put back where the key of its names and words is another", () => {
    const other = join(folder, "other.key");
    makeKeyFile(other);
    const asked = ["--from", backup, "--data", ward.dataDir, "--data-key", other];
    const ran = run("ward-restore", asked, { CREDENTIALS_DIRECTORY: "" });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain("NOT RESTORED: wrong-key: these records are sealed with data key");
    expect(asides()).toEqual([]);
    rmSync(other);
  });

  it("the records come back whole, what was there is kept aside, and no yes of before is taken as one now", async () => {
    // The person says no after the backup, in which there is a yes.
    const off = await ward.ask({ do: "turn-off", bed: "room-1", stay, purpose: "breathing-rate" }, bedside);
    expect(off.ok).toBe(true);
    await ward.until("the no", () => stateOf("breathing-rate") === "withdrawn");
    await ward.end("bridge");
    await ward.end("agent");
    const later = actions(ward.dataDir);
    // As on an installed station, where the records are the service's account's and root puts them back.
    const root = process.getuid?.() === 0;
    const account = root ? { uid: 4_321, gid: 4_321 } : { uid: statSync(folder).uid, gid: statSync(folder).gid };
    giveTo(ward.dataDir, account);
    // What a witness would have kept of the log as it stood last.
    const witnessed = join(folder, "witnessed.note");
    writeFileSync(witnessed, newestNote(ward.dataDir));
    const otherNote = join(folder, "other.note");
    writeFileSync(otherNote, newestNote(ward.dataDir).replace(/\n\d+\n/, "\n999999\n"));
    const asked = ["--from", backup, "--data", ward.dataDir, "--witness-note"];
    expect(run("ward-restore", [...asked, otherNote]).stderr).toContain("is no checkpoint of this log");
    expect(asides()).toEqual([]);
    const ran = run("ward-restore", [...asked, witnessed]);
    expect(ran.stderr).toBe("");
    const missing = later.length - actions(backup).length;
    expect(missing).toBeGreaterThan(0);
    expect(ran.stdout).toContain(`${missing} entries are MISSING: the log was seen with ${later.length}`);
    const restored = lastDetail(ward.dataDir);
    expect(restored).toMatchObject({ missing, newestSeen: later.length, forked: false });
    expect(ran.stdout).toContain("the audit log is whole");
    expect(ran.stdout).toContain("Nothing is sensed until each person touches");
    expect(ran.status).toBe(0);
    expect(actions(ward.dataDir).at(-1)).toBe("records.restore");
    expect(actions(ward.dataDir).length).toBeLessThan(later.length);
    const [aside = ""] = asides();
    for (const name of [".", ...readdirSync(ward.dataDir, { recursive: true }).map(String)]) {
      const { uid, gid } = statSync(join(ward.dataDir, name));
      // Our own look into the database, a line above, left files beside it.
      if (!/-(wal|shm)$/.test(name)) expect({ name, uid, gid }).toEqual({ name, ...account });
    }
    expect(actions(join(dirname(ward.dataDir), aside))).toEqual(later);
    expect(existsSync(join(ward.dataDir, "keys", "station.key.pem"))).toBe(true);

    const before = ward.history.length;
    cpSync(join(dirname(ward.dataDir), aside, "site.json"), ward.configPath);
    cpSync(join(dirname(ward.dataDir), aside, "bridge.json"), join(ward.dataDir, "bridge.json"));
    ward.start("agent");
    ward.start("bridge");
    const since = () => ward.history.slice(before);
    await ward.until("a tile of the ward that came back", () => since().length > 3, 60_000);
    for (const purpose of ["breathing-rate", "movement-alerts"]) expect(stateOf(purpose)).toBe("withdrawn");
    expect(since().every(({ engineering }) => engineering.framesAccepted === 0)).toBe(true);
    // It is the person's to turn on again, with one touch; the screen at their bed is still theirs.
    await ward.turnOn("room-1", stay, bedside, ["movement-alerts"]);
    await ward.until("sensing again", () => (tile()?.engineering.framesAccepted ?? 0) > 5, 60_000);
    expect(actions(ward.dataDir)).toContain("records.restore");
  });
});
