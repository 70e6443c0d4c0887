import { describe, expect, it } from "vitest";
import { readsItsSamples } from "./sample-check.ts";
import { sensors } from "./sensors/index.ts";

describe("a driver's own sample", () => {
  it.each(Object.entries(sensors))("%s is read as it must", (_model, sensor) => {
    expect(readsItsSamples(sensor)).toBe(true);
  });
  it("that is cut, or a driver that reads nothing, is told", () => {
    const sensor = sensors["acconeer-a121"];
    const cut = sensor.samples.map((sample) => ({ ...sample, wire: sample.wire.slice(0, sample.wire.length - 9) }));
    expect(readsItsSamples({ ...sensor, samples: cut })).toBe(false);
    expect(readsItsSamples({ ...sensor, samples: [] })).toBe(false);
  });
});
