import { z } from "zod";

/*
 * The closed lists of the domain. A screen, a log line and a state machine use the same word for the same thing.
 */

/** What a person may allow, one by one. The first two let a sensor run; the others say what may be made of what those record. */
export const Purpose = z.enum([
  "movement-alerts",
  "breathing-rate",
  "night-report",
  "activity-summary",
  "incident-review",
]);
export type Purpose = z.infer<typeof Purpose>;
export const purposes: readonly Purpose[] = Purpose.options;

/** Of these, one at least must be allowed for a sensor to run. */
export const sensingPurposes: readonly Purpose[] = ["movement-alerts", "breathing-rate"];

/** Where one purpose of one stay stands. */
export const ConsentState = z.enum([
  "never-offered",
  "offered",
  "granted", // by the person's own touch
  "best-interests", // decided for a person who lacks capacity for it
  "paused", // by the person or for them, for a while
  "withdrawn", // it was on, and was turned off
  "refused", // offered, and the person said no
  "expired", // its review did not come in time
  "ended", // with the stay
]);
export type ConsentState = z.infer<typeof ConsentState>;
/** Only in these may a sensor serve the purpose. */
export const allowingStates: readonly ConsentState[] = ["granted", "best-interests"];

/** Who is in the bed, as far as the sensors of the room can tell. */
export const Occupancy = z.enum(["unknown", "empty", "in-bed"]);
export type Occupancy = z.infer<typeof Occupancy>;

/** Why there is no breathing rate. The order is the order of precedence: the first that holds is the one told. */
export const NoRateReason = z.enum([
  "not-consented", // no valid grant for the purpose breathing-rate
  "sensor-off", // told to stop, or not yet confirmed to have started
  "sensor-lost", // no connection to the sensor
  "recording-ended", // a replayed recording has no more frames
  "stale", // no fresh frame, or the model's answer is late
  "frame-rate", // the stated frame rate, or the time stamps, differ from what the model was made for
  "sensor-settings", // frames of another shape than the model was made for
  "sensor-unsound", // covered, moved, frozen, or its clock stands still: somebody must look at the sensor
  "frozen", // time goes on, but the same samples come again
  "saturated", // too much of the signal is beyond what the sensor's converter can tell
  "gaps", // too many frames are missing, or too many in a row
  "model-failed", // inference failed, or its answer holds numbers that are none
  "no-breathing-sensor", // the room's sensors tell presence and movement only
  "no-occupancy-sensor", // no sensor of the room tells who is in the bed
  "learning", // too few frames since the start, a gap or a movement
  "nobody-in-bed",
  "more-than-one-person", // two people breathe in view: nobody can say whose rate it would be
  "moving",
  "no-natural-movement", // radar alone needs to have seen a movement since the bed was last empty (a fan never turns over)
  "not-breathing", // somebody lies still, the signal is good enough to see breathing, and there is none
  "cannot-see-breathing", // somebody lies still, but breathing could not be seen through so much noise
  "sources-disagree", // sensors, range points, or the model and the classical estimate, tell different things
  "weak-signal",
  "withheld", // the reason is about movement or presence, which the person has not allowed
]);
export type NoRateReason = z.infer<typeof NoRateReason>;

/**
 * What the sensor of a room is doing, as the bridge last confirmed it. `unknown` is never shown as off. `ignored`: it cannot be
 * stopped and goes on sending, and the bridge does not read it; never shown as off either.
 */
export const SensorState = z.enum([
  "unknown",
  "off",
  "ignored",
  "starting",
  "on",
  "stopping",
  "lost",
  "recording-ended",
]);
export type SensorState = z.infer<typeof SensorState>;

/** How a sensor is, from its own wire, as the bridge judges it. */
export const SensorHealth = z.enum([
  "ok",
  "clock-stuck", // its clock stands still, or runs away
  "frozen", // the same readings again and again
  "covered", // something lies on it
  "moved", // it looks at another room than when streaming began
  "saturated",
  "calibration-needed",
  "other-firmware", // whole frames of a type or length that the driver does not know
  "checksum-errors",
  "gaps",
  "slow-frames",
  "hot",
]);
export type SensorHealth = z.infer<typeof SensorHealth>;
/** Of such a sensor no reading can be believed. */
export const unsound: readonly SensorHealth[] = ["clock-stuck", "frozen", "covered", "moved"];

