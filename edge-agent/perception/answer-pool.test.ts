import { describe, expect, it } from "vitest";
import { addAnswer, emptyPool, pooledFrames, pooledRate } from "./answer-pool.ts";
import { rateBins } from "./radar-breathing.ts";

const sure = (bin: number): Float32Array => {
  const rate = new Float32Array(rateBins);
  rate[bin] = 1;
  return rate;
};
/** One answer a second, each over 16 s (320 frames), from second 16 on. */
const pool = (bins: readonly number[], since = 0) =>
  bins.reduce(
    (before, bin, n) => addAnswer(before, { start: 20 * n, end: 320 + 20 * n, rate: sure(bin) }, since, 5),
    emptyPool,
  );

describe("answers put together", () => {
  it("are the mean of the last five, over 20 s in all", () => {
    const seven = pool([0, 1, 20, 20, 22, 22, 22]);
    expect(seven.answers).toHaveLength(5);
    expect(pooledFrames(seven)).toBe(400);
    const rate = pooledRate(seven);
    expect(rate[20]).toBeCloseTo(0.4);
    expect(rate[22]).toBeCloseTo(0.6);
    expect(rate.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1);
  });

  it("never hold a window that reaches behind the last movement", () => {
    const moved = addAnswer(pool([20, 20, 20]), { start: 380, end: 700, rate: sure(30) }, 380, 5);
    expect(moved.answers).toHaveLength(1);
    expect(pooledRate(moved)[30]).toBe(1);
  });

  it("forget what is too old when seconds were skipped", () => {
    const late = addAnswer(pool([20, 20, 20]), { start: 200, end: 520, rate: sure(30) }, 0, 5);
    expect(late.answers).toHaveLength(1);
  });

  it("keep a copy, because the model's outputs are not ours", () => {
    const rate = sure(10);
    const one = addAnswer(emptyPool, { start: 0, end: 320, rate }, 0, 5);
    rate.fill(0);
    expect(pooledRate(one)[10]).toBe(1);
  });
});
