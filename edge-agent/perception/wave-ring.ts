import type { DisplacementSamples } from "./displacement-series.ts";

/** 60 s at 30 Hz: more than any window of the model. */
export const waveSlots = 2_048;

/** The newest samples of a module's displacement wave. Allocated once; overwritten by what comes. */
export interface WaveRing {
  readonly atUs: Float64Array;
  readonly mm: Float64Array;
  /** Samples ever put, since the last clearing. */
  count: number;
}

export const newWaveRing = (): WaveRing => ({
  atUs: new Float64Array(waveSlots),
  mm: new Float64Array(waveSlots),
  count: 0,
});

/** Overwrites everything. */
export function clearWaveRing(ring: WaveRing): void {
  ring.atUs.fill(0);
  ring.mm.fill(0);
  ring.count = 0;
}

/**
 * @param at device time of the last sample of `wave`, us
 * @param stepUs between its samples
 */
export function putWave(ring: WaveRing, wave: Float32Array, at: number, stepUs: number): void {
  const newest = ring.count === 0 ? Number.NEGATIVE_INFINITY : ring.atUs[(ring.count - 1) % waveSlots]!;
  for (let i = 0; i < wave.length; i++) {
    const sampleUs = at - (wave.length - 1 - i) * stepUs;
    // Chunks may overlap by a little jitter: time only goes on.
    if (sampleUs <= newest) continue;
    const slot = ring.count % waveSlots;
    ring.atUs[slot] = sampleUs;
    ring.mm[slot] = wave[i]!;
    ring.count += 1;
  }
}

/** A copy in order of time; whoever has it overwrites it when done. */
export function samplesOf(ring: WaveRing): DisplacementSamples {
  const count = Math.min(ring.count, waveSlots);
  const first = ring.count - count;
  const atMs = new Float64Array(count);
  const mm = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const slot = (first + i) % waveSlots;
    atMs[i] = ring.atUs[slot]! / 1_000;
    mm[i] = ring.mm[slot]!;
  }
  return { atMs, mm };
}

/** Undefined before the first sample. */
export const newestMm = (ring: WaveRing): number | undefined =>
  ring.count === 0 ? undefined : ring.mm[(ring.count - 1) % waveSlots];

export const newestUs = (ring: WaveRing): number | undefined =>
  ring.count === 0 ? undefined : ring.atUs[(ring.count - 1) % waveSlots];
