import type { Movement, Place, Posture, Scene } from "../../edge-agent/contract/scene.ts";
import type { DepthView } from "../../edge-agent/perception/depth-geometry.ts";
import { newRandom, type Random } from "../../firmware-bridge/simulator/random.ts";
import { stirring } from "../../firmware-bridge/simulator/scenes-timelines.ts";
import { type DepthEpisode, type DepthWishes, randomDepthScene } from "../depth-scenes.ts";

/* People who get into bed, lie for a while, sit up on the edge and leave; and people who stay. */

const lying = ["supine", "supine", "side", "side", "prone"] as const;
/** Longest that anybody lies down for here; a first rate has to come by then. */
const liesSec = [25, 35] as const;
/** From leaving the bed to the end of the scene. */
export const outSec = 14;

export interface BedScene {
  readonly scene: Scene;
  readonly lengthSec: number;
}

/**
 * Comes from outside by way of the edge and lies down; sits up on the edge for 3 to 15 s; one in four lies down again first;
 * then gets up and goes away, stays in view or falls. Held-out sensor.
 */
export function leavingEpisode(index: number, view: DepthView): BedScene {
  const random = newRandom(880_000_000 + index);
  const { movements, endSec } = timeline(random);
  const lengthSec = Math.ceil(endSec);
  const drawn = randomDepthScene(random, "still", view, "held-out", lengthSec);
  const people = drawn.people.map((one) => ({ ...one, startsAt: "away" as const, movements: [...movements] }));
  return { scene: { ...drawn, name: "leaves the bed", people }, lengthSec };
}

function timeline(random: Random): { readonly movements: readonly Movement[]; readonly endSec: number } {
  const movements: Movement[] = [];
  let at = random.between(2, 4);
  const go = (to: Place, posture: Posture, lastsSec: number, staysSec: number): void => {
    movements.push({ kind: "go", to, posture, atSec: at, lastsSec, extentMm: random.between(80, 180) });
    at += lastsSec + staysSec;
  };
  const lie = (staysSec: number): void => go("bed", random.pick(lying), random.between(1.5, 4), staysSec);
  const sitUp = (): void => go("edge", "sitting", random.between(1, 3), random.between(3, 15));
  go("edge", "sitting", random.between(1.5, 4), random.between(3, 6));
  lie(random.between(...liesSec));
  sitUp();
  if (random.chance(0.25)) {
    lie(random.between(8, 12));
    sitUp();
  }
  const leftSec = at;
  go("standing", "standing", random.between(0.8, 2.5), random.between(0.5, 3));
  const how = random.uniform();
  if (how < 0.6) go("away", "standing", random.between(1.5, 4), 0);
  else if (how < 0.75) {
    const lastsSec = random.between(0.5, 1);
    movements.push({ kind: "fall", to: "floor", posture: "side", atSec: at, lastsSec, extentMm: 200 });
  } else {
    movements.push(...stirring(random, 5, at, leftSec + outSec).map(({ posture: _, ...one }) => one));
  }
  return { movements, endSec: leftSec + outSec };
}

/** Of a day in bed; gross movements as in the rows of breathing, one person of ten minutes. */
const stays: readonly { readonly what: DepthEpisode; readonly share: number; readonly wishes: DepthWishes }[] = [
  { what: "still", share: 0.6, wishes: { intervalCv: [0.03, 0.1], gapSec: [600, 3_600] } },
  { what: "still", share: 0.15, wishes: { intervalCv: [0.18, 0.22], gapSec: [180, 600] } },
  { what: "restless", share: 0.15, wishes: { gapSec: [60, 180] } },
  { what: "visited", share: 0.1, wishes: { gapSec: [180, 600] } },
];
export const staySec = 600;
export const staysInWords = stays.map(({ what, share }) => `${what} ${Math.round(100 * share)} %`).join(", ");

/** @param place 0..1 in the list of kinds, each as long as its share */
function kindAt(place: number): (typeof stays)[number] {
  let end = 0;
  for (const kind of stays) {
    end += kind.share;
    if (place < end - 1e-9) return kind;
  }
  return stays[0]!;
}

/** Somebody who stays in bed for ten minutes. Every 20 in a row have the shares of a day. */
export function stayingEpisode(index: number, view: DepthView): BedScene {
  const random = newRandom(885_000_000 + index);
  // 7 and 20 have no divisor in common: any few in a row are a fair choice.
  const place = ((index * 7) % 20) / 20;
  const kind = kindAt(place);
  return {
    scene: randomDepthScene(random, kind.what, view, "held-out", staySec, kind.wishes),
    lengthSec: staySec,
  };
}
