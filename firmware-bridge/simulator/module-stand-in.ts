import { stageStepSec } from "./stage.ts";

/*
 * The wire's end of a small radar module that sends by itself: a step of the room every 50 ms of sensor time, from the moment
 * on when it is first asked what is due. Bytes in, bytes out; the caller has the clock and the wire.
 */

export interface ModuleStandIn {
  /** Bytes from the bridge; what the module answers at once. */
  take(bytes: Uint8Array, nowMs: number): readonly Uint8Array[];
  /** Whole messages that are due by now. */
  due(nowMs: number): readonly Uint8Array[];
  /** When it has to be asked next, on the clock of `nowMs`. The room goes on where the module does not send. */
  readonly nextDueMs: number | undefined;
}

export interface ModuleStandInParts {
  /** What the module sends at this step; none of it where it was told to be silent. */
  next(): readonly Uint8Array[];
  /** Answers to what was written to it. */
  answer(bytes: Uint8Array): readonly Uint8Array[];
}

/** After a stall of the machine the schedule slips; it does not burst. */
const stepsAtOnceMin = 20;

/** @param speed seconds of sensor time in one second of the caller's clock */
export function newModuleStandIn(parts: ModuleStandInParts, speed: number): ModuleStandIn {
  const periodMs = (1_000 * stageStepSec) / speed;
  const stepsAtOnceMax = Math.max(stepsAtOnceMin, Math.ceil(500 / periodMs));
  let nextMs: number | undefined;
  return {
    take: (bytes) => (bytes.length === 0 ? [] : parts.answer(bytes)),
    due(nowMs) {
      const messages: Uint8Array[] = [];
      nextMs ??= nowMs;
      for (let steps = 0; nextMs <= nowMs; steps++) {
        if (steps >= stepsAtOnceMax) {
          nextMs = nowMs + periodMs;
          break;
        }
        nextMs += periodMs;
        messages.push(...parts.next());
      }
      return messages;
    },
    get nextDueMs() {
      // It has power before anybody connects.
      return nextMs ?? 0;
    },
  };
}

/** True at the first step and then every so many seconds. */
export const isEvery = (step: number, seconds: number): boolean => step % Math.round(seconds / stageStepSec) === 0;
