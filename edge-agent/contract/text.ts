import { z } from "zod";

/**
 * Words that a person typed: trimmed, not empty, and something that every log, database and screen can hold. A lone
 * surrogate has no UTF-8 form (RFC 8785 3.2.2.2), and a control character can hide what an entry says.
 */
export const Words = (max: number) =>
  z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(max)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), "holds a character that cannot be written down");
