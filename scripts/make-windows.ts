import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  buildTensors,
  contextFrames,
  framesPerStep,
  modelFramesMax,
  modelPoints,
  modelRateHz,
  modelSteps,
  radarBreathingInputs,
  radarBreathingOutputs,
} from "../edge-agent/perception/radar-breathing.ts";
import { openBedroom } from "../firmware-bridge/simulator/bedroom.ts";
import { newRandom, type Random } from "../firmware-bridge/simulator/random.ts";
import { randomScene, type SceneClass, type SceneRegion } from "../firmware-bridge/simulator/scenes-random.ts";

/*
 * Windows for training and for the model card, from the simulated bedroom through the tensor builder that the live room
 * uses. Raw float32, little-endian, row after row, beside a manifest that says the shapes:
 *
 *   node scripts/make-windows.ts --out FOLDER --count 1000 --seed 1 --region training|held-out
 */

const episodeSec = 42;
const classes: readonly SceneClass[] = ["still", "restless", "empty", "stopped"];

/** Columns of facts.f32. */
export const factColumns = [
  "ratePerMin", // phase advance over the window; 0: nobody in bed all the while, or a window under 4 s
  "rateWeight", // 1 still, 0.3 with movement in the window, 0 no rate
  "occupied",
  "occupiedWeight", // 0 while somebody is getting in or out
  "windowSec",
  "class",
  "intervalCv",
  "movingShare",
  "noRate", // 1: nobody was in the bed all the while, or nobody breathed: quality must be 0
] as const;

export interface LabelledWindow {
  readonly inputs: readonly Float32Array[];
  readonly facts: Float32Array;
  readonly breathsPerStep: Float32Array;
  readonly movingPerStep: Float32Array;
}

/** Two windows of one random episode. The same arguments give the same windows. */
export function windowsOfEpisode(seed: number, region: SceneRegion): readonly LabelledWindow[] {
  const random = newRandom(seed);
  const draw = random.uniform();
  const what: SceneClass = draw < 0.5 ? "still" : draw < 0.72 ? "restless" : draw < 0.94 ? "empty" : "stopped";
  const scene = randomScene(random, what, region, episodeSec);
  const room = openBedroom(scene, Math.floor(random.between(0, 2 ** 31)));
  const frames = episodeSec * modelRateHz;
  const re = new Float64Array(frames * modelPoints);
  const im = new Float64Array(frames * modelPoints);
  const breaths = new Float64Array(frames);
  const inBed = new Uint8Array(frames);
  const moving = new Uint8Array(frames);
  const noise = new Float64Array(modelPoints);
  for (let t = 0; t < frames; t++) {
    const mean = room.nextMean();
    re.set(mean.re, t * modelPoints);
    im.set(mean.im, t * modelPoints);
    const truth = room.truth();
    breaths[t] = truth.breaths ?? 0;
    inBed[t] = truth.inBed ? 1 : 0;
    moving[t] = truth.moving ? 1 : 0;
    // Estimated from 16 sweeps of 20 frames and more: a few percent off.
    for (let p = 0; p < modelPoints; p++) noise[p] = mean.noise[p]! * (1 + 0.03 * random.gaussian());
  }
  const episode = { re, im, breaths, inBed, moving, noise, what, cv: scene.people[0]?.is.breathing.intervalCv ?? 0 };
  return [0, 1].map((half) => {
    const end = modelRateHz * Math.floor(half === 0 ? random.between(1, 22) : random.between(20, episodeSec + 1));
    return label(episode, windowStart(moving, end, random), end);
  });
}

/** Where the live room would begin: after the last movement that it knows of, at most 20 s and at least `contextFrames` back. */
function windowStart(moving: Uint8Array, end: number, random: Random): number {
  let start = Math.max(0, end - modelFramesMax);
  // Now and then a movement was missed, or its end was seen a little early or late.
  if (!random.chance(0.15)) {
    for (let t = end - 1 - modelRateHz; t >= start; t--) {
      if (moving[t] !== 1) continue;
      start = Math.max(start, t + Math.round(random.between(-0.4, 0.6) * modelRateHz));
      break;
    }
  }
  // A window may be short for no reason that shows in it: a gap, a start, or a movement that was none.
  if (random.chance(0.3)) start = Math.max(start, end - Math.round(random.logBetween(1.5, 20) * modelRateHz));
  const context = random.chance(0.1) ? modelRateHz : contextFrames;
  start = Math.max(0, Math.min(start, end - context));
  // Whole steps, counted from the newest frame.
  return end - Math.floor((end - start) / framesPerStep) * framesPerStep;
}

