import type { Tile } from "./tile.ts";

/** What a page that shows consent was made from: another text, and the page is old. Pure, for the server and for a browser. */
export const consentMark = (tile: Pick<Tile, "stay" | "needs" | "consents"> | undefined): string =>
  JSON.stringify([tile?.stay?.id ?? null, tile?.needs ?? null, tile?.consents ?? null]);
