import { type Needle, needleLength } from "./mark.ts";

/**
 * Chance makes a correlation of 0.95 over 32 numbers about once in 10^16 places (t = 16.7 with 30 degrees of freedom), and the
 * search looks at fewer than 10^11; a mark that was rounded to 8 bits, or of which 1/z was kept, still has 0.97 and more.
 */
const alikeMin = 0.95;

export interface Find {
  readonly needle: string;
  readonly at: number;
}

/** The first place where the numbers follow the mark, however shifted and scaled; a picture that was turned to its negative too. */
export function findIn(numbers: Float64Array, needles: readonly Needle[], step = 1): Find | undefined {
  const last = numbers.length - step * (needleLength - 1) - 1;
  for (let from = 0; from <= last; from++) {
    // Anew at each place: a running sum would not forget the size of a number that only looked like one.
    let sum = 0;
    let squares = 0;
    for (let n = 0, place = from; n < needleLength; n++, place += step) {
      const value = numbers[place]!;
      sum += value;
      squares += value * value;
    }
    const spread = squares - (sum * sum) / needleLength;
    // All alike, or too far from 0 to tell them apart.
    if (!(spread > 1e-12 * squares)) continue;
    const enough = alikeMin * Math.sqrt(spread);
    for (const { name, values } of needles) {
      let product = 0;
      for (let n = 0, place = from; n < needleLength; n++, place += step) product += values[n]! * numbers[place]!;
      if (Math.abs(product) >= enough) return { needle: name, at: from };
    }
  }
  return undefined;
}
