import type { SensorHealth } from "../edge-agent/contract/words.ts";

/*
 * What the counts of a line say of its sensor: also, and above all, where no frame can be read. They run on over connections
 * and starts, so this is not forgotten when streaming begins anew.
 */

export interface WatchedCounts {
  readonly bytesSkipped: number;
  readonly checksumErrors: number;
  readonly strange: number;
  readonly malformed: number;
}

const windowMs = 20_000;
/** In the window. */
const checksumErrorsMin = 2;
const strangeMin = 2;
/** Without a single frame beside them. */
const malformedMin = 10;
const skippedBytesMin = 500;

export const countWords: readonly SensorHealth[] = ["other-firmware", "checksum-errors"];

export function newCountWatch() {
  const looks: (WatchedCounts & { readonly atMs: number; readonly frames: number })[] = [];
  let frames = 0;
  return {
    noteFrame(): void {
      frames += 1;
    },
    judge(
      { bytesSkipped, checksumErrors, strange, malformed }: WatchedCounts,
      atMs: number,
    ): Map<SensorHealth, string> {
      looks.push({ bytesSkipped, checksumErrors, strange, malformed, atMs, frames });
      while (looks.length > 2 && looks[0] !== undefined && atMs - looks[0].atMs > windowMs) looks.shift();
      const holds = new Map<SensorHealth, string>();
      const from = looks[0];
      if (from === undefined) return holds;
      const inSec = `in ${Math.round((atMs - from.atMs) / 1_000)} s`;
      const since = {
        strange: strange - from.strange,
        errors: checksumErrors - from.checksumErrors,
        malformed: malformed - from.malformed,
        skipped: bytesSkipped - from.bytesSkipped,
        frames: frames - from.frames,
      };
      const errors = since.errors >= checksumErrorsMin;
      if (errors) holds.set("checksum-errors", `${since.errors} ${inSec}`);
      if (since.strange >= strangeMin) holds.set("other-firmware", `${since.strange} unknown frames ${inSec}`);
      else if (since.frames > 0 || errors) return holds;
      else if (since.malformed >= malformedMin) {
        holds.set(
          "other-firmware",
          `${since.malformed} frames with content that cannot be, and none that can, ${inSec}`,
        );
      } else if (since.skipped >= skippedBytesMin) {
        const words = `${since.skipped} bytes and no frame ${inSec}: another baud rate, sensor or firmware`;
        holds.set("other-firmware", words);
      }
      return holds;
    },
  };
}
