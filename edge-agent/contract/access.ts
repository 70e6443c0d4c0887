import { z } from "zod";
import { dayMs } from "./consent.ts";
import { BedId } from "./ids.ts";
import { Words } from "./text.ts";

/*
 * What was recorded of a person, opened by two people (DESIGN 7). A hold keeps one stay's records of one window from the purge after
 * an incident; breaking the glass reads them once, for an hour at most. Both open records. Neither can turn a sensor on.
 */

export const AccessKind = z.enum(["hold", "break-glass"]);
export type AccessKind = z.infer<typeof AccessKind>;

export const breakGlassMsMax = 60 * 60_000;
export const holdMsMax = 365 * dayMs;
/** A window of records is at most this long: what is needed, not everything. */
export const windowMsMax = 31 * dayMs;
/** The second person has this long; then it is asked for anew. */
export const agreeWithinMs = 24 * 3_600_000;
/** Broken glass is looked at again within this time, or governance is alerted. */
export const reviewWithinMs = 24 * 3_600_000;

const Moment = z.number().min(0).max(8.64e15);
const Nth = z.int().positive();

export const accessAsks = [
  /** nurse in charge, governance lead; to break the glass also a nurse. Whoever was in this bed in this time. */
  z.strictObject({
    do: z.literal("ask-access"),
    kind: AccessKind,
    bed: BedId,
    fromUtcMs: Moment,
    untilUtcMs: Moment,
    reason: Words(500),
    /** How long it stays open once a second person agreed, ms. */
    forMs: z.number().min(60_000).max(holdMsMax),
    /** Of a hold only: which law asks for it although the person did not say yes to incident review. Null: they did. */
    lawful: Words(300).nullable(),
    /** Of a hold only: by which law the person is not told of each look. Null: they are told. */
    untold: Words(300).nullable(),
  }),
  /** nurse in charge, governance lead, and never who asked: from now on it is open to these two. */
  z.strictObject({ do: z.literal("agree-access"), number: Nth }),
  /** Either of the two, or a governance lead: it is over now. */
  z.strictObject({ do: z.literal("end-access"), number: Nth }),
  /** governance lead, neither of the two: whether breaking the glass was right. */
  z.strictObject({ do: z.literal("review-access"), number: Nth, right: z.boolean(), words: Words(500) }),
] as const;
export const AccessAsk = z.discriminatedUnion("do", accessAsks);
export type AccessAsk = z.infer<typeof AccessAsk>;

interface Signed {
  readonly id: string;
  readonly name: string;
  readonly atUtcMs: number;
}

export interface Access {
  readonly number: number;
  readonly kind: AccessKind;
  readonly stay: string;
  readonly bed: string;
  /** How the ward calls the person. */
  readonly label: string;
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
  readonly reason: string;
  readonly lawful: string | null;
  readonly untold: string | null;
  readonly forMs: number;
  readonly asked: Signed;
  readonly agreed: (Signed & { readonly opensUntilUtcMs: number }) | null;
  readonly endedAtUtcMs: number | null;
  readonly review: (Signed & { readonly right: boolean; readonly words: string }) | null;
}

/** `lapsed`: nobody agreed in time. */
export type AccessState = "asked" | "lapsed" | "open" | "over";

export function accessState({ asked, agreed, endedAtUtcMs }: Access, nowUtcMs: number): AccessState {
  if (agreed === null) {
    if (endedAtUtcMs !== null) return "over";
    return nowUtcMs < asked.atUtcMs + agreeWithinMs ? "asked" : "lapsed";
  }
  return endedAtUtcMs === null && nowUtcMs < agreed.opensUntilUtcMs ? "open" : "over";
}

/** Broken glass that nobody has looked at again. */
export const awaitsReview = ({ kind, agreed, review }: Access): boolean =>
  kind === "break-glass" && agreed !== null && review === null;

export const reviewOverdue = (access: Access, nowUtcMs: number): boolean =>
  awaitsReview(access) && nowUtcMs > (access.agreed?.atUtcMs ?? nowUtcMs) + reviewWithinMs;

/** Only these two read it, and only while it is open. */
export const mayReadAccess = (access: Access, staffId: string, nowUtcMs: number): boolean =>
  accessState(access, nowUtcMs) === "open" && (access.asked.id === staffId || access.agreed?.id === staffId);
