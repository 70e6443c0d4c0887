import { type DepthFrame, type EnvelopeHeader, encodeDepth } from "../edge-agent/contract/frames.ts";
import { encodePackedDepth } from "../edge-agent/contract/packed-depth.ts";

/*
 * Packs depth frames as 16-bit PNG, on the unit's own loopback broker. sharp works in another thread, so frames wait for
 * one another: they are published in the order in which they were taken.
 */

type Sharp = typeof import("sharp")["default"];
let loaded: Promise<Sharp> | undefined;
/** Loaded where a sensor needs it: a bridge without one must not pay its 15 MB. */
const loadSharp = (): Promise<Sharp> => {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loaded;
};

/** Below this a PNG's own words weigh more than it saves: 8x8 zones go as they are. */
export const packedPixelsMin = 1_024;
/** Frames of a sensor that wait to be packed; the oldest falls. */
const waitingMax = 4;

/** The payload: packed where that makes it smaller. The frame's distances are overwritten. */
export async function packDepth(frame: DepthFrame): Promise<Uint8Array> {
  const plain = encodeDepth(frame);
  if (frame.mm.length < packedPixelsMin) {
    frame.mm.fill(0);
    return plain;
  }
  try {
    const sharp = await loadSharp();
    const png = await sharp(frame.mm, { raw: { width: frame.widthPx, height: frame.heightPx, channels: 1 } })
      .toColourspace("grey16")
      .png({ compressionLevel: 3, adaptiveFiltering: true })
      .toBuffer();
    const packed = encodePackedDepth(frame, png);
    png.fill(0);
    if (packed.length >= plain.length) {
      packed.fill(0);
      return plain;
    }
    plain.fill(0);
    return packed;
  } finally {
    frame.mm.fill(0);
  }
}

export interface DepthPacking {
  /** Keeps a copy: the caller's distances may be overwritten at once. */
  offer(header: EnvelopeHeader, frame: DepthFrame): void;
}

export interface DepthPackingParts {
  /** Asked again when a frame is packed: consent may have ended meanwhile. */
  readonly mayPass: (header: EnvelopeHeader) => boolean;
  readonly onPacked: (header: EnvelopeHeader, payload: Uint8Array) => void;
  /** A frame that is not published: too many waited, or it could not be packed. */
  readonly onDropped: (cause: unknown) => void;
}

export function newDepthPacking({ mayPass, onPacked, onDropped }: DepthPackingParts): DepthPacking {
  const waiting: { readonly header: EnvelopeHeader; readonly frame: DepthFrame }[] = [];
  let working = false;
  const work = async (): Promise<void> => {
    working = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!mayPass(next.header)) {
        next.frame.mm.fill(0);
        continue;
      }
      try {
        const payload = await packDepth(next.frame);
        if (mayPass(next.header)) onPacked(next.header, payload);
        else payload.fill(0);
      } catch (cause) {
        onDropped(cause);
      }
    }
    working = false;
  };
  return {
    offer(header, frame) {
      waiting.push({ header, frame: { ...frame, mm: frame.mm.slice() } });
      while (waiting.length > waitingMax) {
        waiting.shift()?.frame.mm.fill(0);
        onDropped("frames come faster than they can be packed");
      }
      if (!working) void work();
    },
  };
}
