import { storied } from "./cast.ts";
import { withModules } from "./cast-modules.ts";
import type { Night } from "./plan.ts";

const hour = 3_600;

/** From ten in the evening by the ward's clock, over the change of the clocks at 01:00 UTC: a night of 25 hours, or of 23. */
export const starts = {
  autumn: Date.UTC(2026, 9, 24, 21),
  spring: Date.UTC(2026, 2, 28, 21),
} as const;

export const nightOf = (name: keyof typeof starts, seed: number): Night => ({
  name,
  startUtcMs: starts[name],
  beds: [...storied, ...withModules(seed)],
  brokerGaps: [
    // Short enough that nobody has to be told; and not.
    { fromSec: 1.4 * hour, toSec: 1.4 * hour + 4 },
    { fromSec: 5.8 * hour, toSec: 5.8 * hour + 25 },
  ],
  stationGaps: [{ fromSec: 4 * hour - 30, toSec: 4 * hour + 90 }],
  agentGaps: [{ fromSec: 6.6 * hour + 200, toSec: 6.6 * hour + 206 }],
});
