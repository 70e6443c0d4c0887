import { describe, expect, test } from "vitest";
import type { Placement } from "../contract/config.ts";
import { depthGeometry, depthViews } from "./depth-geometry.ts";
import { clearDepthRing, glance, newDepthRing, putDepthFrame } from "./depth-ring.ts";
import { buildDepthTensors, depthChannels, depthOutputs, depthScenes, readDepthAnswer } from "./depth-scene.ts";

const bed = { lengthMm: 2_000, widthMm: 900, topMm: 500 };
const above: Placement = { at: { xMm: 0, yMm: 0, zMm: 2_500 }, towards: { xMm: 0, yMm: 0, zMm: 500 }, bed };
const slanted: Placement = { at: { xMm: 900, yMm: -1_200, zMm: 2_300 }, towards: { xMm: 50, yMm: 100, zMm: 500 }, bed };
const cells = 40 * 30;

/** A frame that sees the level plane at this height. */
function planeFrame(placement: Placement, heightMm: number) {
  const fine = depthGeometry(placement, "80x60", 58, 45);
  const { widthPx, heightPx, columns } = depthViews["80x60"];
  const mm = new Uint16Array(widthPx * heightPx);
  for (let i = 0; i < mm.length; i++) {
    const cell = Math.floor(Math.floor(i / widthPx) / 2) * columns + Math.floor((i % widthPx) / 2);
    mm[i] = Math.round((heightMm - placement.at.zMm) / fine.dz[cell]!);
  }
  return { widthPx, heightPx, frameRateHz: 10, acrossDeg: 58, downDeg: 45, mm };
}

function viewAfter(placement: Placement, heights: readonly number[]): Float32Array {
  const ring = newDepthRing("80x60");
  for (const [slot, heightMm] of heights.entries()) {
    putDepthFrame(ring, slot, planeFrame(placement, heightMm), slot * 1e5);
    if ((slot + 1) % 5 === 0) glance(ring, slot + 1);
  }
  const tensors = buildDepthTensors(ring, depthGeometry(placement, "80x60", 58, 45), heights.length);
  expect(tensors).toHaveLength(1);
  expect(tensors![0]!.dims).toEqual([1, depthChannels, 30, 40]);
  return tensors![0]!.data;
}

describe("the view of the depth models", () => {
  test("a mattress is at height 0 wherever the sensor hangs", () => {
    for (const placement of [above, slanted]) {
      const data = viewAfter(placement, Array(10).fill(500));
      for (let cell = 0; cell < cells; cell++) {
        expect(Math.abs(data[cell]!)).toBeLessThan(0.002);
        expect(Math.abs(data[cells + cell]! - 0.5)).toBeLessThan(0.002);
        expect(data[4 * cells + cell]).toBe(1);
      }
    }
  });

  test("seen from above, the head is at the top and the side where people get out on the right", () => {
    const data = viewAfter(above, Array(10).fill(500));
    const at = (channel: number, row: number, column: number): number => data[channel * cells + row * 40 + column]!;
    expect(at(2, 15, 39)).toBeGreaterThan(2);
    expect(at(2, 15, 0)).toBeLessThan(-2);
    expect(at(3, 0, 20)).toBeGreaterThan(0.7);
    expect(at(3, 29, 20)).toBeLessThan(-0.7);
  });

  test("what came nearer within 1 s and within 4 s is told in 0.1 m", () => {
    const heights = [...Array(35).fill(500), ...Array(10).fill(600), ...Array(10).fill(700)];
    const data = viewAfter(above, heights);
    const centre = 15 * 40 + 20;
    expect(data[5 * cells + centre]).toBeCloseTo(1, 1);
    expect(data[6 * cells + centre]).toBeCloseTo(2, 1);
  });

  test("holes are holes: nothing is made up for them", () => {
    const ring = newDepthRing("80x60");
    const frame = planeFrame(above, 500);
    for (let i = 0; i < 800; i++) frame.mm[i] = 0;
    for (let slot = 0; slot < 5; slot++) putDepthFrame(ring, slot, frame, slot * 1e5);
    glance(ring, 5);
    const data = buildDepthTensors(ring, depthGeometry(above, "80x60", 58, 45), 5)![0]!.data;
    for (let channel = 0; channel < depthChannels; channel++) expect(data[channel * cells + 10]).toBe(0);
    expect(data[4 * cells + 600]).toBe(1);
  });

  test("without frames there is no view, and clearing overwrites them", () => {
    const ring = newDepthRing("80x60");
    const geometry = depthGeometry(above, "80x60", 58, 45);
    expect(buildDepthTensors(ring, geometry, 5)).toBeUndefined();
    putDepthFrame(ring, 4, planeFrame(above, 500), 0);
    expect(glance(ring, 5)).toBe(true);
    expect(buildDepthTensors(ring, geometry, 5)).toBeDefined();
    clearDepthRing(ring);
    expect(buildDepthTensors(ring, geometry, 5)).toBeUndefined();
    expect(ring.mm.some((mm) => mm !== 0) || ring.glanceMm.some((mm) => mm !== 0)).toBe(false);
  });
});

describe("the answer of the depth models", () => {
  const outputs = (scene: readonly number[], inBed: number) =>
    depthOutputs("8x8").map(({ name, dims }) => ({
      name,
      dims,
      data: name === "scene" ? new Float32Array(scene) : new Float32Array(name === "trunk" ? 64 : 1).fill(inBed),
    }));

  test("is read by name", () => {
    const answer = readDepthAnswer(outputs([0.1, 0.6, 0.1, 0.1, 0.05, 0.03, 0.02], 0.7), "8x8");
    expect(answer?.scene["lying-still"]).toBeCloseTo(0.6);
    expect(answer?.scene["more-than-one"]).toBeCloseTo(0.02);
    expect(answer?.inBed).toBeCloseTo(0.7);
    expect(Object.keys(answer!.scene)).toEqual([...depthScenes]);
  });

  test("says nothing where a number is no probability", () => {
    expect(readDepthAnswer(outputs([0.9, 0.6, 0, 0, 0, 0, 0], 0.7), "8x8")).toBeUndefined();
    expect(readDepthAnswer(outputs([1, 0, 0, 0, 0, 0, 0], Number.NaN), "8x8")).toBeUndefined();
    expect(readDepthAnswer(outputs([2, -1, 0, 0, 0, 0, 0], 0.5), "8x8")).toBeUndefined();
  });

  test("a missing output is our bug", () => {
    expect(() => readDepthAnswer(outputs([1, 0, 0, 0, 0, 0, 0], 0.5).slice(1), "8x8")).toThrow("scene");
  });
});
