import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LogWatch } from "../dashboard/server/log-watch.ts";
import type { AuditIntent } from "../edge-agent/contract/door.ts";
import { ensureKeys, readDashboardKey, readStationKey } from "../edge-agent/platform/keys.ts";
import { openDashboardLog } from "../edge-agent/records/dashboard-log.ts";
import { logOptions, openWard } from "../edge-agent/records/open-ward.ts";
import { readLogSeen } from "../edge-agent/records/watch-store.ts";

/* The thread that watches both logs, with a policy file and a witness of another process over HTTP. */

let data: string;
let witness: ChildProcess;
let watch: LogWatch;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "audit-watch-"));
  ensureKeys(data, [], { station: "w7.example/audit/2026", dashboard: "w7.example/audit-dashboard/2026" });
  const stamp = { utcMs: Date.now(), monoNs: 1n };
  const made = { domain: "w7.example", boot: crypto.randomUUID(), cfgSha256: null, modelSha256: null, stamp };
  const [wardFile, readsFile] = [join(data, "ward.sqlite"), join(data, "dashboard.sqlite")];
  const ward = openWard(wardFile, { ...made, key: readStationKey(data) });
  const options = logOptions(readsFile, "dashboard", { ...made, key: readDashboardKey(data) });
  const reads = openDashboardLog(readsFile, options);
  const entry = { action: "process.start", actor: { kind: "system", part: "test" }, outcome: 0, detail: {} } as const;
  ward.commit([{ ...entry, phi: null }], [], stamp);
  reads.append({ ...entry, phi: null }, stamp);
  ward.close();
  reads.close();

  const keys = ["station", "dashboard"].flatMap((owner) => ["--log", join(data, "keys", `${owner}.vkey`)]);
  const script = fileURLToPath(new URL("../scripts/witness.ts", import.meta.url));
  const args = [script, "--data", join(data, "elsewhere"), "--name", "unit1.example/w", ...keys];
  witness = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const said: string[] = [];
  await new Promise<void>((resolve) => {
    // Read to the end: a witness whose words nobody takes would be stopped by them.
    createInterface({ input: witness.stdout ?? expect.fail("no witness") }).on("line", (line) => {
      said.push(line);
      if (line.includes("listening at")) resolve();
    });
  });
  const url = said.at(-1)?.split(" ").at(-1) ?? "";
  writeFileSync(join(data, "witnesses.policy"), `witness unit1 ${said[0]} ${url}\ngroup one 1 unit1\nquorum one\n`);
}, 60_000);
afterAll(async () => {
  await watch.stop();
  const gone = once(witness, "exit");
  witness.kill("SIGTERM");
  await gone;
  rmSync(data, { recursive: true, force: true });
});

it("shows both logs to both witnesses, verifies them as a whole, and makes entries of what it finds", async () => {
  const written: AuditIntent[] = [];
  const all = new Promise<void>((resolve) => {
    const append = (intent: AuditIntent): void => {
      written.push(intent);
      if (written.length === 6) resolve();
    };
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const policyFile = join(data, "witnesses.policy");
    watch = new LogWatch(
      { dataDir: data, witnessName: "w7.example/station-witness", policyFile, everySec: 1 },
      append,
      quiet,
    );
    watch.start();
  });
  await all;
  const told = (action: string) => written.filter((one) => one.action === action);
  expect(told("audit.verify")).toMatchObject([
    { outcome: 0, detail: { log: "ward", entries: 1, words: "" } },
    { outcome: 0, detail: { log: "dashboard", entries: 1, words: "" } },
  ]);
  expect(told("audit.witness").map(({ detail }) => [detail.log, detail.witness, detail.state])).toEqual([
    ["ward", "this station", "cosigned"],
    ["ward", "unit1", "cosigned"],
    ["dashboard", "this station", "cosigned"],
    ["dashboard", "unit1", "cosigned"],
  ]);
  for (const log of ["ward", "dashboard"]) {
    expect(readLogSeen(join(data, `${log}.sqlite`))).toMatchObject({ quorum: true, verification: { ok: true } });
  }
}, 60_000);
