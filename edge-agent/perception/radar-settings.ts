import { longRadar, type RadarSpec, shortRadar } from "./radar-breathing.ts";
import type { IntervalScale } from "./rate-distribution.ts";

export interface RadarSettings {
  /** The model that is asked. */
  readonly spec: RadarSpec;
  /** Longest window of one answer, s; how many answers, one a second, are put together. */
  readonly windowSec: number;
  readonly pooledAnswers: number;
  /** How far the model's count of breaths may lie from its distribution: irregular breathing parts the two. */
  readonly countTolerancePerMin: number;
  /** From the model's card. */
  readonly intervalScale: readonly IntervalScale[];
}

/** 16 s windows of five seconds in a row: together they speak of 20 s. */
export const usualRadarSettings: RadarSettings = {
  spec: shortRadar,
  windowSec: 16,
  pooledAnswers: 5,
  countTolerancePerMin: 1,
  intervalScale: [],
};

/** One window of 30 s. */
export const longRadarSettings: RadarSettings = {
  spec: longRadar,
  windowSec: 30,
  pooledAnswers: 1,
  countTolerancePerMin: 2,
  intervalScale: [],
};
