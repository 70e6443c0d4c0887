import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import type { ConsentState, Purpose } from "../../../../edge-agent/contract/words.ts";

/** What the agent said to the last ask, and the consent state that it speaks of. */
export interface Said {
  readonly words: string;
  /** Null: it speaks of no consent. */
  readonly about: {
    readonly purpose: Purpose;
    /** As it stood at the ask; the tile with the change may come after the answer. */
    readonly before: { readonly state: ConsentState; readonly sinceUtcMs: number | null };
    /** The state that the agent confirmed; null where it refused. */
    readonly now: ConsentState | null;
  } | null;
}

/** Null once the consent moved on: "Offered" beside a purpose that the person has turned on would be untrue. */
export function stillSaid(said: Said | null, tile: Tile): Said | null {
  if (said === null || said.about === null) return said;
  const { purpose, before, now } = said.about;
  const consent = tile.consents.find((one) => one.purpose === purpose);
  if (consent === undefined) return null;
  const unchanged = consent.state === before.state && consent.sinceUtcMs === before.sinceUtcMs;
  return unchanged || consent.state === now ? said : null;
}
