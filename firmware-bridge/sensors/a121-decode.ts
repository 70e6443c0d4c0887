import type { RadarIqFrame } from "../../edge-agent/contract/frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import type { RadarMetadata } from "../simulator/frame-source.ts";
import { type A121Settings, pointsOf, rangesMmOf } from "./a121-settings.ts";
import { firstOf, objectIn, wholeIn } from "./json-value.ts";
import type { Decoded, Framed } from "./sensor.ts";

/** A jump of the sensor's clock from here on is a gap: breathing cannot be followed across it. */
export const gapUs = 3_000_000;
const tickRange = 2 ** 32;

/**
 * Decodes the measurements of one stream, in order: the tick is a 32-bit counter that wraps (71 minutes at 1 MHz), so each
 * is placed after the one before. A tick that runs back counts as a wrap, and with that as a gap.
 *
 * Where subsweeps have different steps, `pointStepMm` of the frames is the mean distance between neighbouring points.
 */
export function newA121Decoder(
  settings: A121Settings,
  metadata: RadarMetadata,
  ticksPerSecond: number,
): (framed: Framed) => Decoded<RadarIqFrame> {
  const points = pointsOf(settings);
  const rangesMm = rangesMmOf(settings, metadata.base_step_length_m);
  const firstPointMm = rangesMm[0] ?? 0;
  const baseStepMm = metadata.base_step_length_m * 1_000;
  const pointStepMm =
    settings.subsweeps.length > 1 && points > 1
      ? ((rangesMm[points - 1] ?? 0) - firstPointMm) / (points - 1)
      : (settings.subsweeps[0]?.stepLength ?? 1) * baseStepMm;
  let lastTick: number | undefined;
  let ticks = 0;

  return (framed) => {
    const info = objectIn(firstOf(firstOf(framed.head.result_info)));
    if (framed.head.status !== "ok" || info === undefined) return { ok: false, why: "missing-field" };
    if (framed.payload.length !== 4 * settings.sweepsPerFrame * points) return { ok: false, why: "wrong-size" };
    if (info.tick === undefined || info.temperature === undefined) return { ok: false, why: "missing-field" };
    const tick = wholeIn(info.tick, 0, tickRange - 1);
    const temperatureC = wholeIn(info.temperature, -128, 127);
    const saturated = flag(info.data_saturated);
    const delayed = flag(info.frame_delayed);
    const calibrationNeeded = flag(info.calibration_needed);
    if (
      tick === undefined ||
      temperatureC === undefined ||
      saturated === undefined ||
      delayed === undefined ||
      calibrationNeeded === undefined
    ) {
      return { ok: false, why: "field-out-of-range" };
    }
    const forward = lastTick === undefined ? 0 : (tick - lastTick + tickRange) % tickRange;
    ticks = lastTick === undefined ? tick : ticks + forward;
    lastTick = tick;
    return {
      ok: true,
      deviceUs: deviceUs((ticks * 1e6) / ticksPerSecond),
      afterGap: (forward * 1e6) / ticksPerSecond >= gapUs,
      frame: {
        sweeps: settings.sweepsPerFrame,
        points,
        firstPointMm,
        pointStepMm,
        frameRateHz: settings.frameRateHz,
        saturated,
        delayed,
        calibrationNeeded,
        temperatureC,
        iq: readInt16s(framed.payload),
      },
    };
  };
}

/** Older servers leave flags out. */
const flag = (value: unknown): boolean | undefined =>
  value === undefined ? false : typeof value === "boolean" ? value : undefined;

function readInt16s(payload: Uint8Array): Int16Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const numbers = new Int16Array(payload.length / 2);
  for (let i = 0; i < numbers.length; i++) numbers[i] = view.getInt16(2 * i, true);
  return numbers;
}
