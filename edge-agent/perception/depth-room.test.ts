import { describe, expect, test } from "vitest";
import type { Placement } from "../contract/config.ts";
import type { Tensor } from "../contract/door.ts";
import type { DepthFrame } from "../contract/frames.ts";
import { deviceUs } from "../contract/units.ts";
import type { DepthEstimate } from "./depth-estimate.ts";
import {
  acceptDepthAnswer,
  acceptDepthFrame,
  clearDepthPerception,
  type DepthPerception,
  dropDepthAnswer,
  forgetDepthBreathing,
  newDepthPerception,
  pendingDepthQuestion,
} from "./depth-room.ts";
import { type DepthScene, depthOutputs, depthScenes } from "./depth-scene.ts";
import { displacementModelName, displacementOutputs } from "./displacement-rate.ts";

const placement: Placement = {
  at: { xMm: 0, yMm: 200, zMm: 2_000 },
  towards: { xMm: 0, yMm: 200, zMm: 500 },
  bed: { lengthMm: 2_000, widthMm: 900, topMm: 500 },
};
const calibration = {
  intervalScale: [{ fromMs: 0, halfWidthFromPerMin: 0, scale: 1 }],
  qualityMin: 0.9,
  halfWidthPerMinMax: 2,
};

/** Noise that is the same on each run and never twice the same frame. */
const noise = (n: number): number => ((Math.imul(n ^ 0x9e37, 2_654_435_761) >>> 8) % 9) - 4;
const breathing = (slot: number): number => Math.round(6 * Math.sin((2 * Math.PI * 15 * slot) / 600));

const frameAt = (slot: number, change: Partial<DepthFrame> = {}): DepthFrame => ({
  widthPx: 8,
  heightPx: 8,
  frameRateHz: 10,
  acrossDeg: 45,
  downDeg: 45,
  mm: Uint16Array.from({ length: 64 }, (_, i) => 1_300 + noise(64 * slot + i) - breathing(slot)),
  ...change,
});

interface Says {
  readonly scene?: DepthScene;
  readonly moving?: number;
  readonly trunk?: number;
  readonly spoilt?: boolean;
}

function sceneAnswer({ scene = "lying-still", moving = 0.02, trunk = 0.9, spoilt = false }: Says): Tensor[] {
  return depthOutputs("8x8").map(({ name, dims }) => {
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
    if (name === "scene") for (let i = 0; i < 7; i++) data[i] = depthScenes[i] === scene ? 0.94 : 0.01;
    if (name === "inBed") data[0] = scene.startsWith("lying") || scene === "more-than-one" ? 0.98 : 0.01;
    if (name === "moving") data[0] = spoilt ? Number.NaN : moving;
    if (name === "trunk") for (const cell of [27, 28, 35, 36]) data[cell] = trunk;
    return { name, dims, data };
  });
}

/** A model that is sure of 15 /min. */
const rateAnswer = (): Tensor[] =>
  displacementOutputs.map(({ name, dims }) => {
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
    if (name === "rate") data.set([0.1, 0.8, 0.1], 21);
    if (name === "breaths") data.fill(0.1);
    if (name === "breathing" || name === "quality") data.fill(0.98);
    return { name, dims, data };
  });

interface Run {
  readonly p: DepthPerception;
  readonly estimates: DepthEstimate[];
  readonly waves: Tensor[][];
}

/** Frames of slots `from` to `to`, each with what the model would say then. */
function play(
  run: Run,
  from: number,
  to: number,
  frame: (slot: number) => DepthFrame | undefined,
  says: (slot: number) => Says = () => ({}),
  stepMs = 100,
): void {
  for (let slot = from; slot < to; slot++) {
    const one = frame(slot);
    if (one !== undefined) acceptDepthFrame(run.p, one, deviceUs(slot * stepMs * 1_000));
    for (let asked = pendingDepthQuestion(run.p); asked; asked = pendingDepthQuestion(run.p)) {
      const wave = asked.model === displacementModelName;
      if (wave) run.waves.push(asked.tensors.map((tensor) => ({ ...tensor, data: tensor.data.slice() })));
      const told = acceptDepthAnswer(run.p, wave ? rateAnswer() : sceneAnswer(says(slot)));
      if (told !== undefined) run.estimates.push(told);
    }
  }
}
const newRun = (): Run => ({ p: newDepthPerception(placement, calibration), estimates: [], waves: [] });