interface Episode {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly breaths: Float64Array;
  readonly inBed: Uint8Array;
  readonly moving: Uint8Array;
  readonly noise: Float64Array;
  readonly what: SceneClass;
  readonly cv: number;
}

function label(episode: Episode, start: number, end: number): LabelledWindow {
  const { breaths, inBed, moving } = episode;
  const length = end - start;
  const re = new Float64Array(length * modelPoints);
  const im = new Float64Array(length * modelPoints);
  for (let t = 0; t < length; t++) {
    for (let p = 0; p < modelPoints; p++) {
      re[p * length + t] = episode.re[(start + t) * modelPoints + p]!;
      im[p * length + t] = episode.im[(start + t) * modelPoints + p]!;
    }
  }
  const built = buildTensors({ frames: length, re, im, noise: episode.noise });
  const breathsPerStep = new Float32Array(modelSteps);
  const movingPerStep = new Float32Array(modelSteps);
  let movingFrames = 0;
  for (let t = start; t < end; t++) {
    const step = modelSteps - 1 - Math.floor((end - 1 - t) / framesPerStep);
    if (t > start && inBed[t] === 1) breathsPerStep[step] = breathsPerStep[step]! + breaths[t]! - breaths[t - 1]!;
    if (moving[t] === 1) {
      movingPerStep[step] = 1;
      movingFrames++;
    }
  }
  const seconds = (length - 1) / modelRateHz;
  const here = inBed.subarray(start, end).every((b) => b === 1);
  const hasRate = here && seconds >= 4 && episode.what !== "stopped";
  const noRate = episode.what === "stopped" || inBed.subarray(start, end).every((b) => b === 0);
  const near = inBed.subarray(Math.max(0, end - 1.5 * modelRateHz), Math.min(inBed.length, end + 1.5 * modelRateHz));
  const settled = near.every((b) => b === near[0]);
  const share = movingFrames / length;
  const rate = hasRate ? (60 * (breaths[end - 1]! - breaths[start]!)) / seconds : 0;
  const facts = new Float32Array([
    rate,
    !hasRate || rate < 4 || rate > 60 ? 0 : share > 0 ? 0.3 : 1,
    inBed[end - 1]!,
    // A body without any movement of its own cannot be told from a mattress.
    settled && episode.what !== "stopped" ? 1 : 0,
    seconds,
    classes.indexOf(episode.what),
    episode.cv,
    share,
    noRate ? 1 : 0,
  ]);
  return { inputs: built.tensors.map((tensor) => tensor.data), facts, breathsPerStep, movingPerStep };
}

export function writeWindows(folder: string, count: number, seed: number, region: SceneRegion): void {
  mkdirSync(folder, { recursive: true });
  const names = [...radarBreathingInputs.map((plan) => plan.name), "facts", "breaths", "moving"];
  const files = names.map((name) => openSync(`${folder}/${name}.f32`, "w"));
  let written = 0;
  for (let episode = 0; written < count; episode++) {
    for (const window of windowsOfEpisode(seed * 1_000_003 + episode, region)) {
      if (written >= count) break;
      const rows = [...window.inputs, window.facts, window.breathsPerStep, window.movingPerStep];
      rows.forEach((row, i) => {
        writeSync(files[i]!, new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
      });
      written++;
    }
  }
  files.forEach(closeSync);
  const shapes: Record<string, readonly number[]> = {
    facts: [factColumns.length],
    breaths: [modelSteps],
    moving: [modelSteps],
  };
  for (const plan of radarBreathingInputs) shapes[plan.name] = plan.dims.slice(1);
  const manifest = {
    count,
    seed,
    region,
    type: "float32 little-endian",
    shapes,
    factColumns,
    classes,
    inputs: radarBreathingInputs,
    outputs: radarBreathingOutputs,
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
    },
  });
  const region = (["training", "held-out"] as const).find((name) => name === values.region);
  if (region === undefined) throw new Error("--region is training or held-out");
  if (values.out === undefined) throw new Error("say where to: --out FOLDER");
  writeWindows(values.out, Number(values.count), Number(values.seed), region);
}
