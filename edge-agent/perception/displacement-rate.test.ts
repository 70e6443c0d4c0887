import { describe, expect, test } from "vitest";
import type { Tensor } from "../contract/door.ts";
import {
  buildDisplacementTensors,
  type DisplacementCalibration,
  displacementInputs,
  displacementOutputs,
  displacementReason,
  displacementSteps,
  readDisplacementAnswer,
  seriesReason,
} from "./displacement-rate.ts";
import type { DisplacementSamples } from "./displacement-series.ts";

const calibration: DisplacementCalibration = {
  intervalScale: [
    { fromMs: 10_000, halfWidthFromPerMin: 0, scale: 2 },
    { fromMs: 22_000, halfWidthFromPerMin: 0, scale: 1 },
    { fromMs: 22_000, halfWidthFromPerMin: 1.5, scale: 3 },
  ],
  qualityMin: 0.9,
  halfWidthPerMinMax: 2,
};

const breathing = (hz: number, seconds: number, perMin = 15): DisplacementSamples => {
  const atMs = Float64Array.from({ length: Math.floor(seconds * hz) }, (_, i) => (1000 * i) / hz);
  return { atMs, mm: atMs.map((at) => 900 + 4 * Math.sin((2 * Math.PI * perMin * at) / 60_000)) };
};

interface Said {
  readonly perMin?: number;
  readonly countedPerMin?: number;
  readonly quality?: number;
  readonly movement?: number;
}

/** What a model would answer for 30 s. */
function outputs({ perMin = 15, countedPerMin = perMin, quality = 0.99, movement = 0 }: Said): readonly Tensor[] {
  return displacementOutputs.map(({ name, dims }) => {
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
    if (name === "rate") {
      const bin = Math.round((perMin - 4) / 0.5);
      data.fill(0.25, bin - 1, bin + 2);
      data[bin] = 0.5;
    }
    if (name === "breaths") data.fill(countedPerMin / 2 / 75, displacementSteps - 75);
    if (name === "breathing") data.fill(1, displacementSteps - 75);
    if (name === "movement") data.fill(movement, displacementSteps - 2);
    if (name === "quality") data[0] = quality;
    return { name, dims, data };
  });
}

const judge = (samples: DisplacementSamples, endMs: number, said: Said, windowMs = 30_000) => {
  const { views } = buildDisplacementTensors(samples, endMs, windowMs);
  return displacementReason(views, readDisplacementAnswer(outputs(said), calibration, windowMs), calibration, windowMs);
};

