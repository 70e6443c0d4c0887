import { type DeviceUs, deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";

/*
 * The clock of TI's demos: the chip starts its frames on a timer of its own, so the frame number times the period of the
 * configuration that it was started with is its time, whatever the cable and the computer do. It counts from 1 anew with each
 * start.
 */

const numbers = 2 ** 32;

export interface FrameClock {
  /** Undefined: no number that can follow; the packet is not to be used. */
  at(frameNumber: number): { readonly deviceUs: DeviceUs; readonly afterGap: boolean } | undefined;
  forget(): void;
}

/**
 * No checksum covers the number. One that jumps by 3 s or more, stands or runs back is believed only when the next one follows
 * it: a changed bit costs one packet and not everything that was reckoned before it.
 */
export function newFrameClock(periodUs: number): FrameClock {
  let last: number | undefined;
  let doubted: number | undefined;
  let frames = 0;
  return {
    at(frameNumber) {
      const forward = last === undefined ? 0 : (frameNumber - last + numbers) % numbers;
      const far = forward * periodUs >= gapUs;
      if (last === undefined) {
        frames = frameNumber;
      } else if (forward === 0 || far) {
        const since = doubted === undefined ? 0 : (frameNumber - doubted + numbers) % numbers;
        doubted = frameNumber;
        if (since === 0 || since * periodUs >= gapUs) return undefined;
        // Backwards: the chip began anew, and its time with it.
        frames = frameNumber < last ? frameNumber : frames + forward;
      } else {
        frames += forward;
      }
      last = frameNumber;
      doubted = undefined;
      return { deviceUs: deviceUs(frames * periodUs), afterGap: far };
    },
    forget() {
      last = doubted = undefined;
    },
  };
}
