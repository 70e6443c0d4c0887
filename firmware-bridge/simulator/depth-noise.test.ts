import { describe, expect, test } from "vitest";
import type { DepthSetting } from "../../edge-agent/contract/scene.ts";
import { kernelFor, newDepthNoise } from "./depth-noise.ts";
import { depthModels, newRays, type Rays } from "./depth-rays.ts";
import { ceilingDepth } from "./depth-settings.ts";
import { newSurfaces, type Surfaces } from "./depth-surfaces.ts";
import { newZones } from "./depth-zones.ts";
import { newRandom } from "./random.ts";

const plain: DepthSetting = {
  ...ceilingDepth("80x60"),
  noiseFloorMm: 0,
  noiseGrowthMmPerM2: 0,
  noiseCorrelationPx: 0,
  flyingShare: 0,
  invalidShare: 0,
  warmUpMm: 0,
};
const rays: Rays = newRays(plain);
const count = rays.dx.length;

const wallAt = (mm: number, albedo = 0.5, pixels = count): Surfaces => {
  const surfaces = newSurfaces(pixels);
  surfaces.mm.fill(mm);
  surfaces.albedo.fill(albedo);
  return surfaces;
};

/** Frames of these surfaces as the sensor says them. */
function frames(setting: DepthSetting, surfaces: Surfaces, n: number, atSec = 0): Float64Array[] {
  const noise = newDepthNoise(setting, rays, 1, 7_000, newRandom(3));
  noise.look(surfaces);
  return Array.from({ length: n }, () => {
    const mm = Float64Array.from(surfaces.mm);
    noise.disturb(mm, atSec);
    return mm;
  });
}

/** Standard deviation from frame to frame, over all pixels. */
function sdOf([one, two]: Float64Array[]): number {
  let sum = 0;
  for (let i = 0; i < one!.length; i++) sum += (one![i]! - two![i]!) ** 2;
  return Math.sqrt(sum / one!.length / 2);
}

describe("noise", () => {
  test.each([
    // sd = max(floor, growth x z^2 / sqrt(albedo x cosine))
    [1_000, 0.5, 2],
    [2_000, 0.5, (1.2 * 4) / Math.sqrt(0.5)],
    [3_000, 0.5, (1.2 * 9) / Math.sqrt(0.5)],
    [2_000, 0.05, (1.2 * 4) / Math.sqrt(0.05)],
  ])("at %d mm on albedo %d it is %d mm", (mm, albedo, sdMm) => {
    const setting = { ...plain, noiseFloorMm: 2, noiseGrowthMmPerM2: 1.2 };
    expect(sdOf(frames(setting, wallAt(mm, albedo), 2)) / sdMm).toBeCloseTo(1, 1);
    expect(sdOf(frames({ ...setting, noiseCorrelationPx: 2.5 }, wallAt(mm, albedo), 2)) / sdMm).toBeCloseTo(1, 1);
  });

  test("a slanted surface is noisier", () => {
    const slanted = wallAt(2_000);
    slanted.cosine.fill(0.25);
    const setting = { ...plain, noiseGrowthMmPerM2: 1 };
    const times = sdOf(frames(setting, slanted, 2)) / sdOf(frames(setting, wallAt(2_000), 2));
    expect(times).toBeGreaterThan(1.85);
    expect(times).toBeLessThan(2.15);
  });

  test.each([1, 1.5, 2, 3])("shared over %d pixels: a mean over n pixels in a row is as noisy as over n / px", (px) => {
    const kernel = kernelFor(px);
    let [sum, power] = [0, 0];
    for (const tap of kernel) {
      sum += tap;
      power += tap * tap;
    }
    expect(power).toBeCloseTo(1, 6);
    expect(sum * sum).toBeCloseTo(px, 3);
  });

  test("it drifts while the sensor warms up", () => {
    const setting = { ...plain, warmUpMm: 6, warmUpSec: 600 };
    const at = (sec: number): number => frames(setting, wallAt(2_000), 1, sec)[0]![100]! - 2_000;
    expect(at(0)).toBeCloseTo(0, 6);
    expect(at(600)).toBeCloseTo(6 * (1 - Math.exp(-1)), 6);
    expect(at(6_000)).toBeCloseTo(6, 2);
  });
});

