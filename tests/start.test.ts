import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { newLog, readLogLine } from "../edge-agent/platform/log.ts";
import { openAgentDesk } from "../scripts/ask-agent.ts";
import { oneBedroom } from "./one-bedroom.ts";

/* One command starts a ward, says how to use it, keeps its parts alive, and stops all of them. Needs the pages: npm run build:web. */

const startFile = fileURLToPath(new URL("../scripts/start.ts", import.meta.url));
const inviteFile = fileURLToPath(new URL("../scripts/invite.ts", import.meta.url));
const anyPorts = ["--port", "0", "--frames-port", "0", "--control-port", "0"];
let dataDir = "";
let ward: ChildProcess;
let said = "";
let exitCode: number | null | undefined;
let welcomedAt = 0;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "quietround-ward-"));
  ward = spawn(process.execPath, [startFile, "--config", oneBedroom(dataDir), "--data", dataDir, ...anyPorts], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [ward.stdout, ward.stderr]) stream?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  ward.on("exit", (code) => {
    exitCode = code;
  });
  await until(() => said.includes("Ctrl-C stops everything"), "the ward runs");
  welcomedAt = Date.now();
});
afterAll(() => {
  ward.kill("SIGKILL");
  rmSync(dataDir, { recursive: true, force: true });
});

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 500 && exitCode === undefined; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (!(await holds())) throw new Error(`waited in vain: ${what}\n${said}`);
}

/** Process ids of the supervisor's children, by the file they run (proc(5)). */
function childrenOf(pid: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) !== pid) continue;
      const file = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0")[1] ?? "";
      found.set(file.split("/").slice(-2).join("/"), Number(entry));
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const parts = ["dashboard/main.ts", "edge-agent/main.ts", "firmware-bridge/main.ts"];
const readSite = (): SiteConfig => SiteConfig.parse(JSON.parse(readFileSync(join(dataDir, "site.json"), "utf8")));

test("it says where the pages are and what to do, and each address answers", async () => {
  const links = said.match(/http:\/\/\S+/g) ?? [];
  expect(links.map((link) => new URL(link).pathname)).toEqual(["/ward", "/bedside", "/demo", "/sign-in", "/pair"]);
  expect(links.map((link) => new URL(link).searchParams.has("code"))).toEqual([false, false, false, true, true]);
  for (const link of links) expect((await fetch(link)).status, link).toBeLessThan(500);
  expect([...childrenOf(ward.pid ?? 0).keys()].sort()).toEqual(parts);
});

test("it speaks only once the bridge has confirmed that both sensors are off", async () => {
  const confirmed = (sensor: string): number[] =>
    readFileSync(join(dataDir, "log/bridge-unit-1.log"), "utf8")
      .split("\n")
      .map((line) => readLogLine(line))
      .filter((line) => line?.fields.state === "off" && line.fields.sensor === sensor)
      .map((line) => Date.parse(line?.time ?? ""));
  for (const sensor of ["radar-1", "depth-1"]) {
    await until(() => confirmed(sensor).length > 0, `the bridge says that ${sensor} is off`);
    expect(confirmed(sensor)[0]).toBeLessThanOrEqual(welcomedAt);
  }
});

test("a second ward over the same data is refused, and so is a port that is taken or named twice", () => {
  const second = spawnSync(process.execPath, [startFile, "--data", dataDir, ...anyPorts], { encoding: "utf8" });
  expect(second.status).toBe(2);
  expect(second.stderr).toContain(`process ${ward.pid}`);
  const port = String(readSite().dashboard.port);
  const other = mkdtempSync(join(tmpdir(), "quietround-other-"));
  const third = spawnSync(process.execPath, [startFile, "--data", other, ...anyPorts.slice(2), "--port", port], {
    encoding: "utf8",
  });
  const twice = spawnSync(process.execPath, [startFile, "--data", other, "--port", "5000", "--control-port", "5000"], {
    encoding: "utf8",
  });
  expect(twice.status).toBe(2);
  expect(twice.stderr).toContain("dashboard.port: the same port as one of the brokers");
  expect(readdirSync(other)).toEqual([]);
  rmSync(other, { recursive: true });
  expect(third.status).toBe(2);
  expect(third.stderr).toContain(`Port ${port} for the pages is in use. Choose another with --port N.`);
});

