import { z } from "zod";
import type { Hours } from "./consent.ts";
import type { IntendedUse } from "./intended-use.ts";
import type { CareOrder } from "./people.ts";
import { AlarmCondition } from "./words.ts";

/* What an order would have meant: the last nights, as they were recorded, under the order that is on now and under the new one. */

/** Nights that are looked back on. */
export const whatIfNightsMax = 30;

export const WhatIfOf = z.enum(["stay", "ward"]);
export type WhatIfOf = z.infer<typeof WhatIfOf>;

export const WhatIf = z.strictObject({
  /** Nights of which something was recorded, and how much: of all beds together, in whole nights. */
  nights: z.number(),
  bedNights: z.number(),
  beds: z.number(),
  conditions: z.array(
    z.strictObject({
      condition: AlarmCondition,
      /** Raised in all, under the order that is on now and under the new one. */
      now: z.number(),
      would: z.number(),
      /** How much of the time was recorded in a way that tells of it: 0 to 1. */
      told: z.number(),
    }),
  ),
});
export type WhatIf = z.infer<typeof WhatIf>;

/** What the thread that replays has to know of the site. */
export interface WhatIfStart {
  readonly wardFile: string;
  readonly intendedUse: IntendedUse;
  readonly staleAfterMs: number;
  readonly sensorLostAfterMs: number;
  readonly night: Hours;
  readonly timeZone: string;
}

/** To the thread that replays. */
export interface WhatIfQuestion {
  readonly id: number;
  /** The stay whose last nights these are; null: every stay of the ward. */
  readonly stay: string | null;
  readonly order: CareOrder;
  readonly nowUtcMs: number;
  /** It answers by then with the nights that it got through, the newest first. */
  readonly withinMs: number;
}
export type WhatIfAnswer =
  | { readonly id: number; readonly result: WhatIf }
  | { readonly id: number; readonly failed: string };
