import "../edge-agent/platform/node-version.ts";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { vkeyOf } from "../edge-agent/audit/note.ts";
import { KeyError, readStationKey } from "../edge-agent/platform/keys.ts";
import { AuditStore } from "../edge-agent/records/audit-store.ts";
import { keyFileOf, readKeyFile, settleDataKey } from "../edge-agent/records/data-key-place.ts";
import { insistOnKey } from "../edge-agent/records/data-key-schema.ts";
import type { DataKeys } from "../edge-agent/records/data-keys.ts";
import { currentKey } from "../edge-agent/records/key-rotation.ts";
import { openSealedForWriting, openSealedShut } from "../edge-agent/records/open.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";
import { wardMigrations } from "../edge-agent/records/ward-schema.ts";
import {
  type Lost,
  lostSince,
  lostWords,
  ownCheckpoint,
  readSeen,
  type SeenCheckpoint,
} from "./backup/lost-entries.ts";
import { giveTo, putBack, readBackup } from "./backup/put-back.ts";
import { lockData } from "./data-lock.ts";
import { readArguments } from "./read-arguments.ts";
import { root } from "./release/lock.ts";

const usage = `npm run ward:restore -- --from FOLDER --data DIR [--key FILE] [--data-key FILE] [--witness-note FILE]

Puts the databases of a backup into a data folder, while the ward is stopped. What is in the folder goes aside as a whole; its keys
stay. On a new machine put data/keys there first. Afterwards NOTHING IS SENSED in any bed until each person touches their screen again:
what they turned off after the backup is in no backup. The log gets an entry that says so, and is verified.

--key  the public key of the station (a vkey line) that made the backup; left out: data/keys/station.vkey
--witness-note  a checkpoint of this log from outside this machine: a note that a witness cosigned, or the last line of an export. What it
      holds and the backup does not is counted, said, and written into the log
--data-key  the key with which names and words in it are sealed (docs/data-at-rest.md); left out: the one of this data folder
`;
const options = readArguments(usage, {
  from: { type: "string" },
  data: { type: "string" },
  key: { type: "string" },
  "data-key": { type: "string" },
  "witness-note": { type: "string" },
});
function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}
const { from, data } = options;
if (from === undefined || data === undefined) fail("--from and --data are needed");
const keyFile = options.key ?? join(data, "keys", "station.vkey");
if (!existsSync(keyFile)) fail(`there is no ${keyFile}: put the station's keys there first`);
mkdirSync(data, { recursive: true, mode: 0o700 });
/** Whose the records are: on an installed station the service's account, while root puts them back. */
const account = statSync(data);
const lock = lockData(data);
if (lock.is === "taken") fail(`a ward is running over ${data} (process ${lock.pid}): stop it first`);
const backup = readBackup(from, readFileSync(keyFile, "utf8"));
if (!backup.ok) {
  lock.release();
  process.stderr.write(`NOTHING was changed: ${backup.words}\n`);
  process.exit(1);
}
const takenAt = new Date(backup.takenUtcMs).toISOString();
const nowUtcMs = Date.now();
if (process.getuid?.() === 0) process.on("exit", () => giveTo(data, account));
const aside = `${data.replace(/\/+$/, "")}.before-${new Date(nowUtcMs).toISOString().replaceAll(/[:.]/g, "-")}`;
try {
  const stationKey = readStationKey(data);
  const had = existsSync(join(data, "ward.sqlite"));
  const dataKey = options["data-key"] === undefined ? undefined : resolve(options["data-key"]);
  const seen = checkpointsSeen(had);
  insistThatItOpens(join(from, "ward.sqlite"), readKeyFile(dataKey ?? keyFileOf(join(data, "ward.sqlite")), data));
  // The lock lies in the folder that goes aside.
  lock.release();
  putBack(from, backup.databases, data, aside);
  if (dataKey !== undefined) settleDataKey(data, { file: dataKey, mayMake: false });
  const lost = lostSince(join(data, "ward.sqlite"), seen);
  const entries = noteRestore(stationKey, lost);
  if (had) process.stdout.write(`what was in ${data} is in ${aside}: it may hold later entries of the log, keep it\n`);
  process.stdout.write(
    `the records of ${takenAt} are in ${data}: ${entries} entries of the audit log, the last says that they were put back\n`,
  );
  process.stdout.write(lostWords(lost));
  const verified = verifyLog();
  process.stdout.write(
    "Nothing is sensed until each person touches their screen again. Tell the ward, check in person, and tell the witnesses of the log: what they cosigned after the backup is not in it.\n",
  );
  process.exit(verified && !lost.forked ? 0 : 1);
} catch (cause) {
  if (!(cause instanceof KeyError || cause instanceof StoreError || (cause instanceof Error && "code" in cause)))
    throw cause;
  process.stderr.write(`NOT RESTORED: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}

/** What others and this machine itself have seen of the log. Ends the process where what was handed over is no checkpoint of it. */
function checkpointsSeen(had: boolean): SeenCheckpoint[] {
  const own = had ? ownCheckpoint(join(data ?? "", "ward.sqlite")) : undefined;
  const file = options["witness-note"];
  if (file === undefined) return own === undefined ? [] : [own];
  const read = existsSync(file) ? readSeen(readFileSync(file, "utf8"), join(from ?? "", "ward.sqlite")) : undefined;
  if (read === undefined) {
    if (lock.is === "held") lock.release();
    process.stderr.write(`NOTHING was changed: ${file} is no checkpoint of this log, signed with the station's key\n`);
    process.exit(1);
  }
  return own === undefined ? [read] : [own, read];
}

