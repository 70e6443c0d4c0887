/*
 * Several complex series that show the same movement, each turned by an angle of its own. All arrays are
 * [series][sample], row after row; `re` and `im` are parallel.
 */

/** Takes the mean of each row away: what stands still in the room goes with it. In place. */
export function centreRows(re: Float64Array, im: Float64Array, rows: number, length: number): void {
  for (let row = 0; row < rows; row++) {
    const from = row * length;
    let a = 0;
    let b = 0;
    for (let t = from; t < from + length; t++) {
      a += re[t]!;
      b += im[t]!;
    }
    a /= length;
    b /= length;
    for (let t = from; t < from + length; t++) {
      re[t] = re[t]! - a;
      im[t] = im[t]! - b;
    }
  }
}

/** Root of the mean of |z|^2 of one row. */
export function rowRms(re: Float64Array, im: Float64Array, row: number, length: number): number {
  let sum = 0;
  for (let t = row * length; t < (row + 1) * length; t++) sum += re[t]! * re[t]! + im[t]! * im[t]!;
  return Math.sqrt(sum / length);
}

export interface Beam {
  /** First eigenvector of the rows' covariance after whitening, one complex weight a row, length 1; 0 for rows left out. */
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
  /** The rows added up in phase: sum of conj(weight) x row / noise. */
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const roundsMax = 6;
/** Of the weights, whose length is 1, from one round to the next, squared: what is left changes no digit that anybody reads. */
const settledChange = 1e-10;

/**
 * Adds the rows up in phase with the weights that gather most power over the noise (first principal component, by power
 * iteration). `noise` is the standard deviation of each row; rows before `firstRow` are left out.
 */
export function beamOf(
  re: Float64Array,
  im: Float64Array,
  noise: Float64Array,
  firstRow: number,
  rows: number,
  length: number,
): Beam {
  const beam: Beam = {
    weightRe: new Float64Array(rows),
    weightIm: new Float64Array(rows),
    re: new Float64Array(length),
    im: new Float64Array(length),
  };
  let strongest = firstRow;
  let strongestLevel = -1;
  for (let row = firstRow; row < rows; row++) {
    const level = rowRms(re, im, row, length) / noise[row]!;
    if (level > strongestLevel) {
      strongest = row;
      strongestLevel = level;
    }
  }
  beam.weightRe[strongest] = 1;
  for (let round = 0; round < roundsMax; round++) {
    project(beam, re, im, noise, firstRow, rows, length);
    const change = reweigh(beam, re, im, noise, firstRow, rows, length);
    if (change === undefined) return beam;
    if (change < settledChange) break;
  }
  project(beam, re, im, noise, firstRow, rows, length);
  return beam;
}

function project(
  beam: Beam,
  re: Float64Array,
  im: Float64Array,
  noise: Float64Array,
  firstRow: number,
  rows: number,
  length: number,
): void {
  const { re: sumRe, im: sumIm } = beam;
  sumRe.fill(0);
  sumIm.fill(0);
  for (let row = firstRow; row < rows; row++) {
    const a = beam.weightRe[row]! / noise[row]!;
    const b = -beam.weightIm[row]! / noise[row]!;
    if (a === 0 && b === 0) continue;
    const from = row * length;
    for (let t = 0; t < length; t++) {
      const x = re[from + t]!;
      const y = im[from + t]!;
      sumRe[t] = sumRe[t]! + a * x - b * y;
      sumIm[t] = sumIm[t]! + a * y + b * x;
    }
  }
}

/** New weights: how much of the beam is in each row. @returns how far they moved, squared; undefined when there is no power at all */
function reweigh(
  beam: Beam,
  re: Float64Array,
  im: Float64Array,
  noise: Float64Array,
  firstRow: number,
  rows: number,
  length: number,
): number | undefined {
  const { re: sumRe, im: sumIm } = beam;
  let power = 0;
  let likeBefore = 0;
  for (let row = firstRow; row < rows; row++) {
    const from = row * length;
    let a = 0;
    let b = 0;
    for (let t = 0; t < length; t++) {
      const x = re[from + t]!;
      const y = im[from + t]!;
      a += x * sumRe[t]! + y * sumIm[t]!;
      b += y * sumRe[t]! - x * sumIm[t]!;
    }
    a /= noise[row]!;
    b /= noise[row]!;
    likeBefore += a * beam.weightRe[row]! + b * beam.weightIm[row]!;
    beam.weightRe[row] = a;
    beam.weightIm[row] = b;
    power += a * a + b * b;
  }
  if (!(power > 0)) return undefined;
  const scale = 1 / Math.sqrt(power);
  for (let row = firstRow; row < rows; row++) {
    beam.weightRe[row] = beam.weightRe[row]! * scale;
    beam.weightIm[row] = beam.weightIm[row]! * scale;
  }
  // Both have length 1: |new - old|^2 = 2 - 2 new.old.
  return 2 - 2 * likeBefore * scale;
}

/** Angle of the line along which a complex series varies most, -pi/2..pi/2. */
export function principalAngle(re: Float64Array, im: Float64Array): number {
  let a = 0;
  let b = 0;
  for (let t = 0; t < re.length; t++) {
    a += re[t]! * re[t]! - im[t]! * im[t]!;
    b += 2 * re[t]! * im[t]!;
  }
  return 0.5 * Math.atan2(b, a);
}
