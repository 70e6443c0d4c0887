import type { Placement } from "../contract/config.ts";
import type { DepthFrame } from "../contract/frames.ts";

/*
 * Where each pixel looks, in the bed's own coordinates: a height above the mattress is the same thing whichever sensor sees
 * it from whichever corner, a distance is not.
 */

/** The depth sensors that there is a model for, and how many pixels each way make one cell of what the model sees. */
export const depthViews = {
  "80x60": { widthPx: 80, heightPx: 60, blockPx: 2, columns: 40, rows: 30 },
  "8x8": { widthPx: 8, heightPx: 8, blockPx: 1, columns: 8, rows: 8 },
} as const;
export type DepthView = keyof typeof depthViews;

/** Undefined: frames of another shape than any model was made for. */
export function viewOf(frame: Pick<DepthFrame, "widthPx" | "heightPx">): DepthView | undefined {
  if (frame.widthPx === 80 && frame.heightPx === 60) return "80x60";
  return frame.widthPx === 8 && frame.heightPx === 8 ? "8x8" : undefined;
}

/** The ray of each cell: a point at optical depth z mm is origin + z x (dx, dy, dz), mm. */
export interface DepthGeometry {
  readonly view: DepthView;
  readonly placement: Placement;
  readonly origin: readonly [number, number, number];
  readonly dx: Float64Array;
  readonly dy: Float64Array;
  readonly dz: Float64Array;
}

type Vector = readonly [number, number, number];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
function unit(a: Vector): Vector {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** @param acrossDeg, downDeg full angles of the pinhole camera, as its frames state them */
export function depthGeometry(
  placement: Placement,
  view: DepthView,
  acrossDeg: number,
  downDeg: number,
): DepthGeometry {
  const { at, towards } = placement;
  const { columns, rows } = depthViews[view];
  const forward = unit([towards.xMm - at.xMm, towards.yMm - at.yMm, towards.zMm - at.zMm]);
  // A camera that looks straight down has the head of the bed at the top of its picture.
  const right = unit(cross(forward, Math.abs(forward[2]) > 0.999 ? [0, 1, 0] : [0, 0, 1]));
  const down = cross(forward, right);
  const tanAcross = Math.tan((acrossDeg * Math.PI) / 360);
  const tanDown = Math.tan((downDeg * Math.PI) / 360);
  const cells = columns * rows;
  const rays = [new Float64Array(cells), new Float64Array(cells), new Float64Array(cells)] as const;
  for (let row = 0; row < rows; row++) {
    const v = ((2 * (row + 0.5)) / rows - 1) * tanDown;
    for (let column = 0; column < columns; column++) {
      const u = ((2 * (column + 0.5)) / columns - 1) * tanAcross;
      for (const axis of [0, 1, 2] as const) {
        rays[axis][row * columns + column] = forward[axis] + u * right[axis] + v * down[axis];
      }
    }
  }
  const [dx, dy, dz] = rays;
  return { view, placement, origin: [at.xMm, at.yMm, at.zMm], dx, dy, dz };
}
