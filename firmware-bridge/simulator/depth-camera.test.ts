import { describe, expect, test } from "vitest";
import type { DepthSetting, Place, Posture, Scene, Somebody } from "../../edge-agent/contract/scene.ts";
import { type DepthCamera, openDepthCamera, type Play } from "./depth-camera.ts";
import { newRays } from "./depth-rays.ts";
import { ceilingDepth, wallDepth } from "./depth-settings.ts";
import { type InterfererState, liftedMm } from "./physics-interferers.ts";
import { scenes } from "./scenes.ts";
import { type Figure, newStage, placesOf } from "./stage.ts";

const noNoise = { noiseFloorMm: 0, noiseGrowthMmPerM2: 0, flyingShare: 0, invalidShare: 0, warmUpMm: 0, crossTalk: 0 };
const quiet = (
  at: [number, number, number],
  towards: [number, number, number],
  model: DepthSetting["model"] = "80x60",
) => ({
  ...ceilingDepth(model),
  ...noNoise,
  at: { xMm: at[0], yMm: at[1], zMm: at[2] },
  towards: { xMm: towards[0], yMm: towards[1], zMm: towards[2] },
});
const bedroom = (depth: DepthSetting, more: Partial<Scene> = {}): Scene => ({
  ...scenes.asleep,
  blanket: "none",
  people: [],
  depth,
  ...more,
});
const sleeping: Somebody = { ...scenes.asleep.people[0]!, movements: [], turnsPerHour: 0 };

/** A play that stands still until a test changes it. */
function tableau(scene: Scene, figures: Figure[], interferers: InterfererState[] = []): Play & { figures(): Figure[] } {
  return { step() {}, figures: () => figures, interferers: () => interferers, truth: () => newStage(scene).truth() };
}

const figure = (scene: Scene, place: Place, posture: Posture, more: Partial<Figure> = {}): Figure => ({
  who: sleeping,
  trunk: placesOf(scene)[place],
  place,
  towards: place,
  progress: 0,
  posture,
  chestMm: 0,
  abdomenMm: 0,
  moving: false,
  limbs: [0, 0, 0, 0, 0, 0],
  ...more,
});

/** Mean point in the room of the pixels under a mask. */
function middleOf(camera: DepthCamera, depth: DepthSetting, mask: Uint8Array, is: number) {
  const rays = newRays(depth);
  const mm = camera.exactMm();
  const sum = { xMm: 0, yMm: 0, zMm: 0, pixels: 0 };
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== is) continue;
    sum.xMm += rays.origin[0] + mm[i]! * rays.dx[i]!;
    sum.yMm += rays.origin[1] + mm[i]! * rays.dy[i]!;
    sum.zMm += rays.origin[2] + mm[i]! * rays.dz[i]!;
    sum.pixels += 1;
  }
  const { pixels } = sum;
  return { xMm: sum.xMm / pixels, yMm: sum.yMm / pixels, zMm: sum.zMm / pixels, pixels };
}

const meanUnder = (mm: ArrayLike<number>, mask: Uint8Array): number => {
  let [sum, pixels] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0 || mm[i] === 0) continue;
    sum += mm[i]!;
    pixels += 1;
  }
  return sum / pixels;
};

describe("geometry", () => {
  test("a tilted camera sees the floor at the distance that trigonometry gives, at the centre and in a corner", () => {
    const { mm, widthPx, heightPx } = openDepthCamera(bedroom(quiet([900, -300, 1_800], [1_500, -300, 0]))).next();
    const below = Math.atan2(1_800, 600);
    const rowDepth = (row: number): number => {
      const v = ((2 * (row + 0.5)) / heightPx - 1) * Math.tan((45 * Math.PI) / 360);
      return 1_800 / (Math.sin(below) + v * Math.cos(below));
    };
    expect(Math.abs(mm[30 * widthPx + 40]! - rowDepth(30))).toBeLessThanOrEqual(0.51);
    expect(Math.abs(mm[heightPx * widthPx - 1]! - rowDepth(heightPx - 1))).toBeLessThanOrEqual(0.51);
  });

  test.each(["80x60", "8x8"] as const)("%s from above: the mattress is at its height", (model) => {
    const frame = openDepthCamera(bedroom(quiet([0, 0, 2_000], [0, 0, 0], model))).next();
    const middle = (frame.heightPx / 2) * frame.widthPx + frame.widthPx / 2;
    expect(frame.mm[middle]).toBe(1_500);
    expect([frame.widthPx, frame.heightPx, frame.mm.length]).toEqual(model === "8x8" ? [8, 8, 64] : [80, 60, 4_800]);
  });

  test("what is too far is no answer", () => {
    const { mm } = openDepthCamera(bedroom(quiet([0, 0, 4_200], [0, 0, 0], "8x8"))).next();
    // The floor beside the bed is beyond 4 m, the bed is nearer.
    expect(mm[4 * 8 + 6]).toBe(0);
    expect(mm[4 * 8 + 4]).toBe(3_700);
  });
});

