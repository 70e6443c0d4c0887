import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  buildTensors,
  modelPoints,
  modelRows,
  radarBreathingInputs,
  radarBreathingOutputs,
  shortRadar,
} from "./radar-breathing.ts";

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** A still room and one point that swings. */
function swinging(frames: number, turn: number, scale: number) {
  const re = new Float64Array(frames * modelPoints);
  const im = new Float64Array(frames * modelPoints);
  for (let p = 0; p < modelPoints; p++) {
    for (let t = 0; t < frames; t++) {
      const swing = p >= 5 && p <= 7 ? Math.sin(0.08 * t) * (8 - p) : 0;
      const jitter = 0.01 * Math.sin(12.9898 * (t + 1) * (p + 1));
      re[p * frames + t] = scale * (100 + swing * Math.cos(turn + p) + jitter);
      im[p * frames + t] = scale * (40 + swing * Math.sin(turn + p) - jitter);
    }
  }
  return { frames, re, im, noise: new Float64Array(modelPoints).fill(4 * scale * scale) };
}

describe("the tensor builder", () => {
  test("fills the shapes that it states, newest frame last, zeros in front", () => {
    const { tensors } = buildTensors(swinging(120, 0.4, 3), shortRadar);
    expect(tensors.map(({ name }) => name)).toEqual(radarBreathingInputs.map(({ name }) => name));
    tensors.forEach((tensor, i) => {
      expect(tensor.data.length).toBe(sizeOf(radarBreathingInputs[i]!.dims));
      expect(tensor.dims).toEqual(radarBreathingInputs[i]!.dims);
    });
    const [signal, , mask] = tensors;
    expect(mask!.data.indexOf(1)).toBe(shortRadar.framesMax - 120);
    for (let row = 0; row < 2 * modelRows; row++) {
      const line = signal!.data.subarray(row * shortRadar.framesMax, (row + 1) * shortRadar.framesMax);
      expect(line.subarray(0, shortRadar.framesMax - 120).every((x) => x === 0)).toBe(true);
    }
  });

  test("neither the gain nor the angle of the sensor changes the signal", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 1, max: 50, noNaN: true }),
        (turn, scale) => {
          const plain = buildTensors(swinging(200, 0, 1), shortRadar).tensors[0]!.data;
          const other = buildTensors(swinging(200, turn, scale), shortRadar).tensors[0]!.data;
          // Row 0, the sum, and row 7, a swinging point; the sign of the line is free.
          for (const row of [0, 7]) {
            let same = 0;
            let length = 0;
            for (let t = 0; t < 2 * shortRadar.framesMax; t++) {
              same += plain[row * 2 * shortRadar.framesMax + t]! * other[row * 2 * shortRadar.framesMax + t]!;
              length += plain[row * 2 * shortRadar.framesMax + t]! ** 2;
            }
            expect(Math.abs(same / length)).toBeGreaterThan(0.999);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("level is the power over the noise, in tens", () => {
    const level = buildTensors(swinging(400, 0, 1), shortRadar).tensors[1]!.data;
    // Point 5 swings by 3: mean power 4.5 over noise power 4.
    expect(level[6]).toBeCloseTo(Math.log10(4.5 / 4), 1);
    expect(level[20]).toBe(-2);
    expect(level[0]).toBeGreaterThan(level[6]!);
  });

  test("no frames, still air and dead sensors give numbers", () => {
    const none = { frames: 0, re: new Float64Array(0), im: new Float64Array(0), noise: new Float64Array(modelPoints) };
    const frames = 80;
    const dead = {
      ...none,
      frames,
      re: new Float64Array(frames * modelPoints),
      im: new Float64Array(frames * modelPoints),
    };
    for (const { tensors } of [buildTensors(none, shortRadar), buildTensors(dead, shortRadar)]) {
      for (const { data } of tensors) expect(data.every(Number.isFinite)).toBe(true);
      expect(tensors[0]!.data.every((x) => x === 0)).toBe(true);
    }
  });

  test("states every name once", () => {
    const names = [...radarBreathingInputs, ...radarBreathingOutputs].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