/** Before anything is moved: with another key these records would be of no use. */
function insistThatItOpens(file: string, keys: DataKeys): void {
  const db = openSealedShut(file);
  try {
    insistOnKey(db, keys);
  } finally {
    db.close();
  }
}

/** How many entries there are then. */
function noteRestore(key: ReturnType<typeof readStationKey>, { missing, newest, forked }: Lost): number {
  const file = join(data ?? "", "ward.sqlite");
  const db = openSealedForWriting(file, wardMigrations);
  try {
    const { name } = currentKey(file);
    const provenance = { boot: randomUUID(), cfgSha256: null, modelSha256: null };
    const store = new AuditStore(db, {
      origin: name,
      sign: signerOf(key.privateKey),
      publicKey: key.publicKey,
      ...provenance,
    });
    store.checkOnStart();
    const what = { entries: store.size(), missing, newestSeen: newest, forked };
    const detail = { takenAt, ...what, key: vkeyOf(name, key.publicKey).name };
    const actor = { kind: "setup", name: "set-up on this machine" } as const;
    const stamp = { utcMs: nowUtcMs, monoNs: process.hrtime.bigint() };
    db.transaction(() =>
      store.append({ action: "records.restore", actor, outcome: 0, detail, phi: null }, stamp),
    ).immediate();
    store.checkpoint();
    return store.size();
  } finally {
    db.close();
  }
}

/** As anybody would who has nothing but the export and the public key. */
function verifyLog(): boolean {
  const out = mkdtempSync(join(tmpdir(), "quietround-restored-"));
  try {
    const run = (script: string, args: readonly string[]) =>
      spawnSync(process.execPath, [join(root, "scripts", script), ...args], { encoding: "utf8" });
    const exported = run("audit-export.ts", ["--data", data ?? "", "--out", out]);
    const checked = run("audit-verify.ts", [join(out, "ward"), "--key", keyFile]);
    const whole = exported.status === 0 && checked.status === 0;
    process.stdout.write(
      whole
        ? "the audit log is whole\n"
        : `THE AUDIT LOG IS NOT WHOLE:\n${exported.stderr}${checked.stdout}${checked.stderr}`,
    );
    return whole;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
