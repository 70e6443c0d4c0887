import type { Scene } from "../../edge-agent/contract/scene.ts";
import { bedroomFrameRateHz } from "../../firmware-bridge/simulator/bedroom.ts";
import { type Body, chestMm } from "../../firmware-bridge/simulator/physics-body.ts";
import { sweepCount } from "../../firmware-bridge/simulator/physics-field.ts";
import type { Random } from "../../firmware-bridge/simulator/random.ts";
import { newStage, stageStepSec } from "../../firmware-bridge/simulator/stage.ts";
import type { Known } from "./oracle.ts";

/* What the oracle is given of a scene: how the occupant's chest moved along the line of sight, with the radar's noise. */

/** Range for one radian of phase at 60.5 GHz: a wavelength of 4.955 mm over 4 pi. */
const mmPerRad = 4.955 / (4 * Math.PI);

/** One number for each frame, as `playRadar` plays the same scene. */
export interface OracleScene {
  readonly rateHz: number;
  readonly wave: Float64Array;
  /** Breaths of the occupant since the start, with fractions. */
  readonly breaths: Float64Array;
  /** @param frame at which the window ends: posture may change the depth */
  knownAt(frame: number): Known;
}

/**
 * Noise of one frame of all that comes back from the person together: thermal noise of the mean over the sweeps turns its
 * phase by 1 / sqrt(2 SNR), and the oscillator trembles and walks as the scene says.
 */
export function noiseOf({ radar, people }: Scene): Pick<Known, "noiseMm" | "walkMm"> {
  const strength = people[0]?.is.strengthLsb ?? 0;
  const snr = (sweepCount * strength ** 2) / radar.thermalLsb ** 2;
  return {
    noiseMm: mmPerRad * Math.hypot(radar.phaseWhiteRad, 1 / Math.sqrt(2 * snr)),
    walkMm: mmPerRad * radar.phaseWalkRad,
  };
}

/** Mean share of the breathing that the person's echoes carry, by their power. */
function lineOfSightGain({ amplitude, gain }: Body): number {
  let power = 0;
  let moved = 0;
  amplitude.forEach((one, i) => {
    power += one * one;
    moved += one * one * Math.abs(gain[i]!);
  });
  return moved / power;
}

/** The first person of the scene lies in the bed. Random: of the noise. */
export function oracleScene(scene: Scene, lengthSec: number, random: Random): OracleScene {
  const stage = newStage(scene);
  const body = stage.bodies[0];
  if (body === undefined) throw new Error(`scene ${scene.name} has nobody for the oracle to know`);
  const frames = lengthSec * bedroomFrameRateHz;
  const wave = new Float64Array(frames);
  const breaths = new Float64Array(frames);
  const depths = new Float64Array(frames);
  const { noiseMm, walkMm } = noiseOf(scene);
  let walked = 0;
  for (let t = 0; t < frames; t++) {
    stage.step();
    const gain = lineOfSightGain(body);
    walked += walkMm * random.gaussian();
    wave[t] = gain * chestMm(body, 0, stageStepSec) + walked + noiseMm * random.gaussian();
    breaths[t] = body.breathing.breaths;
    depths[t] = gain * body.depthShare * body.who.is.breathing.depthMm;
  }
  const { breathing } = body.who.is;
  return {
    rateHz: bedroomFrameRateHz,
    wave,
    breaths,
    knownAt: (frame) => ({ breathing, depthMm: depths[frame]!, noiseMm, walkMm }),
  };
}
