import type { Scene } from "../../edge-agent/contract/scene.ts";
import {
  encodeTiTracking,
  pointsTlv,
  presenceTlv,
  targetTlv,
  tiIwr6843Lines,
  tiTlv,
  tiVitalsEveryFrames,
  tiVitalsRangeBinMm,
  vitalsTlv,
} from "../sensors/ti-iwr6843.ts";
import type { TiTlv } from "../sensors/ti-packets.ts";
import type { ModuleStandIn } from "./module-stand-in.ts";
import { type ModuleView, openModuleRoom } from "./module-view.ts";
import { newRandom } from "./random.ts";
import { stageStepSec } from "./stage.ts";
import { newTiStandIn } from "./ti-stand-in.ts";

/** The middle of its chirps is 61.84 GHz. */
const optics = { rangeMmMax: 2_000, wavelengthMm: 4.85 };
const frameSec = 0.09;
/** The deviation is that of the last 40 samples. */
const deviationSamples = 40;
/** Of the wave; no unit of it was published. A chest that moves by 2 mm has about 0.3. */
const waveOfRad = 0.1;
/** `sensorPosition`. */
const heightM = 2;

/**
 * An IWR6843 with people tracking and vital signs in the scene's bedroom: a packet every 90 ms, between the steps of the room, and
 * with every 15th a TLV 1040 while somebody is followed.
 *
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export function openTiIwr6843StandIn(scene: Scene, speed: number, seed = scene.seed): ModuleStandIn {
  const room = openModuleRoom(scene, optics, seed);
  const begin = () => ({
    random: newRandom(seed).fork(42),
    steps: 0,
    before: undefined as ModuleView | undefined,
    now: undefined as ModuleView | undefined,
    /** Of the wave, the newest last; cleared by a movement. */
    samples: [] as number[],
    wave: [] as number[],
    /** It had a rate since the last movement: from then on a still chest is a held breath. */
    measured: false,
  });
  let state = begin();

  /** The room at this instant, and the wave between two of its steps. */
  const lookAt = (atSec: number): { view: ModuleView; wave: number } => {
    const steps = atSec / stageStepSec;
    while (state.now === undefined || state.steps < steps) {
      state.before = state.now;
      state.now = room.step();
      state.steps += 1;
    }
    const { now: view, before = view } = state;
    const behind = state.steps - steps;
    const rad = view.distanceMm === null ? 0 : view.breathRad + behind * (before.breathRad - view.breathRad);
    return { view, wave: waveOfRad * rad };
  };

  const packet = (frameNumber: number): Uint8Array => {
    const { view, wave } = lookAt(frameNumber * frameSec);
    const { random, samples } = state;
    if (view.moving || view.distanceMm === null) {
      samples.length = 0;
      state.measured = false;
    } else samples.push(wave);
    state.measured ||= view.breathingPerMin > 0 && samples.length >= deviationSamples;
    if (samples.length > deviationSamples) samples.shift();
    state.wave.push(wave);
    if (state.wave.length > tiVitalsEveryFrames) state.wave.shift();

    const points = view.moving ? 20 + Math.floor(20 * random.uniform()) : Math.floor(4 * random.uniform());
    const tlvs: TiTlv[] = [pointsTlv(points)];
    const target = view.present ? (view.targets[0] ?? { xMm: 0, yMm: 1_000 }) : undefined;
    if (target !== undefined) tlvs.push(targetTlv(0, [target.xMm / 1_000, target.yMm / 1_000, heightM / 2]));
    tlvs.push({ type: tiTlv.indexes, content: new Uint8Array(points).fill(255) }, presenceTlv(view.present));
    if (target !== undefined && frameNumber % tiVitalsEveryFrames === 0) {
      const deviation = state.measured ? spreadOf(samples) : 0;
      tlvs.push(
        vitalsTlv({
          id: 0,
          rangeBin: Math.round((view.distanceMm ?? 0) / tiVitalsRangeBinMm),
          deviation,
          breathPerMin: deviation === 0 ? 0 : view.breathingPerMin,
          breathWave: state.wave,
        }),
      );
    }
    return encodeTiTracking(frameNumber, tlvs);
  };
  const restart = (): void => {
    room.restart();
    state = begin();
  };
  return newTiStandIn({ periodMs: 1_000 * frameSec, lines: tiIwr6843Lines, once: true, restart, packet }, speed);
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length);
}
