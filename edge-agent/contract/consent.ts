import { z } from "zod";
import { Words } from "./text.ts";
import { ConsentState, Purpose } from "./words.ts";

/*
 * What is written down where consent is asked for, given, decided for somebody, or looked at again (NHS England's principles
 * for digital technologies in mental health inpatient care, 2025; Mental Capacity Act 2005 sections 1 to 5).
 */

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** What is hoped for: a concern about this person, never a level of risk. */
export const Concern = z.enum([
  "sleep-broken-by-checks",
  "falls",
  "breathing-after-medicine",
  "physical-illness",
  "leaves-bed-at-night",
  "another",
]);
export type Concern = z.infer<typeof Concern>;

/** What would restrict the person less and was thought of first. */
export const Alternative = z.enum([
  "checks-in-person-only",
  "talking-with-the-person",
  "another-room-or-bed",
  "change-of-medicine",
  "fewer-hours",
  "fewer-purposes",
  "another",
]);
export type Alternative = z.infer<typeof Alternative>;

const HourOfDay = z.int().min(0).max(23);
/** Local hours of the ward in which a purpose may be served: from the first, up to the second; over midnight where it is smaller. */
export const Hours = z
  .strictObject({ fromHour: HourOfDay, toHour: HourOfDay })
  .refine(({ fromHour, toHour }) => fromHour !== toHour, { path: ["toHour"], error: "the same hour: leave it out" });
export type Hours = z.infer<typeof Hours>;

const needsWords = (chosen: readonly string[], words: string | null): boolean =>
  !chosen.includes("another") || words !== null;

/** Why a purpose is offered to this person, and until when it may last. */
export const Activation = z
  .strictObject({
    concern: Concern,
    alternatives: z.array(Alternative).min(1).max(Alternative.options.length),
    /** Wanted where a choice says "another". */
    words: Words(200).nullable(),
    /** It ends by itself unless somebody looks at it again before. */
    reviewAfterHours: z.int().min(1).max(2_160),
    hours: Hours.nullable(),
    /** A person whose capacity comes and goes is asked again; null: not. */
    askAgainEveryHours: z.int().min(1).max(168).nullable(),
  })
  .refine(({ concern, alternatives, words }) => needsWords([concern, ...alternatives], words), {
    path: ["words"],
    error: 'say what "another" means',
  });
export type Activation = z.infer<typeof Activation>;

/** A decision for somebody who lacks capacity for it, now (Mental Capacity Act 2005 s.2 to s.5). */
export const BestInterests = z.strictObject({
  /** Why this is in the person's best interests. */
  decision: Words(400),
  /** s.2(1): the impairment of, or disturbance in the functioning of, the mind or brain. */
  impairment: Words(200),
  /** s.3(1): what the person is unable to do because of it, although they were helped. */
  unableTo: z
    .array(z.enum(["understand", "retain", "weigh", "communicate"]))
    .min(1)
    .max(4),
  /** s.1(3): what was done to help them decide. */
  helpGiven: Words(200),
  assessor: Words(80),
  /** s.4(7): who was asked. */
  consulted: Words(200),
  /** Of a lasting power of attorney or a deputy; null: there is none. */
  attorneyOrDeputy: Words(120).nullable(),
  /** s.24: a valid advance decision that refuses this would stand. */
  noAdvanceRefusal: z.literal(true),
  /** Earlier than it ends. */
  assessAgainAfterHours: z.int().min(1).max(672),
});
export type BestInterests = z.infer<typeof BestInterests>;

/** What is kept of a decision for somebody: the test, and, as for every activation, the concern and what less was thought of. */
export const DecisionRecord = z.strictObject({ activation: Activation, record: BestInterests });
export type DecisionRecord = z.infer<typeof DecisionRecord>;

