import { afterEach, describe, expect, it, vi } from "vitest";
import type { DepthFrame, EnvelopeHeader } from "../../edge-agent/contract/frames.ts";
import { systemClock } from "../../edge-agent/platform/clock.ts";
import type { SensorLine } from "../line-parts.ts";
import { newSensorLine } from "../sensor-line.ts";
import { type DepthSource, newSimulatedDepthPort, simulatedDepthSensor } from "./simulated-depth.ts";

/** Frames that carry their own number in every pixel; `given` keeps what was handed out. */
function numbered(): DepthSource & { readonly given: Uint16Array[] } {
  let n = 0;
  const given: Uint16Array[] = [];
  return {
    given,
    restart() {
      n = 0;
    },
    next() {
      n += 1;
      const mm = new Uint16Array(64).fill(1_000 + n);
      given.push(mm);
      return { widthPx: 8, heightPx: 8, frameRateHz: 10, acrossDeg: 45, downDeg: 45, mm };
    },
  };
}

let line: SensorLine | undefined;
afterEach(() => line?.stop());

function lineTo(source: DepthSource, frames: { header: EnvelopeHeader; first: number; frame: DepthFrame }[]) {
  line = newSensorLine({
    sensor: simulatedDepthSensor,
    newPort: () => newSimulatedDepthPort(source, 10, systemClock),
    clock: systemClock,
    mayPass: () => true,
    onFrame: (header, frame) => frames.push({ header, first: frame.mm[0] ?? -1, frame }),
    onChange: () => {},
    random: () => 0.5,
  });
  line.start(new AbortController().signal);
  return line;
}

describe("a simulated depth sensor on a line", () => {
  it("streams from its first frame once it is wished on, in order of its own time, and stops when wished off", async () => {
    const source = numbered();
    const frames: { header: EnvelopeHeader; first: number; frame: DepthFrame }[] = [];
    const its = lineTo(source, frames);
    await vi.waitFor(() => expect(its.state).toBe("off"));
    expect(frames).toEqual([]);
    its.wish("on");
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(5));
    expect(frames.slice(0, 3).map(({ first }) => first)).toEqual([1_001, 1_002, 1_003]);
    expect(frames.slice(0, 3).map(({ header }) => header.deviceUs)).toEqual([0, 100_000, 200_000]);
    expect(frames[0]?.header).toMatchObject({ kind: "depth", sequence: 0, bootId: its.bootId });
    its.wish("off");
    await vi.waitFor(() => expect(its.state).toBe("off"));
    const before = frames.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(frames.length).toBe(before);
    const boots = new Set(frames.map(({ header }) => header.bootId));
    its.wish("on");
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(before));
    expect(frames[before]?.first).toBe(1_001);
    expect(boots.has(frames[before]?.header.bootId ?? "")).toBe(false);
  });

  it("leaves no picture behind: the camera's frame and the line's are overwritten", async () => {
    const source = numbered();
    const frames: { header: EnvelopeHeader; first: number; frame: DepthFrame }[] = [];
    lineTo(source, frames).wish("on");
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(2));
    const kept = [...source.given.slice(0, 2), ...frames.slice(0, 2).map(({ frame }) => frame.mm)];
    expect(kept.flatMap((mm) => [...mm]).filter((mm) => mm !== 0)).toEqual([]);
  });
});
