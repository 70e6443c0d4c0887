import { everyMinutesOf, type ObservationLevel, type ObservationOrder } from "../contract/checks.ts";
import type { CareOrder } from "../contract/people.ts";
import { type SedationWatch, sedationBreathing } from "../contract/sedation.ts";

/** Checks as they are made while the watch runs: the closer of the two. A person who is never alone stays so. */
export function watchedChecks({ standing, everyMinutes, by }: SedationWatch): ObservationOrder {
  if (standing.everyMinutes <= everyMinutes) return standing;
  const fits = (level: ObservationLevel): boolean =>
    everyMinutes >= everyMinutesOf[level].min && everyMinutes <= everyMinutesOf[level].max;
  const level = fits(standing.level) ? standing.level : everyMinutes < 30 ? "intermittent-high" : "intermittent-low";
  return { ...standing, level, everyMinutes, by, reason: "Watch after sedation" };
}

/** What is watched by sensors while the watch runs: of each part the tighter. */
export function watchedOrder(order: CareOrder | null, { by }: SedationWatch): CareOrder {
  const base = order ?? { ...sedationBreathing, by, reason: "Watch after sedation" };
  const { breathing, cannotSeeBreathing, rateUnavailable } = sedationBreathing;
  return {
    ...base,
    breathing: {
      lowPerMin: Math.max(breathing.lowPerMin, base.breathing?.lowPerMin ?? 0),
      highPerMin: Math.min(breathing.highPerMin, base.breathing?.highPerMin ?? Number.POSITIVE_INFINITY),
      forMs: Math.min(breathing.forMs, base.breathing?.forMs ?? Number.POSITIVE_INFINITY),
      qualityMin: base.breathing?.qualityMin ?? breathing.qualityMin,
    },
    cannotSeeBreathing: sooner(cannotSeeBreathing, base.cannotSeeBreathing),
    rateUnavailable: sooner(rateUnavailable, base.rateUnavailable),
  };
}

type After = { readonly afterMs: number };
const sooner = (one: After, other: After | null): { afterMs: number } => ({
  afterMs: Math.min(one.afterMs, other?.afterMs ?? Number.POSITIVE_INFINITY),
});
