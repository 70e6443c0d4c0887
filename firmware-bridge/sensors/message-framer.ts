import type { Framed, Framer } from "./sensor.ts";

/*
 * Cuts messages that begin with a sync word and say their own length out of a stream. A length is believed only where the
 * header's own check holds, and a message whose body fails its check gives back all but its sync word: whatever good
 * message begins inside the damage is found.
 */

/** What the messages of one protocol look like. */
export interface MessageShape {
  /** First bytes of every message. */
  readonly sync: readonly [number, number, ...number[]];
  readonly headerBytes: number;
  /** The longest whole message; the buffer holds little more. */
  readonly bytesMax: number;
  /** Length of the whole message whose header lies at `at` of the bytes (`view` is of the same); 0: the header's check does not hold, or it cannot be. */
  lengthOf(bytes: Uint8Array, view: DataView, at: number): number;
  /** Whether the body of the message, header and all, is as it was sent. */
  holds(message: Uint8Array): boolean;
  /** The payload is a copy. Undefined: a sound message of a type or length that is not known. */
  frame(message: Uint8Array): Framed | undefined;
}

/** Bytes taken at once, so that a huge delivery cannot make the buffer large. */
const pieceBytes = 65_536;
/** Broken bodies one after the other, each under a sound header: nobody but an attacker sends so many. */
const brokenInTurnMax = 16;

export function newMessageFramer(shape: MessageShape): Framer {
  const [firstOfSync] = shape.sync;
  const capacityMax = shape.bytesMax + pieceBytes;
  let buffer = new Uint8Array(Math.min(4_096, capacityMax));
  let view = new DataView(buffer.buffer);
  let start = 0;
  let end = 0;
  /** With fewer bytes than this from `start` on there is nothing to look at. */
  let needed = shape.headerBytes;
  let brokenInTurn = 0;
  let bytesSkipped = 0;
  let resyncs = 0;
  let checksumErrors = 0;
  let strange = 0;
  let lost = false;

  const append = (piece: Uint8Array): void => {
    if (end + piece.length > buffer.length) {
      const kept = buffer.subarray(start, end);
      const room = kept.length + Math.max(piece.length, needed - kept.length);
      if (room > buffer.length) {
        const larger = new Uint8Array(Math.min(capacityMax, Math.max(room, 2 * buffer.length)));
        larger.set(kept);
        buffer.fill(0);
        buffer = larger;
        view = new DataView(buffer.buffer);
      } else {
        buffer.copyWithin(0, start, end);
        buffer.fill(0, end - start, end);
      }
      end -= start;
      start = 0;
    }
    buffer.set(piece, end);
    end += piece.length;
  };
  const forget = (count: number): void => {
    buffer.fill(0, start, start + count);
    start += count;
    needed = shape.headerBytes;
    if (start === end) start = end = 0;
  };
  const skip = (count: number): void => {
    if (count === 0) return;
    bytesSkipped += count;
    lost = true;
    forget(count);
  };
  /** Up to the next sync word, or to what may be the beginning of one. */
  const toSync = (): void => {
    const held = buffer.subarray(start, end);
    let at = held.indexOf(firstOfSync);
    while (at >= 0 && !isSync(held, at)) at = held.indexOf(firstOfSync, at + 1);
    skip(at < 0 ? held.length : at);
  };
  const isSync = (held: Uint8Array, at: number): boolean => {
    const count = Math.min(shape.sync.length, held.length - at);
    for (let i = 1; i < count; i++) if (held[at + i] !== shape.sync[i]) return false;
    return true;
  };

  /** Takes what is whole off the front. */
  const take = (frames: Framed[]): void => {
    for (;;) {
      if (end - start < needed) {
        // Whatever cannot be a beginning need not wait for more.
        if (end > start && needed === shape.headerBytes) toSync();
        return;
      }
      if (needed === shape.headerBytes) {
        toSync();
        if (end - start < needed) return;
        const length = shape.lengthOf(buffer, view, start);
        if (length < shape.headerBytes || length > shape.bytesMax) {
          checksumErrors += 1;
          skip(1);
          continue;
        }
        needed = length;
        if (end - start < needed) return;
      }
      const message = buffer.subarray(start, start + needed);
      if (!shape.holds(message)) {
        checksumErrors += 1;
        brokenInTurn += 1;
        skip(brokenInTurn > brokenInTurnMax ? end - start : 1);
        continue;
      }
      brokenInTurn = 0;
      const framed = shape.frame(message);
      if (framed === undefined) strange += 1;
      else frames.push(framed);
      if (lost) resyncs += 1;
      lost = false;
      forget(needed);
    }
  };

  return {
    push(bytes) {
      const frames: Framed[] = [];
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        append(bytes.subarray(from, from + pieceBytes));
        take(frames);
      }
      return frames;
    },
    get counts() {
      return { bytesSkipped, resyncs, checksumErrors, strange };
    },
    clear() {
      buffer.fill(0);
      start = 0;
      end = 0;
      needed = shape.headerBytes;
      brokenInTurn = 0;
      lost = false;
    },
  };
}
