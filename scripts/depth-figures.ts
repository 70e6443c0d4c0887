import type { Scene } from "../edge-agent/contract/scene.ts";
import type { DepthView } from "../edge-agent/perception/depth-geometry.ts";
import { depthChannels, depthInputs, depthScenes, readDepthAnswer } from "../edge-agent/perception/depth-scene.ts";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import type { SceneRegion } from "../firmware-bridge/simulator/scenes-random.ts";
import type { Figures } from "./card-figures.ts";
import { type DepthModel, type DepthMoment, depthMoments, type OpenDepth } from "./depth-run.ts";
import { type DepthEpisode, randomDepthScene } from "./depth-scenes.ts";
import { windowsOfEpisode } from "./make-depth-windows.ts";

/* What the depth models and the perception around them do on simulated bedrooms that training never saw. */

const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

/** Single answers against the truth, by scene, and the mask of who lies. */
export async function sceneFigures(
  model: DepthModel,
  view: DepthView,
  region: SceneRegion,
  firstSeed: number,
  episodes: number,
): Promise<Figures> {
  const right = new Float64Array(depthScenes.length);
  const all = new Float64Array(depthScenes.length);
  let [windows, inBed, inBedRight, both, either] = [0, 0, 0, 0, 0];
  const plan = depthInputs(view)[0]!;
  if (plan.dims[1] !== depthChannels) throw new Error("the view has other channels");
  for (let episode = 0; episode < episodes; episode++) {
    for (const window of windowsOfEpisode(view, firstSeed + episode, region)) {
      const [scene, bed] = [window.facts[0]!, window.facts[1]!];
      const answer = readDepthAnswer(await model([{ name: plan.name, dims: plan.dims, data: window.view }]), view);
      if (answer === undefined) throw new Error("the model's answer is no distribution");
      windows += 1;
      if (bed >= 0) {
        inBed += 1;
        if (answer.inBed > 0.5 === (bed === 1)) inBedRight += 1;
      }
      if (scene < 0) continue;
      const said = depthScenes.reduce(
        (best, one, i) => (answer.scene[one] > answer.scene[depthScenes[best]!] ? i : best),
        0,
      );
      all[scene] = all[scene]! + 1;
      if (said === scene) right[scene] = right[scene]! + 1;
      if (scene !== 1 && scene !== 2) continue;
      for (const [cell, chance] of answer.trunk.entries()) {
        const [on, wanted] = [chance > 0.5, window.trunk[cell]! > 0.5];
        if (on && wanted) both += 1;
        if (on || wanted) either += 1;
      }
    }
  }
  const figures: Record<string, number> = { windows };
  for (const [i, name] of depthScenes.entries()) {
    figures[`${name} windows`] = all[i]!;
    figures[`${name} rightPercent`] = share(right[i]!, all[i]!);
  }
  return { ...figures, inBedRightPercent: share(inBedRight, inBed), trunkOverlapPercent: share(both, either) };
}

async function momentsOf(scene: Scene, lengthSec: number, models: OpenDepth): Promise<readonly DepthMoment[]> {
  const moments: DepthMoment[] = [];
  for await (const moment of depthMoments(scene, lengthSec, models)) moments.push(moment);
  return moments;
}

const settleSec = 3;

