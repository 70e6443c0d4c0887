import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase64 } from "../edge-agent/audit/base64.ts";
import { canonical } from "../edge-agent/audit/canonical.ts";
import { HashList } from "../edge-agent/audit/hash-list.ts";
import { hashesToAppend, leafHash } from "../edge-agent/audit/merkle.ts";
import { originAt } from "../edge-agent/audit/origin.ts";
import { ensureKeys, readDashboardKey, readStationKey } from "../edge-agent/platform/keys.ts";
import { openDashboardLog } from "../edge-agent/records/dashboard-log.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { logOptions, openWard } from "../edge-agent/records/open-ward.ts";
import { readNotes } from "../edge-agent/records/read-export.ts";

/*
 * Somebody who holds the exported files, but no private key, changes them so that they agree with themselves: makes the
 * hashes again, takes checkpoints away, replaces whole logs. Each of these has to end with exit code 1.
 */

let folder: string;
let out: string;
const keyOf = (owner: "station" | "dashboard"): string => join(folder, "data", "keys", `${owner}.vkey`);
const bothKeys = (): string[] => ["--key", keyOf("station"), "--key", keyOf("dashboard")];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-attacks-"));
  out = join(folder, "out");
  const data = join(folder, "data");
  const stamp = (ms: number) => ({ utcMs: Date.UTC(2026, 10, 22) + ms, monoNs: BigInt(ms) * 1_000_000n });
  const domain = "w7.example";
  const origin = (owner: "station" | "dashboard") => originAt(domain, owner, stamp(0).utcMs);
  ensureKeys(data, [], { station: origin("station"), dashboard: origin("dashboard") });
  const options = { domain, boot: randomUUID(), cfgSha256: null, modelSha256: null, stamp: stamp(0) };
  const [wardFile, readsFile] = [join(data, "ward.sqlite"), join(data, "dashboard.sqlite")];
  const ward = openWard(wardFile, { ...options, key: readStationKey(data) });
  const reads = openDashboardLog(
    readsFile,
    logOptions(readsFile, "dashboard", { ...options, key: readDashboardKey(data) }),
  );
  const actor = { kind: "system", part: "test" } as const;
  for (let n = 0; n < 20; n += 1) {
    const phi = { label: `Person ${n}` };
    ward.commit([{ action: "order.set", actor, outcome: 0, detail: { n }, phi }], [], stamp(n));
    reads.append({ action: "page.open", actor, outcome: 0, detail: { n }, phi: null }, stamp(n));
    if (n % 4 === 3) {
      ward.checkpointIfDirty();
      reads.checkpointIfDirty();
    }
  }
  ward.close();
  reads.close();
  exportLog(wardFile, join(out, "ward"), { personalData: "included" });
  exportLog(readsFile, join(out, "dashboard"), { personalData: "left-out" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function verify(...args: readonly string[]): Promise<{ code: number; said: string }> {
  const script = fileURLToPath(new URL("../scripts/audit-verify.ts", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, said: stdout + stderr });
    });
  });
}

/** The export once more, to be tampered with. */
function copy(name: string): string {
  cpSync(out, join(folder, name), { recursive: true });
  return join(folder, name);
}
const read = (dir: string, file: string): string => readFileSync(join(dir, "ward", file), "utf8");
const write = (dir: string, file: string, text: string): void => writeFileSync(join(dir, "ward", file), text);
const entries = (dir: string): string[] => read(dir, "entries.jsonl").trimEnd().split("\n");
const notes = (dir: string): string[] => readNotes(read(dir, "checkpoints.txt"));
const writeNotes = (dir: string, some: readonly string[]): void =>
  write(dir, "checkpoints.txt", some.map((note) => `=====\n${note}`).join(""));

/** Entries with hashes that fit them. */
function rewrite(dir: string, lines: readonly string[]): void {
  const tree = new HashList();
  for (const [n, text] of lines.entries()) {
    for (const hash of hashesToAppend(n, leafHash(new TextEncoder().encode(text)), tree.read)) tree.push(hash);
  }
  write(dir, "entries.jsonl", lines.map((text) => `${text}\n`).join(""));
  const hashes = Array.from({ length: tree.length }, (_, index) => `${toBase64(tree.read(index))}\n`);
  write(dir, "hashes.txt", hashes.join(""));
}

async function refused(args: readonly string[], ...words: readonly string[]): Promise<void> {
  const told = await verify(...args);
  expect(told, told.said).toMatchObject({ code: 1 });
  for (const each of words) expect(told.said).toContain(each);
}

