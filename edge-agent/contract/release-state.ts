import { z } from "zod";
import { BedId } from "./ids.ts";
import { Tile } from "./tile.ts";

/*
 * What an update on this machine (scripts/update/) and the agent tell each other: how the ward is, and what was done to the program.
 */

/** In the data folder: a socket (platform/state-door.ts) with the agent's state behind it. */
export const agentSocket = "agent.sock";

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
