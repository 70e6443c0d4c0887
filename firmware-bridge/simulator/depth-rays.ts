import type { DepthSetting } from "../../edge-agent/contract/scene.ts";

/** One ray a pixel of a pinhole camera: a point at optical depth t is origin + t x (dx, dy, dz), mm in room coordinates. */
export interface Rays {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly origin: Vector;
  readonly right: Vector;
  readonly down: Vector;
  readonly forward: Vector;
  /** Tangents of half the angles of view. */
  readonly tanAcross: number;
  readonly tanDown: number;
  readonly dx: Float64Array;
  readonly dy: Float64Array;
  readonly dz: Float64Array;
  /** Length of (dx, dy, dz): the way along the ray for 1 mm of optical depth. */
  readonly length: Float64Array;
}

export type Vector = readonly [number, number, number];

/** Pixels of the frame, full angles of view, rays cast per pixel across and down, and where a target is too far. */
export const depthModels = {
  "8x8": { widthPx: 8, heightPx: 8, acrossDeg: 45, downDeg: 45, raysPerPixel: 3, farMm: 4_000 },
  "80x60": { widthPx: 80, heightPx: 60, acrossDeg: 58, downDeg: 45, raysPerPixel: 1, farMm: 7_000 },
} as const;

export const depthFrameRateHz = 10;

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a: Vector): Vector => {
  const length = Math.hypot(a[0], a[1], a[2]);
  return [a[0] / length, a[1] / length, a[2] / length];
};

export function newRays(setting: DepthSetting): Rays {
  const model = depthModels[setting.model];
  const widthPx = model.widthPx * model.raysPerPixel;
  const heightPx = model.heightPx * model.raysPerPixel;
  const origin: Vector = [setting.at.xMm, setting.at.yMm, setting.at.zMm];
  const forward = unit(minus([setting.towards.xMm, setting.towards.yMm, setting.towards.zMm], origin));
  // A camera that looks straight down has the head of the bed at the top of its picture.
  const up: Vector = Math.abs(forward[2]) > 0.999 ? [0, 1, 0] : [0, 0, 1];
  const right = unit(cross(forward, up));
  const down = cross(forward, right);
  const tanAcross = Math.tan((model.acrossDeg * Math.PI) / 360);
  const tanDown = Math.tan((model.downDeg * Math.PI) / 360);
  const count = widthPx * heightPx;
  const dx = new Float64Array(count);
  const dy = new Float64Array(count);
  const dz = new Float64Array(count);
  const length = new Float64Array(count);
  for (let row = 0; row < heightPx; row++) {
    const v = ((2 * (row + 0.5)) / heightPx - 1) * tanDown;
    for (let column = 0; column < widthPx; column++) {
      const u = ((2 * (column + 0.5)) / widthPx - 1) * tanAcross;
      const i = row * widthPx + column;
      dx[i] = forward[0] + u * right[0] + v * down[0];
      dy[i] = forward[1] + u * right[1] + v * down[1];
      dz[i] = forward[2] + u * right[2] + v * down[2];
      length[i] = Math.hypot(1, u, v);
    }
  }
  return { widthPx, heightPx, origin, right, down, forward, tanAcross, tanDown, dx, dy, dz, length };
}

/** Pixels within which things may be seen: first and last column and row, the last ones excluded. */
export interface PixelBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const nearMm = 60;

/** Pixels that spheres of this radius about these points, and what lies between them, can cover. Null: none. */
export function pixelBox(rays: Rays, points: readonly Vector[], radiusMm: number): PixelBox | null {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  let behind = 0;
  for (const point of points) {
    const p = minus(point, rays.origin);
    const z = dot(p, rays.forward);
    if (z - radiusMm < nearMm) {
      behind += 1;
      continue;
    }
    const u = dot(p, rays.right);
    const v = dot(p, rays.down);
    // The widest that the sphere can look: its outline seen from the nearest depth of any part of it.
    const near = z - radiusMm;
    left = Math.min(left, (u - radiusMm) / (u - radiusMm < 0 ? near : z + radiusMm));
    right = Math.max(right, (u + radiusMm) / (u + radiusMm > 0 ? near : z + radiusMm));
    top = Math.min(top, (v - radiusMm) / (v - radiusMm < 0 ? near : z + radiusMm));
    bottom = Math.max(bottom, (v + radiusMm) / (v + radiusMm > 0 ? near : z + radiusMm));
  }
  if (behind === points.length) return null;
  if (behind > 0) return { left: 0, right: rays.widthPx, top: 0, bottom: rays.heightPx };
  const column = (u: number): number => ((u / rays.tanAcross + 1) / 2) * rays.widthPx;
  const row = (v: number): number => ((v / rays.tanDown + 1) / 2) * rays.heightPx;
  const box = {
    left: Math.max(0, Math.floor(column(left))),
    right: Math.min(rays.widthPx, Math.ceil(column(right))),
    top: Math.max(0, Math.floor(row(top))),
    bottom: Math.min(rays.heightPx, Math.ceil(row(bottom))),
  };
  return box.left < box.right && box.top < box.bottom ? box : null;
}
