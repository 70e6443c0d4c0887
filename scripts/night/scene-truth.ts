import type { Place, Scene } from "../../edge-agent/contract/scene.ts";
import type { Doing, Stretch, Truth } from "./truth.ts";

const doingAt: Readonly<Record<Place, Doing>> = {
  bed: "asleep",
  edge: "edge",
  standing: "standing",
  beside: "standing",
  room: "standing",
  floor: "floor",
  away: "away",
};

/** What happens in a simulated bedroom, second by second, as its scene has it: what has to be told is derived from this. */
export function truthOfScene(scene: Scene, lengthSec: number): Truth {
  const [occupant, ...others] = scene.people;
  if (occupant === undefined) return [{ fromSec: 0, doing: "away", perMin: 0, breathes: false }];
  const cycleSec = scene.repeatsEverySec ?? lengthSec;
  const truth: Stretch[] = [];
  for (let sec = 0; sec < lengthSec; sec++) {
    const atSec = sec % cycleSec;
    const first = sec < cycleSec;
    const place = placeAt(occupant, atSec, first);
    const busy = occupant.movements.some(
      ({ kind, atSec: from, lastsSec }) => kind !== "hold" && atSec >= from && atSec < from + lastsSec,
    );
    const holds = occupant.movements.some(
      ({ kind, atSec: from, lastsSec }) => kind === "hold" && atSec >= from && atSec < from + lastsSec,
    );
    const visited = others.some((one) => placeAt(one, atSec, first) !== "away");
    const doing = place === "bed" && visited ? "visited" : place === "bed" && busy ? "restless" : doingAt[place];
    const { perMin } = occupant.is.breathing;
    const now: Stretch = { fromSec: sec, doing, perMin, breathes: !holds };
    const before = truth.at(-1);
    if (before?.doing !== doing || before.breathes !== now.breathes) truth.push(now);
  }
  return truth;
}

/** Where a movement has led by then; on the way somebody is still where they were. */
function placeAt({ startsAt, movements }: Scene["people"][number], atSec: number, first: boolean): Place {
  const went = movements.filter(({ kind }) => kind === "go" || kind === "fall");
  const arrived = went.findLast(({ atSec: from, lastsSec }) => atSec >= from + lastsSec);
  return arrived?.to ?? (first ? startsAt : (went.at(-1)?.to ?? startsAt));
}
