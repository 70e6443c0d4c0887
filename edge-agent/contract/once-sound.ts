import type { z } from "zod";

/** Judges as soon as these parts are sound, whatever else is wrong, so that a person hears of every error at once. */
export const onceSound = (parts: z.ZodType) => ({
  when: ({ value }: z.core.ParsePayload) => parts.safeParse(value).success,
});
