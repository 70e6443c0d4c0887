import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureKeys } from "../edge-agent/platform/keys.ts";
import { readLogLine } from "../edge-agent/platform/log.ts";
import { buildWeb } from "../scripts/build-web.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "quietround-main-"));
  await buildWeb(join(root, "dashboard/web/built"));
  ensureKeys(folder, ["dashboard"], {
    station: "ward.example/audit/station",
    dashboard: "ward.example/audit/dashboard",
  });
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function writeSite(port: number): string {
  const path = join(folder, "site.json");
  const site = {
    v: 1,
    trust: "trust",
    site: "site",
    ward: "ward",
    wardName: "Rowan Ward",
    auditDomain: "ward.example",
    // Nobody listens there: the pages must come up without the agent.
    brokers: { controlPort: 9 },
    dashboard: { port },
    beds: [
      {
        bed: "room-1",
        name: "Room 1",
        device: "unit-1",
        sensors: [{ sensor: "radar", model: "acconeer-a121", port: { via: "tcp", port: 6110 } }],
      },
    ],
  };
  writeFileSync(path, JSON.stringify(site));
  return path;
}

function start(args: string[], inner = ""): { child: ChildProcess; said: () => string; ended: Promise<number | null> } {
  const environment = { ...process.env, QUIETROUND_LOG: "json" };
  const child =
    inner === ""
      ? spawn(process.execPath, args, { cwd: root, env: environment })
      : spawn(process.execPath, ["-e", inner, ...args], { cwd: root, env: environment });
  started.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  return { child, said: () => text, ended: new Promise((resolve) => child.once("exit", (code) => resolve(code))) };
}

const addressIn = (text: string): string | undefined =>
  text
    .split("\n")
    .map((line) => readLogLine(line)?.fields.url)
    .find((url): url is string => typeof url === "string" && url.startsWith("http"));

test("prints its address, serves without an agent, and ends when told", async () => {
  const { child, said, ended } = start(["dashboard/main.ts", "--config", writeSite(0), "--data", folder]);
  await expect.poll(() => addressIn(said()), { timeout: 20_000 }).toBeDefined();
  const health = await fetch(`${addressIn(said())}/healthz`);
  expect(await health.json()).toEqual({ ok: true, agent: "offline" });
  expect((await fetch(`${addressIn(said())}/sign-in`)).status).toBe(200);
  expect((await fetch(`${addressIn(said())}/built/quietround.css`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test("says which port is in use and what to do, and ends with 2", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  const { said, ended } = start(["dashboard/main.ts", "--config", writeSite(port), "--data", folder]);
  expect(await ended).toBe(2);
  expect(said()).toContain(`Port ${port} for the pages is in use`);
  expect(said()).toContain("dashboard.port in");
  taken.close();
});

test("ends when its parent is gone, however it went", async () => {
  const parentOf =
    'require("node:child_process").spawn(process.execPath, process.argv.slice(1), { stdio: ["ignore", "inherit", "inherit"] }); setInterval(() => {}, 1000);';
  const { child, said } = start(["dashboard/main.ts", "--config", writeSite(0), "--data", folder], parentOf);
  await expect.poll(() => addressIn(said()), { timeout: 20_000 }).toBeDefined();
  const url = addressIn(said()) ?? "";
  child.kill("SIGKILL");
  const answers = async () =>
    fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 10_000 }).toBe(false);
});
