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
  for (let round = 0; round < 6; round++) {
    project(beam, re, im, noise, firstRow, rows, length);
    if (!reweigh(beam, re, im, noise, firstRow, rows, length)) return beam;
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
  beam.re.fill(0);
  beam.im.fill(0);
  for (let row = firstRow; row < rows; row++) {
    const a = beam.weightRe[row]! / noise[row]!;
    const b = -beam.weightIm[row]! / noise[row]!;
    if (a === 0 && b === 0) continue;
    const from = row * length;
    for (let t = 0; t < length; t++) {
      const x = re[from + t]!;
      const y = im[from + t]!;
      beam.re[t] = beam.re[t]! + a * x - b * y;
      beam.im[t] = beam.im[t]! + a * y + b * x;
    }
  }
}

/** New weights: how much of the beam is in each row. False when there is no power at all. */
function reweigh(
  beam: Beam,
  re: Float64Array,
  im: Float64Array,
  noise: Float64Array,
  firstRow: number,
  rows: number,
  length: number,
): boolean {
  let power = 0;
  for (let row = firstRow; row < rows; row++) {
    const from = row * length;
    let a = 0;
    let b = 0;
    for (let t = 0; t < length; t++) {
      const x = re[from + t]!;
      const y = im[from + t]!;
      a += x * beam.re[t]! + y * beam.im[t]!;
      b += y * beam.re[t]! - x * beam.im[t]!;
    }
    beam.weightRe[row] = a / noise[row]!;
    beam.weightIm[row] = b / noise[row]!;
    power += beam.weightRe[row]! ** 2 + beam.weightIm[row]! ** 2;
  }
  if (!(power > 0)) return false;
  const scale = 1 / Math.sqrt(power);
  for (let row = firstRow; row < rows; row++) {
    beam.weightRe[row] = beam.weightRe[row]! * scale;
    beam.weightIm[row] = beam.weightIm[row]! * scale;
  }
  return true;
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