describe("people", () => {
  const above = quiet([500, 0, 3_000], [500, 0, 0]);
  const places: [Place, Posture][] = [
    ["bed", "supine"],
    ["bed", "side"],
    ["bed", "prone"],
    ["bed", "sitting"],
    ["edge", "sitting"],
    ["standing", "standing"],
    ["floor", "supine"],
    ["floor", "side"],
    ["beside", "standing"],
    ["room", "standing"],
  ];
  test.each(places)("%s, %s: a body is where the play has it, bare and covered", (place, posture) => {
    for (const blanket of ["none", "sheet", "duvet"] as const) {
      const scene = bedroom(above, { blanket });
      const camera = openDepthCamera(scene, tableau(scene, [figure(scene, place, posture)]));
      camera.next();
      const seen = middleOf(camera, above, camera.masks().trunk, 1);
      const { trunk } = figure(scene, place, posture);
      expect(seen.pixels).toBeGreaterThan(20);
      expect(Math.hypot(seen.xMm - trunk.xMm, seen.yMm - trunk.yMm)).toBeLessThan(230);
      // The top of a trunk: above its middle, and not by more than a person sits or stands up.
      expect(seen.zMm - trunk.zMm).toBeGreaterThan(0);
      expect(seen.zMm - trunk.zMm).toBeLessThan(480);
    }
  });

  test("nobody is seen in an empty room or of somebody who has left; others are told from the occupant", () => {
    const scene = bedroom(above);
    const carer = { ...figure(scene, "beside", "standing"), who: { ...sleeping, role: "carer" as const } };
    const both = openDepthCamera(scene, tableau(scene, [figure(scene, "bed", "supine"), carer]));
    both.next();
    const { person, trunk } = both.masks();
    expect(person.filter((who) => who === 1).length).toBeGreaterThan(100);
    expect(person.filter((who) => who === 2).length).toBeGreaterThan(100);
    for (let i = 0; i < person.length; i++) if (trunk[i] === 1) expect(person[i]).toBe(1);
    for (const figures of [[], [figure(scene, "away", "standing")]]) {
      const left = openDepthCamera(scene, tableau(scene, figures));
      left.next();
      expect(left.masks().person.some((who) => who !== 0)).toBe(false);
    }
  });

  test("who gets up moves through the room without a jump", () => {
    const go = { kind: "go", to: "edge", posture: "sitting", atSec: 0.5, lastsSec: 2, extentMm: 100 } as const;
    const scene = bedroom(above, { blanket: "duvet", people: [{ ...sleeping, movements: [go] }] });
    const camera = openDepthCamera(scene);
    const xMm: number[] = [];
    for (let i = 0; i < 40; i++) {
      camera.next();
      xMm.push(middleOf(camera, above, camera.masks().person, 1).xMm);
    }
    expect(xMm[39]! - xMm[0]!).toBeGreaterThan(250);
    for (let i = 1; i < xMm.length; i++) expect(Math.abs(xMm[i]! - xMm[i - 1]!)).toBeLessThan(150);
  });
});

