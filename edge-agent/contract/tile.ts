import { z } from "zod";
import { TileChecks } from "./checks.ts";
import { CommunicationNeeds, PurposeConsent } from "./consent.ts";
import { AlarmId, BedId, StayId } from "./ids.ts";
import { CareOrder } from "./people.ts";
import {
  AlarmCondition,
  AlarmPresence,
  AlarmPriority,
  BedPlace,
  DropReason,
  NoRateReason,
  Occupancy,
  SensorHealth,
  SensorState,
} from "./words.ts";

/*
 * What the agent tells screens about one bed, once a second and at every change. Whole, not a difference: the newest wins.
 * Ages are relative to `at`, so that a screen adds only its own waiting time and needs no common clock.
 */

export const ShownRate = z.strictObject({
  perMin: z.number(),
  /** 90 % interval. */
  lowPerMin: z.number(),
  highPerMin: z.number(),
  /** Probability, by the model, that the rate is within 2 /min of the truth. */
  quality: z.number().min(0).max(1),
  windowMs: z.number(),
  ageMs: z.number(),
});
export type ShownRate = z.infer<typeof ShownRate>;

export const TileAlarm = z.strictObject({
  id: AlarmId,
  condition: AlarmCondition,
  priority: AlarmPriority,
  technical: z.boolean(),
  presence: AlarmPresence,
  /** ms since 1970 UTC. */
  raisedAt: z.number(),
  /** For the condition being over while nobody has acknowledged it. */
  clearedAt: z.number().nullable(),
  acknowledged: z.strictObject({ name: z.string(), at: z.number() }).nullable(),
  /** False: the audit log could not be written when this was raised. */
  audited: z.boolean(),
  /** Nobody answered: 1: every station is called; 2: the nurse in charge as well. */
  escalation: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** A station has confirmed that it shows this. */
  shown: z.boolean(),
});
export type TileAlarm = z.infer<typeof TileAlarm>;

export const Tile = z.strictObject({
  v: z.literal(1),
  bed: BedId,
  bedName: z.string(),
  /** ms since 1970 UTC, when the agent said this. */
  at: z.number(),
  stay: z.strictObject({ id: StayId, label: z.string(), demonstration: z.boolean() }).nullable(),
  needs: CommunicationNeeds,
  /** Checks in person: null only where nobody ordered any, which a screen must say. */
  checks: TileChecks.nullable(),
  /** A watch after sedation runs: a check says more while it does. */
  sedation: z
    .strictObject({ everyMinutes: z.number(), sinceUtcMs: z.number(), untilUtcMs: z.number(), by: z.string() })
    .nullable(),
  consents: z.array(
    PurposeConsent.extend({
      /** What somebody has to do about it; `ask-again`: the person is to be asked whether it is still all right. */
      due: z.enum(["review", "ask-again"]).nullable(),
      /** It is allowed, but not at this hour. */
      outOfHours: z.boolean(),
    }),
  ),
  sensor: z.strictObject({ state: SensorState, detail: z.string(), model: z.string(), health: SensorHealth }),
  /** A replayed recording or a simulated sensor, said on every screen; null with a real sensor. */
  source: z.enum(["recording", "simulated"]).nullable(),
  /** Why no sensing can be trusted at all, in words for staff; null while monitored. */
  notMonitored: z
    .enum([
      "no-consent",
      "sensor-off",
      "sensor-ignored",
      "sensor-starting",
      "sensor-lost",
      "sensor-unsound",
      "stale",
      "clock",
      "audit",
      "model",
      "undelivered",
      "recording-ended",
      "too-much-sent",
    ])
    .nullable(),
  /** Age of the newest frame that was accepted; null without consent. */
  dataAgeMs: z.number().nullable(),
  /** Null unless movement-alerts is granted. */
  movement: z
    .strictObject({
      occupancy: Occupancy,
      movement: z.number().nullable(),
      inStateMs: z.number(),
      /** Null: no sensor of the room tells places. */
      place: BedPlace.nullable(),
    })
    .nullable(),
  /** Null rate has a reason; both null never. */
  breathing: z.strictObject({ rate: ShownRate.nullable(), reason: NoRateReason.nullable() }),
  alarms: z.array(TileAlarm),
  /** Acknowledged and over: nobody has said yet how it ended. */
  toClose: z.array(
    z.strictObject({
      id: AlarmId,
      condition: AlarmCondition,
      raisedAt: z.number(),
      acknowledged: z.strictObject({ name: z.string(), at: z.number() }),
    }),
  ),
  order: CareOrder.nullable(),
  engineering: z.strictObject({
    framesAccepted: z.number(),
    dropped: z.partialRecord(DropReason, z.number()),
    inferences: z.number(),
    inferenceMs: z.number().nullable(),
    inferencesLate: z.number(),
    /** Sensor time since its first frame at the end of the window that the newest answer speaks of. */
    windowEndMs: z.number().nullable(),
    /** What the agent told of this room before this tile; absent only before it goes out. */
    sentOut: z
      .strictObject({
        bytesInHour: z.number(),
        bytesPerHourMax: z.number(),
        /** Tiles that went out without what was sensed, because the budget was spent. */
        heldBack: z.number(),
      })
      .optional(),
  }),
});
export type Tile = z.infer<typeof Tile>;
