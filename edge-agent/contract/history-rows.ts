import { z } from "zod";
import { AlarmCondition, AlarmPriority, ConsentState } from "./words.ts";

/* Rows of the ward's records, as the last hours of a stay read them. */

export const ConsentSpanRow = z.object({ purpose: z.string(), state: ConsentState, at: z.number() });

export const AlarmSpanRow = z.object({
  condition: AlarmCondition,
  priority: AlarmPriority,
  raised_at: z.number(),
  cleared_at: z.number().nullable(),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: z.number().nullable(),
});

export const CheckMarkRow = z.object({ seen_at: z.number(), by_name: z.string() });

export const OrderMarkRow = z.object({ care_order: z.string(), at: z.number() });
