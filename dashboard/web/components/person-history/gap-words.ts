import type { NoRateReason, Occupancy } from "../../../../edge-agent/contract/words.ts";

/** Why there was no rate for a while: what the person did, what could not be seen, or what the equipment lacked. */
export type GapKind = "person" | "signal" | "equipment" | "choice";

export const gapWords: Readonly<Record<NoRateReason, { readonly words: string; readonly kind: GapKind }>> = {
  "not-consented": { words: "not turned on", kind: "choice" },
  "sensor-off": { words: "sensor off", kind: "equipment" },
  "sensor-lost": { words: "sensor lost", kind: "equipment" },
  "recording-ended": { words: "recording ended", kind: "equipment" },
  stale: { words: "data too old", kind: "equipment" },
  "frame-rate": { words: "sensor at the wrong speed", kind: "equipment" },
  "sensor-settings": { words: "wrong sensor settings", kind: "equipment" },
  "sensor-unsound": { words: "sensor covered, moved or faulty", kind: "equipment" },
  frozen: { words: "sensor repeats itself", kind: "equipment" },
  saturated: { words: "signal too strong", kind: "equipment" },
  gaps: { words: "data with gaps", kind: "equipment" },
  "model-failed": { words: "model not working", kind: "equipment" },
  "no-breathing-sensor": { words: "sensor does not measure breathing", kind: "equipment" },
  "no-occupancy-sensor": { words: "no sensor tells who is in bed", kind: "equipment" },
  learning: { words: "settling", kind: "signal" },
  "nobody-in-bed": { words: "nobody in bed", kind: "person" },
  "more-than-one-person": { words: "more than one person", kind: "person" },
  moving: { words: "moving", kind: "person" },
  "no-natural-movement": { words: "no movement seen yet", kind: "signal" },
  "not-breathing": { words: "no breathing seen", kind: "signal" },
  "cannot-see-breathing": { words: "can't see breathing", kind: "signal" },
  "sources-disagree": { words: "signal not clear", kind: "signal" },
  "weak-signal": { words: "weak signal", kind: "signal" },
  withheld: { words: "not told", kind: "choice" },
};

export const occupancyWords: Readonly<Record<Occupancy, string>> = {
  "in-bed": "in bed",
  empty: "bed empty",
  unknown: "can't tell",
};
