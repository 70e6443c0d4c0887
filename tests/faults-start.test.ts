import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningWard, runWard } from "./running-ward.ts";

/* An agent that finds its database or its model damaged says what and does not sense. Real processes over a real ward's folder. */

const root = fileURLToPath(new URL("..", import.meta.url));
let ward: RunningWard;
let copy: string;
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), "quietround-copy-"));
  for (const folder of ["edge-agent", "models", "config", "package.json"]) {
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  ward = await runWard({
    sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }],
    bridges: false,
  });
  const { stay, bedside } = await ward.admit("room-1");
  await ward.turnOn("room-1", stay, bedside);
  await ward.end("agent");
});
afterAll(async () => {
  await ward.stop();
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(`${basename(ward.dataDir)}.before-`)) rmSync(join(tmpdir(), name), { recursive: true });
  }
  rmSync(copy, { recursive: true, force: true });
});

function start(): { readonly status: number | null; readonly said: string } {
  const agent = join(copy, "edge-agent/main.ts");
  const args = [agent, "--config", ward.configPath, "--data", ward.dataDir];
  const ran = spawnSync(process.execPath, args, { timeout: 30_000, encoding: "utf8" });
  return { status: ran.status, said: ran.stderr };
}

function run(script: string, ...args: string[]): void {
  const ran = spawnSync(process.execPath, [join(root, "scripts", script), ...args], { encoding: "utf8" });
  expect(ran.status, ran.stdout + ran.stderr).toBe(0);
}

/** The agent's words while the file is another one; afterwards it is as it was. */
function startWith(path: string, change: (bytes: Buffer) => void): ReturnType<typeof start> {
  const whole = readFileSync(path);
  const changed = Buffer.from(whole);
  change(changed);
  writeFileSync(path, changed);
  try {
    return start();
  } finally {
    writeFileSync(path, whole);
  }
}

describe("an agent that starts over what is damaged", () => {
  it("a page of the database: it ends with code 2, says that it is damaged and what to do", () => {
    const database = join(ward.dataDir, "ward.sqlite");
    const pageBytes = readFileSync(database).readUInt16BE(16);
    const { status, said } = startWith(database, (bytes) => bytes.fill(0xa5, 4 * pageBytes, 5 * pageBytes));
    expect(status, said).toBe(2);
    expect(said).toMatch(/damaged/);
    expect(said).toContain("npm run ward:restore");
  });

  it("a model of which one bit differs: it ends with code 2 and names the file", () => {
    const model = join(copy, "models/radar-breathing/model.onnx");
    const { status, said } = startWith(model, (bytes) => bytes.writeUInt8((bytes[1_000] ?? 0) ^ 1, 1_000));
    expect(status, said).toBe(2);
    expect(said).toContain("radar-breathing/model.onnx");
    expect(said).toContain("not the model that was measured");
  });

  it("another model in its place, with its own card: perception needs other inputs or outputs, and it ends with code 2", () => {
    const folder = join(copy, "models");
    const whole = ["model.onnx", "card.json"].map(
      (name) => [name, readFileSync(join(folder, "radar-breathing", name))] as const,
    );
    let started: ReturnType<typeof start>;
    try {
      for (const [name] of whole)
        cpSync(join(folder, "displacement-rate", name), join(folder, "radar-breathing", name));
      started = start();
    } finally {
      for (const [name, bytes] of whole) writeFileSync(join(folder, "radar-breathing", name), bytes);
    }
    const { status, said } = started;
    expect(status, said).toBe(2);
    expect(said).toContain("radar-breathing/card.json");
  });

  it("goes on with the newest backup, as its words say, and nobody is sensed until they touch their screen again", async () => {
    const backups = join(copy, "backups");
    mkdirSync(backups);
    run("ward-backup.ts", "--data", ward.dataDir, "--to", backups);
    const [backup = ""] = readdirSync(backups);
    const database = join(ward.dataDir, "ward.sqlite");
    const pageBytes = readFileSync(database).readUInt16BE(16);
    writeFileSync(database, readFileSync(database).fill(0xa5, 4 * pageBytes, 5 * pageBytes));
    expect(start().status).toBe(2);
    const site = readFileSync(ward.configPath);
    run("ward-restore.ts", "--from", join(backups, backup), "--data", ward.dataDir);
    // It lies in the data folder here, all of which went aside.
    writeFileSync(ward.configPath, site);
    const seen = ward.history.length;
    ward.start("agent");
    await ward.until("a tile", () => ward.history.length > seen);
    expect(ward.tiles.get("room-1")?.notMonitored).toBe("no-consent");
    await ward.end("agent");
  }, 60_000);
});
