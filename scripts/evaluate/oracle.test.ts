import { describe, expect, it } from "vitest";
import type { Breathing } from "../../edge-agent/contract/scene.ts";
import { rateByPeaks } from "../../edge-agent/signal/peak-timing.ts";
import { startBreathing, stepBreathing } from "../../firmware-bridge/simulator/physics-breathing.ts";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { rateByOracle } from "./oracle.ts";
import { rootMeanSquare } from "./statistics.ts";

const rateHz = 20;
const person = (perMin: number, intervalCv: number): Breathing => ({
  perMin,
  intervalCv,
  intervalMemory: 0.3,
  driftPerMin: 0,
  depthMm: 4,
  depthCv: 0.2,
  inspiratoryFraction: 0.4,
  expiratoryTau: 0.25,
  sighsPerHour: 0,
});

/** Error of the oracle, and of peak timing, over windows of 30 s. */
function errors(intervalCv: number, noiseMm: number): { readonly oracle: number; readonly peaks: number } {
  const [ours, peaks]: [number[], number[]] = [[], []];
  for (let seed = 0; seed < 12; seed++) {
    const random = newRandom(4_000 + seed);
    const breathing = person(random.between(10, 24), intervalCv);
    const state = startBreathing(breathing, random);
    const wave = new Float64Array(30 * rateHz);
    const breaths = wave.map((_, t) => {
      stepBreathing(state, breathing, random, 1 / rateHz);
      wave[t] = state.displacementMm + noiseMm * random.gaussian();
      return state.breaths;
    });
    const last = wave.length - 1;
    const truth = (60 * rateHz * (breaths[last]! - breaths[0]!)) / last;
    const known = { breathing, depthMm: breathing.depthMm, noiseMm, walkMm: 0 };
    ours.push(rateByOracle(wave, rateHz, known) - truth);
    peaks.push((rateByPeaks(wave, rateHz)?.perMin ?? 0) - truth);
  }
  return { oracle: rootMeanSquare(ours), peaks: rootMeanSquare(peaks) };
}

describe("the oracle", () => {
  it("tells breaths of one length without noise to the grid", () => {
    expect(errors(0, 0.01).oracle).toBeLessThan(0.03);
  });
  it("is nearer than peak timing, with little noise and with much", () => {
    const little = errors(0.1, 0.05);
    const much = errors(0.1, 1.5);
    expect(little.oracle).toBeLessThan(little.peaks);
    expect(much.oracle).toBeLessThan(much.peaks);
    expect(little.oracle).toBeLessThan(much.oracle);
  });
});
