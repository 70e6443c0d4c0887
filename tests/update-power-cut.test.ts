import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { updateNotesFile } from "../edge-agent/contract/release-state.ts";
import { takeUpdateNotes } from "../edge-agent/io/update-notes.ts";
import { ensureKeys, readStationKey } from "../edge-agent/platform/keys.ts";
import { AuditStore } from "../edge-agent/records/audit-store.ts";
import { currentKey } from "../edge-agent/records/key-rotation.ts";
import { openSealedForWriting } from "../edge-agent/records/open.ts";
import { openWard, signerOf } from "../edge-agent/records/open-ward.ts";
import { wardMigrations } from "../edge-agent/records/ward-schema.ts";
import { keep } from "../scripts/update/carry-through.ts";
import { type Journal, readJournal } from "../scripts/update/journal.ts";
import { markLogs } from "../scripts/update/log-mark.ts";
import { recover } from "../scripts/update/recover.ts";
import { schemasOf } from "../scripts/update/self-check.ts";
import { linkOf } from "../scripts/update/swap.ts";
import { installedMachine, type Machine, pictureOf, project } from "./installed-machine.ts";

/* An update is killed at each of its steps, and the start of the machine puts everything back. The files are real, the ward stands still. */

let station: Machine;
let release: string;
let before: Record<string, string>;
const calls = (): string => readFileSync(join(station.folder, "calls"), "utf8");
const quiet = { readyMs: 0, steadyMs: 0 };
/** What an update may leave: the new release's folder, its own lock and notes, and what SQLite opens beside a database. */
const left = /^\/opt\/quietround\/releases\/2|supervisor\.lock|update-notes|-(wal|shm)$|^\/run\//;
const picture = () => pictureOf(station.root, left);

beforeAll(async () => {
  station = await installedMachine({ packages: "none" });
  const { place, folder } = station;
  ensureKeys(place.data, [], { station: "w7.example/audit/2026", dashboard: "w7.example/audit-dashboard/2026" });
  const stamp = { utcMs: Date.now(), monoNs: 1n };
  const ward = openWard(join(place.data, "ward.sqlite"), {
    ...{
      domain: "w7.example",
      key: readStationKey(place.data),
      boot: randomUUID(),
      cfgSha256: null,
      modelSha256: null,
    },
    stamp,
    dataKey: { file: join(place.config, "data-key"), mayMake: false },
  });
  ward.close();
  writeFileSync(join(place.data, "release.accepted"), "1\n");
  // It does what it is told, and nothing of the ward ever runs.
  writeFileSync(station.systemctl, `#!/bin/sh\necho "$@" >> ${join(folder, "calls")}\n`, { mode: 0o755 });
  writeFileSync(join(folder, "calls"), "");
  release = station.release(2, (at) => {
    const config = join(at, "site/site.json");
    const site = JSON.parse(readFileSync(config, "utf8"));
    writeFileSync(config, JSON.stringify({ ...site, wardName: "Willow ward, renamed" }));
    appendFileSync(join(at, "config/systemd/quietround.service"), "# of the newer release\n");
    appendFileSync(join(at, "config/sysctl/quietround.conf"), "# of the newer release\n");
  });
  mkdirSync(join(place.prefix, "releases/2"));
  before = picture();
}, 60_000);
afterAll(() => station?.stop(), 60_000);
afterEach(() => rmSync(join(station.place.data, updateNotesFile), { force: true }));

function killedAt(words: string, ...more: string[]): string {
  const child = [join(project, "tests/update-cut-child.ts"), station.root, station.systemctl, release, words, ...more];
  const ran = spawnSync(process.execPath, child, { encoding: "utf8", timeout: 60_000 });
  expect(ran.stderr).toBe("");
  expect(ran.signal).toBe("SIGKILL");
  return ran.stdout;
}

describe("the power goes", () => {
  it.each([
    ["before anything is changed", "stage prepared", "nothing-to-do"],
    ["when what will be changed was put aside", "stage stopping", "rolled-back"],
    ["when the ward has stopped", "stage swapping", "rolled-back"],
    ["after the configuration", "write /etc/quietround/site.json", "rolled-back"],
    ["after the list that is signed", "write /etc/quietround/release.note", "rolled-back"],
    ["after a unit", "write /etc/systemd/system/quietround.service", "rolled-back"],
    ["after `current`", "point /opt/quietround/current", "rolled-back"],
    ["after all files", "stage starting", "rolled-back"],
    ["while it is taken back", "stage rolling-back", "rolled-back"],
  ])("%s: the start of the machine makes it as it was, and twice is once", async (_what, words, is) => {
    killedAt(words);
    const said: string[] = [];
    const place = { ...station.place, say: (line: string) => void said.push(line) };
    expect((await recover(place, true, quiet)).is).toBe(is);
    expect(picture()).toEqual(before);
    expect(readJournal(place.prefix).is).toBe("none");
    const told: unknown[] = [];
    takeUpdateNotes(place.data, (entries) => told.push(...entries.map(({ detail }) => detail)));
    expect(told[0]).toMatchObject({ step: "begun", from: 1, to: 2 });
    if (is === "rolled-back") {
      expect(said.join("\n")).toContain("ROLLED BACK to release 1");
      expect(told.at(-1)).toMatchObject({ step: "rolled-back", from: 1, to: 2 });
    }
    expect((await recover(place, true, quiet)).is).toBe("nothing-to-do");
  });

  it("has stopped the ward before the first file was changed, and started the new one after the last", () => {
    writeFileSync(join(station.folder, "calls"), "");
    const said = killedAt("stage rolling-back");
    expect(said.indexOf("stage swapping")).toBeLessThan(said.indexOf("write /etc"));
    const ran = calls()
      .split("\n")
      .filter((line) => /^(stop|start|daemon-reload)/.test(line));
    expect(ran).toEqual(["stop quietround.service", "daemon-reload", "start --no-block quietround.service"]);
  });

  it("and the file that says what is under way is spoilt: a person is told, and nothing is guessed", async () => {
    const journal = join(station.place.prefix, "update.json");
    expect(existsSync(journal)).toBe(true);
    const whole = readFileSync(journal);
    writeFileSync(journal, whole.subarray(0, 40));
    const found = await recover(station.place, true, quiet);
    expect(found).toMatchObject({ is: "stuck", words: expect.stringContaining("cannot be read") });
    writeFileSync(journal, whole);
    expect((await recover(station.place, true, quiet)).is).toBe("rolled-back");
    expect(picture()).toEqual(before);
  });
});

