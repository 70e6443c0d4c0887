import fc from "fast-check";
import { bedsideViewFixture, purposeFixture } from "../dashboard/web/components/bedside/fixtures.ts";
import type { BedsideView } from "../edge-agent/contract/live.ts";
import { ConsentState, purposes, SensorState } from "../edge-agent/contract/words.ts";

/** Whatever an agent may tell of one stay. */
export const anyView: fc.Arbitrary<BedsideView> = fc
  .record({
    sensor: fc.constantFrom(...SensorState.options),
    states: fc.array(fc.constantFrom(...ConsentState.options), { minLength: 5, maxLength: 5 }),
    outOfHours: fc.boolean(),
    askAgain: fc.boolean(),
    senses: fc.subarray(["radar", "depth", "module"] as const),
  })
  .map(({ sensor, states, outOfHours, askAgain, senses }) =>
    bedsideViewFixture({}, sensor, {
      senses,
      consents: purposes.map((purpose, index) => {
        const hours = outOfHours ? { fromHour: 22, toHour: 7 } : null;
        return purposeFixture(purpose, states[index] ?? "never-offered", { hours, outOfHours, askAgain });
      }),
    }),
  );