/** A look at whether it is still wanted, and whether less would do. */
export const Review = z.strictObject({
  outcome: z.enum(["keep", "fewer-hours", "stop"]),
  /** What was seen of its use, and why no less would do. */
  words: Words(200),
  reviewAfterHours: z.int().min(1).max(2_160),
  hours: Hours.nullable(),
});
export type Review = z.infer<typeof Review>;

/** Minutes of the privacy pauses that a bedside screen has a button for. */
export const pauseMinutes = [15, 30, 60] as const;
export const PauseMinutes = z.union([z.literal(15), z.literal(30), z.literal(60)]);
export type PauseMinutes = z.infer<typeof PauseMinutes>;

/** Where one purpose of one stay stands. Times are ms since 1970 UTC. */
export const Consent = z.strictObject({
  state: ConsentState,
  sinceUtcMs: z.number().nullable(),
  /** Ends by itself then, unless it is reviewed before; null: nothing that could end. */
  untilUtcMs: z.number().nullable(),
  /** When that end was set. */
  termSinceUtcMs: z.number().optional(),
  /** Only while paused: when it is on again by itself, and as what. */
  pause: z.strictObject({ untilUtcMs: z.number(), from: z.enum(["granted", "best-interests"]) }).nullable(),
  hours: Hours.nullable(),
  /** The person is asked whether this is still all right. */
  askAgain: z.strictObject({ atUtcMs: z.number(), everyMs: z.number() }).nullable(),
  /** The person said no, or stopped it, in this stay, and has not said yes since: nobody may decide otherwise for them. */
  personSaidNo: z.boolean(),
});
export type Consent = z.infer<typeof Consent>;

export const neverOffered: Consent = {
  state: "never-offered",
  sinceUtcMs: null,
  untilUtcMs: null,
  pause: null,
  hours: null,
  askAgain: null,
  personSaidNo: false,
};

/** What a person needs to be able to decide. Chosen at admission; it sets how the bedside screen begins. */
export const CommunicationNeeds = z.strictObject({
  /** BCP 47; a language that the site has switched on, else English. */
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/),
  readAloud: z.boolean(),
  largeText: z.boolean(),
  /** For staff: an interpreter, hearing aids, a communication partner. */
  words: Words(200).nullable(),
});
export type CommunicationNeeds = z.infer<typeof CommunicationNeeds>;
export const commonNeeds: CommunicationNeeds = { language: "en", readAloud: false, largeText: false, words: null };

/** What the site has decided about consent. */
export const ConsentPolicy = z.strictObject({
  /** No activation or review may reach further. */
  reviewDaysMax: z.int().min(1).max(90).default(28),
  bestInterestsDaysMax: z.int().min(1).max(28).default(14),
  /** Staff are told this long before something ends by itself. */
  promptHoursBefore: z.int().min(1).max(168).default(24),
  /** Nobody is asked anything in these hours. */
  quietHours: Hours.prefault({ fromHour: 22, toHour: 7 }),
  /** IANA name of the ward's time zone. */
  timeZone: z.string().default("Europe/London").refine(isTimeZone, { error: "not a time zone, such as Europe/London" }),
  /** Only where the site has decided for people under 18 as well. */
  childrenToo: z.boolean().default(false),
  /** What a patient reads of who looked: a role, or the name. */
  whoLooked: z.enum(["role", "name"]).default("role"),
  /** BCP 47 tags that the bedside screen offers beside English. */
  languages: z.array(z.string()).default([]),
  /** Whom the patients of this ward can call, who is not staff; null: a nurse calls one. */
  advocate: z
    .strictObject({
      name: Words(80),
      phone: z
        .string()
        .regex(/^[+0-9][0-9 ]{4,24}$/, { error: "a telephone number: digits and spaces" })
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
});
export type ConsentPolicy = z.infer<typeof ConsentPolicy>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What became of one purpose, as the tile and the store tell it. */
export const PurposeConsent = Consent.extend({ purpose: Purpose });
export type PurposeConsent = z.infer<typeof PurposeConsent>;
