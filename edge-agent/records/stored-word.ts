import { StoreError } from "./store-error.ts";

/** A word of a closed list. Throws StoreError for a row that a later program wrote, or nobody. */
export function storedWord<Word extends string>(list: { readonly options: readonly Word[] }, text: string): Word {
  const known = list.options.find((option) => option === text);
  if (known === undefined) throw new StoreError("damaged", `"${text}" is none of ${list.options.join(", ")}`);
  return known;
}
