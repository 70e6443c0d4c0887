import type { Rays } from "./depth-rays.ts";

/**
 * What each ray hits first, and how that surface moves by the millimetre: depth = mm + chest x A[slot] + belly x B[slot]
 * + lift x (how far the bed is lifted) + drift x (how far the bedding has crept). So a frame in which nobody makes a gross
 * movement costs four products a pixel instead of a new cast.
 */
export interface Surfaces {
  /** Optical depth; Infinity where nothing was hit. */
  readonly mm: Float64Array;
  readonly albedo: Float64Array;
  /** Cosine between the ray and the surface's normal. */
  readonly cosine: Float64Array;
  readonly slot: Uint8Array;
  readonly chest: Float64Array;
  readonly belly: Float64Array;
  readonly lift: Float64Array;
  readonly drift: Float64Array;
  /** 0 nobody, 1 the occupant of the bed, 2 somebody else. */
  readonly person: Uint8Array;
  /** Chest and belly of the occupant. */
  readonly trunk: Uint8Array;
}

export function newSurfaces(count: number): Surfaces {
  const numbers = (): Float64Array => new Float64Array(count);
  return {
    mm: numbers().fill(Infinity),
    albedo: numbers().fill(0.5),
    cosine: numbers().fill(1),
    slot: new Uint8Array(count),
    chest: numbers(),
    belly: numbers(),
    lift: numbers(),
    drift: numbers(),
    person: new Uint8Array(count),
    trunk: new Uint8Array(count),
  };
}

export function copySurfaces(from: Surfaces, to: Surfaces): void {
  to.mm.set(from.mm);
  to.albedo.set(from.albedo);
  to.cosine.set(from.cosine);
  to.slot.set(from.slot);
  to.chest.set(from.chest);
  to.belly.set(from.belly);
  to.lift.set(from.lift);
  to.drift.set(from.drift);
  to.person.set(from.person);
  to.trunk.set(from.trunk);
}

/** What a thing is made of and what moves it. */
export interface Material {
  readonly albedo: number;
  /** Whose displacements move it; 0: it stands still. */
  readonly slot: number;
  /** How far its surface goes out along its normal for 1 mm of chest and of belly. */
  readonly chestGain: number;
  readonly bellyGain: number;
  /** It goes along with the slot's displacements, A along x and B along y, instead of swelling. */
  readonly shifts: boolean;
  /** It lies on the mattress and rises with it. */
  readonly lifts: boolean;
  readonly person: number;
  readonly trunk: boolean;
  /** Where a blanket hides it: below this y. -Infinity: nowhere. */
  readonly hiddenBelowYMm: number;
}

export const stillMaterial = (albedo: number, lifts = false): Material => ({
  albedo,
  slot: 0,
  chestGain: 0,
  bellyGain: 0,
  shifts: false,
  lifts,
  person: 0,
  trunk: false,
  hiddenBelowYMm: Number.NEGATIVE_INFINITY,
});

/** Grazing rays would turn a millimetre of the surface into centimetres of depth: real ones miss instead. */
const grazing = -0.2;

/** Ray i hits at depth t a surface with this unit normal. */
export function putSurface(
  surfaces: Surfaces,
  rays: Rays,
  i: number,
  t: number,
  nx: number,
  ny: number,
  nz: number,
  of: Material,
): void {
  const along = Math.min(grazing, nx * rays.dx[i]! + ny * rays.dy[i]! + nz * rays.dz[i]!);
  surfaces.mm[i] = t;
  surfaces.albedo[i] = of.albedo;
  surfaces.cosine[i] = Math.min(1, -along / rays.length[i]!);
  surfaces.slot[i] = of.slot;
  surfaces.chest[i] = (of.shifts ? nx : of.chestGain) / along;
  surfaces.belly[i] = (of.shifts ? ny : of.bellyGain) / along;
  surfaces.lift[i] = of.lifts ? nz / along : 0;
  surfaces.drift[i] = 0;
  surfaces.person[i] = of.person;
  surfaces.trunk[i] = of.trunk ? 1 : 0;
}
