import type { Interferer } from "../../edge-agent/contract/scene.ts";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { randomScene } from "../../firmware-bridge/simulator/scenes-random.ts";
import type { RadarModels } from "../radar-run.ts";
import { playLive } from "./radar-play.ts";

/* An empty bed, and a body without life, beside what moves in a bedroom: how often a rate is shown. */

export const disturbers: readonly Interferer["kind"][] = [
  "ceiling-fan",
  "desk-fan",
  "oscillating-fan",
  "curtain",
  "pump",
];

/** Minutes of one scene: a fan may be taken for somebody after a while, not at once. */
const sceneSec = 600;
/** Shown seconds closer together than this are one episode. */
const sameEpisodeSec = 60;

/** Episodes of a shown rate in one play of ten minutes. */
export async function silentEpisodes(
  bed: "empty" | "lifeless",
  kind: Interferer["kind"],
  index: number,
  radar: RadarModels,
): Promise<{ readonly hours: number; readonly episodes: number; readonly occupiedSec: number }> {
  const what = bed === "empty" ? "empty" : "stopped";
  const seed = 830_000_000 + disturbers.indexOf(kind) * 1_000_000 + (bed === "empty" ? 0 : 500_000) + index;
  const scene = randomScene(newRandom(seed), what, "held-out", sceneSec, { interferer: kind, heart: false });
  const instants = await playLive(scene, sceneSec, radar);
  const occupiedSec = instants.filter(({ estimate }) => estimate.occupancy === "in-bed").length;
  const shownSec = instants.flatMap(({ atSec, estimate }) => (estimate.breathingPerMin === null ? [] : [atSec]));
  return { hours: sceneSec / 3600, episodes: episodesOf(shownSec), occupiedSec };
}

/** @param shownSec seconds that showed a rate, in order */
export const episodesOf = (shownSec: readonly number[]): number =>
  shownSec.filter((atSec, i) => i === 0 || atSec - shownSec[i - 1]! > sameEpisodeSec).length;
