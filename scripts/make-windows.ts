import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Scene } from "../edge-agent/contract/scene.ts";
import {
  buildTensors,
  contextFrames,
  framesPerStep,
  longRadar,
  modelPoints,
  modelRateHz,
  type RadarSpec,
  shortRadar,
} from "../edge-agent/perception/radar-breathing.ts";
import { openBedroom } from "../firmware-bridge/simulator/bedroom.ts";
import { newRandom, type Random } from "../firmware-bridge/simulator/random.ts";
import {
  randomScene,
  type SceneClass,
  type SceneRegion,
  sceneClasses,
} from "../firmware-bridge/simulator/scenes-random.ts";

/*
 * Windows for training and for the model card, from the simulated bedroom through the tensor builder that the live room
 * uses. Raw float32, little-endian, row after row, beside a manifest that says the shapes:
 *
 *   node scripts/make-windows.ts --out FOLDER --count 1000 --seed 1 --region training|held-out --model radar-breathing-30s
 */

const episodeSec = 66;
const windowsPerEpisode = 4;
/** How often each kind of scene is drawn: about a fifth of all windows has nobody who breathes in it. */
const shares: Readonly<Record<SceneClass, number>> = {
  still: 0.43,
  restless: 0.1,
  empty: 0.12,
  stopped: 0.05,
  leaving: 0.07,
  visited: 0.08,
  partner: 0.02,
  cessation: 0.13,
};
/** Beyond this the radar has no range point. */
const sightMm = 1_550;

/** Columns of facts.f32. */
export const factColumns = [
  "ratePerMin", // phase advance over the window; 0: nobody in bed all the while, or a window under 4 s
  "rateWeight", // 1 still, 0.3 with movement in the window, 0 no rate
  "occupied",
  "occupiedWeight", // 0 while somebody is getting in or out, or sits on the edge
  "windowSec",
  "class",
  "intervalCv",
  "movingShare",
  "noRate", // 1: nobody was in the bed all the while, or nobody breathed: quality must be 0
  "others",
  "othersWeight", // 0 where somebody else comes or goes, or is at the end of the radar's sight
  "heldSec", // time in the window without breath
] as const;

export interface LabelledWindow {
  readonly inputs: readonly Float32Array[];
  readonly facts: Float32Array;
  readonly breathsPerStep: Float32Array;
  readonly movingPerStep: Float32Array;
  /** 1 breathes, 0 does not, 0.5 not to be judged. */
  readonly breathingPerStep: Float32Array;
}

function drawClass(random: Random): SceneClass {
  let left = random.uniform();
  for (const what of sceneClasses) {
    left -= shares[what];
    if (left < 0) return what;
  }
  return "still";
}

/** What a random episode really was, frame by frame, and what the radar saw of it. */
export interface Episode {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly noise: Float64Array;
  readonly breaths: Float64Array;
  readonly inBed: Uint8Array;
  readonly moving: Uint8Array;
  readonly breathing: Uint8Array;
  /** 1 on the edge of the bed. */
  readonly edge: Uint8Array;
  /** 0 nobody else in sight, 1 somebody, 2 at the end of the sight. */
  readonly others: Uint8Array;
  readonly what: SceneClass;
  readonly cv: number;
}

