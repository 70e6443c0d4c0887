import type { SensorHealth } from "../edge-agent/contract/words.ts";
import type { SensorFrame } from "./sensors/sensor.ts";

/** The very same readings for so long, and in so many frames: noise never repeats. */
const frozenMs = 5_000;
const framesMin = 8;

/** Whether a sensor says the same again and again. Modules that round (targets, messages without a wave) are not judged. */
export function newStillnessWatch() {
  let last = Number.NaN;
  let sameSince: number | undefined;
  let same = 0;
  let heardMs = 0;
  return {
    note(frame: SensorFrame, atMs: number): void {
      const mark = markOf(frame);
      if (mark === undefined) return;
      heardMs = atMs;
      if (mark !== last) {
        last = mark;
        sameSince = atMs;
        same = 0;
      }
      same += 1;
    },
    told(_atMs: number): readonly [SensorHealth, string] {
      const forMs = sameSince === undefined ? 0 : heardMs - sameSince;
      return same >= framesMin && forMs >= frozenMs
        ? ["frozen", `the same readings for ${Math.round(forMs / 1_000)} s`]
        : ["ok", ""];
    },
    forget(): void {
      last = Number.NaN;
      sameSince = undefined;
      same = 0;
    },
  };
}

/** A sum that two different frames hardly ever share (FNV-1a over their numbers). */
function markOf(frame: SensorFrame): number | undefined {
  if ("iq" in frame) return sumOf(frame.iq);
  if ("mm" in frame) return frame.mm.every((mm) => mm === 0) ? undefined : sumOf(frame.mm);
  if (!("wave" in frame) || frame.wave.length === 0) return undefined;
  return sumOf(new Uint32Array(frame.wave.slice().buffer));
}

function sumOf(numbers: ArrayLike<number>): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < numbers.length; i++) hash = Math.imul(hash ^ (numbers[i]! + 0x8000), 0x0100_0193);
  return hash >>> 0;
}
