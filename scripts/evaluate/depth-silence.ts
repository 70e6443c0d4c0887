import type { Interferer, Scene } from "../../edge-agent/contract/scene.ts";
import type { DepthView } from "../../edge-agent/perception/depth-geometry.ts";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { randomInterferer } from "../../firmware-bridge/simulator/scenes-random.ts";
import { randomDepthScene } from "../depth-scenes.ts";
import { disturbers, episodesOf } from "./radar-silence.ts";
import { playRoom, type RoomModels } from "./room-play.ts";

/* An empty bed, and a body without life, beside what moves in a bedroom, to a room that has a depth sensor as well. */

export const silentSceneSec = 600;

/** The held-out sensor of depth, and held-out fans, for radar and depth together. */
export function silentScene(
  bed: "empty" | "lifeless",
  kind: Interferer["kind"],
  index: number,
  view: DepthView,
): Scene {
  const seed = 890_000_000 + disturbers.indexOf(kind) * 1_000_000 + (bed === "empty" ? 0 : 500_000) + index;
  const random = newRandom(seed);
  const what = bed === "empty" ? "empty" : "stopped";
  const drawn = randomDepthScene(random, what, view, "held-out", silentSceneSec);
  return {
    ...drawn,
    name: `${bed} beside ${kind}`,
    interferers: [randomInterferer(random, kind, drawn.radar, "held-out", true)],
    people: drawn.people.map((one) => ({
      ...one,
      is: { ...one.is, heart: { ...one.is.heart, depthMm: 0 }, swaySdMm: 0 },
    })),
  };
}

/** Episodes of a shown rate in ten minutes. */
export async function fusedEpisodes(
  bed: "empty" | "lifeless",
  kind: Interferer["kind"],
  index: number,
  models: RoomModels,
): Promise<number> {
  const { told } = await playRoom(silentScene(bed, kind, index, models.view), silentSceneSec, models);
  return episodesOf(told.flatMap(({ toldSec, estimate }) => (estimate.breathingPerMin === null ? [] : [toldSec])));
}
