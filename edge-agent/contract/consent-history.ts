import { z } from "zod";
import { Activation, BestInterests, DecisionRecord, Review } from "./consent.ts";
import { ConsentState, Purpose } from "./words.ts";

/*
 * What the ward's records tell of consent afterwards: each change of one stay, what was used in between, how fast a stop
 * was, and what people said about it.
 */

/** What was written down with a change, and which kind of record it is. */
export type ConsentRecord =
  | ({ readonly is: "activation" } & Activation)
  /** `activation` null: kept by an earlier release, which left it to the log. */
  | ({ readonly is: "best-interests"; readonly activation: Activation | null } & BestInterests)
  | ({ readonly is: "review" } & Review)
  /** Something is there that this program cannot read: never passed over in silence. */
  | { readonly is: "unreadable" };

/** One row of the table `consent`, as SQLite gives it. */
export const ConsentRow = z.strictObject({
  purpose: Purpose,
  state: ConsentState,
  /** ms since 1970 UTC. */
  at: z.number(),
  by: z.string(),
  by_person: z.union([z.literal(0), z.literal(1)]),
  until: z.number().nullable(),
  record: z.string().nullable(),
});

export interface ConsentChange {
  readonly purpose: Purpose;
  readonly state: ConsentState;
  readonly atUtcMs: number;
  readonly by: string;
  /** The person's own touch. */
  readonly byPerson: boolean;
  readonly untilUtcMs: number | null;
  readonly record: ConsentRecord | null;
}

export function readConsentRecord(text: string | null): ConsentRecord | null {
  if (text === null) return null;
  const value = jsonOf(text);
  const activation = Activation.safeParse(value);
  if (activation.success) return { is: "activation", ...activation.data };
  const decision = DecisionRecord.safeParse(value);
  if (decision.success) return { is: "best-interests", activation: decision.data.activation, ...decision.data.record };
  const bestInterests = BestInterests.safeParse(value);
  if (bestInterests.success) return { is: "best-interests", activation: null, ...bestInterests.data };
  const review = Review.safeParse(value);
  return review.success ? { is: "review", ...review.data } : { is: "unreadable" };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What was really used of a purpose since a moment. */
export interface Use {
  readonly sinceUtcMs: number;
  /** Minutes in which something was recorded for the purpose; null where it runs no sensor. */
  readonly sensedMin: number | null;
  /** How often staff looked at this person's pages. */
  readonly openings: number;
}

/** From the touch to the last accepted sample, over every stop of a period that has a touch. */
export interface KillTimes {
  readonly sinceUtcMs: number;
  readonly stops: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly longestMs: number | null;
}

/** What a person said on the screen at their bed. For governance; never for the ward. */
export interface Feedback {
  readonly number: number;
  readonly atUtcMs: number;
  readonly about: string;
  readonly feels: string | null;
  readonly words: string | null;
  /** What was changed because of it, the oldest first. */
  readonly answers: readonly { readonly atUtcMs: number; readonly words: string; readonly by: string }[];
}
