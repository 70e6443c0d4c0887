import { execFile } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vkeyOf, writeVkey } from "../edge-agent/audit/note.ts";
import { type DashboardLog, openDashboardLog } from "../edge-agent/records/dashboard-log.ts";
import { logOptions, openWard } from "../edge-agent/records/open-ward.ts";
import type { WardRecords } from "../edge-agent/records/ward.ts";

const script = (name: string): string => fileURLToPath(new URL(`../scripts/${name}`, import.meta.url));
function run(name: string, ...args: readonly string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script(name), ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, said: stdout + stderr });
    });
  });
}

const station = generateKeyPairSync("ed25519");
const dashboard = generateKeyPairSync("ed25519");
let folder: string;
let data: string;
let out: string;
let said: string;
let ward: WardRecords;
let reads: DashboardLog;
const at = (ms: number) => ({ utcMs: Date.UTC(2026, 10, 22) + ms, monoNs: BigInt(ms) * 1_000_000n });
const system = { kind: "system", part: "test" } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "audit-scripts-"));
  data = join(folder, "data");
  out = join(folder, "out");
  mkdirSync(join(data, "keys"), { recursive: true });
  writeFileSync(join(data, "keys", "station.key.pem"), "a private key");
  for (const [owner, key, origin] of [
    ["station", station, "w7.example/audit/2026"],
    ["dashboard", dashboard, "w7.example/audit-dashboard/2026"],
  ] as const) {
    writeFileSync(join(data, "keys", `${owner}.vkey`), `${writeVkey(vkeyOf(origin, key.publicKey))}\n`);
  }
  const options = { domain: "w7.example", boot: randomUUID(), cfgSha256: null, modelSha256: null, stamp: at(0) };
  ward = openWard(join(data, "ward.sqlite"), { ...options, key: station });
  const path = join(data, "dashboard.sqlite");
  reads = openDashboardLog(path, logOptions(path, "dashboard", { ...options, key: dashboard }));
  for (let n = 0; n < 8; n += 1) {
    const entry = { actor: system, outcome: 0, detail: { n }, phi: { label: `Person ${n}` } } as const;
    ward.commit([{ ...entry, action: n % 2 === 0 ? "consent.grant" : "lease.start" }], [], at(n));
    reads.append({ ...entry, action: "page.open" }, at(n));
  }
  reads.checkpointIfDirty();
  // Both databases stay open: an export is made while the ward works.
  const exported = await run("audit-export.ts", "--data", data, "--out", out);
  expect(exported, exported.said).toMatchObject({ code: 0 });
  said = exported.said;
});
afterAll(() => {
  ward.close();
  reads.close();
  rmSync(folder, { recursive: true, force: true });
});

const wardKey = (): string[] => ["--key", join(out, "keys", "station.vkey")];
const keyArgs = (): string[] => [...wardKey(), "--key", join(out, "keys", "dashboard.vkey")];

