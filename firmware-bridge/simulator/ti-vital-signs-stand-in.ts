import type { Scene } from "../../edge-agent/contract/scene.ts";
import { encodeTiVitalSigns, tiMmPerRad, tiRangeBinMm, tiVitalSignsLines } from "../sensors/ti-vital-signs.ts";
import type { ModuleStandIn } from "./module-stand-in.ts";
import { openModuleRoom } from "./module-view.ts";
import { newRandom } from "./random.ts";
import { newTiStandIn } from "./ti-stand-in.ts";

/** The range bins of the configuration reach to 1.19 m. */
const optics = { rangeMmMax: 33.5 * tiRangeBinMm, wavelengthMm: 4 * Math.PI * tiMmPerRad };
const [firstBin, lastBin] = [11, 33];
/** Movement is looked for in blocks of 20 packets, and told with the next one. */
const blockPackets = 20;
/** 1024 points of a spectrum at 20 packets a second. */
const fftStepPerMin = (60 * 20) / 1_024;
const windowPackets = 512;
/** Amplitudes as in the capture, of a chest at 0.65 m; and of an empty bed. */
const chestLsb = 12_000;
const beddingLsb = 900;

/**
 * A TI board with the lab0026 demo in the scene's bedroom: a packet every 50 ms, the steps of the room. It has no word for an
 * empty bed: the bedding still reflects, and nothing breathes.
 *
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export function openTiVitalSignsStandIn(scene: Scene, speed: number, seed = scene.seed): ModuleStandIn {
  const room = openModuleRoom(scene, optics, seed);
  const begin = () => ({
    random: newRandom(seed).fork(41),
    breathRad: 0,
    energy: 0,
    moved: false,
    flag: 0,
    bin: 18,
    packets: 0,
  });
  let state = begin();
  const packet = (frameNumber: number): Uint8Array => {
    const view = room.step();
    const { random } = state;
    state.moved ||= view.moving;
    if (state.packets % blockPackets === blockPackets - 1) {
      state.flag = state.moved ? 1 : 0;
      state.moved = false;
    }
    state.packets += 1;
    if (view.distanceMm !== null) {
      state.bin = Math.max(firstBin, Math.min(lastBin, Math.round(view.distanceMm / tiRangeBinMm)));
    }
    const breathRad = view.distanceMm === null ? 0 : view.breathRad;
    state.energy += (2 / windowPackets) * (windowPackets * breathRad ** 2 - state.energy);
    const filterBreathOut = breathRad - state.breathRad;
    state.breathRad = breathRad;
    const { breathingPerMin } = view;
    const breathes = breathingPerMin > 0 && state.energy >= 10;
    // The arg max of a spectrum is always somewhere, also where nobody breathes.
    const peakPerMin = breathes ? breathingPerMin : random.between(6, 30);
    const amplitude = view.distanceMm === null ? beddingLsb : chestLsb * (650 / view.distanceMm) ** 2;
    return encodeTiVitalSigns(frameNumber, {
      rangeBinMax: 0,
      rangeBinPhase: state.bin,
      maxVal: (amplitude * (1 + 0.02 * random.gaussian())) ** 2,
      processingCycles: Math.round(8_760 + 20 * random.gaussian()),
      rangeBinStart: firstBin,
      rangeBinEnd: lastBin,
      unwrapPhasePeakRad: view.totalRad + (30 / amplitude) * random.gaussian(),
      filterBreathOut,
      breathingFftPerMin: fftStepPerMin * Math.round(peakPerMin / fftStepPerMin),
      breathingXcorrPerMin: breathes ? 1_200 / Math.round(1_200 / peakPerMin) : 0,
      breathingPeakCountPerMin: breathes ? fftStepPerMin * 2 * Math.round(0.3 * peakPerMin) : 0,
      confidenceBreath: breathes ? random.between(2, 8) : random.between(0.1, 0.6),
      confidenceBreathXcorr: breathes ? random.between(2, 6) : 0,
      energyBreath: state.energy,
      motionDetected: state.flag,
    });
  };
  const restart = (): void => {
    room.restart();
    state = begin();
  };
  return newTiStandIn({ periodMs: 50, lines: tiVitalSignsLines, once: false, restart, packet }, speed);
}
