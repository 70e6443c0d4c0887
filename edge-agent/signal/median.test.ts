import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { upperMedian } from "./median.ts";

describe("the upper median", () => {
  it("is what sorting would put there, of any values and any of them at the front", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 200 }), fc.nat(200), (values, asked) => {
        const count = Math.min(asked, values.length);
        const sorted = Float64Array.from(values.slice(0, count)).sort();
        const found = upperMedian(Float64Array.from(values), count);
        return found + 0 === (sorted[Math.floor(count / 2)] ?? 0) + 0;
      }),
    );
  });

  it("leaves what lies behind alone", () => {
    const values = Float64Array.of(3, 1, 2, 99);
    expect(upperMedian(values, 3)).toBe(2);
    expect(values[3]).toBe(99);
  });

  it("is 0 of none", () => expect(upperMedian(new Float64Array(4), 0)).toBe(0));
});
