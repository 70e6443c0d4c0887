import { z } from "zod";
import { accessAsks } from "./access.ts";
import { advocateAsks } from "./advocate.ts";
import { AlarmShown, shownAtOnceMax } from "./alarm-shown.ts";
import { Characteristics } from "./characteristics.ts";
import { CheckSeen, ObservationOrder } from "./checks.ts";
import { Activation, BestInterests, CommunicationNeeds, PauseMinutes, Review } from "./consent.ts";
import { erasureAsks } from "./erasure.ts";
import { AlarmId, BedId, StayId } from "./ids.ts";
import { oidcAsks } from "./oidc.ts";
import { CareOrder } from "./people.ts";
import { sedationAsks } from "./sedation.ts";
import { secretAsks, staffAsks } from "./staff.ts";
import { Words } from "./text.ts";
import { wardAsks } from "./ward-state.ts";
import { WhatIf, WhatIfOf } from "./what-if.ts";
import { AlarmOutcome, FalseAlarmWhy, Purpose, RefusalReason, StaffRole } from "./words.ts";

/*
 * What a dashboard, a bedside screen or a set-up command asks of the agent, and what the agent answers. The agent decides
 * and confirms; a page shows only what was confirmed.
 */

/** Decided by the core of one room. */
export const RoomAsk = z.discriminatedUnion("do", [
  /** set-up, nurse in charge: a person is admitted to a bed. Ends any stay that is still open there. */
  z.strictObject({
    do: z.literal("admit"),
    bed: BedId,
    label: Words(40),
    demonstration: z.boolean(),
    /** 18 or older. */
    adult: z.boolean(),
    needs: CommunicationNeeds,
  }),
  /** Discharge, or a move to another bed. `label`: whom the asker believes to be in the bed. */
  z.strictObject({ do: z.literal("end-stay"), bed: BedId, stay: StayId, label: Words(40) }),
  z.strictObject({ do: z.literal("needs"), bed: BedId, stay: StayId, needs: CommunicationNeeds }),
  z.strictObject({ do: z.literal("order"), bed: BedId, stay: StayId, order: CareOrder }),
  /** staff: the three sentences were offered to the person; the person's touch decides. */
  z.strictObject({ do: z.literal("offer"), bed: BedId, stay: StayId, purpose: Purpose, activation: Activation }),
  /** nurse in charge: a decision for a person who lacks capacity for it. */
  z.strictObject({
    do: z.literal("best-interests"),
    bed: BedId,
    stay: StayId,
    purpose: Purpose,
    activation: Activation,
    record: BestInterests,
  }),
  /** staff: it was looked at again. */
  z.strictObject({ do: z.literal("review"), bed: BedId, stay: StayId, purpose: Purpose, review: Review }),
  /** the person, on the bedside screen of this stay, and nobody else. */
  z.strictObject({ do: z.literal("turn-on"), bed: BedId, stay: StayId, purpose: Purpose }),
  /** anyone. */
  z.strictObject({ do: z.literal("turn-off"), bed: BedId, stay: StayId, purpose: Purpose }),
  /** anyone: everything, at once. */
  z.strictObject({ do: z.literal("stop-everything"), bed: BedId, stay: StayId }),
  /** anyone: everything that is on, for a while. */
  z.strictObject({ do: z.literal("pause"), bed: BedId, stay: StayId, minutes: PauseMinutes }),
  /** the person: what was paused is on again. */
  z.strictObject({ do: z.literal("resume"), bed: BedId, stay: StayId }),
  /** the person, asked again: it is still all right. */
  z.strictObject({ do: z.literal("still-yes"), bed: BedId, stay: StayId, purpose: Purpose }),
  /** nurse in charge: how often somebody goes and sees this person. */
  z.strictObject({ do: z.literal("observe"), bed: BedId, stay: StayId, observation: ObservationOrder }),
  ...sedationAsks,
  /** nurse: this person was seen. `seenAtUtcMs` null: just now; later than five minutes ago wants a reason. */
  z.strictObject({
    do: z.literal("check"),
    bed: BedId,
    stay: StayId,
    seen: CheckSeen,
    seenAtUtcMs: z.number().nullable(),
    lateBecause: Words(200).nullable(),
    /** The entry that this one corrects; both stay. */
    supersedes: z.string().max(40).nullable(),
  }),
  /** nurse: the rate that is shown now, near this one, as an observation of theirs. */
  z.strictObject({ do: z.literal("accept-rate"), bed: BedId, stay: StayId, perMin: z.number() }),
  z.strictObject({ do: z.literal("acknowledge"), bed: BedId, alarm: AlarmId, going: z.literal(true) }),
  /** nurse: how it ended. Only what somebody acknowledged is closed. */
  z.strictObject({
    do: z.literal("close"),
    bed: BedId,
    alarm: AlarmId,
    outcome: AlarmOutcome,
    /** For a false alarm only, and always there. */
    falseBecause: FalseAlarmWhy.nullable(),
  }),
]);
export type RoomAsk = z.infer<typeof RoomAsk>;

