import type { Effect } from "../contract/door.ts";
import type { PackedDepth } from "../contract/packed-depth.ts";
import type { DeviceUs, MonoMs } from "../contract/units.ts";

/*
 * Packed depth frames of one room on their way to be unpacked: one at a time, so that they come back in the order in which
 * they were sent.
 */

/** At 10 frames a second, 0.4 s: whoever unpacks so slowly will not catch up. */
export const unpackingMax = 4;

export interface Packed {
  readonly sensor: string;
  readonly depth: PackedDepth;
  readonly deviceUs: DeviceUs;
  /** When it arrived. */
  readonly at: MonoMs;
}

export interface Unpacking {
  readonly requests: number;
  /** The first is being unpacked: by the newest request. */
  readonly frames: readonly Packed[];
}

export const nothingPacked: Unpacking = { requests: 0, frames: [] };

export interface Asked {
  readonly unpacking: Unpacking;
  readonly effects: readonly Effect[];
}

/** undefined: too many wait. */
export function offer(unpacking: Unpacking, frame: Packed): Asked | undefined {
  if (unpacking.frames.length >= unpackingMax) {
    frame.depth.png.fill(0);
    return undefined;
  }
  const frames = [...unpacking.frames, frame];
  return frames.length === 1 ? ask({ ...unpacking, frames }) : { unpacking: { ...unpacking, frames }, effects: [] };
}

/** The frame that this answer is about, and the next question; undefined: it is about none that still counts. */
export function answered(unpacking: Unpacking, request: number): (Asked & { readonly frame: Packed }) | undefined {
  const [frame, ...frames] = unpacking.frames;
  if (frame === undefined || request !== unpacking.requests) return undefined;
  return { frame, ...ask({ ...unpacking, frames }) };
}

/** Of the sensors that `keep` names; what is dropped is overwritten, and an answer about it will be nobody's. */
export function dropPacked(unpacking: Unpacking, keep: (sensor: string) => boolean): Asked {
  const frames = unpacking.frames.filter(({ sensor }) => keep(sensor));
  if (frames.length === unpacking.frames.length) return { unpacking, effects: [] };
  for (const { sensor, depth } of unpacking.frames) if (!keep(sensor)) depth.png.fill(0);
  return ask({ ...unpacking, frames });
}

function ask({ requests, frames }: Unpacking): Asked {
  const [first] = frames;
  const request = requests + 1;
  if (first === undefined) return { unpacking: { requests: request, frames }, effects: [] };
  const { png, widthPx, heightPx } = first.depth;
  return {
    unpacking: { requests: request, frames },
    effects: [{ kind: "unpack", request, png, widthPx, heightPx }],
  };
}
