import type { RadarSetting } from "../../edge-agent/contract/scene.ts";
import type { Random } from "./random.ts";

/** Carrier of the A121, 60.5 GHz: one wavelength of phase is half of this in range. */
const wavelengthMm = 4.955;
const phasePerMm = (4 * Math.PI) / wavelengthMm;

export const pointCount = 21;
export const sweepCount = 16;
export const firstPointMm = 119 * 2.50227400101721;
export const pointStepMm = 24 * 2.50227400101721;

export interface Field {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly stillRe: Float64Array;
  readonly stillIm: Float64Array;
  /** Leakage per point. */
  readonly leakRe: Float64Array;
  readonly leakIm: Float64Array;
  phaseRad: number;
}

const array = (): Float64Array => new Float64Array(pointCount);

export function newField(setting: RadarSetting, random: Random): Field {
  const field: Field = {
    re: array(),
    im: array(),
    stillRe: array(),
    stillIm: array(),
    leakRe: array(),
    leakIm: array(),
    phaseRad: 0,
  };
  for (const { rangeMm, strengthLsb } of setting.clutter) {
    addReflector(field.stillRe, field.stillIm, setting, rangeMm, strengthLsb);
  }
  // The leakage's peak lies before the first point; only its tail is seen.
  const angle = 2 * Math.PI * random.uniform();
  const peakMm = firstPointMm - 60;
  const first = envelope(setting, firstPointMm - peakMm);
  for (let p = 0; p < 4; p++) {
    const size = (setting.leakageLsb * envelope(setting, firstPointMm + p * pointStepMm - peakMm)) / first;
    field.leakRe[p] = size * Math.cos(angle + 0.4 * p);
    field.leakIm[p] = size * Math.sin(angle + 0.4 * p);
  }
  return field;
}

/** exp(-x^2 / 2) for x = 0 to 3.2 by steps small enough that a straight line between them is off by less than 1e-5. */
const bellSteps = 512;
const bellReach = 3.2;
const bell = Float64Array.from({ length: bellSteps + 2 }, (_, i) =>
  Math.exp(-0.5 * ((i * bellReach) / bellSteps) ** 2),
);

function envelope(setting: RadarSetting, offMm: number): number {
  const at = (Math.abs(offMm) / setting.envelopeSdMm) * (bellSteps / bellReach);
  if (at >= bellSteps) return 0;
  const low = Math.floor(at);
  return bell[low]! + (bell[low + 1]! - bell[low]!) * (at - low);
}

/** s(r) += a g(r - r_i) exp(-j 4 pi r_i / lambda), over the points where the envelope is not nothing. */
export function addReflector(
  re: Float64Array,
  im: Float64Array,
  setting: RadarSetting,
  rangeMm: number,
  strengthLsb: number,
): void {
  if (strengthLsb === 0) return;
  const reachMm = bellReach * setting.envelopeSdMm;
  const from = Math.max(0, Math.ceil((rangeMm - reachMm - firstPointMm) / pointStepMm));
  const to = Math.min(pointCount - 1, Math.floor((rangeMm + reachMm - firstPointMm) / pointStepMm));
  if (from > to) return;
  const phase = -phasePerMm * rangeMm;
  const cos = strengthLsb * Math.cos(phase);
  const sin = strengthLsb * Math.sin(phase);
  for (let p = from; p <= to; p++) {
    const g = envelope(setting, firstPointMm + p * pointStepMm - rangeMm);
    re[p] = re[p]! + g * cos;
    im[p] = im[p]! + g * sin;
  }
}

/** The field without what moves: leakage with this frame's flicker, and the still room. */
export function beginField(field: Field, setting: RadarSetting, random: Random): void {
  field.phaseRad += setting.phaseWalkRad * random.gaussian();
  const a = 1 + setting.leakageFrameNoise * random.gaussian() * Math.SQRT1_2;
  const b = setting.leakageFrameNoise * random.gaussian() * Math.SQRT1_2;
  for (let p = 0; p < pointCount; p++) {
    const lr = field.leakRe[p]!;
    const li = field.leakIm[p]!;
    field.re[p] = field.stillRe[p]! + a * lr - b * li;
    field.im[p] = field.stillIm[p]! + a * li + b * lr;
  }
}

/** Turns everything by the oscillator's phase error of this frame; then what the two converters do differently. */
export function endField(field: Field, setting: RadarSetting, random: Random): void {
  const angle = field.phaseRad + setting.phaseWhiteRad * random.gaussian();
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let p = 0; p < pointCount; p++) {
    const re = field.re[p]!;
    const im = field.im[p]!;
    field.re[p] = re * cos - im * sin;
    field.im[p] = re * sin + im * cos;
  }
  if (setting.imbalanceDb === 0 && setting.imbalanceDeg === 0) return;
  const gain = 10 ** (setting.imbalanceDb / 40);
  const skew = Math.sin((setting.imbalanceDeg * Math.PI) / 180);
  for (let p = 0; p < pointCount; p++) {
    const re = field.re[p]!;
    field.re[p] = re * gain;
    field.im[p] = field.im[p]! / gain + skew * re;
  }
}

/** Variance (I and Q together) of one point within a frame, for one sweep. */
export const sweepVariance = (field: Field, setting: RadarSetting, point: number): number =>
  setting.thermalLsb ** 2 + setting.leakageSweepNoise ** 2 * (field.leakRe[point]! ** 2 + field.leakIm[point]! ** 2);

/** int16 little-endian I,Q pairs, [sweep][point]; says whether the converter was at its end. */
export function sweepsOf(
  field: Field,
  setting: RadarSetting,
  random: Random,
): { readonly payload: Uint8Array; readonly saturated: boolean } {
  const payload = new Uint8Array(4 * sweepCount * pointCount);
  const view = new DataView(payload.buffer);
  const spread = array();
  for (let p = 0; p < pointCount; p++) spread[p] = Math.sqrt(sweepVariance(field, setting, p) / 2);
  const end = setting.saturatesAtLsb;
  let saturated = false;
  const write = (offset: number, value: number): void => {
    if (Math.abs(value) > end) saturated = true;
    view.setInt16(offset, Math.max(-end, Math.min(end, Math.round(value))), true);
  };
  for (let sweep = 0; sweep < sweepCount; sweep++) {
    for (let p = 0; p < pointCount; p++) {
      const offset = 4 * (sweep * pointCount + p);
      write(offset, field.re[p]! + spread[p]! * random.gaussian());
      write(offset + 2, field.im[p]! + spread[p]! * random.gaussian());
    }
  }
  return { payload, saturated };
}
