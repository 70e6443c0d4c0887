import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { recordingsPath } from "../tests/shared-material.ts";
import { estimatesOfWave, type OpenDisplacement, openDisplacementModel, readWaveFile } from "./displacement-run.ts";

/*
 * The staged recordings of a depth camera on seated people's chests, against a belt. The truth is the belt's phase advance
 * over the very window of the estimate: the belt's wave within half and one and a half of its own main frequency, its
 * analytic signal, its angle unwrapped. Camera and belt were started up to 2 s apart, so each trial is shifted by what
 * makes the two waves alike; no answer of the model is looked at for it.
 */

const folder = `${recordingsPath}/realsense-d435-belt`;
const people: readonly number[] = [1, 2, 4, 5, 6];
const pacedPerMin: readonly number[] = [15, 10];
const distancesM: readonly number[] = [1, 2, 3];
const beltHz = 10;
const shiftSecMax = 2.5;

export interface RealsenseFigures {
  readonly windows: number;
  readonly coveragePercent: number;
  readonly maePerMin: number;
  readonly within1PerMinPercent: number;
  readonly insideIntervalPercent: number;
  /** Shown answers that are nearer to half or double the truth than 15 % of it. */
  readonly harmonics: number;
}

interface Trial {
  readonly name: string;
  readonly distanceM: number;
  readonly shown: readonly { readonly error: number; readonly inside: boolean; readonly harmonic: boolean }[];
  readonly windows: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Each distance over its ten trials; only windows of the full length that the belt covers. */
export async function realsenseFigures(
  opened: OpenDisplacement,
  windowSec: number,
): Promise<{ readonly byDistance: Readonly<Record<string, RealsenseFigures>>; readonly trials: readonly Trial[] }> {
  const trials: Trial[] = [];
  for (const person of people) {
    const belt = readFileSync(`${folder}/prob${person}_RBnew.csv`, "utf8").split(/\r?\n/).slice(2);
    let group = 0;
    for (const paced of pacedPerMin) {
      for (const distanceM of distancesM) {
        trials.push(await scoreTrial(opened, windowSec, person, paced, distanceM, beltOf(belt, group)));
        group += 1;
      }
    }
  }
  const byDistance: Record<string, RealsenseFigures> = {};
  for (const distanceM of distancesM) {
    const these = trials.filter((trial) => trial.distanceM === distanceM);
    const windows = these.reduce((sum, one) => sum + one.windows, 0);
    const shown = these.flatMap((one) => one.shown);
    const share = (holds: (one: (typeof shown)[number]) => boolean): number =>
      (100 * shown.filter(holds).length) / Math.max(1, shown.length);
    byDistance[`${distanceM} m`] = {
      windows,
      coveragePercent: (100 * shown.length) / Math.max(1, windows),
      maePerMin: shown.reduce((sum, { error }) => sum + error, 0) / Math.max(1, shown.length),
      within1PerMinPercent: share(({ error }) => error <= 1),
      insideIntervalPercent: share(({ inside }) => inside),
      harmonics: shown.filter(({ harmonic }) => harmonic).length,
    };
  }
  return { byDistance, trials };
}

/** One trial's force in newtons at 10 Hz: semicolons, three columns (time, force, rate) for each trial. */
function beltOf(lines: readonly string[], group: number): Float64Array {
  const force: number[] = [];
  for (const line of lines) {
    const cell = line.split(";")[3 * group + 1];
    if (cell !== undefined && cell.trim() !== "") force.push(Number(cell));
  }
  return Float64Array.from(force);
}

async function scoreTrial(
  opened: OpenDisplacement,
  windowSec: number,
  person: number,
  paced: number,
  distanceM: number,
  belt: Float64Array,
): Promise<Trial> {
  const name = `${paced}bpm_${distanceM}m_15fps_3dec_mean_prob${person}_C`;
  const read = readWaveFile(`${folder}/${name}.csv`);
  if (!read.ok) throw new Error(`${name}: ${read.words}`);
  const { samples } = read;
  const main = mainPerMin(belt);
  const angle = unwrapped(inBand(belt, main));
  const shiftSec = bestShift(samples.atMs, samples.mm, belt, main);
  const breathsAt = (cameraSec: number): number | undefined => {
    const at = (cameraSec + shiftSec) * beltHz;
    const i = Math.floor(at);
    const low = angle[i];
    const high = angle[i + 1];
    return low === undefined || high === undefined ? undefined : low + (at - i) * (high - low);
  };
  const shown: { error: number; inside: boolean; harmonic: boolean }[] = [];
  const reasons: Record<string, number> = {};
  let windows = 0;
  for await (const estimate of estimatesOfWave(samples, opened, windowSec)) {
    if (estimate.atMs < windowSec * 1000) continue;
    const from = breathsAt((estimate.atMs - estimate.windowMs) / 1000);
    const to = breathsAt(estimate.atMs / 1000);
    if (from === undefined || to === undefined) continue;
    windows += 1;
    const { breathingPerMin } = estimate;
    if (breathingPerMin === null) {
      reasons[estimate.reason ?? ""] = (reasons[estimate.reason ?? ""] ?? 0) + 1;
      continue;
    }
    const truth = (60_000 * (to - from)) / estimate.windowMs;
    const ratio = breathingPerMin / truth;
    shown.push({
      error: Math.abs(breathingPerMin - truth),
      inside: truth >= (estimate.lowPerMin ?? 0) && truth <= (estimate.highPerMin ?? 0),
      harmonic: Math.abs(ratio - 2) < 0.3 || Math.abs(ratio - 0.5) < 0.075,
    });
  }
  return { name, distanceM, shown, windows, reasons };
}

/** The strongest frequency between 6 and 40 /min. */
function mainPerMin(wave: Float64Array): number {
  let best = 0;
  let strongest = -1;
  for (let perMin = 6; perMin <= 40; perMin += 0.1) {
    const [re, im] = partAt(wave, perMin / 60 / beltHz);
    if (re * re + im * im > strongest) {
      strongest = re * re + im * im;
      best = perMin;
    }
  }
  return best;
}

function partAt(wave: Float64Array, perSample: number): readonly [number, number] {
  const mean = wave.reduce((sum, x) => sum + x, 0) / wave.length;
  let re = 0;
  let im = 0;
  for (let t = 0; t < wave.length; t++) {
    const turn = 2 * Math.PI * perSample * t;
    re += (wave[t]! - mean) * Math.cos(turn);
    im -= (wave[t]! - mean) * Math.sin(turn);
  }
  return [re, im];
}

interface Analytic {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Analytic signal of what lies within half and one and a half of `main`: the positive frequencies alone. */
function inBand(wave: Float64Array, main: number): Analytic {
  const n = wave.length;
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  const perBin = (60 * beltHz) / n;
  for (let bin = Math.ceil((0.5 * main) / perBin); bin * perBin <= 1.5 * main; bin++) {
    const [a, b] = partAt(wave, bin / n);
    for (let t = 0; t < n; t++) {
      const turn = (2 * Math.PI * bin * t) / n;
      re[t] = re[t]! + (2 / n) * (a * Math.cos(turn) - b * Math.sin(turn));
      im[t] = im[t]! + (2 / n) * (a * Math.sin(turn) + b * Math.cos(turn));
    }
  }
  return { re, im };
}

/** Breaths since the start. */
function unwrapped({ re, im }: Analytic): Float64Array {
  const breaths = new Float64Array(re.length);
  for (let t = 1; t < re.length; t++) {
    const cross = re[t - 1]! * im[t]! - im[t - 1]! * re[t]!;
    const along = re[t - 1]! * re[t]! + im[t - 1]! * im[t]!;
    breaths[t] = breaths[t - 1]! + Math.atan2(cross, along) / (2 * Math.PI);
  }
  return breaths;
}

/** Seconds to add to the camera's time. Depth falls when the chest rises, so the likeness is turned over. */
function bestShift(atMs: Float64Array, mm: Float64Array, belt: Float64Array, main: number): number {
  const seconds = Math.floor((atMs.at(-1)! - atMs[0]!) / 1000);
  let i = 0;
  const camera = Float64Array.from({ length: seconds * beltHz }, (_, t) => {
    const at = atMs[0]! + (1000 * t) / beltHz;
    while (i + 2 < atMs.length && atMs[i + 1]! < at) i++;
    return mm[i]! + ((at - atMs[i]!) / (atMs[i + 1]! - atMs[i]!)) * (mm[i + 1]! - mm[i]!);
  });
  const chest = inBand(camera, main).re;
  const force = inBand(belt, main).re;
  let best = 0;
  let alike = Number.NEGATIVE_INFINITY;
  for (let shift = -shiftSecMax * beltHz; shift <= shiftSecMax * beltHz; shift++) {
    let product = 0;
    for (let t = Math.max(0, -shift); t < Math.min(chest.length, force.length - shift); t++) {
      product -= chest[t]! * force[t + shift]!;
    }
    if (product > alike) {
      alike = product;
      best = shift / beltHz;
    }
  }
  return best;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { "window-sec": { type: "string", default: "30" }, trials: { type: "boolean", default: false } },
  });
  const scored = await realsenseFigures(await openDisplacementModel(), Number(values["window-sec"]));
  process.stdout.write(`${JSON.stringify(scored.byDistance, null, 2)}\n`);
  if (values.trials) {
    for (const { name, windows, shown, reasons } of scored.trials) {
      const worst = shown.reduce((most, { error }) => Math.max(most, error), 0);
      const off = shown.filter(({ error }) => error > 1).length;
      process.stdout.write(
        `${name} ${shown.length}/${windows} off ${off} worst ${worst.toFixed(2)} ${JSON.stringify(reasons)}\n`,
      );
    }
  }
}