describe("a depth room", () => {
  test("somebody asleep: in bed, one person, a rate once there is enough stillness", () => {
    const run = newRun();
    play(run, 0, 302, frameAt);
    expect(run.estimates).toHaveLength(30);
    expect(run.estimates[5]).toMatchObject({ bed: "in-bed", people: "one", posture: "lying", reason: "learning" });
    const last = run.estimates.at(-1)!;
    expect(last.reason).toBeNull();
    expect(last.breathing?.perMin).toBeCloseTo(15, 1);
    expect(last.breathing?.windowMs).toBe(30_000);
    expect(run.estimates.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 30 }, (_, i) => 1_000 * (i + 1)));
  });

  test("the wave under the mask is the chest's own, upwards for breathing in", () => {
    const run = newRun();
    play(run, 0, 302, frameAt);
    const signal = run.waves
      .at(-1)!
      .find(({ name }) => name === "signal")!
      .data.subarray(0, 600);
    let [same, power, truth] = [0, 0, 0];
    for (let slot = 0; slot < 300; slot++) {
      const [a, b] = [signal[300 + slot]!, breathing(slot)];
      same += a * b;
      power += a * a;
      truth += b * b;
    }
    expect(same / Math.sqrt(power * truth)).toBeGreaterThan(0.95);
  });

  test("a mask that changes makes no step: the whole window is looked at anew", () => {
    const run = newRun();
    // Half of the trunk lies 100 mm higher; from slot 250 on the mask has it.
    const stepped = (slot: number): DepthFrame => {
      const frame = frameAt(slot);
      for (const zone of [35, 36]) frame.mm[zone] = frame.mm[zone]! - 100;
      return frame;
    };
    play(run, 0, 302, stepped);
    const { p } = run;
    const waveOf = (): Float32Array =>
      run.waves
        .at(-1)!
        .find(({ name }) => name === "signal")!
        .data.slice(0, 600);
    p.trunk.fill(0.9);
    play(run, 302, 312, stepped, () => ({ trunk: 0.9 }));
    const whole = waveOf();
    expect(Math.max(...whole.map(Math.abs))).toBeLessThan(3);
  });

  test("movement, another person, sitting and leaving end the rate, each with its own word", () => {
    for (const [says, reason] of [
      [{ moving: 0.9 }, "moving"],
      [{ scene: "more-than-one" }, "more-than-one-person"],
      [{ scene: "sitting-edge" }, "nobody-in-bed"],
      [{ scene: "empty" }, "nobody-in-bed"],
      [{ trunk: 0.1 }, "weak-signal"],
      [{ spoilt: true }, "model-failed"],
    ] as const) {
      const run = newRun();
      play(run, 0, 402, frameAt, (slot) => (slot > 300 ? says : {}));
      expect(run.estimates[29]?.breathing).not.toBeNull();
      const last = run.estimates.at(-1)!;
      expect(last.reason, JSON.stringify(says)).toBe(reason);
      expect(last.breathing).toBeNull();
    }
  });

  test("after a movement the rate waits for its stillness again", () => {
    const run = newRun();
    play(run, 0, 602, frameAt, (slot) => ({ moving: slot > 300 && slot < 320 ? 0.9 : 0.02 }));
    const reasons = run.estimates.map(({ reason }) => reason);
    expect(reasons[40]).toBe("learning");
    expect(reasons[55]).toBeNull();
  });
});

