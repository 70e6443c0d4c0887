import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { z } from "zod";
import type { Estimate, Tensor } from "../edge-agent/contract/door.ts";
import { readModel } from "../edge-agent/io/model-file.ts";
import {
  buildDisplacementTensors,
  type DisplacementAnswer,
  type DisplacementCalibration,
  displacementInputs,
  displacementOutputs,
  displacementReason,
  displacementStepMs,
  displacementWindowMsMin,
  readDisplacementAnswer,
  seriesReason,
} from "../edge-agent/perception/displacement-rate.ts";
import type { DisplacementSamples } from "../edge-agent/perception/displacement-series.ts";

/** `displacement-rate` over whole waves, with nothing else around it: for the estimate command, the card and the recordings. */
export const displacementFolder = fileURLToPath(new URL("../models/displacement-rate/", import.meta.url));

export type DisplacementModel = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

export interface OpenDisplacement {
  readonly model: DisplacementModel;
  readonly calibration: DisplacementCalibration;
}

const CalibratedCard = z.looseObject({
  calibrated: z.looseObject({
    intervalScale: z
      .array(z.looseObject({ fromMs: z.number(), halfWidthFromPerMin: z.number(), scale: z.number().positive() }))
      .min(1),
    qualityMin: z.number().min(0).max(1),
    halfWidthPerMinMax: z.number().positive(),
  }),
});

/** One thread, one window at a time. @throws ModelError where file and card differ, ZodError where the card tells no calibration */
export async function openDisplacementModel(folder = displacementFolder): Promise<OpenDisplacement> {
  const { path, card } = readModel(folder, displacementInputs, displacementOutputs);
  const calibration = CalibratedCard.parse(card).calibrated;
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const model: DisplacementModel = async (inputs) => {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name, data, dims } of inputs) feeds[name] = new OrtTensor("float32", data, dims);
    const results = await session.run(feeds);
    return displacementOutputs.map(({ name, dims }) => {
      const data = results[name]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`the model has no output ${name}`);
      return { name, data, dims };
    });
  };
  return { model, calibration };
}

/**
 * One estimate for each full second since the first sample, from what was there by then. The window grows from 10 s to
 * `windowSec`.
 */
export async function* estimatesOfWave(
  samples: DisplacementSamples,
  { model, calibration }: OpenDisplacement,
  windowSec: number,
): AsyncGenerator<Estimate> {
  const firstMs = samples.atMs[0] ?? 0;
  const lastMs = samples.atMs.at(-1) ?? 0;
  const seconds = Math.floor((lastMs - firstMs) / 1000);
  for (let second = 1; second <= seconds; second++) {
    const endMs = firstMs + 1000 * second;
    const windowMs = wholeSteps(Math.min(1000 * windowSec, 1000 * second));
    const refused = seriesReason(samples, endMs, Math.min(windowMs, 1000 * windowSec));
    const built = buildDisplacementTensors(samples, endMs, windowMs);
    const judge = refused === null && windowMs >= displacementWindowMsMin;
    const answer = judge ? readDisplacementAnswer(await model(built.tensors), calibration, windowMs) : undefined;
    const reason = refused ?? displacementReason(built.views, answer, calibration, windowMs);
    yield estimateOf(second, windowMs, answer, reason);
  }
}

/** The model counts in whole steps. */
const wholeSteps = (windowMs: number): number => Math.floor(windowMs / displacementStepMs) * displacementStepMs;

function estimateOf(
  second: number,
  windowMs: number,
  answer: DisplacementAnswer | undefined,
  reason: Estimate["reason"],
): Estimate {
  const shown = reason === null ? answer : undefined;
  return {
    atMs: 1000 * second,
    // A wave alone does not tell who is in the bed.
    occupancy: "unknown",
    place: null,
    people: "unknown",
    movement: answer?.movement ?? 0,
    breathingPerMin: shown?.perMin ?? null,
    lowPerMin: shown?.lowPerMin ?? null,
    highPerMin: shown?.highPerMin ?? null,
    quality: answer?.quality ?? 0,
    windowMs,
    reason,
  };
}

export type ReadWave =
  | { readonly ok: true; readonly samples: DisplacementSamples }
  | { readonly ok: false; readonly words: string };

/** Reads text with the columns `timestamp` (ms) and `displacement` (mm); a cell that is no number stays in as NaN. */
export function readWave(text: string): ReadWave {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const columns = (lines[0] ?? "").split(",").map((name) => name.trim());
  const time = columns.indexOf("timestamp");
  const value = columns.indexOf("displacement");
  if (time < 0 || value < 0) return { ok: false, words: "the first line must name the columns timestamp,displacement" };
  const rows = lines.slice(1).map((line) => line.split(","));
  const number = (cell: string | undefined): number =>
    cell === undefined || cell.trim() === "" ? Number.NaN : Number(cell);
  const atMs = Float64Array.from(rows, (row) => number(row[time]));
  const wrong = atMs.findIndex((at) => !Number.isFinite(at));
  if (wrong >= 0) return { ok: false, words: `line ${wrong + 2}: the time stamp is no number` };
  if (atMs.length < 2) return { ok: false, words: "there are fewer than two samples" };
  return { ok: true, samples: { atMs, mm: Float64Array.from(rows, (row) => number(row[value])) } };
}

/** @throws where the file cannot be read */
export const readWaveFile = (path: string): ReadWave => readWave(readFileSync(path, "utf8"));
