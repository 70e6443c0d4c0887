import { z } from "zod";
import { AlarmId, BedId, StayId } from "./ids.ts";
import { CareOrder } from "./people.ts";
import { Words } from "./text.ts";
import { Purpose, RefusalReason, StaffRole } from "./words.ts";

/*
 * What a dashboard, a bedside screen or a set-up command asks of the agent, and what the agent answers. The agent decides
 * and confirms; a page shows only what was confirmed.
 */

/** Decided by the core of one room. */
export const RoomAsk = z.discriminatedUnion("do", [
  /** set-up, nurse in charge: a person is admitted to a bed. Ends any stay that is still open there. */
  z.strictObject({ do: z.literal("admit"), bed: BedId, label: Words(40), demonstration: z.boolean() }),
  z.strictObject({ do: z.literal("end-stay"), bed: BedId, stay: StayId }),
  z.strictObject({ do: z.literal("order"), bed: BedId, stay: StayId, order: CareOrder }),
  /** staff: the three sentences were offered to the person; the person's touch decides. */
  z.strictObject({ do: z.literal("offer"), bed: BedId, stay: StayId, purpose: Purpose }),
  /** the person, on the bedside screen of this stay, and nobody else. */
  z.strictObject({ do: z.literal("turn-on"), bed: BedId, stay: StayId, purpose: Purpose }),
  /** anyone. */
  z.strictObject({ do: z.literal("turn-off"), bed: BedId, stay: StayId, purpose: Purpose }),
  z.strictObject({ do: z.literal("acknowledge"), bed: BedId, alarm: AlarmId, going: z.literal(true) }),
]);
export type RoomAsk = z.infer<typeof RoomAsk>;

/** Decided by the station, about people and screens. */
export const StationAsk = z.discriminatedUnion("do", [
  /** set-up, nurse in charge: a one-time code with which this person signs in. */
  z.strictObject({ do: z.literal("invite-staff"), name: Words(80), role: StaffRole }),
  /** set-up, nurse: a one-time code that pairs a touch screen with the stay now in this bed. */
  z.strictObject({ do: z.literal("invite-bedside"), bed: BedId }),
  z.strictObject({ do: z.literal("sign-in"), code: z.string().min(1).max(64) }),
  z.strictObject({ do: z.literal("pair"), code: z.string().min(1).max(64) }),
  z.strictObject({ do: z.literal("sign-out") }),
  z.strictObject({ do: z.literal("who-am-i") }),
]);
export type StationAsk = z.infer<typeof StationAsk>;

export const Ask = z.strictObject({
  v: z.literal(1),
  id: z.uuid(),
  /** The token that sign-in or pairing gave; null before. The agent looks up who it belongs to. */
  session: z.string().max(64).nullable(),
  ask: z.union([RoomAsk, StationAsk]),
});
export type Ask = z.infer<typeof Ask>;

export const AskResult = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("done") }),
  z.strictObject({ is: z.literal("stay"), stay: StayId }),
  z.strictObject({ is: z.literal("code"), code: z.string(), expiresAt: z.number() }),
  z.strictObject({
    is: z.literal("staff"),
    session: z.string().nullable(),
    id: z.string(),
    name: z.string(),
    role: StaffRole,
    expiresAt: z.number(),
  }),
  z.strictObject({
    is: z.literal("bedside"),
    session: z.string().nullable(),
    bed: BedId,
    stay: StayId,
    expiresAt: z.number(),
  }),
]);
export type AskResult = z.infer<typeof AskResult>;

export const Answer = z.discriminatedUnion("ok", [
  z.strictObject({ v: z.literal(1), id: z.uuid(), ok: z.literal(true), result: AskResult }),
  z.strictObject({ v: z.literal(1), id: z.uuid(), ok: z.literal(false), why: RefusalReason, words: z.string() }),
]);
export type Answer = z.infer<typeof Answer>;
