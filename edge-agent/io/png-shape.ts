/*
 * What a PNG (ISO/IEC 15948) says of itself, read before any of it is unpacked: a picture of distances needs three kinds of
 * chunks, and everything else (text, colour profiles, animation) is another way to hide a bomb.
 */

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** 11.2.2 IHDR, 11.3.4.3 pHYs (which libvips writes), 11.2.4 IDAT, 11.2.5 IEND. */
const allowed: ReadonlySet<string> = new Set(["IHDR", "pHYs", "IDAT", "IEND"]);

export interface PngShape {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** From a bridge, before any check. @returns why not, where it is not a whole 16-bit grey PNG without interlacing */
export function greyPngOf(bytes: Uint8Array): PngShape | string {
  if (signature.some((byte, i) => bytes[i] !== byte)) return "no PNG signature";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let shape: PngShape | undefined;
  for (let at = 8; at < bytes.length; ) {
    if (at + 12 > bytes.length) return "cut off";
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const next = at + 12 + length;
    if (next > bytes.length) return "cut off";
    if (!allowed.has(name)) return "a chunk that is not needed";
    if ((shape === undefined) !== (name === "IHDR")) return "no header, or two";
    if (name === "IHDR") {
      if (length !== 13) return "no header, or two";
      // Bit depth 16, colour type 0, deflate, filters of the standard, not interlaced.
      if ([16, 0, 0, 0, 0].some((byte, i) => bytes[at + 16 + i] !== byte)) return "not 16-bit grey";
      shape = { widthPx: view.getUint32(at + 8), heightPx: view.getUint32(at + 12) };
    }
    if (name === "IEND") return next === bytes.length && shape !== undefined ? shape : "bytes after its end";
    at = next;
  }
  return "no end";
}
