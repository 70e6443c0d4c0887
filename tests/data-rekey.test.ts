import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDashboardLog } from "../edge-agent/records/dashboard-log.ts";
import { keyFileOf, settleDataKey } from "../edge-agent/records/data-key-place.ts";
import { readKeyLines } from "../edge-agent/records/data-keys.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";
import { lockData } from "../scripts/data-lock.ts";

/* npm run data:rekey over the files of a ward: cut off by kill -9, and called again. */

const script = fileURLToPath(new URL("../scripts/rekey.ts", import.meta.url));
const credentials = process.env.CREDENTIALS_DIRECTORY;
let folder: string;
let data: string;
const keys = generateKeyPairSync("ed25519");
const entriesMax = 12_000;

function optionsOf(part: string) {
  const options = { origin: `ward.example/${part}/2026`, sign: signerOf(keys.privateKey), publicKey: keys.publicKey };
  return { ...options, boot: randomUUID(), cfgSha256: null, modelSha256: null };
}
const nurse = { kind: "staff", id: "s1", name: "Ada Rekeyed", role: "nurse" } as const;
const looked = { action: "page.open", actor: nurse, outcome: 0, detail: { bed: "room-1" } } as const;

beforeEach(() => {
  delete process.env.CREDENTIALS_DIRECTORY;
  folder = mkdtempSync(join(tmpdir(), "quietround-rekey-"));
  data = join(folder, "data");
  mkdirSync(data);
  settleDataKey(data, { file: null, mayMake: true });
  const ward = new WardRecords(join(data, "ward.sqlite"), optionsOf("audit"));
  ward.start();
  const many = Array.from({ length: entriesMax }, (_, n) => ({ ...looked, phi: { words: `Word${n}Rekeyed` } }));
  ward.commit(many, [], { utcMs: Date.now(), monoNs: 1n });
  ward.close();
  const log = openDashboardLog(join(data, "dashboard.sqlite"), optionsOf("audit-dashboard"));
  log.append({ ...looked, phi: null }, { utcMs: Date.now(), monoNs: 1n });
  log.close();
});
afterEach(() => {
  process.env.CREDENTIALS_DIRECTORY = credentials;
  rmSync(folder, { recursive: true, force: true });
});

const keyFile = () =>
  readKeyLines(readFileSync(keyFileOf(join(data, "ward.sqlite")), "utf8")) ?? expect.fail("no keys");
const rekey = () => spawnSync(process.execPath, [script, "--data", data], { encoding: "utf8" });
const words = (): number => {
  const db = openForReading(join(data, "ward.sqlite"));
  try {
    return (db.prepare("SELECT CAST(blob AS TEXT) FROM phi").pluck().all() as string[]).filter((text) =>
      /Word\d+Rekeyed/.test(text),
    ).length;
  } finally {
    db.close();
  }
};
/** So many values of the file are sealed with this key. */
const sealedWith = (id: string): number =>
  readFileSync(join(data, "ward.sqlite")).toString("latin1").split(`qr1:${id}:`).length - 1;

it("killed in the middle, it goes on where it is called again, and ends with one new key", async () => {
  const old = keyFile().current.id;
  const first = spawn(process.execPath, [script, "--data", data], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => first.once("exit", resolve));
  // The key file is made before the first value is sealed anew: from then on at any moment.
  await new Promise((resolve) => first.stdout.once("data", resolve));
  await expect.poll(() => keyFile().byId.size).toBe(2);
  await expect
    .poll(
      () => readFileSync(join(data, "ward.sqlite-wal")).toString("latin1").includes(`qr1:${keyFile().current.id}:`),
      { interval: 5 },
    )
    .toBe(true);
  first.kill("SIGKILL");
  await gone;
  expect([...keyFile().byId.keys()]).toContain(old);
  expect(words()).toBe(entriesMax);
  const next = keyFile().current.id;
  const pages = () => openDashboardLog(join(data, "dashboard.sqlite"), optionsOf("audit-dashboard"));
  expect(pages).toThrow(/npm run data:rekey/);
  expect(next).not.toBe(old);
  expect(() => new WardRecords(join(data, "ward.sqlite"), optionsOf("audit")).start()).toThrow(/npm run data:rekey/);
  const again = rekey();
  expect(again.stderr).toBe("");
  expect(again.stdout).toContain(`going on: everything is sealed with key ${next}`);
  expect(again.status).toBe(0);
  expect([...keyFile().byId.keys()]).toEqual([next]);
  expect(words()).toBe(entriesMax);
  expect(sealedWith(old)).toBe(0);
  expect(sealedWith(next)).toBeGreaterThan(entriesMax);
  const ward = new WardRecords(join(data, "ward.sqlite"), optionsOf("audit"));
  ward.start();
  ward.close();
  // Once more is another key again.
  expect(rekey().stdout).toMatch(/^begun: /);
  expect(keyFile().current.id).not.toBe(next);
});

it("refuses while a ward runs over the folder, and where there is no key", () => {
  const before = keyFile().current.id;
  const lock = lockData(data);
  if (lock.is !== "held") throw new Error("the folder is somebody's");
  const taken = rekey();
  lock.release();
  expect(taken.status).toBe(2);
  expect(taken.stderr).toContain("stop it first");
  expect(keyFile().current.id).toBe(before);
  rmSync(`${data}.key`);
  const none = rekey();
  expect(none.status).toBe(1);
  expect(none.stderr).toContain("no-key: ");
});