describe("pixels that lie", () => {
  test("flying ones are at edges only, in between the two surfaces, in the share asked for", () => {
    const edge = wallAt(2_000);
    for (let i = 0; i < count; i++) if (i % 80 >= 40) edge.mm[i] = 2_600;
    const out = frames({ ...plain, flyingShare: 0.5 }, edge, 1)[0]!;
    let flying = 0;
    for (let i = 0; i < count; i++) {
      if (out[i] === edge.mm[i]) continue;
      flying += 1;
      expect([39, 40]).toContain(i % 80);
      expect(out[i]).toBeGreaterThanOrEqual(2_000);
      expect(out[i]).toBeLessThanOrEqual(2_600);
    }
    expect(flying / 120).toBeGreaterThan(0.35);
    expect(flying / 120).toBeLessThan(0.65);
  });

  test("no answer: in about the share asked for, oftener from dark and far surfaces, mostly from the same pixels", () => {
    const setting = { ...plain, invalidShare: 0.05 };
    const share = (mm: number, albedo: number): number =>
      frames(setting, wallAt(mm, albedo), 1)[0]!.filter((z) => Number.isNaN(z)).length / count;
    expect(share(2_200, 0.35)).toBeGreaterThan(0.035);
    expect(share(2_200, 0.35)).toBeLessThan(0.07);
    expect(share(2_200, 0.1)).toBeGreaterThan(2.5 * share(2_200, 0.35));
    expect(share(3_500, 0.35)).toBeGreaterThan(2 * share(2_200, 0.35));
    expect(share(8_000, 0.9)).toBe(1);
    const [one, two] = frames(setting, wallAt(2_200, 0.35), 2);
    const failed = one!.filter((z) => Number.isNaN(z)).length;
    const again = one!.filter((z, i) => Number.isNaN(z) && Number.isNaN(two![i]!)).length;
    expect(again / failed).toBeGreaterThan(0.6);
    expect(again).toBeLessThan(failed);
  });
});

describe("zones of the coarse sensor", () => {
  test("a zone says the surface that sends most light back, with the noise of the setting", () => {
    const setting: DepthSetting = { ...ceilingDepth("8x8"), flyingShare: 0, invalidShare: 0, warmUpMm: 0 };
    const fine = newRays(setting);
    const { widthPx, heightPx, raysPerPixel, farMm } = depthModels["8x8"];
    const surfaces = wallAt(1_500, 0.5, fine.dx.length);
    // Six of nine rays of every zone of the left half hit something nearer.
    for (let i = 0; i < fine.dx.length; i++) if (i % 24 < 12 && i % 3 < 2) surfaces.mm[i] = 1_000;
    const zones = newZones(widthPx, heightPx, raysPerPixel, 0);
    zones.look(surfaces);
    const exact = new Float64Array(64);
    zones.gather(surfaces.mm, exact);
    expect([exact[0], exact[7]]).toEqual([1_000, 1_500]);
    const noise = newDepthNoise(setting, fine, raysPerPixel, farMm, newRandom(9));
    const flat = wallAt(1_500, 0.5, fine.dx.length);
    noise.look(flat);
    zones.look(flat);
    const taken = Array.from({ length: 60 }, () => {
      const mm = Float64Array.from(flat.mm);
      noise.disturb(mm, 0);
      const out = new Float64Array(64);
      zones.gather(mm, out);
      return out;
    });
    const expected = (setting.noiseGrowthMmPerM2 * 2.25) / Math.sqrt(0.5);
    const mean = taken.slice(1).reduce((sum, one, k) => sum + sdOf([one, taken[k]!]) ** 2, 0) / 59;
    expect(Math.sqrt(mean) / expected).toBeGreaterThan(0.9);
    expect(Math.sqrt(mean) / expected).toBeLessThan(1.1);
  });

  test("light falls into neighbouring zones", () => {
    const zones = newZones(8, 8, 3, 0.2);
    const surfaces = wallAt(2_000, 0.5, 576);
    // The zone in row 3, column 3.
    for (let i = 0; i < 576; i++) {
      if (Math.floor((i % 24) / 3) === 3 && Math.floor(i / 72) === 3) surfaces.mm[i] = 1_000;
    }
    zones.look(surfaces);
    const mm = new Float64Array(64);
    zones.gather(surfaces.mm, mm);
    expect(mm[27]).toBeCloseTo(1_000 + 0.2 * 1_000, 6);
    expect(mm[28]).toBeCloseTo(2_000 - 0.2 * 250, 6);
    expect(mm[36]).toBeCloseTo(2_000, 6);
  });
});
