import { z } from "zod";
import { BedId } from "./ids.ts";
import { Words } from "./text.ts";

/**
 * The names and words beside the log of one person who has left (UK GDPR article 17): what an entry committed to is forgotten, and the
 * entry with every proof of it stays good.
 */
export const erasureAsks = [
  /** governance lead: of whoever was in this bed at this moment. */
  z.strictObject({
    do: z.literal("erase-words"),
    bed: BedId,
    atUtcMs: z.number().min(0).max(8.64e15),
    reason: Words(300),
  }),
] as const;
export const ErasureAsk = z.discriminatedUnion("do", erasureAsks);
export type ErasureAsk = z.infer<typeof ErasureAsk>;
