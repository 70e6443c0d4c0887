import type { Parsed } from "./frames.ts";

/*
 * Payloads of modules that estimate by themselves. A frame is what one message of the module says; what it does not say is
 * null. All numbers little-endian; NaN on the wire stands for null. Heart rates are not read: no purpose of a stay covers them.
 *
 * radar-vitals payload:
 *      0    4 nominal messages per second, float32
 *      4    1 present: 0 not said, 1 nobody, 2 somebody
 *      5    1 moving: 0 not said, 1 no, 2 yes
 *      6    2 samples of the wave
 *      8    4 movement, 0..100, float32
 *     12    4 distance, mm, float32
 *     16    4 breathing as the module estimates it, /min, float32; 0 = it says that it has none
 *     20    4 confidence, 0..1, float32
 *     24    4 time between samples of the wave, us, float32
 *     28      wave, float32, oldest first
 *
 * radar-targets payload:
 *      0    4 nominal messages per second, float32
 *      4    1 present, 5 1 moving: as above
 *      6    2 targets
 *      8    4 distance, mm, float32
 *     12    4 movement, 0..100, float32
 *     16    4 breathing as a gateway tells it, /min, float32
 *     20      targets: x mm, y mm, speed mm/s, each float32
 */
const vitalsHeaderBytes = 28;
const targetsHeaderBytes = 20;
export const waveSamplesMax = 512;
export const targetsMax = 16;

interface ModuleSays {
  /** Nominal. */
  readonly frameRateHz: number;
  readonly present: boolean | null;
  readonly moving: boolean | null;
  /** 0..100, as the module scores it. */
  readonly movement: number | null;
  readonly distanceMm: number | null;
  /** The module's own estimate: never shown as ours, it can only disagree. 0: the module says that it has none. */
  readonly breathingPerMin: number | null;
}

export interface RadarVitalsFrame extends ModuleSays {
  /** The module's own, 0..1. */
  readonly confidence: number | null;
  readonly waveStepUs: number | null;
  /** Displacement of the chest, mm or what the module has in its place, oldest first; empty: none in this message. */
  readonly wave: Float32Array;
}

export interface RadarTarget {
  /** Across; the sensor looks along y. */
  readonly xMm: number;
  readonly yMm: number;
  /** Positive: comes nearer. */
  readonly speedMmPerSec: number;
}

export interface RadarTargetsFrame extends ModuleSays {
  readonly targets: readonly RadarTarget[];
}

/** Nothing said but the rate of messages. */
export const saysNothing = (frameRateHz: number): ModuleSays => ({
  frameRateHz,
  present: null,
  moving: null,
  movement: null,
  distanceMm: null,
  breathingPerMin: null,
});

const codeOf = (word: boolean | null): number => (word === null ? 0 : word ? 2 : 1);
const orNaN = (value: number | null): number => value ?? Number.NaN;

export function encodeRadarVitals(frame: RadarVitalsFrame): Uint8Array {
  const bytes = new Uint8Array(vitalsHeaderBytes + frame.wave.byteLength);
  const view = new DataView(bytes.buffer);
  view.setFloat32(0, frame.frameRateHz, true);
  view.setUint8(4, codeOf(frame.present));
  view.setUint8(5, codeOf(frame.moving));
  view.setUint16(6, frame.wave.length, true);
  view.setFloat32(8, orNaN(frame.movement), true);
  view.setFloat32(12, orNaN(frame.distanceMm), true);
  view.setFloat32(16, orNaN(frame.breathingPerMin), true);
  view.setFloat32(20, orNaN(frame.confidence), true);
  view.setFloat32(24, orNaN(frame.waveStepUs), true);
  for (let i = 0; i < frame.wave.length; i++) view.setFloat32(vitalsHeaderBytes + 4 * i, frame.wave[i]!, true);
  return bytes;
}

