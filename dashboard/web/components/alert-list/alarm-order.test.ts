import fc from "fast-check";
import { expect, test } from "vitest";
import { AlarmPriority } from "../../../../edge-agent/contract/words.ts";
import { worstFirst } from "./alarm-order.ts";

const alarm = fc.record({
  id: fc.uuid(),
  priority: fc.constantFrom(...AlarmPriority.options),
  raisedAt: fc.integer({ min: 0, max: 100 }),
});

test("every alarm is listed, by priority, then the one that waits longest", () => {
  fc.assert(
    fc.property(fc.array(alarm, { maxLength: 30 }), (alarms) => {
      const sorted = worstFirst(alarms);
      expect(sorted.map(({ id }) => id).toSorted()).toEqual(alarms.map(({ id }) => id).toSorted());
      for (const [index, next] of sorted.slice(1).entries()) {
        const before = sorted[index];
        const rank = (one: typeof next | undefined) => AlarmPriority.options.indexOf(one?.priority ?? "high");
        expect(rank(before)).toBeLessThanOrEqual(rank(next));
        if (rank(before) === rank(next)) expect(before?.raisedAt).toBeLessThanOrEqual(next.raisedAt);
      }
    }),
  );
});
