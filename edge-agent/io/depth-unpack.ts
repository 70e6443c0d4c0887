import { distancesOf } from "./png-distances.ts";
import { greyPngOf } from "./png-shape.ts";

/**
 * The one place where pictures of depth are unpacked: 16-bit grey PNG -> distances in mm, row by row. Only PNG gets in, of one shape and of
 * the size that the frame's header announced. The PNG's bytes are overwritten.
 *
 * @throws Error where it is not such a PNG of this size, or is damaged
 */
export async function unpackDepth(png: Uint8Array, widthPx: number, heightPx: number): Promise<Uint16Array> {
  try {
    const shape = greyPngOf(png);
    if (typeof shape === "string") throw new Error(`not a PNG of distances: ${shape}`);
    if (shape.widthPx !== widthPx || shape.heightPx !== heightPx) {
      throw new Error(`a PNG of ${shape.widthPx}x${shape.heightPx} where ${widthPx}x${heightPx} was announced`);
    }
    return distancesOf(png, widthPx, heightPx);
  } finally {
    png.fill(0);
  }
}
