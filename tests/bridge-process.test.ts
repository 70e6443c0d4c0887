import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { ensureKeys } from "../edge-agent/platform/keys.ts";
import { openBedroom } from "../firmware-bridge/simulator/bedroom.ts";
import { type StandIn, serveStandIn } from "../firmware-bridge/stand-in-server.ts";

function isThere(group: number | undefined): boolean {
  if (group === undefined) return false;
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

describe("the bridge as a process", () => {
  let folder: string;
  let standIn: StandIn;
  let commands = "";
  let child: ChildProcess | undefined;
  /** A process group of our own making, of which something may still run. */
  let group: number | undefined;

  beforeEach(async () => {
    commands = "";
    folder = mkdtempSync(join(tmpdir(), "bridge-"));
    ensureKeys(folder, ["unit-1"], { station: "ward.example/station", dashboard: "ward.example/dashboard" });
    standIn = await serveStandIn({
      newSource: () => openBedroom("empty", 1),
      speed: 1,
      clock: systemClock,
      port: 0,
      onBytes: (bytes) => {
        commands += Buffer.from(bytes).toString();
      },
    });
    const site = {
      v: 1,
      trust: "trust",
      site: "site",
      ward: "ward",
      wardName: "Ward",
      auditDomain: "ward.example",
      beds: [
        {
          bed: "room-1",
          name: "Room 1",
          device: "unit-1",
          sensors: [{ sensor: "radar", model: "acconeer-a121", port: { via: "tcp", port: standIn.port } }],
        },
      ],
      // No broker there: the sensor is told to stop all the same.
      brokers: { framesPort: 1, controlPort: 2 },
    };
    writeFileSync(join(folder, "site.json"), JSON.stringify(site));
  });
  afterEach(async () => {
    child?.kill("SIGKILL");
    if (group !== undefined && isThere(group)) process.kill(-group, "SIGKILL");
    group = undefined;
    await standIn.stop();
    rmSync(folder, { recursive: true });
  });

  const bridge = (device: string) => [
    "firmware-bridge/main.ts",
    ...["--config", join(folder, "site.json"), "--data", folder, "--device", device],
  ];
  const untilConnected = () =>
    vi.waitFor(() => expect(commands).toContain("stop_streaming"), { timeout: 20_000, interval: 50 });

  it("tells the sensor to stop before anything else, with no broker in reach, and ends in order on SIGTERM", async () => {
    child = spawn(process.execPath, bridge("unit-1"), { stdio: "ignore" });
    const ended = once(child, "exit");
    await untilConnected();
    expect(commands).not.toContain("start_streaming");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    await vi.waitFor(() => expect(standIn.clients.size).toBe(0));
  });

  it("ends by itself when its parent is gone", async () => {
    child = spawn("sh", ["-c", '"$@" & wait', "sh", process.execPath, ...bridge("unit-1")], {
      stdio: "ignore",
      detached: true,
    });
    group = child.pid;
    await untilConnected();
    expect(standIn.clients.size).toBe(1);
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(standIn.clients.size).toBe(0), { timeout: 15_000, interval: 50 });
    await vi.waitFor(() => expect(isThere(group)).toBe(false), { timeout: 5_000, interval: 50 });
    group = undefined;
  });

  it("refuses a device that the site does not have", async () => {
    child = spawn(process.execPath, bridge("unit-9"), { stdio: "ignore" });
    expect(await once(child, "exit")).toEqual([2, null]);
  });
});