describe("a release that changes the records and is not well", () => {
  /** As its agent does at its start, up to what it writes first. */
  const startedNewer = (writes: boolean): void => {
    const db = openSealedForWriting(wardFile(), [...wardMigrations, "CREATE TABLE of_the_newer (x INTEGER) STRICT;"]);
    try {
      const { name } = currentKey(wardFile());
      const key = readStationKey(station.place.data);
      const signs = { origin: name, sign: signerOf(key.privateKey), publicKey: key.publicKey };
      const store = new AuditStore(db, { ...signs, boot: randomUUID(), cfgSha256: null, modelSha256: null });
      store.checkOnStart();
      const entry = { action: "process.start", actor: { kind: "system", part: "agent" }, outcome: 0 } as const;
      const stamp = { utcMs: Date.now(), monoNs: 1n };
      if (writes) db.transaction(() => store.append({ ...entry, detail: {}, phi: null }, stamp)).immediate();
    } finally {
      db.close();
    }
  };
  const wardFile = (): string => join(station.place.data, "ward.sqlite");
  const versionNow = (): number | undefined => schemasOf(station.place.data)["ward.sqlite"];

  it("is taken back with the records of before, where it wrote nothing", async () => {
    const [bytes, version] = [readFileSync(wardFile()), versionNow() ?? 0];
    killedAt("stage starting", "newer");
    startedNewer(false);
    expect(versionNow()).toBe(version + 1);
    expect((await recover(station.place, true, quiet)).is).toBe("rolled-back");
    expect(versionNow()).toBe(version);
    expect(readFileSync(wardFile()).equals(bytes)).toBe(true);
    expect(picture()).toEqual(before);
  });

  it("stays where it wrote an entry: nothing that was written is given up, and a person is called", async () => {
    const [entries, version] = [markLogs(station.place.data)["ward.sqlite"]?.size ?? 0, versionNow() ?? 0];
    killedAt("stage starting", "newer");
    startedNewer(true);
    const said = await recover(station.place, true, quiet);
    expect(said).toMatchObject({ is: "stuck", words: expect.stringContaining("RELEASE 2 STAYS and is not well") });
    expect(versionNow()).toBe(version + 1);
    expect(markLogs(station.place.data)["ward.sqlite"]?.size).toBe(entries + 1);
    expect(linkOf(join(station.place.prefix, "current"))).toBe("releases/2");
    expect(readJournal(station.place.prefix).is).toBe("none");
  });
});

describe("a release that is kept", () => {
  it("leaves the last three, and the one that it came after", async () => {
    const releases = join(station.place.prefix, "releases");
    for (const number of ["2", "3", "4", "7", "8", "notes"]) mkdirSync(join(releases, number), { recursive: true });
    const asked = { from: 3, to: 8 } as Journal;
    expect((await keep(station.place, asked)).is).toBe("kept");
    expect(readdirSync(releases).sort()).toEqual(["3", "4", "7", "8", "notes"]);
    expect(linkOf(join(station.place.prefix, "recover"))).toBe("releases/8");
  });
});

describe("what an update wrote down for the log", () => {
  it("is taken once, half a line is said to be one, and a log that cannot be written loses none", () => {
    const file = join(station.place.data, updateNotesFile);
    const line = { v: 1, atUtcMs: 1_000, step: "kept", from: 1, to: 2, words: "release 2 runs, and is kept" };
    writeFileSync(file, `${JSON.stringify(line)}\n{"v":1,"atUtc`);
    const fails = (): void => {
      throw new Error("no space left");
    };
    expect(() => takeUpdateNotes(station.place.data, fails)).toThrow("no space left");
    appendFileSync(file, `${JSON.stringify({ ...line, step: "refused" })}\n`);
    const taken: { action: string; outcome: number; detail: Record<string, unknown> }[] = [];
    const take = () => takeUpdateNotes(station.place.data, (entries) => void taken.push(...entries));
    take();
    take();
    expect(taken).toMatchObject([
      { action: "release.update", outcome: 0, detail: { step: "kept", happenedAt: "1970-01-01T00:00:01.000Z" } },
      { outcome: 4, detail: { step: null } },
      { outcome: 4, detail: { step: "refused" } },
    ]);
  });
});
