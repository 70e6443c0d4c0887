import { z } from "zod";
import { BedId, StaffId } from "./ids.ts";
import { StationToken } from "./station-token.ts";
import { Words } from "./text.ts";
import { StaffRole } from "./words.ts";

/** How staff sign in at this site. */
export const StaffPolicy = z.strictObject({
  /** After signing in with a password, the PIN is enough on the same station for this long. */
  shiftHours: z.number().min(1).max(24).default(12),
  /** A station nobody touched for this long is locked: it goes on showing the board, and asks who acts. */
  idleLockMinutes: z.number().min(0.05).max(60).default(5),
  /** An agency account is for at most so many days. */
  agencyDaysMax: z.int().min(1).max(14).default(14),
});
export type StaffPolicy = z.infer<typeof StaffPolicy>;

/** The number on the person's badge. Case and spaces do not matter, because people type it. */
export const Badge = z
  .string()
  .max(40)
  .transform((text) => text.replaceAll(/\s/g, "").toUpperCase())
  .pipe(z.string().regex(/^[A-Z0-9-]{3,16}$/, "3 to 16 letters, digits or hyphens"));

/** Before any rule about its strength; what is longer would only cost time. */
export const Secret = z.string().min(1).max(200);

/** A day by the calendar, such as 2026-11-23. */
export const Day = z.iso.date();

/** Decided by the station after a slow hash, so in their own time. */
export const secretAsks = [
  /** A one-time code becomes an account with a password and a PIN. `name`: of the first account only. */
  z.strictObject({
    do: z.literal("start-account"),
    code: z.string().min(1).max(64),
    badge: Badge,
    name: Words(80).nullable(),
    password: Secret,
    pin: Secret,
    station: StationToken.nullable(),
  }),
  z.strictObject({
    do: z.literal("sign-in-password"),
    badge: Badge,
    password: Secret,
    station: StationToken.nullable(),
  }),
  /** Where this person signed in with the password on this station in this shift. */
  z.strictObject({ do: z.literal("sign-in-pin"), badge: Badge, pin: Secret, station: StationToken.nullable() }),
] as const;
export const SecretAsk = z.discriminatedUnion("do", secretAsks);
export type SecretAsk = z.infer<typeof SecretAsk>;

export const staffAsks = [
  /** set-up: the code for the first account of a ward that has none. */
  z.strictObject({ do: z.literal("invite-first") }),
  /** set-up, nurse in charge: an account, and the one-time code with which the person starts it. */
  z.strictObject({
    do: z.literal("add-staff"),
    badge: Badge,
    name: Words(80),
    role: StaffRole,
    agency: z.boolean(),
    /** When the account ends by itself; null: when somebody ends it. */
    untilUtcMs: z.int().nullable(),
  }),
  /** set-up, nurse in charge: a new code, for somebody who forgot. What they had is void. */
  z.strictObject({ do: z.literal("renew-staff"), staff: StaffId }),
  /** set-up, nurse in charge: the person has left. Signed out everywhere, at once. */
  z.strictObject({ do: z.literal("end-staff"), staff: StaffId }),
  /** set-up, nurse in charge: forget the wrong tries. */
  z.strictObject({ do: z.literal("unlock-staff"), staff: StaffId }),
  /** set-up, nurse in charge */
  z.strictObject({ do: z.literal("record-training"), staff: StaffId, doneOn: Day, validUntil: Day }),
  /** set-up, nurse in charge, engineer: every bed once, as one walks along the ward. */
  z.strictObject({ do: z.literal("floor-order"), beds: z.array(BedId).min(1).max(64) }),
  /** staff: from now on this screen asks who acts. */
  z.strictObject({ do: z.literal("lock-screen") }),
  /** staff: somebody touches this screen. */
  z.strictObject({ do: z.literal("still-here") }),
] as const;
export const StaffAsk = z.discriminatedUnion("do", staffAsks);
export type StaffAsk = z.infer<typeof StaffAsk>;

/** One line of the staff list. */
export interface StaffMember {
  readonly id: string;
  readonly name: string;
  readonly badge: string;
  readonly role: StaffRole;
  readonly agency: boolean;
  readonly untilUtcMs: number | null;
  readonly endedAtUtcMs: number | null;
  /** False: the one-time code was not used yet. */
  readonly started: boolean;
  readonly waitUntilUtcMs: number | null;
  readonly training: { readonly doneOn: string; readonly validUntil: string; readonly recordedBy: string } | null;
  readonly addedBy: string;
}
