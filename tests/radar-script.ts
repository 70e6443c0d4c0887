import type { Tensor } from "../edge-agent/contract/door.ts";
import type { RadarIqFrame } from "../edge-agent/contract/frames.ts";
import { modelPoints, modelSteps, radarBreathingOutputs, rateBins } from "../edge-agent/perception/radar-breathing.ts";

/** A radar and a model that do as a test tells them. */

/** -5 to 5: the same for the same time and point, and hardly ever for all points of two frames. */
export function noiseOf(ms: number, point: number): number {
  const mixed = Math.imul(ms * 31 + point, 0x9e37_79b1);
  return (((mixed ^ (mixed >>> 15)) >>> 0) % 11) - 5;
}

/** A chest at point 6 that swings `perMin` times a minute, 2 mm; two sweeps. */
export function frameAt(ms: number, perMin = 15, over: Partial<RadarIqFrame> = {}): RadarIqFrame {
  const points = over.points ?? modelPoints;
  const iq = new Int16Array(4 * points);
  const phase = 2.5 * Math.sin((2 * Math.PI * perMin * ms) / 60_000);
  for (let p = 0; p < points; p++) {
    const size = p === 6 ? 400 : 20;
    for (const sweep of [0, 1]) {
      iq[2 * (sweep * points + p)] = size * Math.cos(p === 6 ? phase : p) + (sweep === 0 ? 6 : -6);
      iq[2 * (sweep * points + p) + 1] = size * Math.sin(p === 6 ? phase : p) + noiseOf(ms, p);
    }
  }
  return {
    sweeps: 2,
    points,
    firstPointMm: 297.8,
    pointStepMm: 60.05,
    frameRateHz: 20,
    saturated: false,
    delayed: false,
    calibrationNeeded: false,
    temperatureC: 22,
    iq,
    ...over,
  };
}

export interface Said {
  readonly perMin?: number;
  readonly spread?: number;
  readonly quality?: number;
  readonly occupied?: number;
  /** Steps of 0.2 s at the window's end in which the model sees movement. */
  readonly movingSteps?: number;
  readonly countedPerMin?: number;
}

export function outputsFor(said: Said): readonly Tensor[] {
  const perMin = said.perMin ?? 15;
  const spread = said.spread ?? 0.4;
  const bumps = Array.from({ length: rateBins }, (_, bin) => Math.exp(-0.5 * ((4 + bin / 2 - perMin) / spread) ** 2));
  const total = bumps.reduce((sum, x) => sum + x, 0);
  const data: Record<string, Float32Array> = {
    rate: Float32Array.from(bumps, (x) => x / total),
    breaths: new Float32Array(modelSteps).fill(((said.countedPerMin ?? perMin) / 60) * 0.2),
    movement: Float32Array.from({ length: modelSteps }, (_, step) =>
      step >= modelSteps - (said.movingSteps ?? 0) ? 0.95 : 0.01,
    ),
    occupied: Float32Array.of(said.occupied ?? 0.95),
    quality: Float32Array.of(said.quality ?? 0.99),
  };
  return radarBreathingOutputs.map(({ name, dims }) => ({ name, dims, data: data[name]! }));
}
