import { innerOf, numbersIn, numbersInText } from "./forms.ts";
import { type Needle, needleLength } from "./mark.ts";
import { findIn } from "./numbers.ts";

/** Packed in packed in packed: deeper than anything of this project goes. */
const depthMax = 3;

/** How the mark lies in these bytes, outermost form first; undefined: it does not. */
export async function searchMark(
  bytes: Uint8Array,
  needles: readonly Needle[],
  depth = 0,
): Promise<string | undefined> {
  if (bytes.length < needleLength) return undefined;
  for (const { form, values, step } of numbersIn(bytes)) {
    const found = findIn(values, needles, step);
    if (found !== undefined) return `${form}, ${found.needle}`;
  }
  for (const { form, values, step } of numbersInText(bytes)) {
    const found = findIn(values, needles, step);
    if (found !== undefined) return `${form}, ${found.needle}`;
  }
  if (depth === depthMax) return undefined;
  for await (const inner of innerOf(bytes)) {
    const found = await searchMark(inner.bytes, needles, depth + 1);
    if (found !== undefined) return `${inner.form}: ${found}`;
  }
  return undefined;
}
