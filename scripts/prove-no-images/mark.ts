import { newRandom } from "../../firmware-bridge/simulator/random.ts";

/**
 * A watermark that goes through the sensors: numbers that nothing else has in this order. A picture carries it in every row and,
 * in another order, in every column; a sensor of few zones carries it once.
 */

export const markLength = 64;
/** From one row to the next of a wide picture the mark begins this much later: odd, so that a column has all of it too. */
const rowStep = 7;
/** A narrower picture has the mark along its rows, one after the other. */
const wide = markLength + rowStep;

/** -1 to 1, the same for the same seed. */
export function newMark(seed: number): Float64Array {
  const random = newRandom(seed);
  return Float64Array.from({ length: markLength }, () => random.between(-1, 1));
}

const at = (mark: Float64Array, index: number): number => mark[((index % markLength) + markLength) % markLength] ?? 0;

export interface MarkedPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** The mark changes only from cell to cell, so that it outlives being made smaller by this factor. */
  readonly cellPx: number;
  /** What the mark lies around, and how far it reaches. */
  readonly middle: number;
  readonly reach: number;
}

/** Row by row from the top left, whole numbers. */
export function markedPicture(mark: Float64Array, picture: MarkedPicture): Uint16Array {
  const { widthPx, heightPx, cellPx, middle, reach } = picture;
  const across = Math.floor(widthPx / cellPx);
  const later = across < wide ? across : rowStep;
  return Uint16Array.from({ length: widthPx * heightPx }, (_, pixel) => {
    const column = Math.floor((pixel % widthPx) / cellPx);
    const row = Math.floor(pixel / widthPx / cellPx);
    return Math.round(middle + reach * at(mark, column + later * row));
  });
}

/** What a search looks for: this many numbers one after the other. */
export const needleLength = 32;

export interface Needle {
  readonly name: string;
  /** Mean 0, sum of squares 1: how far and how strong the mark lies is no matter. */
  readonly values: Float64Array;
}

/** The mark as it can be met: along a row, mirrored, along a column, and at half the size. */
export function needlesOf(mark: Float64Array): Needle[] {
  const take = (name: string, value: (n: number) => number): Needle => ({
    name,
    values: normal(Float64Array.from({ length: needleLength }, (_, n) => value(n))),
  });
  return [
    take("as it was sent", (n) => at(mark, n)),
    take("mirrored", (n) => at(mark, needleLength - 1 - n)),
    take("along a column", (n) => at(mark, rowStep * n)),
    take("upside down", (n) => at(mark, rowStep * (needleLength - 1 - n))),
    take("at half the size", (n) => (at(mark, 2 * n) + at(mark, 2 * n + 1)) / 2),
  ];
}

function normal(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const norm = Math.hypot(...values.map((value) => value - mean));
  return values.map((value) => (value - mean) / norm);
}