/**
 * Where the person of the bed is, as the depth sensor's answers settle it. `out`: out of bed, in view. `empty`: nobody in the bed,
 * nobody in view.
 */
export const BedPlace = z.enum(["unknown", "in-bed", "edge", "floor", "out", "empty"]);
export type BedPlace = z.infer<typeof BedPlace>;

/** How many people the room's sensors make out. */
export const PeopleSeen = z.enum(["unknown", "none", "one", "more"]);
export type PeopleSeen = z.infer<typeof PeopleSeen>;

/** What each means, and what it asks for, is in alarm-catalogue.ts. */
export const AlarmCondition = z.enum([
  "on-floor",
  "breathing-stopped",
  "no-movement",
  "breathing-out-of-range",
  "cannot-see-breathing",
  "not-back",
  "left-bed",
  "second-person",
  "edge-of-bed",
  "delivery-unconfirmed",
  "system-late",
  "sensor-lost",
  "sensor-covered",
  "sensor-moved",
  "sensor-frozen",
  "rate-unavailable",
]);
export type AlarmCondition = z.infer<typeof AlarmCondition>;

/** IEC 60601-1-8 priorities. */
export const AlarmPriority = z.enum(["high", "medium", "low", "information"]);
export type AlarmPriority = z.infer<typeof AlarmPriority>;

/** Presence of an alarm condition: IEEE 11073 / FHIR DeviceAlert. `latched`: gone, but nobody has acknowledged it yet. */
export const AlarmPresence = z.enum(["on", "latched", "ack", "off"]);
export type AlarmPresence = z.infer<typeof AlarmPresence>;

/** How an alarm ended, in one touch. */
export const AlarmOutcome = z.enum(["all-well", "helped", "called-doctor", "false-alarm"]);
export type AlarmOutcome = z.infer<typeof AlarmOutcome>;
/** Why there was nothing to it: what the load of alarms is made of. */
export const FalseAlarmWhy = z.enum(["staff-in-room", "visitor", "nobody-there", "was-asleep", "equipment", "other"]);
export type FalseAlarmWhy = z.infer<typeof FalseAlarmWhy>;

export const StaffRole = z.enum(["nurse", "nurse-in-charge", "governance-lead", "engineer"]);
export type StaffRole = z.infer<typeof StaffRole>;

/** Why a frame was not used. Counted at each door; shown to engineers. */
export const DropReason = z.enum([
  "no-lease", // no valid lease for the sensor: dropped before it was decoded
  "malformed", // the envelope or the payload does not parse
  "unknown-version",
  "too-large",
  "wrong-topic",
  "late", // captured too long ago, or by a clock that differs: nothing to be shown as now
  "repeated", // sequence number not above the last
  "queue-full",
  "not-unpacked", // a packed depth frame is no PNG of its own size, or it took too long
  "sensor-unsound", // the bridge says that the sensor is covered, moved, frozen, or has no clock
]);
export type DropReason = z.infer<typeof DropReason>;

/** Why the agent refused what was asked. */
export const RefusalReason = z.enum([
  "not-signed-in",
  "not-allowed", // the role, or the device, may not do this
  "not-found",
  "not-offered", // turned on before staff offered it
  "refused-by-person", // nobody may decide otherwise for a person who said no
  "reason-missing", // a late entry does not say why
  "policy", // the site's own limits do not allow it
  "code-invalid", // unknown, used or expired; a badge number with a wrong password or PIN
  "too-many-tries", // of a password or PIN: it has to wait
  "untrained", // no current training is written down: no orders, no pages of one person
  "locked", // nobody touched this screen for a while: who acts?
  "malformed",
  "audit-failed", // the audit log cannot be written: nothing governed happens
  "already-done",
  "unavailable",
]);
export type RefusalReason = z.infer<typeof RefusalReason>;
