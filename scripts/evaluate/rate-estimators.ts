import {
  buildDisplacementTensors,
  displacementReason,
  readDisplacementAnswer,
  seriesReason,
} from "../../edge-agent/perception/displacement-rate.ts";
import type { DisplacementSamples } from "../../edge-agent/perception/displacement-series.ts";
import { rateByVendor } from "../../edge-agent/signal/a121-breathing.ts";
import { rateByMusic } from "../../edge-agent/signal/music.ts";
import { rateByPeaks } from "../../edge-agent/signal/peak-timing.ts";
import { rateByRepetition, rateBySpectrum, type WaveRate } from "../../edge-agent/signal/spectrum.ts";
import { type OpenDisplacement, openDisplacementModel } from "../displacement-run.ts";

/** A rate of a wave of displacement in mm; null: no answer. Higher quality is surer. */
export type RateEstimator = (
  wave: Float64Array,
  rateHz: number,
) => Promise<{ readonly perMin: number; readonly quality: number; readonly shown: boolean } | null>;

export interface Baseline {
  readonly name: string;
  readonly spectral: boolean;
  /** It has no answer from less, s. */
  readonly fromSec: number;
  readonly rate: (wave: Float64Array, rateHz: number) => WaveRate | null;
}

export const baselines: readonly Baseline[] = [
  { name: "FFT interpolated", spectral: true, fromSec: 0, rate: rateBySpectrum },
  { name: "autocorrelation", spectral: true, fromSec: 0, rate: rateByRepetition },
  { name: "peak timing", spectral: false, fromSec: 0, rate: rateByPeaks },
  { name: "MUSIC", spectral: true, fromSec: 0, rate: rateByMusic },
  { name: "A121 vendor", spectral: true, fromSec: 20.1, rate: rateByVendor },
];

/** What `displacement-rate` says of a wave's window, and whether every rule that stands before a shown rate holds. */
export interface OursFound {
  readonly perMin: number;
  readonly lowPerMin: number;
  readonly highPerMin: number;
  readonly quality: number;
  readonly shown: boolean;
}

/** @returns of the window of `windowMs` that ends at `endMs` on the samples' clock; null: no answer */
export const openOursOfSamples =
  ({ model, calibration }: OpenDisplacement) =>
  async (samples: DisplacementSamples, endMs: number, windowMs: number): Promise<OursFound | null> => {
    const built = buildDisplacementTensors(samples, endMs, windowMs);
    const answer = readDisplacementAnswer(await model(built.tensors), calibration, windowMs);
    if (answer === undefined) return null;
    const { perMin, lowPerMin, highPerMin, quality } = answer;
    const reason =
      seriesReason(samples, endMs, windowMs) ?? displacementReason(built.views, answer, calibration, windowMs);
    return { perMin, lowPerMin, highPerMin, quality, shown: reason === null };
  };

/** The same of a wave with even samples. */
export async function openOurs(): Promise<RateEstimator> {
  const ours = openOursOfSamples(await openDisplacementModel());
  return (wave, rateHz) => {
    const atMs = Float64Array.from(wave, (_, t) => (1000 * (t + 1)) / rateHz);
    const windowMs = (1000 * wave.length) / rateHz;
    return ours({ atMs, mm: wave }, windowMs, windowMs);
  };
}
