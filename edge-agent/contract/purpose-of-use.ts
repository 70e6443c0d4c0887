import { z } from "zod";

/**
 * What somebody reads a person's data for (HL7 v3 PurposeOfUse): TREAT treatment; PATRQT at the patient's own wish; HQUALIMP looking
 * after quality; SYSADMIN setting up; BTG breaking the glass; PATSFTY finding out what happened to a patient.
 */
export const PurposeOfUse = z.enum(["TREAT", "PATRQT", "HQUALIMP", "SYSADMIN", "BTG", "PATSFTY"]);
export type PurposeOfUse = z.infer<typeof PurposeOfUse>;

/** Those for which a site lets anybody read. A read for another one is refused, and is an entry. */
export const DeclaredPurposes = z
  .array(PurposeOfUse)
  .refine((declared) => declared.includes("PATRQT"), "a person may always read what is about them: PATRQT")
  .default([...PurposeOfUse.options]);
