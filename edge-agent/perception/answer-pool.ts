import { modelRateHz, rateBins } from "./radar-breathing.ts";

/*
 * The last answers of one still period, put together. A window cuts the first and the last breath somewhere, and each cut
 * moves the rate by up to half a breath; windows that end one second apart cut elsewhere, so their mean is steadier than
 * one longer window is. Five windows of 16 s together speak of 20 s.
 */

interface Pooled {
  /** The window, in frame slots: from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  readonly rate: Float32Array;
}

export interface AnswerPool {
  readonly answers: readonly Pooled[];
}

export const emptyPool: AnswerPool = { answers: [] };

/**
 * @param since frames before this slot no longer count: start, gap, or end of the last gross movement
 * @param answersMax answers in the pool, one a second
 */
export function addAnswer(pool: AnswerPool, answer: Pooled, since: number, answersMax: number): AnswerPool {
  const oldest = answer.end - (answersMax - 1) * modelRateHz;
  const kept = pool.answers.filter(({ start, end }) => start >= since && end >= oldest && end < answer.end);
  return { answers: [...kept, { ...answer, rate: Float32Array.from(answer.rate) }] };
}

/** Mean of the distributions (a linear pool: where they differ, it is as wide as their difference). */
export function pooledRate(pool: AnswerPool): Float32Array {
  const mean = new Float32Array(rateBins);
  for (const { rate } of pool.answers) {
    for (let bin = 0; bin < rateBins; bin++) mean[bin]! += rate[bin]! / pool.answers.length;
  }
  return mean;
}

/** Frames from the beginning of the earliest window to the end of the latest. */
export function pooledFrames(pool: AnswerPool): number {
  const end = Math.max(...pool.answers.map((one) => one.end));
  return end - Math.min(...pool.answers.map((one) => one.start));
}