export function playEpisode(scene: Scene, what: SceneClass, lengthSec: number, random: Random): Episode {
  const room = openBedroom(scene);
  const frames = lengthSec * modelRateHz;
  const bytes = (): Uint8Array => new Uint8Array(frames);
  const episode: Episode = {
    re: new Float64Array(frames * modelPoints),
    im: new Float64Array(frames * modelPoints),
    noise: new Float64Array(modelPoints),
    breaths: new Float64Array(frames),
    inBed: bytes(),
    moving: bytes(),
    breathing: bytes(),
    edge: bytes(),
    others: bytes(),
    what,
    cv: scene.people[0]?.is.breathing.intervalCv ?? 0,
  };
  for (let t = 0; t < frames; t++) {
    const mean = room.nextMean();
    episode.re.set(mean.re, t * modelPoints);
    episode.im.set(mean.im, t * modelPoints);
    const truth = room.truth();
    episode.breaths[t] = truth.breaths ?? 0;
    episode.inBed[t] = truth.inBed ? 1 : 0;
    // Out of sight nothing can be seen to move.
    episode.moving[t] = truth.moving && room.occupantMm() < sightMm ? 1 : 0;
    episode.breathing[t] = truth.breathing && truth.inBed ? 1 : 0;
    episode.edge[t] = truth.place === "edge" ? 1 : 0;
    const othersMm = room.othersMm();
    episode.others[t] = othersMm < sightMm - 200 ? 1 : othersMm < sightMm + 200 ? 2 : 0;
    // Estimated from 16 sweeps of 20 frames and more: a few percent off.
    for (let p = 0; p < modelPoints; p++) episode.noise[p] = mean.noise[p]! * (1 + 0.03 * random.gaussian());
  }
  return episode;
}

/** A few windows of one random episode. The same arguments give the same windows. */
export function windowsOfEpisode(seed: number, region: SceneRegion, spec: RadarSpec): readonly LabelledWindow[] {
  const random = newRandom(seed);
  const what = drawClass(random);
  const scene = randomScene(random, what, region, episodeSec);
  const episode = playEpisode(scene, what, episodeSec, random);
  // One early window: what is shown after the start matters as much as what is shown later.
  return Array.from({ length: windowsPerEpisode }, (_, index) => {
    const [from, to] = index === 0 ? [1, 22] : [12, episodeSec + 1];
    const end = modelRateHz * Math.floor(random.between(from, to));
    return labelWindow(episode, windowStart(episode.moving, end, random, spec), end, spec);
  });
}

/** Where the live room would begin: after the last movement that it knows of, at most the model's longest window and at least `contextFrames` back. */
function windowStart(moving: Uint8Array, end: number, random: Random, spec: RadarSpec): number {
  let start = Math.max(0, end - spec.framesMax);
  // Now and then a movement was missed, or its end was seen a little early or late.
  if (!random.chance(0.15)) {
    for (let t = end - 1 - modelRateHz; t >= start; t--) {
      if (moving[t] !== 1) continue;
      start = Math.max(start, t + Math.round(random.between(-0.4, 0.6) * modelRateHz));
      break;
    }
  }
  // A window may be short for no reason that shows in it: a gap, a start, or a movement that was none.
  if (random.chance(0.3)) start = Math.max(start, end - Math.round(random.between(2, 30) * modelRateHz));
  const context = random.chance(0.1) ? modelRateHz : contextFrames;
  return wholeSteps(Math.max(0, Math.min(start, end - context)), end);
}

/** Whole steps, counted from the newest frame. */
export const wholeSteps = (start: number, end: number): number =>
  end - Math.floor((end - start) / framesPerStep) * framesPerStep;

