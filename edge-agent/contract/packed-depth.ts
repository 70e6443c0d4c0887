import { type DepthFrame, depthHeaderBytes, encodeDepthHeader, type Parsed, readDepthHeader } from "./frames.ts";

/*
 * A depth payload whose distances are packed: the header of frames.ts with packing 1, then one PNG (ISO/IEC 15948) of 16-bit
 * grey in the frame's width and height, a pixel's value being the distance in mm. PNG loses nothing, so a hole stays a hole.
 */
const png = 1;
/** A PNG is never larger than this: beyond it, packing would have cost more than it saved. */
const packedBytesMax = (pixels: number): number => 2 * pixels + 1_024;

export interface PackedDepth extends Omit<DepthFrame, "mm"> {
  readonly png: Uint8Array;
}

export function encodePackedDepth(frame: Omit<DepthFrame, "mm">, bytes: Uint8Array): Uint8Array {
  const payload = encodeDepthHeader({ ...frame, packing: png }, bytes.length);
  payload.set(bytes, depthHeaderBytes);
  return payload;
}

/** undefined: its distances are not packed. The picture is a copy of its own: the payload's bytes will be overwritten. */
export function readPackedDepth(payload: Uint8Array): Parsed<PackedDepth> | undefined {
  const header = readDepthHeader(payload);
  if (!header.ok || header.value.packing !== png) return undefined;
  const { packing: _, ...geometry } = header.value;
  const bytes = payload.slice(depthHeaderBytes);
  if (bytes.length === 0 || bytes.length > packedBytesMax(geometry.widthPx * geometry.heightPx)) {
    return { ok: false, why: "malformed" };
  }
  return { ok: true, value: { ...geometry, png: bytes } };
}

/** `mm`: what came out of the PNG. Another number of pixels than announced is no frame. */
export function unpackedFrame({ png: _, ...geometry }: PackedDepth, mm: Uint16Array): DepthFrame | undefined {
  return mm.length === geometry.widthPx * geometry.heightPx ? { ...geometry, mm } : undefined;
}