/** Decided by the station, about people and screens. */
export const StationAsk = z.discriminatedUnion("do", [
  /** set-up, nurse in charge: a one-time code with which this person signs in. */
  z.strictObject({ do: z.literal("invite-staff"), name: Words(80), role: StaffRole }),
  /** set-up, nurse: a one-time code that pairs a touch screen with the stay now in this bed. */
  z.strictObject({ do: z.literal("invite-bedside"), bed: BedId }),
  /** nurse: the screen of this bed was lost, or is the wrong one; it has no say any more. */
  z.strictObject({ do: z.literal("revoke-bedside"), bed: BedId }),
  /** nurse: what the person chose to tell of themselves. Read by governance as counts, by nobody on the ward. */
  z.strictObject({ do: z.literal("characteristics"), bed: BedId, stay: StayId, told: Characteristics }),
  /** the person: a question, a complaint, or how this is for them. To governance, not to the ward. */
  z.strictObject({
    do: z.literal("feedback"),
    about: z.enum(["question", "complaint", "how-is-it"]),
    feels: z.enum(["good", "okay", "not-good"]).nullable(),
    words: Words(500).nullable(),
  }),
  /** governance lead: what was changed because of what somebody said. */
  z.strictObject({ do: z.literal("answer-feedback"), feedback: z.int().positive(), words: Words(500) }),
  ...wardAsks,
  /** nurse, by the screen they are signed in at: these alarms stood on it. `atUtcMs`: by the dashboard's clock. */
  z.strictObject({
    do: z.literal("alarm-shown"),
    alarms: z.array(AlarmShown).min(1).max(shownAtOnceMax),
    atUtcMs: z.number(),
  }),
  /** nurse in charge: what this order would have meant in the last nights. Changes nothing. */
  z.strictObject({ do: z.literal("what-if"), bed: BedId, stay: StayId, order: CareOrder, of: WhatIfOf }),
  z.strictObject({ do: z.literal("sign-in"), code: z.string().min(1).max(64) }),
  z.strictObject({ do: z.literal("pair"), code: z.string().min(1).max(64) }),
  z.strictObject({ do: z.literal("sign-out") }),
  z.strictObject({ do: z.literal("who-am-i") }),
  ...secretAsks,
  ...oidcAsks,
  ...staffAsks,
  ...accessAsks,
  ...advocateAsks,
  ...erasureAsks,
]);
export type StationAsk = z.infer<typeof StationAsk>;

export const Ask = z.strictObject({
  v: z.literal(1),
  id: z.uuid(),
  /** The token that sign-in or pairing gave; null before. The agent looks up who it belongs to. */
  session: z.string().max(64).nullable(),
  /** ms since 1970 UTC, by the server's clock: when the person touched. */
  touchedAt: z.number().optional(),
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
    /** True: nobody touched this screen for a while. It goes on showing, and asks who acts. */
    locked: z.boolean().optional(),
    /** True: no current training in this system is written down (needs-training.ts). */
    untrained: z.boolean().optional(),
    /** With a new session: what says later that it is this screen. */
    station: z.string().optional(),
  }),
  z.strictObject({
    is: z.literal("bedside"),
    session: z.string().nullable(),
    bed: BedId,
    stay: StayId,
    expiresAt: z.number(),
  }),
  z.strictObject({
    is: z.literal("advocate"),
    session: z.string().nullable(),
    number: z.int().positive(),
    bed: BedId,
    stay: StayId,
    expiresAt: z.number(),
  }),
  z.strictObject({ is: z.literal("what-if"), ...WhatIf.shape }),
  /** Its number in the list of accesses. */
  z.strictObject({ is: z.literal("access"), number: z.int().positive() }),
]);
export type AskResult = z.infer<typeof AskResult>;

export const Answer = z.discriminatedUnion("ok", [
  z.strictObject({ v: z.literal(1), id: z.uuid(), ok: z.literal(true), result: AskResult }),
  z.strictObject({ v: z.literal(1), id: z.uuid(), ok: z.literal(false), why: RefusalReason, words: z.string() }),
]);
export type Answer = z.infer<typeof Answer>;
