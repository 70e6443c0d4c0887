import type { Scene } from "../../edge-agent/contract/scene.ts";
import { type Bedding, cellMm } from "./depth-bedding.ts";
import { pixelBox, type Rays, type Vector } from "./depth-rays.ts";
import type { Surfaces } from "./depth-surfaces.ts";

/** What a ray may find on the bed. Slots: where the displacements of person 1 + index under a blanket are. */
export interface BeddingLook {
  readonly sheetAlbedo: number;
  readonly blanketAlbedo: number;
  readonly slotOf: (owner: number) => number;
  readonly isOccupant: (owner: number) => boolean;
}

/** A slope of the bedding is seldom above this: so far a ray may go without passing through it. */
const steepest = 1.5;
const nearestMm = 4;

/** Casts the top of the bedding, a height field, into the surfaces. */
export function castBedding(surfaces: Surfaces, rays: Rays, scene: Scene, bedding: Bedding, look: BeddingLook): void {
  const { widthMm, lengthMm, topMm } = scene.bed;
  const { columns, rows, height } = bedding;
  let highest = topMm;
  for (let cell = 0; cell < height.length; cell++) if (height[cell]! > highest) highest = height[cell]!;
  highest += 1;
  const lowest = topMm - 20;
  const [halfX, halfY] = [widthMm / 2, lengthMm / 2];
  const corners: Vector[] = [];
  for (const x of [-halfX, halfX])
    for (const y of [-halfY, halfY]) for (const z of [lowest, highest]) corners.push([x, y, z]);
  const box = pixelBox(rays, corners, 0);
  if (box === null) return;
  const [ox, oy, oz] = rays.origin;
  const [columnMax, rowMax] = [columns - 1.001, rows - 1.001];
  for (let row = box.top; row < box.bottom; row++) {
    for (let column = box.left; column < box.right; column++) {
      const i = row * rays.widthPx + column;
      const dx = rays.dx[i]!;
      const dy = rays.dy[i]!;
      const dz = rays.dz[i]!;
      if (dz >= -0.01) continue;
      const enter = Math.max(
        (highest - oz) / dz,
        ((dx > 0 ? -halfX : halfX) - ox) / dx,
        ((dy > 0 ? -halfY : halfY) - oy) / dy,
        0,
      );
      const leave = Math.min(
        (lowest - oz) / dz,
        ((dx > 0 ? halfX : -halfX) - ox) / dx,
        ((dy > 0 ? halfY : -halfY) - oy) / dy,
        surfaces.mm[i]!,
      );
      if (enter >= leave) continue;
      const closing = steepest * Math.sqrt(dx * dx + dy * dy) - dz;
      let t = enter;
      let step = 0;
      let over = 0;
      let back = 0;
      for (;;) {
        // As heightAt; written out here, where it is asked some thousand times a frame.
        const fx = Math.min(columnMax, Math.max(0, (ox + t * dx + halfX) / cellMm));
        const fy = Math.min(rowMax, Math.max(0, (oy + t * dy + halfY) / cellMm));
        const c = fx | 0;
        const r = fy | 0;
        const cell = r * columns + c;
        const p = fx - c;
        const low = height[cell]! + p * (height[cell + 1]! - height[cell]!);
        const high = height[cell + columns]! + p * (height[cell + columns + 1]! - height[cell + columns]!);
        over = oz + t * dz - low - (fy - r) * (high - low);
        if (over <= 0 || t >= leave) break;
        back = over;
        step = (over + nearestMm) / closing;
        t += step;
      }
      if (over > 0) continue;
      // Between the last step above and the first below, the height is taken as straight.
      if (t > enter) t -= (step * over) / (over - back);
      if (t < surfaces.mm[i]!) putBedding(surfaces, rays, i, t, bedding, look, halfX, halfY);
    }
  }
}

/** Bilinear between the cells; beyond the edge as at the edge. In cells from the corner. */
function heightAt(field: Float64Array, columns: number, rows: number, column: number, row: number): number {
  const fx = Math.min(columns - 1.001, Math.max(0, column));
  const fy = Math.min(rows - 1.001, Math.max(0, row));
  const c = fx | 0;
  const r = fy | 0;
  const i = r * columns + c;
  const p = fx - c;
  const low = field[i]! + p * (field[i + 1]! - field[i]!);
  const high = field[i + columns]! + p * (field[i + columns + 1]! - field[i + columns]!);
  return low + (fy - r) * (high - low);
}

function putBedding(
  surfaces: Surfaces,
  rays: Rays,
  i: number,
  t: number,
  bedding: Bedding,
  look: BeddingLook,
  halfX: number,
  halfY: number,
): void {
  const { columns, rows, height } = bedding;
  const y = rays.origin[1] + t * rays.dy[i]!;
  const fx = (rays.origin[0] + t * rays.dx[i]! + halfX) / cellMm;
  const fy = (y + halfY) / cellMm;
  const slopeX =
    (heightAt(height, columns, rows, fx + 0.5, fy) - heightAt(height, columns, rows, fx - 0.5, fy)) / cellMm;
  const slopeY =
    (heightAt(height, columns, rows, fx, fy + 0.5) - heightAt(height, columns, rows, fx, fy - 0.5)) / cellMm;
  const steep = Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY);
  // The surface z = height(x, y) rises by 1 mm: the depth changes by 1 / this.
  const along = Math.min(-0.2 * steep, rays.dz[i]! - slopeX * rays.dx[i]! - slopeY * rays.dy[i]!);
  const column = Math.min(columns - 1, Math.max(0, Math.round(fx)));
  const row = Math.min(rows - 1, Math.max(0, Math.round(fy)));
  const cell = row * columns + column;
  const covered = y < bedding.coverEndsYMm;
  const owner = covered ? bedding.owner[cell]! : 0;
  const chest = heightAt(bedding.chest, columns, rows, fx, fy);
  const belly = heightAt(bedding.belly, columns, rows, fx, fy);
  surfaces.mm[i] = t;
  surfaces.albedo[i] = covered ? look.blanketAlbedo : look.sheetAlbedo;
  surfaces.cosine[i] = Math.min(1, -along / steep / rays.length[i]!);
  surfaces.slot[i] = look.slotOf(owner);
  surfaces.chest[i] = chest / along;
  surfaces.belly[i] = belly / along;
  surfaces.lift[i] = 1 / along;
  surfaces.drift[i] = covered ? bedding.wrinkle[cell]! / along : 0;
  const occupant = owner > 0 && look.isOccupant(owner);
  surfaces.person[i] = owner === 0 ? 0 : occupant ? 1 : 2;
  surfaces.trunk[i] = occupant && chest + belly > 0.4 * bedding.gain ? 1 : 0;
}