/** A copy of the exported ward log with one file changed. */
function altered(name: string, file: string, change: (text: string) => string): string {
  const copy = join(folder, name);
  mkdirSync(copy);
  for (const each of readdirSync(join(out, "ward"))) copyFileSync(join(out, "ward", each), join(copy, each));
  const before = readFileSync(join(copy, file), "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(copy, file), after);
  return copy;
}

describe("audit:export", () => {
  it("gives both logs and the public keys, and neither private keys nor personal data", () => {
    expect(readdirSync(out).toSorted()).toEqual(["dashboard", "keys", "ward"]);
    expect(readdirSync(join(out, "keys")).toSorted()).toEqual(["dashboard.vkey", "station.vkey"]);
    for (const log of ["ward", "dashboard"]) {
      for (const file of readdirSync(join(out, log))) {
        expect(readFileSync(join(out, log, file), "utf8")).not.toContain("Person");
      }
    }
  });

  it("leaves out what is not signed yet, and says so", () => {
    // The last of the eight entries is no consent: nothing signed the ward's log after it.
    expect(said).toContain(
      "ward: 7 entries, 4 checkpoints of w7.example/audit/2026\nward: left out as not signed yet, 1 newer",
    );
    expect(said).toContain("dashboard: 8 entries, 1 checkpoints of w7.example/audit-dashboard/2026\n");
    expect(said).not.toContain("dashboard: 0");
  });

  it("gives personal data when it is told to, and they are held against the entries", async () => {
    const whole = join(folder, "whole");
    const asked = await run("audit-export.ts", "--data", data, "--out", whole, "--with-personal-data");
    expect(asked, asked.said).toMatchObject({ code: 0 });
    const good = await run("audit-verify.ts", whole, ...keyArgs());
    expect(good, good.said).toMatchObject({ code: 0 });
    expect(good.said).toContain("7 entries held against their data");
    const file = join(whole, "ward", "phi.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace("Person 5", "Person 6"));
    const bad = await run("audit-verify.ts", join(whole, "ward"), ...wardKey());
    expect(bad).toMatchObject({ code: 1 });
    expect(bad.said).toContain("commitment [entry 5]");
  });

  it("says what is wrong", async () => {
    expect(await run("audit-export.ts")).toMatchObject({ code: 2 });
    expect(await run("audit-export.ts", "--data", folder, "--out", join(folder, "none"))).toMatchObject({ code: 1 });
    const again = await run("audit-export.ts", "--data", data, "--out", out);
    expect(again).toMatchObject({ code: 1 });
    expect(again.said).toContain("holds an export already");
  });
});

describe("audit:verify", () => {
  it("accepts what was exported, with the keys and, saying so, without", async () => {
    const sure = await run("audit-verify.ts", out, ...keyArgs());
    expect(sure, sure.said).toMatchObject({ code: 0 });
    expect(sure.said).toMatch(/w7\.example\/audit\/2026[\s\S]*entries +7\b/);
    expect(sure.said).toMatch(/w7\.example\/audit-dashboard\/2026/);
    expect(sure.said.match(/^OK /gm)).toHaveLength(2);
    expect(sure.said).not.toContain("came with the export");
    const unsure = await run("audit-verify.ts", join(out, "ward"));
    expect(unsure, unsure.said).toMatchObject({ code: 0 });
    expect(unsure.said).toContain("came with the export");
    expect(unsure.said).toContain("who signed it was not checked");
  });

  it.each([
    ["edited", "entries.jsonl", (text: string) => text.replace('"n":3', '"n":4'), "entry-changed [entry 3]"],
    ["deleted", "entries.jsonl", (text: string) => text.split("\n").toSpliced(3, 1).join("\n"), "seq-gap [entry 3]"],
    ["cut", "entries.jsonl", (text: string) => `${text.split("\n").slice(0, 4).join("\n")}\n`, "truncated [entry 4"],
    ["unsigned", "checkpoints.txt", () => "", "no-checkpoint"],
    ["crlf", "checkpoints.txt", (text: string) => text.replaceAll("\n", "\r\n"), "checkpoint-unreadable"],
    ["half", "checkpoints.txt", (text: string) => text.slice(0, -1), "checkpoint-unreadable"],
    ["hash", "hashes.txt", (text: string) => text.split("\n").toSpliced(4, 1).join("\n"), "entry-changed [entry 3]"],
  ] as const)("names what is wrong in a log that was %s", async (name, file, change, expected) => {
    const told = await run("audit-verify.ts", altered(name, file, change), ...wardKey());
    expect(told, told.said).toMatchObject({ code: 1 });
    expect(told.said).toContain(expected);
    expect(told.said).not.toMatch(/^OK /m);
  });

  it("does not believe the key in the export", async () => {
    const other = join(folder, "other.vkey");
    const stranger = vkeyOf("w7.example/audit/2026", generateKeyPairSync("ed25519").publicKey);
    writeFileSync(other, `${writeVkey(stranger)}\n`);
    const told = await run("audit-verify.ts", join(out, "ward"), "--key", other);
    expect(told, told.said).toMatchObject({ code: 1 });
    expect(told.said).toContain("checkpoint-signature");
  });

  it("finds a rollback of everything from a checkpoint that was kept", async () => {
    const kept = join(folder, "kept.txt");
    writeFileSync(
      kept,
      readFileSync(join(out, "ward", "checkpoints.txt"), "utf8")
        .split("=====\n")
        .at(-1) ?? "",
    );
    const early = altered("early", "entries.jsonl", (text) => `${text.split("\n").slice(0, 3).join("\n")}\n`);
    const checkpoints = join(early, "checkpoints.txt");
    writeFileSync(checkpoints, readFileSync(checkpoints, "utf8").split("=====\n").slice(0, 3).join("=====\n"));
    rmSync(join(early, "hashes.txt"));
    expect(await run("audit-verify.ts", early, ...wardKey())).toMatchObject({ code: 0 });
    const told = await run("audit-verify.ts", early, ...wardKey(), "--checkpoint", kept);
    expect(told, told.said).toMatchObject({ code: 1 });
    expect(told.said).toContain("rolled-back [entry 3 to 6]");
  });

  it("ends with 2 where it was called wrongly", async () => {
    const key = join(out, "keys", "station.vkey");
    for (const args of [
      [],
      [join(folder, "nowhere")],
      [join(out, "keys")],
      [key],
      [out, "--odd"],
      [out, "--key", join(out, "ward", "entries.jsonl")],
    ]) {
      expect(await run("audit-verify.ts", ...args), args.join(" ")).toMatchObject({ code: 2 });
    }
  });
});
