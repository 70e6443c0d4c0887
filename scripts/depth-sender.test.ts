import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it, vi } from "vitest";
import type { DepthFrame } from "../edge-agent/contract/frames.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { newTcpPort } from "../firmware-bridge/ports/tcp.ts";
import { newSensorLine } from "../firmware-bridge/sensor-line.ts";
import { sensors } from "../firmware-bridge/sensors/index.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

it("the example program beside a depth camera starts, sends and stops as the bridge wishes", async () => {
  const sender = spawn(process.execPath, ["scripts/depth-sender.ts", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  ends.push(() => sender.kill());
  const [said] = await once(sender.stdout, "data");
  const { port } = JSON.parse(String(said));
  const frames: Omit<DepthFrame, "mm">[] = [];
  const mm: number[][] = [];
  const line = newSensorLine({
    sensor: sensors["depth-camera"],
    newPort: () => newTcpPort({ host: "127.0.0.1", port }),
    clock: systemClock,
    mayPass: () => true,
    onFrame: (_, frame) => {
      if (!("mm" in frame)) return;
      frames.push({ ...frame });
      mm.push([...frame.mm.subarray(0, 80)]);
    },
    onChange: () => {},
    random: () => 0.5,
  });
  ends.unshift(() => line.stop());
  line.start(new AbortController().signal);
  await vi.waitFor(() => expect(line.state).toBe("off"), 15_000);
  line.wish("on");
  await vi.waitFor(() => expect(frames.length).toBeGreaterThan(3), 15_000);
  expect(frames[0]).toMatchObject({ widthPx: 80, heightPx: 60, frameRateHz: 10 });
  // Blocks of 8 pixels on a ramp of half a millimetre a pixel, of which each has the middle one.
  const [first = []] = mm;
  expect(first.every((value, column) => value >= 2_000 - 5 + 4 * column && value <= 2_000 + 10 + 4 * column)).toBe(
    true,
  );
  line.wish("off");
  await vi.waitFor(() => expect(line.state).toBe("off"), 15_000);
  expect(line.counts).toMatchObject({ malformed: 0, bytesSkipped: 0 });
});
