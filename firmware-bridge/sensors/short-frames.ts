import type { Framed, Framer } from "./sensor.ts";

/*
 * Cuts the short frames of small radar modules out of a stream: 10 to 60 bytes each, many of them, so next to nothing is
 * done per byte and one copy is made per frame. Damage gives back all but its first byte: whatever good frame begins
 * inside it is found.
 */

export interface ShortFrames {
  /** Any frame begins with one of these bytes; the second is the same as the first where there is only one. */
  readonly begins: readonly [number, number];
  /** The longest whole frame; the buffer keeps less than this from one delivery to the next. */
  readonly bytesMax: number;
  /**
   * What lies at `at`, where one of `begins` stands, with `held` bytes from there on: the length of a whole and sound frame,
   * or one of the three words below. At most `bytesMax` may be waited for.
   */
  look(bytes: Uint8Array, at: number, held: number): number;
  /**
   * Of a sound frame: its payload is a copy. Undefined: of a type or length that is not known.
   */
  frame(bytes: Uint8Array, at: number, length: number): Framed | undefined;
}

/** No frame begins here. */
export const noFrame = 0;
/** More bytes are needed to say. */
export const tooFew = -1;
/** A frame begins here, as far as it says, and its checksum does not hold. */
export const broken = -2;

/** Bytes taken at once, so that a huge delivery cannot make the buffer large. */
const pieceBytes = 4_096;

export function newShortFramer(shape: ShortFrames): Framer {
  const [first, second] = shape.begins;
  const buffer = new Uint8Array(shape.bytesMax + pieceBytes);
  let held = 0;
  let bytesSkipped = 0;
  let resyncs = 0;
  let checksumErrors = 0;
  let strange = 0;
  let lost = false;

  /** Takes what is whole off the front and keeps the rest. */
  const take = (frames: Framed[]): void => {
    const end = held;
    let at = 0;
    scan: while (at < end) {
      const byte = buffer[at];
      if (byte !== first && byte !== second) {
        bytesSkipped += 1;
        lost = true;
        at += 1;
        continue;
      }
      const length = shape.look(buffer, at, end - at);
      switch (length) {
        case tooFew:
          break scan;
        case broken:
          checksumErrors += 1;
          bytesSkipped += 1;
          lost = true;
          at += 1;
          continue;
        case noFrame:
          bytesSkipped += 1;
          lost = true;
          at += 1;
          continue;
        default: {
          const framed = shape.frame(buffer, at, length);
          if (framed === undefined) strange += 1;
          else frames.push(framed);
          if (lost) resyncs += 1;
          lost = false;
          at += length;
        }
      }
    }
    if (at === 0) return;
    buffer.copyWithin(0, at, end);
    held = end - at;
    buffer.fill(0, held, end);
  };

  return {
    push(bytes) {
      const frames: Framed[] = [];
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        const piece = bytes.length <= pieceBytes ? bytes : bytes.subarray(from, from + pieceBytes);
        buffer.set(piece, held);
        held += piece.length;
        take(frames);
      }
      return frames;
    },
    get counts() {
      return { bytesSkipped, resyncs, checksumErrors, strange };
    },
    clear() {
      buffer.fill(0);
      held = 0;
      lost = false;
    },
  };
}

/** What carries nothing that the bridge reads is handed on without its content. */
export const unread = new Uint8Array();

/**
 * The instants of a sensor without a clock are those at which its messages came.
 *
 * @param gapUs silence from here on is a gap: nothing may be reckoned across it
 */
export function newArrivals(gapUs: number): { forget(): void; isAfterGap(arrivedUs: number): boolean } {
  let last: number | undefined;
  return {
    forget() {
      last = undefined;
    },
    isAfterGap(arrivedUs) {
      const silentUs = last === undefined ? 0 : arrivedUs - last;
      last = arrivedUs;
      return silentUs >= gapUs;
    },
  };
}
