/**
 * The value that would lie at `floor(count / 2)` if the first `count` values were in order (Hoare, "Algorithm 65: Find", 1961). Changes
 * their order. 0 of none.
 */
export function upperMedian(values: Float64Array, count: number): number {
  const wanted = Math.floor(count / 2);
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[wanted]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (pivot < values[j]!) j--;
      if (i <= j) {
        const swapped = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swapped;
      }
    }
    if (j < wanted) low = i;
    if (wanted < i) high = j;
  }
  return count > 0 ? values[wanted]! : 0;
}
