import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type PointSeries, rateByVendor, vendorRates } from "../../edge-agent/signal/a121-breathing.ts";
import { decodeWire } from "../../firmware-bridge/sensors/a121-recording.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";

/** Where the vendor's application began to estimate, and the three range points that its presence detector led it to. */
const firstFrame = 102;
const rangePoints = [5, 6, 7] as const;

interface Vendor {
  readonly vendorExpected: { readonly breathing_rate: readonly (number | "inf" | null)[] };
}

describe("the A121 vendor's method", () => {
  it.skipIf(!haveRecordings)("tells the very rates that the vendor's own code told of a recording", () => {
    const path = `${recordingsPath}/acconeer-a121/breathing-sitting`;
    const json = JSON.parse(readFileSync(`${path}.json`, "utf8")) as Vendor;
    const wire = decodeWire(json, readFileSync(`${path}.wire.bin`));
    if (!wire.ok) throw new Error(wire.why);
    const frames = wire.frames.slice(firstFrame).map(({ frame }) => frame);
    const mean = (point: number, part: 0 | 1): Float64Array =>
      Float64Array.from(frames, ({ iq, sweeps, points }) => {
        let sum = 0;
        for (let sweep = 0; sweep < sweeps; sweep++) sum += iq[2 * (sweep * points + point) + part]!;
        return sum / sweeps;
      });
    const series = rangePoints.map((point): PointSeries => ({ re: mean(point, 0), im: mean(point, 1) }));
    const rates = vendorRates(series, 20);
    const expected = json.vendorExpected.breathing_rate.slice(firstFrame);
    const told = expected.flatMap((rate, t) => (typeof rate === "number" ? [[rate, rates[t] ?? Number.NaN]] : []));
    expect(told).toHaveLength(270);
    expect(rates.filter((rate) => rate !== null)).toHaveLength(270);
    for (const [theirs, ours] of told) expect(Math.abs(ours! - theirs!)).toBeLessThan(1e-9);
  });

  it("needs more than 20 s of a wave, and looks at no more", () => {
    const wave = Float64Array.from({ length: 800 }, (_, t) =>
      Math.sin((2 * Math.PI * (t < 400 ? 30 : 15) * t) / 1_200),
    );
    expect(rateByVendor(wave.subarray(0, 400), 20)).toBeNull();
    expect(rateByVendor(wave, 20)!.perMin).toBeCloseTo(15, 0);
  });

  it("answers where nobody breathes", () => {
    const noise = Float64Array.from({ length: 600 }, (_, t) => Math.sin(t * t));
    expect(rateByVendor(noise, 20)?.perMin).toBeGreaterThan(0);
    expect(rateByVendor(new Float64Array(600), 20)).toBeNull();
  });
});
