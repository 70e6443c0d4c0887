import { expect, test } from "vitest";
import { FeedLag } from "./feed-lag.ts";

test("what was long on its way is late by that much, and a screen that catches up is not late any more", () => {
  const lag = new FeedLag();
  for (let second = 0; second < 10; second++) lag.hear(second * 1_000, 700_000 + second * 1_000 + (second % 3) * 15);
  expect(lag.lagMs).toBeLessThan(40);
  // Stood still for 8 s: what was said meanwhile comes in one go.
  const wokeAtMs = 700_000 + 18_000;
  lag.hear(10_000, wokeAtMs);
  expect(lag.lagMs).toBeGreaterThan(7_900);
  lag.hear(15_000, wokeAtMs + 2);
  expect(lag.lagMs).toBeGreaterThan(2_900);
  lag.hear(18_000, wokeAtMs + 4);
  expect(lag.lagMs).toBeLessThan(40);
});

test("two clocks that drift apart by what clocks do make nothing late in three days", () => {
  const lag = new FeedLag();
  let most = 0;
  for (let second = 0; second < 3 * 86_400; second++) {
    lag.hear(second * 1_000, second * 1_000 * (1 + 200e-6));
    most = Math.max(most, lag.lagMs);
  }
  expect(most).toBeLessThan(50);
});

test("a new connection has a way of its own", () => {
  const lag = new FeedLag();
  lag.hear(0, 10);
  lag.hear(1_000, 9_010);
  expect(lag.lagMs).toBeGreaterThan(7_000);
  lag.restart();
  lag.hear(2_000, 11_000);
  expect(lag.lagMs).toBe(0);
});
