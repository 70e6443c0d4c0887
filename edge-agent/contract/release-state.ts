import { z } from "zod";
import { BedId } from "./ids.ts";
import { Tile } from "./tile.ts";

/*
 * What an update on this machine (scripts/update/) and the agent tell each other: how the ward is, and what was done to the program.
 */

/** set-up: which release runs and which rooms are monitored. What the update wrote down for the log is taken into it first. */
export const releaseAsks = [z.strictObject({ do: z.literal("release-state") })] as const;
export type ReleaseAsk = (typeof releaseAsks)[number]["_output"];

export const ReleaseState = z.strictObject({
  /** Number of the signed release; null: none is asked for. */
  release: z.int().positive().nullable(),
  /** Of this run of the agent: another one means that it was started again. */
  boot: z.uuid(),
  /** In the order of the configuration; a room of which nothing was told yet is "sensor-starting". */
  rooms: z.array(z.strictObject({ bed: BedId, notMonitored: Tile.shape.notMonitored })),
});
export type ReleaseState = z.infer<typeof ReleaseState>;

export const updateSteps = ["refused", "checked", "begun", "kept", "rolled-back", "stuck"] as const;

/** One line of the file in which an update writes what it did, for the agent to take into the audit log. */
export const UpdateNote = z.strictObject({
  v: z.literal(1),
  atUtcMs: z.int().positive(),
  step: z.enum(updateSteps),
  /** Numbers of releases; null: not known. */
  from: z.int().positive().nullable(),
  to: z.int().positive().nullable(),
  words: z.string().max(500),
});
export type UpdateNote = z.infer<typeof UpdateNote>;

/** In the data folder. */
export const updateNotesFile = "update-notes.jsonl";
