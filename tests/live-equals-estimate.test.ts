import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Estimate } from "../edge-agent/contract/door.ts";
import { readLogLine } from "../edge-agent/platform/log.ts";
import { runWard } from "./running-ward.ts";
import { haveRecordings, recordingsPath } from "./shared-material.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const recording = `${recordingsPath}/acconeer-a121/breathing-sitting`;
const files = ["--config", `${recording}.json`, "--wire", `${recording}.wire.bin`];

describe.skipIf(!haveRecordings)("the real recording", () => {
  it("replayed live, behind TCP, bridge, broker and agent, gives exactly what the estimate command gives", async () => {
    // Much faster than a sensor: where the machine stands still for a moment, a link that takes no more drops the oldest by design.
    const speed = 3;
    const standIn = spawn(
      process.execPath,
      ["firmware-bridge/stand-in.ts", ...files, "--port", "0", "--speed", String(speed)],
      { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
    );
    const [firstLine] = (await once(createInterface({ input: standIn.stdout }), "line")) as [string];
    const { port } = JSON.parse(firstLine) as { port: number };
    const ward = await runWard({
      sensors: [{ port: { via: "tcp", host: "127.0.0.1", port }, source: "recording", statedOccupancy: "in-bed" }],
      clockSpeed: speed,
      agentEnv: { QUIETROUND_LOG_LEVEL: "debug" },
    });
    try {
      const tile = () => ward.tiles.get("room-1");
      const { stay, bedside } = await ward.admit("room-1");
      await ward.turnOn("room-1", stay, bedside);
      await ward.until("the recording's end", () => tile()?.notMonitored === "recording-ended", 60_000);
      // The end is told over another broker than the frames: the last of them may still be on their way.
      await ward.until("every frame", () => tile()?.engineering.framesAccepted === 773, 20_000);
      expect(tile()?.engineering.dropped).toEqual({});

      const live = ward
        .log("agent")
        .split("\n")
        .flatMap((line) => {
          const entry = readLogLine(line);
          if (entry?.words !== "estimate") return [];
          const { bed: _bed, ...estimate } = entry.fields;
          return [estimate as unknown as Estimate];
        });
      const offline = execFileSync(process.execPath, ["scripts/estimate.ts", "--sensor", "acconeer-a121", ...files], {
        cwd: root,
        encoding: "utf8",
      })
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Estimate);
      expect(live.length).toBeGreaterThanOrEqual(37);
      expect(live).toEqual(offline);
    } finally {
      await ward.stop();
      standIn.kill();
    }
  }, 120_000);
});
