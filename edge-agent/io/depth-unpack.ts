import sharp from "sharp";
import { greyPngOf } from "./png-shape.ts";

/*
 * The one place where pictures of depth are unpacked. Only PNG gets in, of one shape and of the size that the frame's
 * header announced; nothing else of the library can be reached from here.
 */
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadPngBuffer"] });
// Pictures must not outlive their use, and the loop's own thread must not wait for four others.
sharp.cache(false);
sharp.concurrency(1);

const withinMs = 1_000;

/**
 * 16-bit grey PNG -> distances in mm, row by row. The PNG's bytes are overwritten.
 *
 * @throws Error where it is not such a PNG of this size, is damaged, or takes more than a second
 */
export async function unpackDepth(png: Uint8Array, widthPx: number, heightPx: number): Promise<Uint16Array> {
  try {
    const shape = greyPngOf(png);
    if (typeof shape === "string") throw new Error(`not a PNG of distances: ${shape}`);
    if (shape.widthPx !== widthPx || shape.heightPx !== heightPx) {
      throw new Error(`a PNG of ${shape.widthPx}x${shape.heightPx} where ${widthPx}x${heightPx} was announced`);
    }
    const bytes = await intime(
      sharp(png, { limitInputPixels: widthPx * heightPx, failOn: "warning", sequentialRead: true })
        // Anything else gives 8 bits without a word.
        .toColourspace("grey16")
        .raw({ depth: "ushort" })
        .toBuffer(),
    );
    // A copy at an even address, so that the library's own can be overwritten.
    const mm = new Uint16Array(Uint8Array.from(bytes).buffer);
    bytes.fill(0);
    return mm;
  } finally {
    png.fill(0);
  }
}

function intime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not unpacked within ${withinMs} ms`)), withinMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
