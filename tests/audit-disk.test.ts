import { execFileSync, spawn } from "node:child_process";
import { createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEntry } from "../edge-agent/audit/entry.ts";
import { vkeyOf } from "../edge-agent/audit/note.ts";
import { verifyLog } from "../edge-agent/audit/verify.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";
import { readExport } from "../edge-agent/records/read-export.ts";

/*
 * A disk that takes no more writes and is mended again. Wants prlimit and strace (scripts/check-machine installs what is missing): a
 * machine without them fails these tests.
 */
const child = fileURLToPath(new URL("audit-disk-child.ts", import.meta.url));
const { privateKey } = generateKeyPairSync("ed25519");
const publicKey = createPublicKey(privateKey);
let folder: string;
let database: string;
let node: readonly string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-disk-"));
  database = join(folder, "ward.sqlite");
  const keyFile = join(folder, "key.pem");
  writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  node = [process.execPath, child, database, keyFile];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
  /** The numbers whose commit returned. */
  readonly good: readonly number[];
  /** Of each commit that failed, its word. */
  readonly codes: readonly string[];
}

/** `heard`: called with the child's process id after each line. */
async function run(command: readonly string[], heard: (told: Told, pid: number) => void = () => {}): Promise<Told> {
  const [program = "", ...args] = command;
  const running = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const gone = once(running, "exit");
  let complaint = "";
  running.stderr.on("data", (chunk) => {
    complaint += String(chunk);
  });
  const good: number[] = [];
  const codes: string[] = [];
  for await (const line of createInterface({ input: running.stdout })) {
    const [code = "", number = ""] = line.split(" ");
    if (code === "ok") good.push(Number(number));
    else codes.push(code);
    heard({ good, codes }, running.pid ?? 0);
  }
  await gone;
  expect(running.exitCode, complaint).toBe(0);
  return { good, codes };
}

/** What is on the disk is what was acknowledged, and the log is whole; `more`: what was not acknowledged may be there too. */
function expectWhole(good: readonly number[], more: "none" | "may be" = "none"): void {
  const out = join(folder, "out");
  const db = openForReading(database);
  expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
  db.close();
  exportLog(database, out, { personalData: "included" });
  const log = readExport(out);
  const entries = [...log.entries];
  const numbers = entries.map((bytes) => {
    const read = readEntry(bytes);
    return read.ok ? read.entry.detail.number : read.words;
  });
  if (more === "none") expect(numbers).toEqual(good);
  else expect(numbers).toEqual(expect.arrayContaining([...good]));
  const origin = `w7.example/audit/${new Date().getUTCFullYear()}`;
  const verdict = verifyLog({ ...log, entries }, { vkeys: [vkeyOf(origin, publicKey)], known: [] });
  expect(verdict).toMatchObject({ ok: true, signedEntries: numbers.length, commitmentsChecked: numbers.length });
}

describe("a disk that fails", () => {
  it("loses nothing that was acknowledged, keeps nothing that was not, and is used again once it is mended", async () => {
    // The kernel's limit on the size of a file: EFBIG, which SQLite takes for a failed disk.
    const limit = (pid: number, bytes: string): void => {
      execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
    };
    let state: "well" | "failing" | "mended" = "well";
    const { good, codes } = await run(node, (told, pid) => {
      if (state === "well" && told.good.length === 10) {
        state = "failing";
        limit(pid, "1");
      } else if (state === "failing" && told.codes.length === 3) {
        state = "mended";
        limit(pid, "unlimited");
      }
    });
    expect(codes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(codes)).toEqual(new Set(["io"]));
    expectWhole(good);
  });

  it.each([
    ["that is full", "pwrite64", "ENOSPC", "disk-full", "none"],
    ["that became read-only", "pwrite64", "EROFS", "io", "none"],
    ["with bad blocks", "pwrite64", "EIO", "io", "none"],
    // What was written and not synced may be there or not: nobody was told that it is.
    ["that cannot sync", "fsync", "EIO", "io", "may be"],
  ] as const)("%s (%s: %s): the same", async (_what, call, error, code, more) => {
    const utcMs = Date.now();
    const options = { domain: "w7.example", cfgSha256: null, modelSha256: null, boot: randomUUID() };
    openWard(database, { ...options, key: { privateKey, publicKey }, stamp: { utcMs, monoNs: 0n } }).close();
    const files = ["", "-wal"].flatMap((end) => ["-P", `${database}${end}`]);
    const calls = ["-e", `trace=${call}`, "-e", `inject=${call}:error=${error}:when=12..20`];
    const strace = ["strace", "-f", "-qq", "-o", "/dev/null", ...files, ...calls];
    const { good, codes } = await run([...strace, ...node]);
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set([code]));
    expectWhole(good, more);
  });
});