export function encodeRadarTargets(frame: RadarTargetsFrame): Uint8Array {
  const bytes = new Uint8Array(targetsHeaderBytes + 12 * frame.targets.length);
  const view = new DataView(bytes.buffer);
  view.setFloat32(0, frame.frameRateHz, true);
  view.setUint8(4, codeOf(frame.present));
  view.setUint8(5, codeOf(frame.moving));
  view.setUint16(6, frame.targets.length, true);
  view.setFloat32(8, orNaN(frame.distanceMm), true);
  view.setFloat32(12, orNaN(frame.movement), true);
  view.setFloat32(16, orNaN(frame.breathingPerMin), true);
  frame.targets.forEach(({ xMm, yMm, speedMmPerSec }, i) => {
    view.setFloat32(targetsHeaderBytes + 12 * i, xMm, true);
    view.setFloat32(targetsHeaderBytes + 12 * i + 4, yMm, true);
    view.setFloat32(targetsHeaderBytes + 12 * i + 8, speedMmPerSec, true);
  });
  return bytes;
}

const malformed = { ok: false, why: "malformed" } as const;

/** Undefined: no legal value. */
function within(value: number, least: number, most: number): number | null | undefined {
  return Number.isNaN(value) ? null : value >= least && value <= most ? value : undefined;
}

function wordOf(code: number): boolean | null | undefined {
  return code === 0 ? null : code === 1 ? false : code === 2 ? true : undefined;
}

function readSays(view: DataView, at: { movement: number; distance: number }): ModuleSays | undefined {
  const frameRateHz = view.getFloat32(0, true);
  const present = wordOf(view.getUint8(4));
  const moving = wordOf(view.getUint8(5));
  const movement = within(view.getFloat32(at.movement, true), 0, 100);
  const distanceMm = within(view.getFloat32(at.distance, true), 0, 100_000);
  const breathingPerMin = within(view.getFloat32(16, true), 0, 200);
  if (!(frameRateHz > 0 && frameRateHz <= 1_000)) return undefined;
  if (present === undefined || moving === undefined || movement === undefined) return undefined;
  if (distanceMm === undefined || breathingPerMin === undefined) return undefined;
  return { frameRateHz, present, moving, movement, distanceMm, breathingPerMin };
}

/** From a bridge, after the consent gate. */
export function readRadarVitals(payload: Uint8Array): Parsed<RadarVitalsFrame> {
  if (payload.length < vitalsHeaderBytes) return malformed;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const samples = view.getUint16(6, true);
  if (samples > waveSamplesMax || payload.length !== vitalsHeaderBytes + 4 * samples) return malformed;
  const says = readSays(view, { movement: 8, distance: 12 });
  const confidence = within(view.getFloat32(20, true), 0, 1);
  const waveStepUs = within(view.getFloat32(24, true), 1, 10e6);
  if (says === undefined || confidence === undefined || waveStepUs === undefined) return malformed;
  if (samples > 0 && waveStepUs === null) return malformed;
  const wave = new Float32Array(samples);
  for (let i = 0; i < samples; i++) wave[i] = view.getFloat32(vitalsHeaderBytes + 4 * i, true);
  return wave.every(Number.isFinite) ? { ok: true, value: { ...says, confidence, waveStepUs, wave } } : malformed;
}

/** From a bridge, after the consent gate. */
export function readRadarTargets(payload: Uint8Array): Parsed<RadarTargetsFrame> {
  if (payload.length < targetsHeaderBytes) return malformed;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const count = view.getUint16(6, true);
  if (count > targetsMax || payload.length !== targetsHeaderBytes + 12 * count) return malformed;
  const says = readSays(view, { movement: 12, distance: 8 });
  if (says === undefined) return malformed;
  const targets = Array.from({ length: count }, (_, i) => ({
    xMm: view.getFloat32(targetsHeaderBytes + 12 * i, true),
    yMm: view.getFloat32(targetsHeaderBytes + 12 * i + 4, true),
    speedMmPerSec: view.getFloat32(targetsHeaderBytes + 12 * i + 8, true),
  }));
  const sound = targets.every(({ xMm, yMm, speedMmPerSec }) => [xMm, yMm, speedMmPerSec].every(Number.isFinite));
  return sound ? { ok: true, value: { ...says, targets } } : malformed;
}
