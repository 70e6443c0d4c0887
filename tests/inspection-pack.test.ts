import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoreRow } from "../edge-agent/contract/door.ts";
import { WardAudit } from "../edge-agent/contract/ward-audit.ts";
import { consent, intent, stay } from "../edge-agent/records/records-for-tests.ts";
import { haveBrowser } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

const dayMs = 86_400_000;
const script = fileURLToPath(new URL("../scripts/pack-verify.ts", import.meta.url));
let ward: DashboardWard;
let folder: string;
const cookies: Record<string, string> = {};
const dayOf = (back: number) => new Date(Date.now() - back * dayMs).toISOString().slice(0, 10);
const ago = (ms: number) => ({ utcMs: Date.now() - ms, monoNs: BigInt(Math.round(100 * dayMs - ms)) * 1_000_000n });
const headers = { host: "ward.test", origin: "http://ward.test", "content-type": "application/x-www-form-urlencoded" };

const ask = (as: string, fields: Readonly<Record<string, string>>) =>
  ward.app.inject({
    method: "POST",
    url: "/governance/pack",
    headers: { ...headers, cookie: cookies[as] ?? "" },
    payload: new URLSearchParams(fields).toString(),
  });
const period = { period: "any", from: dayOf(40), until: dayOf(10) };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "quietround-pack-test-"));
  ward = await startDashboardWard();
  const { records } = ward;
  const admitted = { ...stay("s1"), startedAtUtcMs: ago(30 * dayMs).utcMs } as StoreRow;
  const offered = { ...consent("s1", "movement-alerts", "offered"), atUtcMs: ago(29 * dayMs).utcMs } as StoreRow;
  records.commit([intent("stay.admit")], [admitted], ago(30 * dayMs));
  records.commit([intent("consent.offer")], [offered], ago(29 * dayMs));
  records.checkpointIfDirty();
  for (const as of ["lead", "nurse"]) {
    const signIn = { method: "POST", url: "/sign-in", headers, payload: `code=${as}-code` } as const;
    cookies[as] = `qr_staff=${(await ward.app.inject(signIn)).cookies[0]?.value}`;
  }
});
afterAll(async () => {
  await ward.stop();
  rmSync(folder, { recursive: true });
});

describe("the inspection pack", () => {
  it("is one signed file; the same period gives the same manifest; its own verifier finds it sound, and names a changed figure", async () => {
    const [first, second] = [await ask("lead", period), await ask("lead", period)];
    expect([first.statusCode, first.headers["content-type"]]).toEqual([200, "application/zip"]);
    expect(first.headers["content-disposition"]).toContain(`inspection-pack-${dayOf(40)}-${dayOf(10)}.zip`);
    expect(second.headers["x-manifest-sha256"]).toBe(first.headers["x-manifest-sha256"]);
    const files = unzipSync(first.rawPayload);
    const textOf = (path: string) => Buffer.from(files[path] ?? []).toString("utf8");
    expect(Object.keys(files).sort()).toEqual(
      [
        ...[
          "READ-ME.txt",
          "data/policy/rules.json",
          "data/ward-audit.csv",
          "data/ward-audit.json",
          "log/ward.checkpoint",
        ],
        ...["manifest.json", "manifest.note", ...(haveBrowser ? ["report.pdf"] : [])],
      ].sort(),
    );
    const audit = WardAudit.parse(JSON.parse(textOf("data/ward-audit.json")));
    const offered = audit.lines.find(({ figure, group }) => figure === "offered" && group === "movement-alerts");
    expect(offered).toMatchObject({ value: 1, of: 1 });
    expect(textOf("READ-ME.txt")).toContain(String(first.headers["x-manifest-sha256"]));
    expect(textOf("log/ward.checkpoint")).toMatch(/^ward\.example\/audit\/station\n2\n/);

    const key = join(folder, "dashboard.vkey");
    writeFileSync(key, `${/Signed by: (\S+)/.exec(textOf("READ-ME.txt"))?.[1]}\n`);
    const verify = (pack: Uint8Array) => {
      const path = join(folder, "pack.zip");
      writeFileSync(path, pack);
      return spawnSync(process.execPath, [script, path, "--key", key], { encoding: "utf8" });
    };
    expect(verify(first.rawPayload)).toMatchObject({ status: 0, stdout: expect.stringContaining("4 files are as") });
    const forged = { ...files, "data/ward-audit.csv": Buffer.from(textOf("data/ward-audit.csv").replace("1", "2")) };
    const found = verify(zipSync(forged));
    expect(found).toMatchObject({ status: 1, stdout: expect.stringContaining("WRONG data/ward-audit.csv: changed") });
    expect(verify(Buffer.from("no zip"))).toMatchObject({ status: 2, stderr: expect.stringContaining("is no pack") });
  }, 60_000);

  it.skipIf(!haveBrowser)(
    "has a tagged PDF in a named language, made from the figures",
    async () => {
      const files = unzipSync((await ask("lead", period)).rawPayload);
      const pdf = Buffer.from(files["report.pdf"] ?? []).toString("latin1");
      for (const wanted of [/^%PDF-1\./, /\/StructTreeRoot/, /\/Marked true/, /\/Lang \(en/])
        expect([wanted.source, wanted.test(pdf)]).toEqual([wanted.source, true]);
    },
    60_000,
  );

  it("is for the governance lead, is written down each time, and is not made of a period that is none", async () => {
    ward.readings.length = 0;
    expect((await ask("nurse", period)).statusCode).toBe(403);
    expect((await ask("lead", { ...period, from: dayOf(4_000) })).statusCode).toBe(400);
    expect((await ask("nobody", period)).headers.location).toBe("/sign-in");
    expect(ward.readings.map(({ action, detail }) => [action, detail.page, detail.refused])).toEqual([
      ["page.open", "/governance/pack", "not-allowed"],
    ]);
    await ask("lead", period);
    expect(ward.readings.at(-1)).toMatchObject({
      action: "page.open",
      outcome: 0,
      detail: { page: "/governance/pack" },
    });
    ward.failAudit = true;
    expect((await ask("lead", period)).statusCode).toBe(503);
    ward.failAudit = false;
  }, 60_000);
});
