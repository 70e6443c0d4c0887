import { z } from "zod";
import { IntendedUse } from "./intended-use.ts";
import { ChainTest } from "./self-test.ts";
import { Words } from "./text.ts";
import { StaffRole } from "./words.ts";

/*
 * What the agent tells the stations about the ward as a whole, once a second: who is on, and whether alarms may be heard
 * (IEC 60601-1-8: audio paused is timed, audio off is not). Times are ms since 1970 UTC.
 */

export const WardAudio = z.strictObject({
  /** No sound until then, but of alarms that come up after it began. */
  paused: z.strictObject({ sinceUtcMs: z.number(), untilUtcMs: z.number(), by: z.string() }).nullable(),
  /** No sound until somebody turns it on again. */
  off: z.strictObject({ sinceUtcMs: z.number(), by: z.string(), reason: z.string() }).nullable(),
});
export type WardAudio = z.infer<typeof WardAudio>;

/** Somebody listened at a station. */
export const SoundTest = z.strictObject({ atUtcMs: z.number(), by: z.string(), heard: z.boolean() });
export type SoundTest = z.infer<typeof SoundTest>;

export const WardState = z.strictObject({
  v: z.literal(1),
  at: z.number(),
  intendedUse: IntendedUse,
  audio: WardAudio,
  /** The newest; null: none in this shift. */
  soundTest: SoundTest.nullable(),
  /** The newest test of the alarm chain; null: none in this run. */
  chainTest: ChainTest.nullable(),
  /** How often an alarm came up within the last ten minutes (`alarm-load.ts`). */
  raisedLately: z.int().nonnegative(),
  /** Files of the program that are not what was signed, in words; left out: none that is known. */
  differing: z.array(z.string()).min(1).optional(),
  /** Signed in now. */
  onDuty: z.array(z.strictObject({ name: z.string(), role: StaffRole })),
});
export type WardState = z.infer<typeof WardState>;

export const wardAsks = [
  /** nurse: for so many seconds, at most what the site allows. */
  z.strictObject({ do: z.literal("pause-audio"), seconds: z.int().min(10).max(3_600) }),
  /** nurse in charge: with a reason; every station says so until it is on again. */
  z.strictObject({ do: z.literal("audio-off"), reason: Words(200) }),
  /** nurse: a pause ends as well. */
  z.strictObject({ do: z.literal("audio-on") }),
  /** nurse: a made-up reading goes from every bedroom unit to every station. */
  z.strictObject({ do: z.literal("test-chain") }),
  /** nurse: what came of the test of a station's sound. */
  z.strictObject({ do: z.literal("sound-heard"), heard: z.boolean() }),
] as const;
export type WardAsk = z.infer<(typeof wardAsks)[number]>;
