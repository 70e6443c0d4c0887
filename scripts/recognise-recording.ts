import { sensors } from "../firmware-bridge/sensors/index.ts";
import { type ModuleModel, moduleEnvelopes, moduleModels } from "./module-envelopes.ts";

export interface Recognised {
  readonly model: ModuleModel;
  /** By the sensor's own count of frames, or its nominal pace. */
  readonly lastsSec: number;
}

/** Fewer whole messages may be chance. */
const messagesMin = 5;
/** More than this share of the bytes must belong to messages. */
const usedShareMin = 0.8;

/** Which module sent these bytes, by the one whose driver finds most of them its own; undefined: none of those that have drivers. */
export function recogniseRecording(wire: Uint8Array): Recognised | undefined {
  const found = moduleModels.map((model) => ({ model, ...moduleEnvelopes(model, wire) }));
  const own = found.filter(
    ({ frames, counts }) => frames.length >= messagesMin && counts.bytesSkipped < (1 - usedShareMin) * wire.length,
  );
  const best = own.sort((a, b) => b.frames.length - b.malformed - (a.frames.length - a.malformed))[0];
  if (best === undefined) return undefined;
  const first = best.frames[0]!.atMs;
  const last = best.frames.at(-1)!.atMs;
  return { model: best.model, lastsSec: Math.max(1, (last - first) / 1_000 + 1 / sensors[best.model].frameRateHz) };
}
