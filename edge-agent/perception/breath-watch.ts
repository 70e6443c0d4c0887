import { framesPerStep, modelRateHz } from "./radar-breathing.ts";

/*
 * Whether the chest of whoever lies in the bed is seen to breathe. A prompt to look, not an apnoea alarm: it speaks only
 * where breathing was clearly seen in this very lie, and otherwise says that it cannot see.
 */

/**
 * `unknown`: nobody in bed, just moved, or too early to say; `seen`: breathes; `stopped`: breathed clearly, lies still and has not
 * breathed for as long as it takes; `cannot-see`: for as long, no breathing was seen where none had been clear before.
 */
export type BreathWord = "unknown" | "seen" | "stopped" | "cannot-see";

export interface BreathWatch {
  readonly is: BreathWord;
  /** Frame slot at which the chest was last seen to breathe, or the stillness began. */
  readonly lastBreathSlot: number;
  /** Seconds of clear breathing since the stillness began. */
  readonly clearSec: number;
  /** Answers in a row in which breathing was seen again. */
  readonly again: number;
}

export const breathUnwatched: BreathWatch = { is: "unknown", lastBreathSlot: 0, clearSec: 0, again: 0 };

/** Alarm delays of monitors lie at 10 to 40 s, 20 s is usual; the end of a breath is seen a little before it is over. */
export const stoppedAfterSec = 19;
/** So much clear breathing proves that it can be seen in this lie: two breaths of a slow breather. */
const clearSecMin = 12;
const breathes = 0.5;
const clearly = 0.8;
const qualityMin = 0.7;

export interface BreathAnswer {
  /** End of the window, in frame slots, and the frames in it. */
  readonly end: number;
  readonly frames: number;
  /** Since when the person lies still, in frame slots. */
  readonly stillSince: number;
  readonly inBed: boolean;
  /** The model's output `breathing`. */
  readonly breathing: Float32Array;
  readonly quality: number;
}

/** One answer a second. */
export function nextBreathWatch(watch: BreathWatch, answer: BreathAnswer): BreathWatch {
  const { end, frames, stillSince, breathing } = answer;
  if (!answer.inBed) return { ...breathUnwatched, lastBreathSlot: end };
  const began = Math.max(stillSince, end - frames);
  // A movement is a sign of life; what was clear before it may be hidden after it.
  const moved = stillSince > watch.lastBreathSlot;
  const kept =
    moved || watch.lastBreathSlot < stillSince
      ? { clearSec: 0, last: stillSince }
      : { clearSec: watch.clearSec, last: watch.lastBreathSlot };
  const lastSeen = lastBreath(breathing, end, began);
  // What an earlier answer took for breath at its very end, a later one may know better; before its window it knows nothing.
  const lastBreathSlot = lastSeen ?? Math.min(kept.last, began);
  const perSecond = modelRateHz / framesPerStep;
  let clear = 0;
  for (let step = breathing.length - perSecond; step < breathing.length; step++)
    clear += breathing[step]! >= clearly ? 1 : 0;
  const isClear = clear === perSecond && answer.quality >= qualityMin;
  const clearSec = Math.min(600, kept.clearSec + (isClear ? 1 : 0));
  const silentSec = (end - lastBreathSlot) / modelRateHz;
  if (silentSec >= stoppedAfterSec) {
    return { is: clearSec >= clearSecMin ? "stopped" : "cannot-see", lastBreathSlot, clearSec, again: 0 };
  }
  const alarming = watch.is === "stopped" || watch.is === "cannot-see";
  // One breath's worth of doubt does not end what was said: it must be seen in two answers.
  const again = alarming && !moved ? watch.again + 1 : 0;
  if (alarming && !moved && again < 2) return { ...watch, lastBreathSlot, clearSec, again };
  return { is: silentSec < 6 ? "seen" : watch.is === "seen" ? "seen" : "unknown", lastBreathSlot, clearSec, again: 0 };
}

/** End of the last step in which the chest breathes, in frame slots; a single step alone may be noise. */
function lastBreath(breathing: Float32Array, end: number, began: number): number | undefined {
  const first = breathing.length - Math.floor((end - began) / framesPerStep);
  for (let step = breathing.length - 1; step > first; step--) {
    if (breathing[step]! >= breathes && breathing[step - 1]! >= breathes) {
      return end - (breathing.length - 1 - step) * framesPerStep;
    }
  }
  return undefined;
}
