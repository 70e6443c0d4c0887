import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monoMs } from "../contract/units.ts";
import { type Lasting, lasting, lastingNot } from "./lasting.ts";

const limits = { afterMs: 10_000, clearAfterMs: 5_000 };
/** One value a second, from second 0. */
const run = (steps: readonly (boolean | null)[], from: Lasting = lastingNot): Lasting =>
  steps.reduce((state, holds, sec) => lasting(state, holds, monoMs(sec * 1_000), limits), from);
const times = (count: number, value: boolean | null) => Array.from({ length: count }, () => value);

describe("something that has to last", () => {
  it("is told after its time, not before, and is gone after being over for its own time", () => {
    expect(run(times(10, true)).active).toBe(false);
    expect(run(times(11, true)).active).toBe(true);
    expect(run([...times(11, true), ...times(5, false)]).active).toBe(true);
    expect(run([...times(11, true), ...times(6, false)]).active).toBe(false);
  });
  it("begins again after one second in which it did not hold", () => {
    expect(run([...times(9, true), false, ...times(10, true)]).active).toBe(false);
  });
  it("a short flicker does not clear it, and does not raise it twice", () => {
    expect(run([...times(11, true), ...times(4, false), true, ...times(4, false)]).active).toBe(true);
  });
  it("not knowing neither raises nor clears", () => {
    expect(run([...times(5, true), ...times(20, null)]).active).toBe(false);
    expect(run([...times(11, true), ...times(600, null)]).active).toBe(true);
  });
  it("what was not known for half a minute begins again", () => {
    expect(run([...times(5, true), ...times(10, null), true]).active).toBe(true);
    expect(run([...times(5, true), ...times(40, null), true]).active).toBe(false);
  });
  it("is never told of what did not hold for its time without a break, in any history", () => {
    const step = fc.constantFrom(true, false, null);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let state = lastingNot;
        let since: number | null = null;
        for (const [sec, holds] of steps.entries()) {
          const before = state.active;
          state = lasting(state, holds, monoMs(sec * 1_000), limits);
          if (holds === true) since ??= sec;
          if (holds === false) since = null;
          if (!before && state.active) expect(since !== null && sec - since >= 10).toBe(true);
          if (before && !state.active) expect(holds).toBe(false);
        }
      }),
    );
  });
});
