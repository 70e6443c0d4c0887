import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bedUnknown, type DepthBed, nextDepthBed } from "./depth-bed.ts";
import { type DepthAnswer, type DepthScene, depthScenes } from "./depth-scene.ts";

function answer(scene: DepthScene, chance: number, inBed: number): DepthAnswer {
  const rest = (1 - chance) / (depthScenes.length - 1);
  const all = Object.fromEntries(depthScenes.map((name) => [name, name === scene ? chance : rest]));
  return { scene: all as Record<DepthScene, number>, inBed, moving: 0, trunk: new Float32Array(64) };
}
const settledBy = (bed: DepthBed, answers: readonly DepthAnswer[]): DepthBed =>
  answers.reduce((now, one) => nextDepthBed(now, one), bed);
const lying = answer("lying-still", 0.97, 0.99);

describe("where the person of a bed is", () => {
  test("two seconds settle an occupied bed, and an empty one", () => {
    expect(settledBy(bedUnknown, Array(4).fill(lying)).place).toBe("in-bed");
    expect(settledBy(bedUnknown, Array(4).fill(answer("empty", 0.95, 0.02))).place).toBe("empty");
  });

  test("out of bed is told within three seconds of half-second answers, whichever way", () => {
    const asleep = settledBy(bedUnknown, Array(600).fill(lying));
    for (const [scene, place] of [
      ["sitting-edge", "edge"],
      ["standing", "out"],
      ["on-floor", "floor"],
      ["empty", "empty"],
    ] as const) {
      expect(settledBy(asleep, Array(6).fill(answer(scene, 0.9, 0.02))).place, scene).toBe(place);
    }
  });

  test("one wrong answer in a night of right ones changes nothing, however sure it is", () => {
    const asleep = settledBy(bedUnknown, Array(600).fill(lying));
    for (const scene of depthScenes) {
      expect(nextDepthBed(asleep, answer(scene, 0.999, 0)).place, scene).toBe("in-bed");
    }
  });

  test("a carer at the bed leaves the person in it in bed, and is counted", () => {
    const asleep = settledBy(bedUnknown, Array(20).fill(lying));
    const visited = settledBy(asleep, Array(20).fill(answer("more-than-one", 0.95, 0.97)));
    expect(visited.place).toBe("in-bed");
    expect(visited.more).toBeGreaterThan(0.9);
    expect(asleep.more).toBeLessThan(0.1);
  });

  test("one answer that sees one person alone, or two, changes nothing of how many there are", () => {
    const asleep = settledBy(bedUnknown, Array(20).fill(lying));
    expect(nextDepthBed(asleep, answer("more-than-one", 0.95, 0.97)).more).toBeLessThan(0.5);
    const visited = settledBy(asleep, Array(20).fill(answer("more-than-one", 0.85, 0.97)));
    expect(nextDepthBed(visited, lying).more).toBeGreaterThan(0.5);
    expect(settledBy(visited, Array(3).fill(lying)).more).toBeLessThan(0.5);
  });

  test("whatever the answers, beliefs are chances that add up to 1", () => {
    const some = fc.record({
      scene: fc.constantFrom(...depthScenes),
      chance: fc.double({ min: 0, max: 1, noNaN: true }),
      inBed: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (list) => {
        const bed = settledBy(
          bedUnknown,
          list.map(({ scene, chance, inBed }) => answer(scene, chance, inBed)),
        );
        const chances = Object.values(bed.belief);
        expect(chances.every((p) => p >= 0 && p <= 1)).toBe(true);
        expect(chances.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
      }),
    );
  });
});
