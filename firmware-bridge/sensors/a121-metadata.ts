import type { RadarMetadata } from "../simulator/frame-source.ts";
import { type A121Settings, pointsOf } from "./a121-settings.ts";
import { listIn, numberIn, objectIn, wholeIn } from "./json-value.ts";

/**
 * From the wire or a file: what the server says the frames will look like. Undefined where it does not fit the settings,
 * since frames could then not be told apart. Fields that older servers leave out get the value they had then.
 */
export function readMetadata(value: unknown, settings: A121Settings, tickPeriod?: unknown): RadarMetadata | undefined {
  const said = objectIn(value);
  if (said === undefined) return undefined;
  const points = pointsOf(settings);
  const frameLength = wholeIn(said.frame_data_length, 1, 1_000_000);
  const sweepLength = wholeIn(said.sweep_data_length, 1, 1_000_000);
  // 1 step is about 2.5 mm on every A121; far from it, the unit is not metres.
  const baseStepM = numberIn(said.base_step_length_m, 0.001, 0.01);
  if (sweepLength !== points || frameLength !== points * settings.sweepsPerFrame || baseStepM === undefined) {
    return undefined;
  }
  return {
    frame_data_length: frameLength,
    sweep_data_length: sweepLength,
    subsweep_data_offset: wholes(said.subsweep_data_offset),
    subsweep_data_length: wholes(said.subsweep_data_length),
    calibration_temperature: numberIn(said.calibration_temperature, -128, 127) ?? 0,
    tick_period: wholeIn(tickPeriod ?? said.tick_period, 0, 2 ** 32) ?? 0,
    base_step_length_m: baseStepM,
    max_sweep_rate: numberIn(said.max_sweep_rate, 0, 1e6) ?? 0,
    high_speed_mode: said.high_speed_mode === true,
  };
}

const wholes = (value: unknown): readonly number[] =>
  (listIn(value) ?? []).filter((one): one is number => Number.isInteger(one));