describe("buildDisplacementTensors", () => {
  test("gives the tensors that the plan names", () => {
    const { tensors } = buildDisplacementTensors(breathing(15, 40), 38_000, 30_000);
    expect(tensors.map(({ name, dims, data }) => [name, dims, data.length])).toEqual(
      displacementInputs.map(({ name, dims }) => [name, dims, dims.reduce((a, b) => a * b, 1)]),
    );
    for (const { data } of tensors) expect(data.every(Number.isFinite)).toBe(true);
    expect(tensors[1]!.data.subarray(0, 600).reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(299);
    expect(tensors[1]!.data.subarray(600).reduce((a, b) => a + b, 0)).toBe(300);
  });
});

describe("readDisplacementAnswer", () => {
  test("rate, count and interval; a short window's interval is stretched as the card says", () => {
    const long = readDisplacementAnswer(outputs({ perMin: 15, countedPerMin: 15.5 }), calibration, 30_000)!;
    expect(long.perMin).toBeCloseTo(15, 6);
    expect(long.countedPerMin).toBeCloseTo(15.5, 4);
    expect(long.lowPerMin).toBeLessThan(15);
    const short = readDisplacementAnswer(outputs({ perMin: 15 }), calibration, 15_200)!;
    expect(short.perMin - short.lowPerMin).toBeCloseTo(2 * (long.perMin - long.lowPerMin), 5);
    expect(short.highPerMin - short.perMin).toBeCloseTo(2 * (long.highPerMin - long.perMin), 5);
  });

  test("a wide interval has a factor of its own", () => {
    const flat = outputs({}).map((one) => {
      if (one.name !== "rate") return one;
      const data = new Float32Array(113);
      data.fill(0.1, 18, 28);
      return { ...one, data };
    });
    const once = readDisplacementAnswer(flat, { ...calibration, intervalScale: [] }, 30_000)!;
    const thrice = readDisplacementAnswer(flat, calibration, 30_000)!;
    expect(once.highPerMin - once.lowPerMin).toBeCloseTo(4.5, 5);
    expect(thrice.highPerMin - thrice.lowPerMin).toBeCloseTo(13.5, 5);
  });

  test("numbers that are no distribution are no answer, a missing output is our bug", () => {
    const broken = outputs({}).map((one) => (one.name === "rate" ? { ...one, data: new Float32Array(113) } : one));
    expect(readDisplacementAnswer(broken, calibration, 30_000)).toBeUndefined();
    expect(() => readDisplacementAnswer(outputs({}).slice(1), calibration, 30_000)).toThrow(/rate is missing/);
  });
});

describe("displacementReason", () => {
  test("a clear wave and a sure answer that fits it are shown", () => {
    expect(judge(breathing(15, 40), 38_000, {})).toBeNull();
  });

  test("half and double of what the wave plainly does are not shown", () => {
    expect(judge(breathing(15, 40), 38_000, { perMin: 30 })).toBe("sources-disagree");
    expect(judge(breathing(15, 40, 12), 38_000, { perMin: 17 })).toBe("sources-disagree");
  });

  test("count and distribution that differ are not shown", () => {
    expect(judge(breathing(15, 40), 38_000, { countedPerMin: 17 })).toBe("sources-disagree");
  });

  test("unsure, moving, too short, no answer", () => {
    expect(judge(breathing(15, 40), 38_000, { quality: 0.5 })).toBe("weak-signal");
    expect(judge(breathing(15, 40), 38_000, { movement: 0.9 })).toBe("moving");
    expect(judge(breathing(15, 40), 9_000, {}, 9_000)).toBe("learning");
    const { views } = buildDisplacementTensors(breathing(15, 40), 38_000, 30_000);
    expect(displacementReason(views, undefined, calibration, 30_000)).toBe("weak-signal");
  });

  test("an interval that is too wide is not shown", () => {
    const narrow = { ...calibration, halfWidthPerMinMax: 0.1 };
    const { views } = buildDisplacementTensors(breathing(15, 40), 38_000, 30_000);
    const answer = readDisplacementAnswer(outputs({}), narrow, 30_000);
    expect(displacementReason(views, answer, narrow, 30_000)).toBe("weak-signal");
  });
});

describe("seriesReason", () => {
  const changed = (change: (atMs: number, mm: number, i: number) => readonly [number, number] | undefined) => {
    const { atMs, mm } = breathing(15, 40);
    const rows = [...atMs].flatMap((at, i) => {
      const row = change(at, mm[i]!, i);
      return row === undefined ? [] : [row];
    });
    return { atMs: Float64Array.from(rows, ([at]) => at), mm: Float64Array.from(rows, ([, value]) => value) };
  };

  test("nothing is wrong with a good wave at 8 to 30 Hz", () => {
    for (const hz of [8, 15, 30]) expect(seriesReason(breathing(hz, 40), 38_000, 30_000)).toBeNull();
  });

  test("a number that is none", () => {
    const samples = changed((at, mm, i) => [at, i === 300 ? Number.NaN : mm]);
    expect(seriesReason(samples, 38_000, 30_000)).toBe("weak-signal");
    expect(seriesReason(samples, 19_000, 15_000)).toBeNull();
  });

  test("a frozen sensor, and one that fell silent", () => {
    const frozen = changed((at, mm) => [at, at > 30_000 ? 901 : mm]);
    expect(seriesReason(frozen, 38_000, 30_000)).toBe("stale");
    expect(seriesReason(frozen, 33_000, 30_000)).toBeNull();
    const silent = changed((at, mm) => (at > 30_000 ? undefined : [at, mm]));
    expect(seriesReason(silent, 30_500, 30_000)).toBeNull();
    expect(seriesReason(silent, 32_000, 30_000)).toBe("stale");
    expect(seriesReason(silent, 70_000, 30_000)).toBe("stale");
  });

  test("repeated samples, and time that runs backwards", () => {
    expect(
      seriesReason(
        changed((at, mm, i) => [i % 2 === 0 ? at : at - 1000 / 15, mm]),
        38_000,
        30_000,
      ),
    ).toBe("weak-signal");
    expect(
      seriesReason(
        changed((at, mm) => [at > 20_000 ? at - 5_000 : at, mm]),
        30_000,
        30_000,
      ),
    ).toBe("weak-signal");
  });

  test("a gap over more than a fifth of the window", () => {
    const gap = changed((at, mm) => (at > 20_000 && at < 28_000 ? undefined : [at, mm]));
    expect(seriesReason(gap, 38_000, 30_000)).toBeNull();
    expect(judge(gap, 38_000, {})).toBe("learning");
  });

  test("a frame rate that the model was not made for", () => {
    for (const hz of [3, 60]) expect(seriesReason(breathing(hz, 40), 38_000, 30_000)).toBe("sensor-settings");
  });

  test("no samples yet", () => {
    expect(seriesReason({ atMs: new Float64Array(0), mm: new Float64Array(0) }, 38_000, 30_000)).toBe("learning");
  });
});
