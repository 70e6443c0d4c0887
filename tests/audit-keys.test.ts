import { spawnSync } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vkeyOf, writeVkey } from "../edge-agent/audit/note.ts";
import { ensureKeys, readStationKey } from "../edge-agent/platform/keys.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";

/* Another key for the ward's log: handed over by the old one, or after the old one was lost. */

const origin = "w7.example/audit/2026";
let data: string;
let n = 0;
const key = (name: string): string => join(data, "keys", name);

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "audit-keys-"));
  ensureKeys(data, [], { station: origin, dashboard: "w7.example/audit-dashboard/2026" });
  n = 0;
  write(5);
  copyFileSync(key("station.vkey"), join(data, "taken-down.vkey"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** Appends with the key that is in the folder, as the agent does at its start. */
function write(entries: number): void {
  const stamp = () => ({ utcMs: Date.now() + n, monoNs: process.hrtime.bigint() });
  const made = { domain: "w7.example", boot: randomUUID(), cfgSha256: null, modelSha256: null, stamp: stamp() };
  const records = openWard(join(data, "ward.sqlite"), { ...made, key: readStationKey(data) });
  const actor = { kind: "system", part: "test" } as const;
  for (let more = 0; more < entries; more += 1) {
    n += 1;
    records.commit([{ action: "lease.start", actor, outcome: 0, detail: { n }, phi: null }], [], stamp());
  }
  records.close();
}

function script(name: string, ...args: readonly string[]) {
  const path = fileURLToPath(new URL(`../scripts/${name}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: "utf8" });
  return { status, said: stdout + stderr };
}
const rotate = (...more: readonly string[]) => script("rotate-key", "--data", data, "--log", "station", ...more);

function verify(...keys: readonly string[]) {
  const out = join(data, `out-${randomUUID()}`);
  const exported = script("audit-export", "--data", data, "--out", out);
  expect(exported.said).toContain("ward: ");
  return script("audit-verify", join(out, "ward"), ...keys.flatMap((file) => ["--key", file]));
}

describe("another key", () => {
  it("is handed over by the old one: who has only the key of the first day verifies the whole log, twice over", () => {
    const before = readFileSync(key("station.key.pem"), "utf8");
    const told = rotate();
    expect(told, told.said).toMatchObject({ status: 0 });
    expect(readFileSync(key("station.key.pem"), "utf8")).not.toBe(before);
    expect(statSync(key("station.key.pem")).mode & 0o077).toBe(0);
    expect(existsSync(key("station.next.pem"))).toBe(false);
    expect(readFileSync(key("station.first.vkey"), "utf8")).toBe(readFileSync(join(data, "taken-down.vkey"), "utf8"));
    write(3);
    expect(rotate()).toMatchObject({ status: 0 });
    write(2);
    const good = verify(join(data, "taken-down.vkey"));
    expect(good, good.said).toMatchObject({ status: 0 });
    expect(good.said).toMatch(/covering 12 of 12 entries/);

    // The key that was handed over opens nothing and signs nothing any more.
    const now = readFileSync(key("station.key.pem"), "utf8");
    writeFileSync(key("station.key.pem"), before);
    expect(() => write(1)).toThrow(/^refused: this log is /);
    writeFileSync(key("station.key.pem"), now);
    write(1);
  });

  it("that somebody put in the place of the old one is refused at the start", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    writeFileSync(key("station.key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(key("station.vkey"), `${writeVkey(vkeyOf(origin, publicKey))}\n`);
    expect(() => write(1)).toThrow(/^refused: this log is /);
  });

  it("after the old one was lost: nothing is believed until the reader is given the new key, and the entry says why", () => {
    rmSync(key("station.key.pem"));
    expect(rotate()).toMatchObject({ status: 2 });
    const told = rotate("--lost", "the disk with the key died");
    expect(told, told.said).toMatchObject({ status: 0 });
    write(3);
    const blind = verify(join(data, "taken-down.vkey"));
    expect(blind, blind.said).toMatchObject({ status: 1 });
    expect(blind.said).toContain("key-lost [entry 5]: entry 5 says that the key was lost (the disk with the key died)");
    const given = verify(join(data, "taken-down.vkey"), key("station.vkey"));
    expect(given, given.said).toMatchObject({ status: 0 });
    expect(rotate("--lost", "again")).toMatchObject({ status: 2 });
  });
});