/** Settled places over people who sit up, leave, fall and come back. */
export async function placeFigures(
  models: OpenDepth,
  region: SceneRegion,
  firstSeed: number,
  episodes: number,
): Promise<Figures> {
  const lengthSec = 180;
  let [exits, exitsFound, sits, sitsFound, floors, floorsFound, lyingSec, falseEnds] = [0, 0, 0, 0, 0, 0, 0, 0];
  const what: readonly DepthEpisode[] = ["leaving", "leaving", "restless", "visited"];
  for (let episode = 0; episode < episodes; episode++) {
    const random = newRandom(firstSeed + episode);
    const scene = randomDepthScene(random, what[episode % what.length]!, models.view, region, lengthSec);
    const moments = await momentsOf(scene, lengthSec, models);
    /** Whether within `settleSec` after moment `at` some moment tells a place that will do. */
    const told = (at: number, does: (moment: DepthMoment) => boolean): boolean =>
      moments.slice(at, at + 2 * settleSec + 1).some(does);
    let lyingSince = -1;
    for (const [at, { truth, bed }] of moments.entries()) {
      const before = moments[at - 1];
      const begins = (scene: string): boolean => truth.scene === scene && before?.truth.scene !== scene;
      if (truth.inBed === true) lyingSince = lyingSince < 0 ? at : lyingSince;
      if (truth.inBed === false && lyingSince >= 0) {
        exits += 1;
        if (told(at, (moment) => moment.bed !== "in-bed" && moment.bed !== "unknown")) exitsFound += 1;
      }
      if (truth.inBed === false) lyingSince = -1;
      // Sitting for a moment on the way out is leaving.
      const stays = moments.slice(at, at + 5).every((moment) => moment.truth.scene === truth.scene);
      if (stays && begins("sitting-edge")) {
        sits += 1;
        if (told(at, (moment) => moment.bed === "edge")) sitsFound += 1;
      }
      if (stays && begins("on-floor")) {
        floors += 1;
        if (told(at, (moment) => moment.bed === "floor")) floorsFound += 1;
      }
      // Lying for longer than it takes to settle, and until after it.
      const later = moments[at + 2];
      const lies = truth.inBed === true && later?.truth.inBed === true;
      if (lies && at - lyingSince > 2 * settleSec) {
        lyingSec += 0.5;
        if (bed !== "in-bed" && before?.bed === "in-bed") falseEnds += 1;
      }
    }
  }
  return {
    exits,
    exitsFoundPercent: share(exitsFound, exits),
    sits,
    sitsFoundPercent: share(sitsFound, sits),
    floors,
    floorsFoundPercent: share(floorsFound, floors),
    lyingHours: lyingSec / 3600,
    falseEnds,
  };
}

/** Shown rates of people who lie still, one each 10 s once a whole window is there; 4 minutes a person. */
export async function depthRateFigures(
  models: OpenDepth,
  region: SceneRegion,
  firstSeed: number,
  people: number,
  intervalCv: readonly [number, number],
  distanceMm: readonly [number, number],
): Promise<Figures> {
  const lengthSec = 150;
  const fullSec = models.view === "8x8" ? 60 : 30;
  let [windows, shown, over2, inside, squares] = [0, 0, 0, 0, 0];
  for (let person = 0; person < people; person++) {
    const random = newRandom(firstSeed + person);
    const drawn = randomDepthScene(random, "still", models.view, region, lengthSec, { intervalCv, distanceMm });
    const scene: Scene = { ...drawn, people: drawn.people.map((one) => ({ ...one, movements: [] })) };
    const moments = await momentsOf(scene, lengthSec, models);
    for (const [at, { estimate, breaths, atSec }] of moments.entries()) {
      if (estimate === null || atSec < fullSec + 5 || atSec % 10 !== 0) continue;
      const then = moments[at - 2 * fullSec]?.breaths;
      if (breaths === null || then === undefined || then === null) continue;
      const perMin = (60 * (breaths - then)) / fullSec;
      windows += 1;
      if (estimate.breathing === null) continue;
      const { breathing } = estimate;
      const off = Math.abs(breathing.perMin - perMin);
      shown += 1;
      squares += off * off;
      if (off > 2) over2 += 1;
      if (perMin >= breathing.lowPerMin && perMin <= breathing.highPerMin) inside += 1;
    }
  }
  return {
    windows,
    coveragePercent: share(shown, windows),
    rmsePerMin: shown === 0 ? 0 : Math.sqrt(squares / shown),
    over2PerMinPercent: share(over2, shown),
    insideIntervalPercent: share(inside, shown),
  };
}

/** Rates shown where nobody breathes. */
export async function lifelessFigures(models: OpenDepth, firstSeed: number, rooms: number): Promise<Figures> {
  let [seconds, shown] = [0, 0];
  for (let room = 0; room < rooms; room++) {
    const what: DepthEpisode = room % 2 === 0 ? "empty" : "stopped";
    const scene = randomDepthScene(newRandom(firstSeed + room), what, models.view, "training", 120);
    for (const { estimate } of await momentsOf(scene, 120, models)) {
      if (estimate === null) continue;
      seconds += 1;
      if (estimate.breathing !== null) shown += 1;
    }
  }
  return { seconds, shownPercent: share(shown, seconds) };
}