describe("a tampered export", () => {
  it("is told from the one that was made", async () => {
    const told = await verify(out, ...bothKeys());
    expect(told, told.said).toMatchObject({ code: 0 });
    expect(told.said.match(/^OK /gm)).toHaveLength(2);
    expect(told.said).toContain("shows only against one kept elsewhere (--checkpoint)");
  });

  it("with an entry written anew, its hashes made again and the later checkpoints taken away", async () => {
    const dir = copy("rewritten");
    writeNotes(dir, notes(dir).slice(0, 1));
    const lines = entries(dir);
    const forged = { ...(JSON.parse(lines[15] ?? "") as object), detail: { n: 666 } };
    rewrite(dir, lines.with(15, canonical(forged)));
    await refused([dir, ...bothKeys()], "unsigned [entry 4 to 19]");
  });

  it("with a consent that nobody gave appended", async () => {
    const dir = copy("appended");
    const lines = entries(dir);
    const last = JSON.parse(lines.at(-1) ?? "") as { seq: number };
    const grant = { ...last, seq: last.seq + 1, action: "consent.grant", detail: { purpose: "breathing-rate" } };
    rewrite(dir, [...lines, canonical(grant)]);
    await refused([dir, ...bothKeys()], "unsigned [entry 20]");
    await refused([dir], "unsigned [entry 20]");
  });

  it("with one log emptied, also where it is verified alone and without a key", async () => {
    const dir = copy("emptied");
    for (const file of ["entries.jsonl", "hashes.txt", "checkpoints.txt", "phi.jsonl"]) write(dir, file, "");
    await refused([dir, ...bothKeys()], "no-checkpoint");
    await refused([join(dir, "ward"), "--key", keyOf("station")], "no-checkpoint");
    await refused([join(dir, "ward")], "no-checkpoint");
    write(dir, "checkpoints.txt", "=====\n");
    await refused([join(dir, "ward"), "--key", keyOf("station")], "no-checkpoint");
    for (const file of ["entries.jsonl", "hashes.txt", "checkpoints.txt"]) rmSync(join(dir, "ward", file));
    await refused([dir], "no-checkpoint");
  });

  it("with one log removed", async () => {
    const dir = copy("removed");
    rmSync(join(dir, "dashboard"), { recursive: true });
    await refused([dir, ...bothKeys()], "the key of w7.example/audit-dashboard/2026 was given, and no log here");
  });

  it("with the log of the dashboard also in the place of the ward's", async () => {
    const dir = copy("doubled");
    rmSync(join(dir, "ward"), { recursive: true });
    cpSync(join(dir, "dashboard"), join(dir, "ward"), { recursive: true });
    await refused([dir, ...bothKeys()], "the key of w7.example/audit/2026 was given, and no log", "2 logs are signed");
  });

  it("rolled back, with a checkpoint kept elsewhere, also where the export names another key", async () => {
    const dir = copy("rolled-back");
    const kept = join(folder, "kept.txt");
    writeFileSync(kept, notes(dir).at(-1) ?? "");
    rewrite(dir, entries(dir).slice(0, 8));
    writeNotes(dir, notes(dir).slice(0, 2));
    write(dir, "phi.jsonl", `${read(dir, "phi.jsonl").split("\n").slice(0, 8).join("\n")}\n`);
    const alone = [join(dir, "ward"), "--key", keyOf("station")];
    // No files can show this by themselves, and the summary says so.
    const blind = await verify(...alone);
    expect(blind, blind.said).toMatchObject({ code: 0 });
    expect(blind.said).toContain("shows only against one kept elsewhere (--checkpoint)");
    await refused([...alone, "--checkpoint", kept], "rolled-back [entry 8 to 19]");
    await refused([dir, ...bothKeys(), "--checkpoint", kept], "rolled-back [entry 8 to 19]");
    await refused([dir, "--checkpoint", kept], "rolled-back [entry 8 to 19]");
    write(dir, "vkey.txt", readFileSync(keyOf("dashboard"), "utf8"));
    await refused([...alone, "--checkpoint", kept], "rolled-back [entry 8 to 19]", "names another key");
    await refused([join(dir, "ward"), "--checkpoint", kept], "was not used: no-known-key");
  });

  it("that a checkpoint or key does not belong to", async () => {
    const kept = join(folder, "kept-ward.txt");
    writeFileSync(kept, notes(out).at(-1) ?? "");
    const dashboard = [join(out, "dashboard"), "--key", keyOf("dashboard")];
    await refused([...dashboard, "--checkpoint", kept], "was not used: no-known-key");
    const both = [...dashboard, "--key", keyOf("station")];
    await refused([...both, "--checkpoint", kept], "was not used: there is no log w7.example/audit/2026 here");
    const good = await verify(out, ...bothKeys(), "--checkpoint", kept);
    expect(good, good.said).toMatchObject({ code: 0 });
    expect(good.said.match(/^kept /gm)).toHaveLength(1);
    writeFileSync(kept, "");
    expect(await verify(out, ...bothKeys(), "--checkpoint", kept)).toMatchObject({ code: 2 });
  });

  it("with other personal data shown beside the right ones", async () => {
    const dir = copy("shown");
    const lines = read(dir, "phi.jsonl").trimEnd().split("\n");
    const forged = (lines[3] ?? "").replace("Person 3", "Person X");
    for (const changed of [
      [forged, ...lines],
      [...lines, forged],
      lines.with(3, (lines[3] ?? "").replace('{"phi":', '{"phi":{"label":"Person X"},"phi":')),
    ]) {
      write(dir, "phi.jsonl", `${changed.join("\n")}\n`);
      await refused([join(dir, "ward"), "--key", keyOf("station")], "commitment");
    }
  });

  it("is known by the names of its logs and not by those of its folders", async () => {
    const dir = copy("swapped");
    renameSync(join(dir, "ward"), join(dir, "x"));
    renameSync(join(dir, "dashboard"), join(dir, "ward"));
    mkdirSync(join(dir, "empty"));
    renameSync(join(dir, "x"), join(dir, "dashboard"));
    const told = await verify(dir, ...bothKeys());
    expect(told, told.said).toMatchObject({ code: 0 });
    expect(told.said).toMatch(/log +w7\.example\/audit\/2026\nfolder .*dashboard\n/);
  });
});
