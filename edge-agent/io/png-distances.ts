import { crc32, inflateSync } from "node:zlib";

/*
 * The pixels of a 16-bit grey PNG (ISO/IEC 15948) whose shape greyPngOf has looked at. Such small pictures are unpacked where they are
 * needed: handing one to another thread and hearing of it again costs several times what unpacking does.
 */

const pixelBytes = 2;
/** Before the chunks stand 8 bytes of signature; around each one's data 8 before and 4 behind. */
const signatureBytes = 8;

/**
 * Distances in mm, row by row.
 *
 * @throws Error where a checksum is wrong or the data are not exactly the rows of such a picture
 */
export function distancesOf(png: Uint8Array, widthPx: number, heightPx: number): Uint16Array {
  const rowBytes = pixelBytes * widthPx;
  const packed = dataOf(png);
  let rows: Uint8Array = new Uint8Array();
  try {
    // Never more memory than the picture's own, whatever the data would grow to.
    rows = inflateSync(packed, {
      maxOutputLength: heightPx * (1 + rowBytes),
      chunkSize: Math.max(64, heightPx * (1 + rowBytes)),
    });
    if (rows.length !== heightPx * (1 + rowBytes)) throw new Error("a PNG whose rows are not all there");
    const mm = new Uint16Array(widthPx * heightPx);
    for (let y = 0; y < heightPx; y++) {
      const at = y * (1 + rowBytes) + 1;
      unfilter(rows, at, rowBytes, y > 0);
      for (let x = 0; x < widthPx; x++) {
        // 7.2: the most significant byte comes first.
        mm[y * widthPx + x] = (rows[at + pixelBytes * x]! << 8) | rows[at + pixelBytes * x + 1]!;
      }
    }
    return mm;
  } finally {
    packed.fill(0);
    rows.fill(0);
  }
}

/** What all IDAT chunks hold, in one; a part of the PNG's own bytes where there is only one. */
function dataOf(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = signatureBytes; at < png.length; ) {
    const length = view.getUint32(at);
    // 5.3: the checksum is over the name and the data.
    const named = png.subarray(at + 4, at + 8 + length);
    if (crc32(named) !== view.getUint32(at + 8 + length)) throw new Error("a PNG with a wrong checksum");
    if (String.fromCharCode(...named.subarray(0, 4)) === "IDAT") parts.push(named.subarray(4));
    at += 12 + length;
  }
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}

/** 9.2: gives a row its bytes back, from those before it and above it, which have theirs. */
function unfilter(rows: Uint8Array, at: number, rowBytes: number, hasAbove: boolean): void {
  const filter = rows[at - 1]!;
  const back = rowBytes + 1;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = at + pixelBytes; i < at + rowBytes; i++) rows[i] = rows[i]! + rows[i - pixelBytes]!;
      return;
    case 2:
      if (hasAbove) for (let i = at; i < at + rowBytes; i++) rows[i] = rows[i]! + rows[i - back]!;
      return;
    case 3:
      for (let i = at; i < at + rowBytes; i++) {
        const left = i - at >= pixelBytes ? rows[i - pixelBytes]! : 0;
        const above = hasAbove ? rows[i - back]! : 0;
        rows[i] = rows[i]! + ((left + above) >> 1);
      }
      return;
    case 4:
      for (let i = at; i < at + rowBytes; i++) {
        const inside = i - at >= pixelBytes;
        const left = inside ? rows[i - pixelBytes]! : 0;
        const above = hasAbove ? rows[i - back]! : 0;
        const corner = inside && hasAbove ? rows[i - back - pixelBytes]! : 0;
        rows[i] = rows[i]! + nearest(left, above, corner);
      }
      return;
    default:
      throw new Error(`a PNG with a filter that the standard does not know: ${filter}`);
  }
}

/** 9.4, Paeth: whichever of the three is nearest to left + above - corner. */
function nearest(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
