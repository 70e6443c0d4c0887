/*
 * A depth picture made smaller without making anything up: each output pixel is the median of the valid pixels of its
 * block, so it is a distance that the camera measured there. A mean would put surfaces into the air between a person and
 * the floor, and would draw the holes (0) in. Where too little of a block is valid, the output is a hole as well.
 */

export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row by row from the top left; 0 = not valid. */
  readonly values: Uint16Array;
}

/** What part of a picture is kept, and how many of its pixels each way make one. */
export interface Reduction {
  readonly leftPx: number;
  readonly topPx: number;
  readonly blockWidthPx: number;
  readonly blockHeightPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Of a block's pixels, so many must be valid: a few left over at the rim of a hole are mostly flying pixels. */
const validShareMin = 0.25;

/** @param blockMax pixels of the largest block. @returns the picture in the same unit, as large as the reduction says */
export function newBlockMedian(blockMax: number): (picture: Picture, reduction: Reduction) => Uint16Array {
  const block = new Uint16Array(blockMax);
  return ({ widthPx, values }, to) => {
    const out = new Uint16Array(to.widthPx * to.heightPx);
    const { blockWidthPx, blockHeightPx } = to;
    if (blockWidthPx === 1 && blockHeightPx === 1) {
      for (let row = 0; row < to.heightPx; row++) {
        const from = (to.topPx + row) * widthPx + to.leftPx;
        out.set(values.subarray(from, from + to.widthPx), row * to.widthPx);
      }
      return out;
    }
    const least = Math.max(1, Math.ceil(validShareMin * blockWidthPx * blockHeightPx));
    for (let row = 0; row < to.heightPx; row++) {
      for (let column = 0; column < to.widthPx; column++) {
        let from = (to.topPx + row * blockHeightPx) * widthPx + to.leftPx + column * blockWidthPx;
        let count = 0;
        for (let y = 0; y < blockHeightPx; y++) {
          for (let x = 0; x < blockWidthPx; x++) {
            const value = values[from + x]!;
            // Written over by the next one where it is a hole.
            block[count] = value;
            count += value === 0 ? 0 : 1;
          }
          from += widthPx;
        }
        if (count >= least) out[row * to.widthPx + column] = lowerMedian(block, count);
      }
    }
    block.fill(0);
    return out;
  };
}

/** Of larger blocks the values are counted into buckets first: half the work of a quickselect with its mispredicted branches. */
const countedFrom = 24;
const bucketBits = 6;
const buckets = new Uint16Array(2 ** bucketBits);

/** The middle one of the first `count` values, of two middle ones the lower; reorders them. */
export function lowerMedian(values: Uint16Array, count: number): number {
  const middle = (count - 1) >> 1;
  if (count < countedFrom) return nth(values, count, middle);
  let least = 65_535;
  let most = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const shift = Math.max(0, 32 - Math.clz32(most - least) - bucketBits);
  buckets.fill(0);
  for (let i = 0; i < count; i++) buckets[(values[i]! - least) >> shift]!++;
  let bucket = 0;
  let below = 0;
  while (below + buckets[bucket]! <= middle) {
    below += buckets[bucket]!;
    bucket += 1;
  }
  if (shift === 0) return least + bucket;
  let members = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    values[members] = value;
    members += (value - least) >> shift === bucket ? 1 : 0;
  }
  return nth(values, members, middle - below);
}

/** The value with `rank` smaller or equal ones before it in order (Hoare's quickselect). */
function nth(values: Uint16Array, count: number, rank: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low - 1;
    let j = high + 1;
    for (;;) {
      do i++;
      while (values[i]! < pivot);
      do j--;
      while (values[j]! > pivot);
      if (i >= j) break;
      const swap = values[i]!;
      values[i] = values[j]!;
      values[j] = swap;
    }
    if (rank <= j) high = j;
    else low = j + 1;
  }
  return values[rank]!;
}
