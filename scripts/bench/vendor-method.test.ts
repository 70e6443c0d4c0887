import { describe, expect, it } from "vitest";
import { VendorMethod } from "./vendor-method.ts";

/** A body at all points that moves by a millimetre each way, as the radar of 60.5 GHz sees it. */
function frameAt(sec: number, perMin: number): Int16Array {
  const phase = (4 * Math.PI * Math.sin((2 * Math.PI * perMin * sec) / 60)) / 4.96;
  return Int16Array.from({ length: 2 * 16 * 21 }, (_, i) =>
    Math.round(1_000 * (i % 2 === 0 ? Math.cos(phase) : Math.sin(phase))),
  );
}

describe("the vendor's method", () => {
  it.each([9, 15, 24])(
    "has nothing to say for its first 400 frames, then the rate of a plain breath: %s /min",
    (perMin) => {
      const method = new VendorMethod();
      const said = Array.from({ length: 800 }, (_, n) => method.hear(frameAt(n / 20, perMin)));
      expect(said.findIndex((rate) => rate !== null)).toBe(400);
      expect(Math.abs((said.at(-1) ?? 0) - perMin)).toBeLessThan(1);
    },
  );
});
