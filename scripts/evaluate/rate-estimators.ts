import {
  buildDisplacementTensors,
  displacementReason,
  readDisplacementAnswer,
  seriesReason,
} from "../../edge-agent/perception/displacement-rate.ts";
import { rateByMusic } from "../../edge-agent/signal/music.ts";
import { rateByPeaks } from "../../edge-agent/signal/peak-timing.ts";
import { rateByRepetition, rateBySpectrum, type WaveRate } from "../../edge-agent/signal/spectrum.ts";
import { openDisplacementModel } from "../displacement-run.ts";

/** A rate of a wave of displacement in mm; null: no answer. Higher quality is surer. */
export type RateEstimator = (
  wave: Float64Array,
  rateHz: number,
) => Promise<{ readonly perMin: number; readonly quality: number; readonly shown: boolean } | null>;

export interface Baseline {
  readonly name: string;
  readonly spectral: boolean;
  readonly rate: (wave: Float64Array, rateHz: number) => WaveRate | null;
}

export const baselines: readonly Baseline[] = [
  { name: "FFT interpolated", spectral: true, rate: rateBySpectrum },
  { name: "autocorrelation", spectral: true, rate: rateByRepetition },
  { name: "peak timing", spectral: false, rate: rateByPeaks },
  { name: "MUSIC", spectral: true, rate: rateByMusic },
];

/** `displacement-rate` with every rule that stands before a shown rate. */
export async function openOurs(): Promise<RateEstimator> {
  const { model, calibration } = await openDisplacementModel();
  return async (wave, rateHz) => {
    const atMs = Float64Array.from(wave, (_, t) => (1000 * (t + 1)) / rateHz);
    const samples = { atMs, mm: wave };
    const windowMs = (1000 * wave.length) / rateHz;
    const built = buildDisplacementTensors(samples, windowMs, windowMs);
    const answer = readDisplacementAnswer(await model(built.tensors), calibration, windowMs);
    if (answer === undefined) return null;
    const reason =
      seriesReason(samples, windowMs, windowMs) ?? displacementReason(built.views, answer, calibration, windowMs);
    return { perMin: answer.perMin, quality: answer.quality, shown: reason === null };
  };
}