test("somebody is invited from the machine, and a refusal of the agent is told", async () => {
  const invite = (...more: string[]) =>
    spawnSync(process.execPath, [inviteFile, "--data", dataDir, ...more], { encoding: "utf8" });
  const good = invite("--name", "Sam Reed", "--role", "nurse-in-charge");
  expect(good.status).toBe(0);
  expect(good.stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/sign-in\?code=\S+/);
  expect(invite("--name", "Sam Reed", "--role", "boss").status).toBe(2);
  const desk = openAgentDesk(
    readSite(),
    dataDir,
    newLog("test", () => {}),
  );
  try {
    await expect(desk.ask({ do: "sign-in", code: "NONE-SUCH" })).rejects.toMatchObject({ code: "refused" });
  } finally {
    await desk.close();
  }
});

test("a part that is killed comes back", async () => {
  const first = childrenOf(ward.pid ?? 0).get("edge-agent/main.ts") ?? 0;
  process.kill(first, "SIGKILL");
  await until(() => said.includes("agent was ended by SIGKILL"), "it is said");
  await until(() => ![undefined, first].includes(childrenOf(ward.pid ?? 0).get("edge-agent/main.ts")), "it is back");
  const desk = openAgentDesk(
    readSite(),
    dataDir,
    newLog("test", () => {}),
  );
  try {
    await expect(desk.ask({ do: "who-am-i" }, 20_000)).rejects.toMatchObject({ code: "refused" });
  } finally {
    await desk.close();
  }
});

test("parts that hang are killed and come back", async () => {
  const hung = ["edge-agent/main.ts", "dashboard/main.ts", "firmware-bridge/main.ts"];
  // Only a part that was heard is judged; the agent has just been started again.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const first = childrenOf(ward.pid ?? 0);
  expect([...first.keys()]).toEqual(expect.arrayContaining(hung));
  for (const [file, pid] of first) if (hung.includes(file)) process.kill(pid, "SIGSTOP");
  const names = ["agent", "dashboard", "bridge unit-1"];
  await until(() => names.every((name) => said.includes(`${name} hangs: no sign of life for 10 s`)), "it is said");
  await until(() => {
    const now = childrenOf(ward.pid ?? 0);
    return hung.every((file) => now.has(file) && now.get(file) !== first.get(file));
  }, "all are back");
  expect([...first.values()].filter(isAlive)).toEqual([]);
  await until(
    () =>
      fetch(`http://127.0.0.1:${readSite().dashboard.port}/healthz`).then(
        async (answer) => ((await answer.json()) as { agent: string }).agent === "heard",
        () => false,
      ),
    "the dashboard hears the agent again",
  );
}, 60_000);

test("both audit logs verify with the public keys that were exported, while the ward runs", () => {
  const out = join(dataDir, "export");
  const audit = (name: string, ...more: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL(`../scripts/audit-${name}.ts`, import.meta.url)), ...more], {
      encoding: "utf8",
    });
  const exported = audit("export", "--data", dataDir, "--out", out);
  expect(exported.stderr).toBe("");
  expect(exported.status).toBe(0);
  const keys = ["station", "dashboard"].flatMap((owner) => ["--key", join(out, "keys", `${owner}.vkey`)]);
  const verified = audit("verify", out, ...keys);
  expect(verified.status, verified.stdout + verified.stderr).toBe(0);
  expect(verified.stdout.match(/^OK +every entry is as it was signed$/gm)).toHaveLength(2);
  const year = new Date().getUTCFullYear();
  const { auditDomain } = readSite();
  for (const log of ["audit", "audit-dashboard"]) expect(verified.stdout).toContain(`${auditDomain}/${log}/${year}\n`);
});

test("SIGINT stops every part and gives the folder back", async () => {
  const pids = [...childrenOf(ward.pid ?? 0).values()];
  expect(pids).toHaveLength(parts.length);
  ward.kill("SIGINT");
  await until(() => exitCode !== undefined, "the supervisor ends");
  expect(exitCode).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(readdirSync(dataDir)).not.toContain("supervisor.lock");
});
