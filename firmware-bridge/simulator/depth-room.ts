import type { PointMm, Scene } from "../../edge-agent/contract/scene.ts";
import { castBox, castCapsule, castWall } from "./depth-cast.ts";
import type { Rays, Vector } from "./depth-rays.ts";
import { type Material, newSurfaces, type Surfaces, stillMaterial } from "./depth-surfaces.ts";
import type { InterfererState } from "./physics-interferers.ts";
import type { Random } from "./random.ts";

/** What never moves: floor, walls, the bed's box below its bedding, a headboard, one or two pieces of furniture. */
export function castRoom(rays: Rays, scene: Scene, random: Random): Surfaces {
  const surfaces = newSurfaces(rays.dx.length);
  const { widthMm, lengthMm, topMm } = scene.bed;
  const [halfX, halfY] = [widthMm / 2, lengthMm / 2];
  const [ox, oy, oz] = rays.origin;
  const wall = stillMaterial(random.between(0.4, 0.85));
  castWall(surfaces, rays, 2, 0, stillMaterial(random.between(0.1, 0.6)));
  castWall(surfaces, rays, 2, Math.max(random.between(2_450, 2_800), oz + 50), wall);
  castWall(surfaces, rays, 0, Math.min(-halfX - random.between(600, 1_800), ox - 60), wall);
  castWall(surfaces, rays, 0, Math.max(halfX + random.between(1_900, 3_500), ox + 60), wall);
  castWall(surfaces, rays, 1, Math.min(-halfY - random.between(1_200, 2_600), oy - 60), wall);
  castWall(surfaces, rays, 1, Math.max(halfY + random.between(80, 200), oy + 60), wall);
  const frame = stillMaterial(random.between(0.1, 0.8));
  castBox(surfaces, rays, [-halfX, -halfY, 0], [halfX, halfY, topMm - 20], frame);
  if (scene.bed.kind === "bed" && random.chance(0.7)) {
    const boardTopMm = topMm + random.between(150, 400);
    castBox(surfaces, rays, [-halfX - 20, halfY + 5, 100], [halfX + 20, halfY + 45, boardTopMm], frame);
  }
  const pieces = random.chance(0.6) ? 2 : 1;
  for (let piece = 0; piece < pieces; piece++) {
    // At the side where nobody gets out, or at the head or foot of the other.
    const headEnd = random.chance(0.5);
    const left = headEnd ? random.chance(0.5) : true;
    const width = random.between(350, 600);
    const depth = random.between(350, 550);
    const x = left ? -halfX - 60 - width : halfX + 80;
    const y = headEnd ? halfY - depth : -halfY - random.between(0, 400);
    const high = random.between(350, 800);
    castBox(surfaces, rays, [x, y, 0], [x + width, y + depth, high], stillMaterial(random.between(0.05, 0.9)));
  }
  return surfaces;
}

/** A thing that moves by itself, put where it does not stand inside the bed or in front of the lens. */
export interface Thing {
  readonly slot: number;
  readonly at: PointMm;
  readonly albedo: number;
}

export function placeThing(state: InterfererState, slot: number, scene: Scene, rays: Rays, random: Random): Thing {
  const { at, kind } = state.is;
  const free = scene.bed.widthMm / 2 + (kind === "curtain" ? 500 : 260);
  const overBed = Math.abs(at.yMm) < scene.bed.lengthMm / 2 + 200 && Math.abs(at.xMm) < free;
  let xMm = overBed ? (at.xMm < 0 ? -free : free) : at.xMm;
  // Nobody hangs a fan in front of the sensor.
  if (Math.hypot(xMm - rays.origin[0], at.yMm - rays.origin[1]) < 500) xMm += xMm < 0 ? -600 : 600;
  const zMm = kind === "ceiling-fan" ? Math.max(2_350, at.zMm) : Math.min(1_400, Math.max(350, at.zMm));
  return { slot, at: { xMm, yMm: at.yMm, zMm }, albedo: random.between(0.1, 0.9) };
}

/** Things of which no slow displacement tells enough: blades in sight and what rolls past are cast anew. */
export const needsCast = (state: InterfererState): boolean =>
  state.is.kind === "ceiling-fan" || (state.is.kind === "trolley" && state.strengthLsb > 0);

export function castThing(surfaces: Surfaces, rays: Rays, thing: Thing, state: InterfererState): void {
  const { xMm: x, yMm: y, zMm: z } = thing.at;
  const still = stillMaterial(thing.albedo);
  const moving: Material = { ...still, slot: thing.slot, shifts: true };
  switch (state.is.kind) {
    case "ceiling-fan": {
      castCapsule(surfaces, rays, [x, y, z], [x, y, z + 150], 90, still);
      for (let blade = 0; blade < 3; blade++) {
        const angle = state.angle + (blade * 2 * Math.PI) / 3;
        const tip: Vector = [x + 520 * Math.cos(angle), y + 520 * Math.sin(angle), z];
        castCapsule(surfaces, rays, [x, y, z], tip, 45, still);
      }
      return;
    }
    case "desk-fan":
    case "oscillating-fan":
      castCapsule(surfaces, rays, [x, y - 60, z], [x, y + 60, z], 140, moving);
      castCapsule(surfaces, rays, [x, y, 0], [x, y, z - 140], 30, still);
      return;
    case "curtain":
      castBox(surfaces, rays, [x - 25, y - 400, Math.max(0, z - 900)], [x + 25, y + 400, z + 500], moving);
      return;
    case "trolley": {
      if (state.strengthLsb === 0) return;
      const rolled = y + state.at.yMm - state.is.at.yMm;
      castBox(surfaces, rays, [x - 220, rolled - 300, 150], [x + 220, rolled + 300, 950], still);
      return;
    }
    case "pump":
      return;
  }
}
