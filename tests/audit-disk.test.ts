import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
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
import { readExport } from "../edge-agent/records/read-export.ts";

/*
 * A disk that takes no more writes (the kernel's limit on the size of a file stands in for it: EFBIG, which SQLite
 * takes for a failed disk) and is mended again.
 */
const havePrlimit = spawnSync("prlimit", ["--version"]).status === 0;
const child = fileURLToPath(new URL("audit-disk-child.ts", import.meta.url));
const { privateKey } = generateKeyPairSync("ed25519");
const publicKey = createPublicKey(privateKey);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-disk-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!havePrlimit)("a disk that fails", () => {
  it("loses nothing that was acknowledged, keeps nothing that was not, and is used again once it is mended", async () => {
    const database = join(folder, "ward.sqlite");
    const keyFile = join(folder, "key.pem");
    writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
    const run = spawn(process.execPath, [child, database, keyFile], { stdio: ["ignore", "pipe", "pipe"] });
    const limitFiles = (bytes: string): void => {
      execFileSync("prlimit", ["--pid", String(run.pid), `--fsize=${bytes}:unlimited`]);
    };
    const gone = once(run, "exit");
    let complaint = "";
    run.stderr.on("data", (chunk) => {
      complaint += String(chunk);
    });
    const good: number[] = [];
    const codes: string[] = [];
    for await (const line of createInterface({ input: run.stdout })) {
      const [code = "", number = ""] = line.split(" ");
      if (code === "ok") {
        if (good.push(Number(number)) === 10) limitFiles("1");
        continue;
      }
      codes.push(code);
      if (codes.length === 3) limitFiles("unlimited");
    }
    await gone;
    expect(run.exitCode, complaint).toBe(0);
    expect(codes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(codes)).toEqual(new Set(["io"]));

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
    expect(numbers).toEqual(good);
    const origin = `w7.example/audit/${new Date().getUTCFullYear()}`;
    const verdict = verifyLog({ ...log, entries }, { vkeys: [vkeyOf(origin, publicKey)], known: [] });
    expect(verdict).toMatchObject({ ok: true, signedEntries: good.length, commitmentsChecked: good.length });
  });
});
