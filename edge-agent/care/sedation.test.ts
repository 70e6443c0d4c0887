import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyMinutesOf, ObservationLevel, ObservationOrder } from "../contract/checks.ts";
import { CareOrder, nothingOrdered } from "../contract/people.ts";
import { type SedationWatch, sedationEveryMinutes } from "../contract/sedation.ts";
import { watchedChecks, watchedOrder } from "./sedation.ts";

const standing: ObservationOrder = {
  level: "general",
  everyMinutes: 60,
  by: "Dr Ade",
  reason: "admission",
  reviewAfterHours: 24,
};
const watch = (change: Partial<SedationWatch> = {}): SedationWatch => ({
  everyMinutes: 15,
  sinceUtcMs: 0,
  untilUtcMs: 1,
  by: "Sam",
  standing,
  ...change,
});

describe("what holds while a watch after sedation runs", () => {
  it("checks are as close as the watch says, and never less close than they were", () => {
    expect(watchedChecks(watch())).toMatchObject({ level: "intermittent-high", everyMinutes: 15 });
    const close: ObservationOrder = { ...standing, level: "intermittent-high", everyMinutes: 10 };
    expect(watchedChecks(watch({ standing: close }))).toEqual(close);
  });
  it("is always an order that can be kept, whatever was ordered before", () => {
    const before = fc
      .constantFrom(...ObservationLevel.options)
      .chain((level) =>
        fc.integer(everyMinutesOf[level]).map((everyMinutes) => ({ ...standing, level, everyMinutes })),
      );
    fc.assert(
      fc.property(before, fc.constantFrom(...sedationEveryMinutes), (order, everyMinutes) => {
        const checks = watchedChecks(watch({ standing: order, everyMinutes }));
        expect(ObservationOrder.safeParse(checks).success).toBe(true);
        expect(checks.everyMinutes).toBe(Math.min(order.everyMinutes, everyMinutes));
      }),
    );
  });
  it("of each part of an order the tighter one holds; what else was ordered stays", () => {
    expect(watchedOrder(null, watch())).toMatchObject({
      breathing: { lowPerMin: 10, highPerMin: 24 },
      cannotSeeBreathing: { afterMs: 60_000 },
      leftBed: null,
    });
    const order = CareOrder.parse({
      ...nothingOrdered,
      breathing: { lowPerMin: 8, highPerMin: 20, forMs: 60_000 },
      leftBed: { afterMs: 600_000 },
      cannotSeeBreathing: { afterMs: 30_000 },
      by: "Dr Ade",
      reason: "x",
    });
    expect(watchedOrder(order, watch())).toMatchObject({
      breathing: { lowPerMin: 10, highPerMin: 20, forMs: 30_000 },
      cannotSeeBreathing: { afterMs: 30_000 },
      leftBed: { afterMs: 600_000 },
    });
  });
});
