import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newStatusPace } from "./status-pace.ts";

describe("what a sensor has to say", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is said at once as long as it is little, at most once a second in a flood, and in the end the newest", async () => {
    const said: number[] = [];
    let word = 0;
    const pace = newStatusPace(
      () => performance.now(),
      () => said.push(word),
    );
    for (word = 1; word <= 4; word++) pace.ask();
    expect(said).toEqual([1, 2, 3, 4]);
    for (word = 5; word < 405; word++) {
      pace.ask();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(said.length).toBeLessThanOrEqual(4 + 2 + 20);
    expect(said.length).toBeGreaterThan(4 + 15);
    word = 1_000;
    pace.ask();
    await vi.advanceTimersByTimeAsync(1_001);
    expect(said.at(-1)).toBe(1_000);
    await vi.advanceTimersByTimeAsync(10_000);
    const before = said.length;
    for (let k = 0; k < 4; k++) pace.ask();
    expect(said.length).toBe(before + 4);
    for (let k = 0; k < 20; k++) pace.ask();
    pace.stop();
    const last = said.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(said.length).toBe(last);
  });
});