describe("bad depth input has a reason, never a number", () => {
  const still = (slot: number): DepthFrame | undefined => frameAt(slot);
  const rows: readonly (readonly [string, (slot: number) => DepthFrame | undefined, string])[] = [
    ["the same frame again and again", () => frameAt(300), "frozen"],
    ["holes of more than half a second", (slot) => (slot % 20 < 6 ? undefined : frameAt(slot)), "gaps"],
    ["hardly anything comes back", (slot) => ({ ...frameAt(slot), mm: frameAt(slot).mm.fill(0, 10) }), "weak-signal"],
    ["another frame rate is stated", (slot) => frameAt(slot, { frameRateHz: 15 }), "frame-rate"],
    ["a rate that is no number", (slot) => frameAt(slot, { frameRateHz: Number.NaN }), "frame-rate"],
    ["another shape", (slot) => frameAt(slot, { widthPx: 16, heightPx: 4, mm: frameAt(slot).mm }), "sensor-settings"],
  ];
  test.each(rows)("%s", (_, bad, reason) => {
    const run = newRun();
    play(run, 0, 302, still);
    expect(run.p.latest?.breathing).not.toBeNull();
    play(run, 302, 402, bad);
    expect(run.p.latest?.reason).toBe(reason);
    expect(run.p.latest?.breathing).toBeNull();
  });

  test("time stamps at another pace than the stated one", () => {
    const run = newRun();
    play(run, 0, 300, frameAt, () => ({}), 200);
    expect(run.p.latest?.reason).toBe("frame-rate");
  });

  test("a time stamp that is no number is no frame", () => {
    const run = newRun();
    acceptDepthFrame(run.p, frameAt(0), deviceUs(Number.NaN));
    expect(run.p.newestSlot).toBe(-1);
  });

  test("a clock that jumps back begins a new window", () => {
    const run = newRun();
    play(run, 0, 302, frameAt);
    const count = run.estimates.length;
    play(run, 0, 52, frameAt);
    const told = run.estimates.slice(count);
    expect(told.length).toBeGreaterThan(2);
    expect(told.every(({ breathing }) => breathing === null)).toBe(true);
    expect(told[0]!.atMs).toBeGreaterThan(30_000);
  });
});

describe("what is forgotten", () => {
  test("who is in bed, when nothing was seen of the bed for ten seconds", () => {
    for (const bad of [(slot: number) => frameAt(slot, { frameRateHz: 15 }), () => frameAt(300)]) {
      const run = newRun();
      play(run, 0, 302, frameAt);
      play(run, 302, 382, bad);
      expect(run.p.latest).toMatchObject({ bed: "in-bed", breathing: null });
      play(run, 382, 442, bad);
      expect(run.p.latest).toMatchObject({ bed: "unknown", people: "unknown", breathing: null });
    }
    const run = newRun();
    play(run, 0, 302, frameAt);
    play(run, 302, 442, frameAt, () => ({ spoilt: true }));
    expect(run.estimates.at(-1)).toMatchObject({ bed: "unknown", reason: "model-failed" });
  });

  test("clear overwrites every buffer", () => {
    const run = newRun();
    play(run, 0, 302, frameAt);
    const { ring } = run.p;
    clearDepthPerception(run.p);
    expect(ring!.mm.every((mm) => mm === 0)).toBe(true);
    expect(ring!.glanceMm.every((mm) => mm === 0)).toBe(true);
    expect(run.p.latest).toBeNull();
    expect(pendingDepthQuestion(run.p)).toBeUndefined();
    play(run, 0, 302, frameAt);
    expect(run.estimates.at(-1)!.breathing).not.toBeNull();
  });

  test("breathing alone can be forgotten, who is in bed stays known", () => {
    const run = newRun();
    play(run, 0, 302, frameAt);
    forgetDepthBreathing(run.p);
    expect(run.p.latest).toMatchObject({ breathing: null, evidence: null, bed: "in-bed" });
    play(run, 302, 322, frameAt);
    expect(run.estimates.at(-1)).toMatchObject({ reason: "learning", bed: "in-bed" });
  });

  test("a dropped question leaves room for the next one", () => {
    const { p } = newRun();
    for (let slot = 0; slot < 12; slot++) acceptDepthFrame(p, frameAt(slot), deviceUs(slot * 1e5));
    const asked = pendingDepthQuestion(p);
    expect(asked?.model).toBe("depth-scene-8x8");
    expect(pendingDepthQuestion(p)).toBeUndefined();
    dropDepthAnswer(p);
    expect(asked!.tensors[0]!.data.every((value) => value === 0)).toBe(true);
    expect(pendingDepthQuestion(p)).toBeDefined();
    expect(() => acceptDepthAnswer(newRun().p, [])).toThrow("without a question");
  });
});
