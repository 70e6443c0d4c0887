import type { Hours } from "../../edge-agent/contract/consent.ts";
import { isWithin, localHour } from "../../edge-agent/contract/local-hour.ts";

const lookEveryMs = 30_000;

/**
 * A board that stays on the wall goes with the hours: dimmer at night. The server has set the light already before the first
 * paint, so nothing is bright and then dark.
 */
export function keepBoardLight(): void {
  const { dataset } = document.documentElement;
  if (dataset.quiet === undefined) return;
  const { hours, timeZone } = JSON.parse(dataset.quiet) as { hours: Hours; timeZone: string };
  setInterval(() => {
    const dim = isWithin(hours, localHour(Date.now(), timeZone));
    if (dim) dataset.light = "night";
    else delete dataset.light;
  }, lookEveryMs);
}
