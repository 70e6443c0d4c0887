import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  buildDisplacementTensors,
  displacementInputs,
  displacementOutputs,
  displacementStepMs,
  displacementSteps,
} from "../edge-agent/perception/displacement-rate.ts";
import type { DisplacementSamples, DisplacementViews } from "../edge-agent/perception/displacement-series.ts";
import { newRandom, type Random } from "../firmware-bridge/simulator/random.ts";
import {
  randomWave,
  truthMs,
  type Wave,
  type WaveClass,
  type WaveRegion,
  type WaveWishes,
} from "./displacement-wave.ts";

/*
 * Windows for training `displacement-rate` and for its card, through the tensor builder that the live room uses. Raw
 * float32, little-endian, row after row, beside a manifest that says the shapes:
 *
 *   node scripts/make-displacement-windows.ts --out FOLDER --count 1000 --seed 1 --region training|held-out
 */

export const waveSec = 68;
export const waveClasses: readonly WaveClass[] = ["breathing", "noise", "drift", "line", "band"];

/** Columns of facts.f32. */
export const displacementFacts = [
  "ratePerMin", // phase advance over the window; 0: nobody breathes
  "rateWeight", // 1 still, 0.3 with movement or gaps over much of it, 0 no rate
  "windowSec",
  "class",
  "intervalCv",
  "snrDb", // 99 where nobody breathes
  "noRate", // 1: nobody breathes, quality must be 0
  "coveredShare",
] as const;

export interface DisplacementWindow {
  readonly inputs: readonly Float32Array[];
  readonly facts: Float32Array;
  readonly breaths: Float32Array;
  readonly breathing: Float32Array;
  readonly moving: Float32Array;
  /** What the tensors were made from, for the rules beside the model. */
  readonly from: { readonly samples: DisplacementSamples; readonly views: DisplacementViews; readonly endMs: number };
}

/** Two windows of one random wave. The same arguments give the same windows. */
export function windowsOfWave(
  seed: number,
  region: WaveRegion,
  wishes: WaveWishes = {},
): readonly DisplacementWindow[] {
  const random = newRandom(seed);
  const wave = randomWave(random, region, waveSec, wishes);
  return [0, 1].map(() => {
    const windowMs = 1000 * windowSec(random);
    const endMs = random.between(Math.min(waveSec * 1000, windowMs + 1000), waveSec * 1000 - 100);
    return labelledWindow(wave, Math.max(endMs, windowMs), windowMs);
  });
}

/** Whole steps. */
function windowSec(random: Random): number {
  const draw = random.uniform();
  if (draw < 0.25) return 15.2;
  if (draw < 0.6) return 30;
  if (draw < 0.8) return 60;
  return 0.4 * Math.round(random.between(10, 60) / 0.4);
}

export function labelledWindow(wave: Wave, endMs: number, windowMs: number): DisplacementWindow {
  const { tensors, views } = buildDisplacementTensors(wave.samples, endMs, windowMs);
  const steps = Math.round(windowMs / displacementStepMs);
  const breaths = new Float32Array(displacementSteps);
  const breathing = new Float32Array(displacementSteps);
  const moving = new Float32Array(displacementSteps);
  const truth = (list: ArrayLike<number>, atMs: number): number =>
    list[Math.max(0, Math.min(list.length - 1, Math.round(atMs / truthMs)))]!;
  let movingSteps = 0;
  for (let step = displacementSteps - steps; step < displacementSteps; step++) {
    const toMs = endMs - (displacementSteps - 1 - step) * displacementStepMs;
    const fromMs = toMs - displacementStepMs;
    breaths[step] = truth(wave.breaths, toMs) - truth(wave.breaths, fromMs);
    breathing[step] = truth(wave.breathing, (fromMs + toMs) / 2);
    for (let at = fromMs; at < toMs; at += truthMs) if (truth(wave.moving, at) === 1) moving[step] = 1;
    movingSteps += moving[step]!;
  }
  const perMin = (60_000 * (truth(wave.breaths, endMs) - truth(wave.breaths, endMs - windowMs))) / windowMs;
  const alive = wave.what === "breathing";
  const hasRate = alive && perMin >= 4 && perMin <= 60 && views.coveredShare >= 0.3;
  const facts = new Float32Array([
    hasRate ? perMin : 0,
    !hasRate ? 0 : movingSteps > 0.2 * steps || views.coveredShare < 0.8 ? 0.3 : 1,
    windowMs / 1000,
    waveClasses.indexOf(wave.what),
    wave.intervalCv,
    alive ? wave.snrDb : 99,
    alive ? 0 : 1,
    views.coveredShare,
  ]);
  const from = { samples: wave.samples, views, endMs };
  return { inputs: tensors.map(({ data }) => data), facts, breaths, breathing, moving, from };
}

export function writeDisplacementWindows(folder: string, count: number, seed: number, region: WaveRegion): void {
  mkdirSync(folder, { recursive: true });
  const names = [...displacementInputs.map((plan) => plan.name), "facts", "breaths", "breathing", "moving"];
  const files = names.map((name) => openSync(`${folder}/${name}.f32`, "w"));
  let written = 0;
  for (let one = 0; written < count; one++) {
    for (const window of windowsOfWave(seed * 1_000_003 + one, region)) {
      if (written >= count) break;
      const rows = [...window.inputs, window.facts, window.breaths, window.breathing, window.moving];
      rows.forEach((row, i) => {
        writeSync(files[i]!, new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
      });
      written++;
    }
  }
  files.forEach(closeSync);
  const perStep = [displacementSteps];
  const shapes: Record<string, readonly number[]> = {
    facts: [displacementFacts.length],
    breaths: perStep,
    breathing: perStep,
    moving: perStep,
  };
  for (const plan of displacementInputs) shapes[plan.name] = plan.dims.slice(1);
  const manifest = {
    count,
    seed,
    region,
    type: "float32 little-endian",
    shapes,
    factColumns: displacementFacts,
    classes: waveClasses,
    inputs: displacementInputs,
    outputs: displacementOutputs,
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
  writeDisplacementWindows(values.out, Number(values.count), Number(values.seed), region);
}
