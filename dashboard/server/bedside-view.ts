import { type BedConfig, type Sense, senseOf } from "../../edge-agent/contract/config.ts";
import type { BedsidePurpose, BedsideView, OpenedNow } from "../../edge-agent/contract/live.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";

/**
 * What of a tile the screen of one stay may have: what is on, and nothing that was measured. Null where the bed has another
 * stay by now: a new person's consents are not shown to the last one's screen.
 */
export function bedsideViewOf(
  tile: Tile | undefined,
  stay: string,
  place: BedConfig | undefined,
  openedBy: readonly OpenedNow[],
): BedsideView | null {
  if (tile?.stay?.id !== stay) return null;
  const { language, readAloud, largeText } = tile.needs;
  return {
    bedName: tile.bedName,
    stay,
    demonstration: tile.stay.demonstration,
    source: tile.source,
    sensor: tile.sensor.state,
    senses: sensesOf(place),
    needs: { language, readAloud, largeText },
    consents: tile.consents.map((one) => purposeOf(one, tile.at)),
    openedBy,
  };
}

export const sensesOf = (place: BedConfig | undefined): Sense[] => [
  ...new Set((place?.sensors ?? []).map(({ model }) => senseOf(model))),
];

/** @param atUtcMs when the agent said this. */
function purposeOf(consent: Tile["consents"][number], atUtcMs: number): BedsidePurpose {
  const { purpose, state, sinceUtcMs, untilUtcMs, pause, hours, outOfHours, due } = consent;
  const offered = state === "offered" || state === "withdrawn" || state === "refused";
  return {
    purpose,
    state,
    sinceUtcMs,
    untilUtcMs,
    pauseUntilUtcMs: pause?.untilUtcMs ?? null,
    hours,
    outOfHours,
    askAgain: due === "ask-again",
    mayTurnOn: offered && untilUtcMs !== null && untilUtcMs > atUtcMs,
  };
}