export function labelWindow(episode: Episode, start: number, end: number, spec: RadarSpec): LabelledWindow {
  const { breaths, inBed, moving, breathing, edge, others } = episode;
  const length = end - start;
  const re = new Float64Array(length * modelPoints);
  const im = new Float64Array(length * modelPoints);
  for (let t = 0; t < length; t++) {
    for (let p = 0; p < modelPoints; p++) {
      re[p * length + t] = episode.re[(start + t) * modelPoints + p]!;
      im[p * length + t] = episode.im[(start + t) * modelPoints + p]!;
    }
  }
  const built = buildTensors({ frames: length, re, im, noise: episode.noise }, spec);
  const breathsPerStep = new Float32Array(spec.steps);
  const movingPerStep = new Float32Array(spec.steps);
  const breathingPerStep = new Float32Array(spec.steps);
  let movingFrames = 0;
  let held = 0;
  for (let t = start; t < end; t++) {
    const step = spec.steps - 1 - Math.floor((end - 1 - t) / framesPerStep);
    if (t > start && inBed[t] === 1) breathsPerStep[step] = breathsPerStep[step]! + breaths[t]! - breaths[t - 1]!;
    // A chest that moves as a whole shows no breath.
    breathingPerStep[step] = moving[t] === 1 || edge[t] === 1 ? 0.5 : breathing[t]!;
    if (inBed[t] === 1 && breathing[t] === 0) held++;
    if (moving[t] === 1) {
      movingPerStep[step] = 1;
      movingFrames++;
    }
  }
  const seconds = (length - 1) / modelRateHz;
  const here = inBed.subarray(start, end).every((b) => b === 1);
  const hasRate = here && seconds >= 4 && episode.what !== "stopped";
  const away = inBed.subarray(start, end).every((b, i) => b === 0 && edge[start + i] === 0);
  const noRate = episode.what === "stopped" || away || held === length;
  const near = (list: Uint8Array): Uint8Array =>
    list.subarray(Math.max(0, end - 1.5 * modelRateHz), Math.min(list.length, end + 1.5 * modelRateHz));
  const same = (list: Uint8Array): boolean => near(list).every((b) => b === near(list)[0]);
  const share = movingFrames / length;
  const rate = hasRate ? (60 * (breaths[end - 1]! - breaths[start]!)) / seconds : 0;
  const facts = new Float32Array([
    rate,
    !hasRate || rate < 4 || rate > 60 ? 0 : share > 0 ? 0.3 : 1,
    inBed[end - 1]!,
    // A body without any movement of its own cannot be told from a mattress.
    same(inBed) && !near(edge).includes(1) && episode.what !== "stopped" ? 1 : 0,
    seconds,
    sceneClasses.indexOf(episode.what),
    episode.cv,
    share,
    noRate ? 1 : 0,
    others[end - 1] === 1 ? 1 : 0,
    same(others) && others[end - 1] !== 2 ? 1 : 0,
    held / modelRateHz,
  ]);
  return { inputs: built.tensors.map((tensor) => tensor.data), facts, breathsPerStep, movingPerStep, breathingPerStep };
}

export function writeWindows(folder: string, count: number, seed: number, region: SceneRegion, spec: RadarSpec): void {
  mkdirSync(folder, { recursive: true });
  const names = [...spec.inputs.map((plan) => plan.name), "facts", "breaths", "moving", "breathing"];
  const files = names.map((name) => openSync(`${folder}/${name}.f32`, "w"));
  let written = 0;
  for (let episode = 0; written < count; episode++) {
    for (const window of windowsOfEpisode(seed * 1_000_003 + episode, region, spec)) {
      if (written >= count) break;
      const rows = [
        ...window.inputs,
        window.facts,
        window.breathsPerStep,
        window.movingPerStep,
        window.breathingPerStep,
      ];
      rows.forEach((row, i) => {
        writeSync(files[i]!, new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
      });
      written++;
    }
  }
  files.forEach(closeSync);
  const shapes: Record<string, readonly number[]> = {
    facts: [factColumns.length],
    breaths: [spec.steps],
    moving: [spec.steps],
    breathing: [spec.steps],
  };
  for (const plan of spec.inputs) shapes[plan.name] = plan.dims.slice(1);
  const manifest = {
    model: spec.name,
    count,
    seed,
    region,
    type: "float32 little-endian",
    shapes,
    factColumns,
    classes: sceneClasses,
    inputs: spec.inputs,
    outputs: spec.outputs,
  };
  writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      count: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      region: { type: "string", default: "training" },
      model: { type: "string", default: longRadar.name },
    },
  });
  const region = (["training", "held-out"] as const).find((name) => name === values.region);
  if (region === undefined) throw new Error("--region is training or held-out");
  if (values.out === undefined) throw new Error("say where to: --out FOLDER");
  const spec = [shortRadar, longRadar].find(({ name }) => name === values.model);
  if (spec === undefined) throw new Error(`--model is ${shortRadar.name} or ${longRadar.name}`);
  writeWindows(values.out, Number(values.count), Number(values.seed), region, spec);
}
