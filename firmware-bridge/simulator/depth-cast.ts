import { pixelBox, type Rays, type Vector } from "./depth-rays.ts";
import { type Material, putSurface, type Surfaces } from "./depth-surfaces.ts";

/** All at or beyond it along `axis`: a floor, a ceiling or a wall, seen from inside the room. */
export function castWall(surfaces: Surfaces, rays: Rays, axis: 0 | 1 | 2, atMm: number, of: Material): void {
  const directions = [rays.dx, rays.dy, rays.dz][axis]!;
  const way = atMm - rays.origin[axis];
  for (let i = 0; i < directions.length; i++) {
    const t = way / directions[i]!;
    if (!(t > 0 && t < surfaces.mm[i]!)) continue;
    const sign = way > 0 ? -1 : 1;
    putSurface(surfaces, rays, i, t, axis === 0 ? sign : 0, axis === 1 ? sign : 0, axis === 2 ? sign : 0, of);
  }
}

/** A box with sides along the axes (slab method). */
export function castBox(surfaces: Surfaces, rays: Rays, low: Vector, high: Vector, of: Material): void {
  const corners: Vector[] = [];
  for (const x of [low[0], high[0]])
    for (const y of [low[1], high[1]]) for (const z of [low[2], high[2]]) corners.push([x, y, z]);
  const box = pixelBox(rays, corners, 0);
  if (box === null) return;
  const [ox, oy, oz] = rays.origin;
  for (let row = box.top; row < box.bottom; row++) {
    for (let column = box.left; column < box.right; column++) {
      const i = row * rays.widthPx + column;
      const dx = rays.dx[i]!;
      const dy = rays.dy[i]!;
      const dz = rays.dz[i]!;
      const x = ((dx > 0 ? low[0] : high[0]) - ox) / dx;
      const y = ((dy > 0 ? low[1] : high[1]) - oy) / dy;
      const z = ((dz > 0 ? low[2] : high[2]) - oz) / dz;
      const enter = Math.max(x, y, z);
      if (!(enter > 0 && enter < surfaces.mm[i]!)) continue;
      const leave = Math.min(
        ((dx > 0 ? high[0] : low[0]) - ox) / dx,
        ((dy > 0 ? high[1] : low[1]) - oy) / dy,
        ((dz > 0 ? high[2] : low[2]) - oz) / dz,
      );
      if (enter > leave) continue;
      if (enter === x) putSurface(surfaces, rays, i, enter, dx > 0 ? -1 : 1, 0, 0, of);
      else if (enter === y) putSurface(surfaces, rays, i, enter, 0, dy > 0 ? -1 : 1, 0, of);
      else putSurface(surfaces, rays, i, enter, 0, 0, dz > 0 ? -1 : 1, of);
    }
  }
}

/** A cylinder with round ends from `from` to `to`; the same point twice makes a sphere. */
export function castCapsule(
  surfaces: Surfaces,
  rays: Rays,
  from: Vector,
  to: Vector,
  radiusMm: number,
  of: Material,
): void {
  const box = pixelBox(rays, [from, to], radiusMm);
  if (box === null) return;
  const [ox, oy, oz] = rays.origin;
  const [ax, ay, az] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const [px, py, pz] = [ox - from[0], oy - from[1], oz - from[2]];
  const aa = ax * ax + ay * ay + az * az;
  const ap = ax * px + ay * py + az * pz;
  const pp = px * px + py * py + pz * pz;
  const rr = radiusMm * radiusMm;
  const c = aa * pp - ap * ap - rr * aa;
  const [qx, qy, qz] = [ox - to[0], oy - to[1], oz - to[2]];
  const qq = qx * qx + qy * qy + qz * qz;
  for (let row = box.top; row < box.bottom; row++) {
    const end = row * rays.widthPx + box.right;
    for (let i = row * rays.widthPx + box.left; i < end; i++) {
      const dx = rays.dx[i]!;
      const dy = rays.dy[i]!;
      const dz = rays.dz[i]!;
      const dd = rays.length[i]! * rays.length[i]!;
      const ad = ax * dx + ay * dy + az * dz;
      const pd = px * dx + py * dy + pz * dz;
      // The infinite cylinder first, then the sphere at the end beyond which it was hit.
      const a = aa * dd - ad * ad;
      let s = 0;
      let t: number;
      if (a > 1e-9 * aa) {
        const b = aa * pd - ap * ad;
        const h = b * b - a * c;
        if (h < 0) continue;
        t = (-b - Math.sqrt(h)) / a;
        s = (ap + t * ad) / aa;
      } else {
        t = Infinity;
        s = ad > 0 ? 0 : 1;
      }
      if (!(s > 0 && s < 1) || t === Infinity) {
        const first = !(s >= 1);
        const b = first ? pd : qx * dx + qy * dy + qz * dz;
        const h = b * b - dd * ((first ? pp : qq) - rr);
        if (h < 0) continue;
        t = (-b - Math.sqrt(h)) / dd;
        s = first ? 0 : 1;
      }
      if (!(t > 0 && t < surfaces.mm[i]!)) continue;
      const y = oy + t * dy;
      if (y < of.hiddenBelowYMm) continue;
      putSurface(
        surfaces,
        rays,
        i,
        t,
        (ox + t * dx - from[0] - s * ax) / radiusMm,
        (y - from[1] - s * ay) / radiusMm,
        (oz + t * dz - from[2] - s * az) / radiusMm,
        of,
      );
    }
  }
}
