import { elapsedMs, type MonoMs } from "../edge-agent/contract/units.ts";

/*
 * The bytes of frames that were sent, until they are overwritten: the broker connection holds the same memory until the
 * kernel has taken it. A frame that waited longer goes out as zeros, which no reader accepts as an envelope.
 */

const overwriteAfterMs = 10_000;
/** More than a unit's sensors send in that time; of a sensor that floods the oldest are overwritten early. */
const framesMax = 2_048;
const bytesMax = 8_388_608;

export interface SentFrames {
  note(bytes: Uint8Array, at: MonoMs): void;
  /** Overwrites what is old, and the oldest where too much is held. */
  look(at: MonoMs): void;
  overwriteAll(): void;
  readonly held: { readonly frames: number; readonly bytes: number };
}

export function newSentFrames(): SentFrames {
  const sent: { readonly at: MonoMs; readonly bytes: Uint8Array }[] = [];
  let held = 0;
  const overwriteFirst = (): void => {
    const first = sent.shift();
    if (first === undefined) return;
    held -= first.bytes.length;
    first.bytes.fill(0);
  };
  const look = (at: MonoMs): void => {
    for (let first = sent[0]; first !== undefined; first = sent[0]) {
      const old = elapsedMs(first.at, at) >= overwriteAfterMs;
      if (!old && sent.length <= framesMax && held <= bytesMax) return;
      overwriteFirst();
    }
  };
  return {
    note(bytes, at) {
      sent.push({ at, bytes });
      held += bytes.length;
      look(at);
    },
    look,
    overwriteAll() {
      while (sent.length > 0) overwriteFirst();
    },
    get held() {
      return { frames: sent.length, bytes: held };
    },
  };
}
