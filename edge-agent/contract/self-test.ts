import { z } from "zod";
import { DeviceId } from "./ids.ts";

/*
 * The test of the alarm chain: a made-up reading goes the way of a real one, from the sensor's bytes through the bedroom unit's
 * bridge and the agent to the stations, and ends with a person who says whether they heard it. It senses nobody: the bytes
 * are the driver's own sample, and what they decode to goes nowhere.
 */

const Nonce = z.string().regex(/^[0-9a-f]{16}$/);

/** agent -> bridge. */
export const SelfTest = z.strictObject({ v: z.literal(1), nonce: Nonce });
export type SelfTest = z.infer<typeof SelfTest>;

/** bridge -> agent. */
export const SelfTested = z.strictObject({
  v: z.literal(1),
  device: DeviceId,
  nonce: Nonce,
  /** Every sensor driver of the unit read its own sample as it must. */
  decoded: z.boolean(),
});
export type SelfTested = z.infer<typeof SelfTested>;

/** What stations are told of the newest one. Times are ms since 1970 UTC. */
export const ChainTest = z.strictObject({
  nonce: Nonce,
  by: z.string(),
  atUtcMs: z.number(),
  units: z.array(
    z.strictObject({
      device: DeviceId,
      /** Null: it has not answered. */
      answeredAfterMs: z.number().nullable(),
      decoded: z.boolean(),
    }),
  ),
});
export type ChainTest = z.infer<typeof ChainTest>;

/** A unit that has not answered by then is told as silent, and no station sounds a test that is older. */
export const chainTestMs = 10_000;

/** From the broker, before any check. Undefined: it does not parse. */
export function readSelfTest<T>(schema: { parse(value: unknown): T }, payload: Uint8Array): T | undefined {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch {
    return undefined;
  }
}