describe("breathing", () => {
  const above = quiet([0, 300, 2_400], [0, 300, 0]);
  const change = (scene: Scene, mm: number, frames: number): number => {
    const figures = [figure(scene, "bed", "supine")];
    const camera = openDepthCamera(scene, tableau(scene, figures));
    camera.next();
    const rest = camera.exactMm();
    figures[0] = { ...figures[0]!, chestMm: mm, abdomenMm: mm };
    for (let i = 0; i < frames; i++) camera.next();
    const { trunk } = camera.masks();
    return meanUnder(camera.exactMm(), trunk) - meanUnder(rest, trunk);
  };

  test("a bare chest comes nearer by what it rises, more where its surface is slanted", () => {
    const mm = change(bedroom(above), 3, 1);
    expect(mm).toBeLessThan(-3);
    expect(mm).toBeGreaterThan(-4.5);
  });

  test("a blanket follows less, and 0.1 to 0.4 s later; a sheet follows more than a duvet", () => {
    const gain = (blanket: Scene["blanket"]): number => -change(bedroom(above, { blanket, seed: 5 }), 3, 6) / 3;
    expect(gain("duvet")).toBeGreaterThan(0.2);
    expect(gain("duvet")).toBeLessThan(0.75);
    expect(gain("sheet")).toBeGreaterThan(gain("duvet"));
    expect(gain("sheet")).toBeLessThan(gain("none"));
    const duvet = bedroom(above, { blanket: "duvet", seed: 5 });
    // Creeping of the blanket itself is much less than a tenth of the rise within half a second.
    expect(Math.abs(change(duvet, 3, 1))).toBeLessThan(0.3 * Math.abs(change(duvet, 3, 6)));
  });

  test("breathing of half a millimetre shows in the mean over the trunk, through noise and rounding", () => {
    const depth = { ...wallDepth("80x60"), noiseFloorMm: 2, noiseGrowthMmPerM2: 1 };
    const scene = bedroom(depth);
    const figures = [figure(scene, "bed", "supine")];
    const camera = openDepthCamera(scene, tableau(scene, figures));
    const meanAt = (mm: number): number => {
      figures[0] = { ...figures[0]!, chestMm: mm, abdomenMm: mm };
      let sum = 0;
      for (let i = 0; i < 80; i++) sum += meanUnder(camera.next().mm, camera.masks().trunk);
      return sum / 80;
    };
    const rest = meanAt(0);
    const risen = meanAt(0.5);
    const back = meanAt(0);
    expect((rest + back) / 2 - risen).toBeGreaterThan(0.35);
    expect((rest + back) / 2 - risen).toBeLessThan(1.1);
  });

  test("an air mattress lifts the bed and who lies in it", () => {
    const scene = bedroom(above);
    const at = { xMm: 0, yMm: 0, zMm: 0 };
    const is = { kind: "pump", at, strengthLsb: 0, swingMm: 5, hz: 0.01 } as const;
    const pump: InterfererState = { is, at, strengthLsb: 0, angle: 0, blade: 0, swing: 0, swingBefore: 0 };
    const camera = openDepthCamera(scene, tableau(scene, [figure(scene, "bed", "supine")], [pump]));
    camera.next();
    const rest = camera.exactMm();
    pump.swing = 5;
    expect(liftedMm([pump])).toBe(5);
    camera.next();
    const lifted = camera.exactMm();
    // The mattress between the legs and the edge, seen from above.
    expect(rest[50 * 80 + 40]! - lifted[50 * 80 + 40]!).toBeCloseTo(5, 1);
    expect(meanUnder(rest, camera.masks().trunk) - meanUnder(lifted, camera.masks().trunk)).toBeGreaterThan(4);
  });
});

test("a fan that turns beside the bed is seen to turn", () => {
  const at = { xMm: 900, yMm: 0, zMm: 700 };
  const is = { kind: "oscillating-fan", at, strengthLsb: 100, swingMm: 10, hz: 0.1, bladeHz: 7 } as const;
  const depth = quiet([-900, 0, 1_500], [900, 0, 700]);
  const scene = bedroom(depth, { interferers: [is] });
  const camera = openDepthCamera(scene);
  const middle: number[] = [];
  for (let i = 0; i < 100; i++) middle.push(camera.next().mm[30 * 80 + 40]!);
  const swing = Math.max(...middle) - Math.min(...middle);
  expect(swing).toBeGreaterThan(14);
  expect(swing).toBeLessThan(26);
});

test.each(["80x60", "8x8"] as const)("%s: same scene, same frames; restart too; another seed, others", (model) => {
  const scene = { ...scenes.demonstration, depth: wallDepth(model) };
  const take = (camera: DepthCamera): string => {
    const frames: string[] = [];
    for (let i = 0; i < 30; i++) frames.push(camera.next().mm.join());
    return frames.join(";");
  };
  const camera = openDepthCamera(scene);
  const first = take(camera);
  expect(take(openDepthCamera(scene))).toBe(first);
  camera.restart();
  expect(take(camera)).toBe(first);
  expect(take(openDepthCamera({ ...scene, seed: scene.seed + 1 }))).not.toBe(first);
});
