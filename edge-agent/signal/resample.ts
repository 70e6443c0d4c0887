/*
 * Numbers with time stamps of any spacing -> one number for each slot of equal length. The numbers are joined by straight
 * lines, and a slot gets the mean of the line over the slot: faster sampling is averaged, slower sampling is filled in.
 */

export interface SlotMeans {
  /** One for each slot, the newest last; 0 where the slot is not covered. */
  readonly mean: Float64Array;
  /** 1 where at least half of the slot lies between two samples that are no more than the longest gap apart. */
  readonly covered: Uint8Array;
}

/**
 * @param atMs ascending time stamps; a pair that does not ascend, or whose values are not finite, joins nothing
 * @param values one for each time stamp
 * @param endMs the end of the last slot
 * @param gapMsMax samples further apart than this are not joined
 */
export function averageBySlot(
  atMs: Float64Array,
  values: Float64Array,
  endMs: number,
  slotMs: number,
  slots: number,
  gapMsMax: number,
): SlotMeans {
  const mean = new Float64Array(slots);
  const within = new Float64Array(slots);
  const startMs = endMs - slots * slotMs;
  for (let i = Math.max(1, firstAfter(atMs, startMs)); i < atMs.length; i++) {
    const fromMs = atMs[i - 1]!;
    const toMs = atMs[i]!;
    // What comes after the end is not known yet at the end.
    if (toMs > endMs) break;
    const long = toMs - fromMs;
    const value = values[i - 1]!;
    const slope = (values[i]! - value) / long;
    if (!(long > 0 && long <= gapMsMax && Number.isFinite(value) && Number.isFinite(slope))) continue;
    let at = Math.max(fromMs, startMs);
    while (at < toMs) {
      const slot = Math.min(slots - 1, Math.floor((at - startMs) / slotMs));
      const next = Math.min(toMs, startMs + (slot + 1) * slotMs);
      // Rounding can put a slot's end on its own beginning: then nothing lies between.
      if (next <= at) break;
      mean[slot] = mean[slot]! + (next - at) * (value + slope * ((at + next) / 2 - fromMs));
      within[slot] = within[slot]! + next - at;
      at = next;
    }
  }
  const covered = new Uint8Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    covered[slot] = within[slot]! >= slotMs / 2 ? 1 : 0;
    mean[slot] = covered[slot] === 1 ? mean[slot]! / within[slot]! : 0;
  }
  return { mean, covered };
}

function firstAfter(atMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = atMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (atMs[middle]! > timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
