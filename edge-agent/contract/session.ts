import { z } from "zod";
import { Occupancy, Purpose } from "./words.ts";

/**
 * Header of a recorded session. Only made-up or staged subjects: a session of a patient is refused, because sessions hold
 * sensor frames and those are never kept.
 */
export const SessionHeader = z.strictObject({
  v: z.literal(1),
  is: z.literal("quietround-session"),
  subject: z.enum(["synthetic", "staged"]),
  bed: z.string(),
  sensorModel: z.string(),
  granted: z.array(Purpose),
  statedOccupancy: Occupancy.nullable(),
  /** SHA-256 of the model file, hex. */
  modelSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SessionHeader = z.infer<typeof SessionHeader>;
