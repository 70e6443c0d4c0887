import type { AlarmPriority } from "../../../edge-agent/contract/words.ts";

/*
 * Between which values IEC 60601-1-8 leaves a maker free. Source of each: (a) a public project that maps the standard's alarms and
 * itself marks its values as remembered; IEC 60073 has the same bands of flash rate; (b) recalled by the authors of this table;
 * (c) the data sheet of a chip that makes conforming sounds lies inside. The tests hold the table and what is measured against these.
 */

export type Band = readonly [min: number, max: number];

export interface AlarmBands {
  /** Of the lit colour's hue, in degrees; a band may wrap round 360. (a) */
  readonly hueDegrees: Band;
  /** Null: constant. (a) */
  readonly flashHz: Band | null;
  readonly litShare: Band | null;
  /** (a) */
  readonly pulses: Band;
  /** (b), (c) */
  readonly pulseMs: Band;
  /** Between the pulses of a group: x of high, y of medium and low. (b) */
  readonly gapMs: Band;
  /** (a) for high, (b) for medium and low, (c) */
  readonly betweenBurstsMs: Band;
}

export const alarmBands: Readonly<Record<Exclude<AlarmPriority, "information">, AlarmBands>> = {
  high: {
    hueDegrees: [345, 375],
    flashHz: [1.4, 2.8],
    litShare: [0.2, 0.6],
    pulses: [10, 10],
    pulseMs: [75, 200],
    gapMs: [50, 125],
    betweenBurstsMs: [2_500, 15_000],
  },
  medium: {
    hueDegrees: [40, 65],
    flashHz: [0.4, 0.8],
    litShare: [0.2, 0.6],
    pulses: [3, 3],
    pulseMs: [125, 250],
    gapMs: [125, 250],
    betweenBurstsMs: [2_500, 30_000],
  },
  low: {
    hueDegrees: [170, 200],
    flashHz: null,
    litShare: null,
    pulses: [1, 2],
    pulseMs: [125, 250],
    gapMs: [125, 250],
    betweenBurstsMs: [15_000, Number.POSITIVE_INFINITY],
  },
};

/** Between the fifth and the sixth pulse of high priority. (b) */
export const highMiddleGapMs: Band = [350, 1_300];
/** Of the pulse's length. (b) */
export const riseShare: Band = [0.1, 0.4];
/** (b) */
export const fundamentalHz: Band = [150, 1_000];
export const harmonicHz: Band = [300, 4_000];
export const harmonicsMin = 4;
/** Of each of these harmonics against the fundamental. (b) */
export const harmonicDb: Band = [-15, 15];
/** WCAG 2.3.1: on the whole screen, whatever flashes together. */
export const flashesPerSecMax = 3;

export const within = (value: number, [min, max]: Band): boolean => value >= min && value <= max;
