import { z } from "zod";
import { AlarmId, BedId } from "./ids.ts";
import { AlarmPresence } from "./words.ts";

/*
 * That an alarm stood on a screen: what a nurse station says over WebSocket `/live`, and what the dashboard tells the agent
 * of it. Nobody has acknowledged anything by it; it proves that the way to the screen holds.
 */

/** An alarm as it was when it was drawn. `raisedAt`: ms since 1970 UTC, as the agent said it. */
export const AlarmShown = z.strictObject({ bed: BedId, id: AlarmId, presence: AlarmPresence, raisedAt: z.number() });
export type AlarmShown = z.infer<typeof AlarmShown>;

export const shownAtOnceMax = 50;
/** Older than this, the word of a screen about its own frame tells nothing. */
export const shownMsAgoMax = 60_000;

/** What a screen may say. `msAgo`: since the first animation frame after the change, by the screen's own clock. */
export const LiveSaid = z.strictObject({
  say: z.literal("shown"),
  alarms: z.array(AlarmShown).min(1).max(shownAtOnceMax),
  msAgo: z.number().min(0).max(shownMsAgoMax),
});
export type LiveSaid = z.infer<typeof LiveSaid>;
