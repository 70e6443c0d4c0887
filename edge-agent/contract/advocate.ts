import { z } from "zod";
import { Words } from "./text.ts";

/*
 * An advocate, a reviewer or whoever else the person chooses reads what is recorded of this one person: because the person touched
 * it on their own screen, for a time, and with nothing to change.
 */

export const lookHours = [1, 24, 168] as const;
export const LookHours = z.union(lookHours.map((hours) => z.literal(hours)));
export type LookHours = z.infer<typeof LookHours>;
/** The code is used within this time; from then on the hours run. */
export const lookCodeMs = 24 * 3_600_000;

export const advocateAsks = [
  /** the person: a one-time code to give away. */
  z.strictObject({ do: z.literal("let-look"), hours: LookHours }),
  /** the person: nobody may look any more, and no code works. */
  z.strictObject({ do: z.literal("end-looks") }),
  /** whoever has the code, and says who they are. */
  z.strictObject({ do: z.literal("advocate-in"), code: z.string().min(1).max(64), name: Words(80) }),
] as const;
export const AdvocateAsk = z.discriminatedUnion("do", advocateAsks);
export type AdvocateAsk = z.infer<typeof AdvocateAsk>;

/** As the person's own screen shows it. Null: the code waits to be used. */
export interface LookGiven {
  readonly openUntilUtcMs: number | null;
}
