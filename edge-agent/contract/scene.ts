import { z } from "zod";

/*
 * A simulated bedroom as a file: who is in it, what they do and when, what else moves, and where the sensors hang. One
 * scene feeds radar and depth alike. Only for demonstration, tests and training data.
 *
 * Room coordinates, mm: the origin on the floor below the middle of the bed; x across the bed, positive towards the side
 * where people get out; y along the bed, positive towards the head; z up.
 */

/** Where a person's trunk is. `beside`: standing or bending at the bed, as a carer does; `room`: elsewhere in view. */
export const Place = z.enum(["bed", "edge", "standing", "floor", "beside", "room", "away"]);
export type Place = z.infer<typeof Place>;

export const Posture = z.enum(["supine", "side", "prone", "sitting", "standing"]);
export type Posture = z.infer<typeof Posture>;

const Share = z.number().min(0).max(1);
const PointMm = z.strictObject({ xMm: z.number(), yMm: z.number(), zMm: z.number() });
export type PointMm = z.infer<typeof PointMm>;

/** How somebody breathes. Ranges of published values: Tobin 1988; Crit Care 2021 s13054-021-03716-0 table 3. */
export const Breathing = z.strictObject({
  perMin: z.number().min(3).max(60),
  /** Coefficient of variation of the breath interval: 0.08-0.10 asleep, 0.15-0.21 awake. */
  intervalCv: z.number().min(0).max(0.5),
  /** Correlation of one interval with the next, AR(1). */
  intervalMemory: z.number().min(0).max(0.95),
  /** Random walk of the rate, /min per square root of a minute. */
  driftPerMin: z.number().min(0).max(10),
  /** Movement of the chest along its normal, peak to peak; 0: breathing has stopped. */
  depthMm: z.number().min(0).max(30),
  depthCv: z.number().min(0).max(1),
  /** Share of the interval spent breathing in. */
  inspiratoryFraction: z.number().min(0.1).max(0.7),
  /** Time constant of breathing out, as a share of the interval: short means a pause at the end. */
  expiratoryTau: z.number().min(0.05).max(1),
  sighsPerHour: z.number().min(0).max(120),
  /** People who are awake hold their breath for a moment, or take a shallow one: chance of each at every breath. */
  holdChance: Share.optional(),
  shallowChance: Share.optional(),
  /** Cheyne-Stokes: the depth waxes and wanes over a cycle, and for a share of it nobody breathes. */
  cheyneStokes: z.strictObject({ cycleSec: z.number().min(30).max(120), apnoeaShare: Share }).optional(),
});
export type Breathing = z.infer<typeof Breathing>;

export const Heart = z.strictObject({
  perMin: z.number().min(30).max(200),
  /** Standard deviation of the interval as a share of it. */
  variation: Share,
  /** At the chest's surface, peak of the first harmonic. */
  depthMm: z.number().min(0).max(2),
});
export type Heart = z.infer<typeof Heart>;

/** A body as many small reflectors, each with its own share of the breathing: they fade and cancel as real chests do. */
export const Person = z.strictObject({
  posture: Posture,
  /** Standard deviation of the reflectors' range. */
  spreadMm: z.number().min(1).max(400),
  reflectors: z.int().min(1).max(60),
  /** Amplitude of all reflectors together where they add up in power, LSB of the radar. */
  strengthLsb: z.number().min(0),
  /** Spread of the single reflectors' strength, dB. */
  strengthSpreadDb: z.number().min(0).max(12),
  breathing: Breathing,
  /** How far the belly goes, chest = 1; negative: against it (paradox). */
  abdomenGain: z.number().min(-2).max(3),
  /** Longest delay of a reflector (belly behind chest), s. */
  lagSec: z.number().min(0).max(0.6),
  /** Share of reflectors that move against the others. */
  paradox: Share,
  heart: Heart,
  /** Slow involuntary sway of the whole body, and a rocking of as much that moves its parts against each other. */
  swaySdMm: z.number().min(0).max(20),
  swayTauSec: z.number().min(0.1),
  /** Head, arms and legs: farther from the trunk's middle, hardly breathing, each with a sway of its own. */
  limbs: z
    .strictObject({
      reflectors: z.int().min(1).max(20),
      spreadMm: z.number().min(1).max(800),
      /** All of them together, against the trunk. */
      strengthShare: z.number().min(0).max(2),
      swaySdMm: z.number().min(0).max(20),
      swayTauSec: z.number().min(0.1),
      breathingShare: Share,
    })
    .nullable()
    .default(null),
  /** Echoes over a wall: strength against the direct one, and the way longer. */
  ghost: z.strictObject({ gain: Share, delayMm: z.number() }).nullable(),
});
export type Person = z.infer<typeof Person>;

/** `go` ends at another place; `fall` does so fast; `hold`: the breath stops at the end of the next breath. */
export const MovementKind = z.enum(["turn", "settle", "twitch", "go", "fall", "hold"]);
export type MovementKind = z.infer<typeof MovementKind>;

export const Movement = z.strictObject({
  kind: MovementKind,
  atSec: z.number(),
  lastsSec: z.number().min(0),
  /** Typical way of a reflector in one part of the movement. */
  extentMm: z.number().min(0),
  /** go and fall. */
  to: Place.optional(),
  /** How the person lies or sits afterwards; left out: as before. */
  posture: Posture.optional(),
});
export type Movement = z.infer<typeof Movement>;

/** The first person of a scene is the one whose bed it is; everybody else is `partner`, `carer` or `visitor`. */
export const Somebody = z.strictObject({
  role: z.enum(["occupant", "partner", "carer", "visitor"]),
  is: Person,
  startsAt: Place,
  /** In order of time. */
  movements: z.array(Movement),
  /** Movements that come by chance while somebody lies still. */
  turnsPerHour: z.number().min(0),
});
export type Somebody = z.infer<typeof Somebody>;

/** What moves in a bedroom and is nobody. */
const moves = { at: PointMm, strengthLsb: z.number().min(0), swingMm: z.number().min(0) };
export const Interferer = z.discriminatedUnion("kind", [
  /** Blades: fast, aliased by the frame rate, with a strength that flickers. */
  z.strictObject({ kind: z.literal("ceiling-fan"), ...moves, hz: z.number().positive() }),
  z.strictObject({ kind: z.literal("desk-fan"), ...moves, hz: z.number().positive() }),
  /** A fan that turns its head: 3 to 12 swings a minute fall right into the breathing rates. */
  z.strictObject({
    kind: z.literal("oscillating-fan"),
    ...moves,
    hz: z.number().positive(),
    bladeHz: z.number().positive(),
  }),
  /** A curtain in a draught: a damped swing that the draught keeps pushing (AR(2)). */
  z.strictObject({ kind: z.literal("curtain"), ...moves, hz: z.number().positive() }),
  /** An air mattress that changes its pressure: lifts the bed and whoever is in it, slowly. */
  z.strictObject({ kind: z.literal("pump"), ...moves, hz: z.number().positive() }),
  /** Rolls past once, at a time, over `swingMm` along y. */
  z.strictObject({ kind: z.literal("trolley"), ...moves, atSec: z.number(), lastsSec: z.number().positive() }),
]);
export type Interferer = z.infer<typeof Interferer>;

/** The A121 and the still things that it sees. Sizes measured on a real sensor with PROFILE_3. */
export const RadarSetting = z.strictObject({
  /** Looks at the bed from here. */
  at: PointMm,
  /** Standard deviation of the range profile's envelope, mm: PROFILE_3 has a width at half height of about 140 mm. */
  envelopeSdMm: z.number().positive(),
  /** Direct leakage at the first range point: about five times a person. */
  leakageLsb: z.number().min(0),
  /** Leakage that changes from sweep to sweep, and from frame to frame, as shares of it. */
  leakageSweepNoise: z.number().min(0),
  leakageFrameNoise: z.number().min(0),
  /** Complex standard deviation within one sweep. */
  thermalLsb: z.number().min(0),
  clutter: z.array(z.strictObject({ rangeMm: z.number(), strengthLsb: z.number() })),
  /** Phase noise of everything that is seen: white per frame, and a walk per square root of a frame, rad. */
  phaseWhiteRad: z.number().min(0),
  phaseWalkRad: z.number().min(0),
  /** Largest number that the converter gives. */
  saturatesAtLsb: z.number().positive(),
  /** I against Q: amplitude, and departure from a right angle. */
  imbalanceDb: z.number().min(-3).max(3).default(0),
  imbalanceDeg: z.number().min(-15).max(15).default(0),
  /** Standard deviation of the instants of measuring; frames that never arrive, as a share. */
  jitterMs: z.number().min(0).max(10).default(0),
  droppedShare: Share.default(0),
});
export type RadarSetting = z.infer<typeof RadarSetting>;

/** A depth camera: 8x8 time of flight (45 degrees each way, 65 over the diagonal) or 80x60 (58 by 45 degrees), both at 10 frames/s. */
export const DepthSetting = z.strictObject({
  model: z.enum(["8x8", "80x60"]),
  at: PointMm,
  /** Looks at this point. */
  towards: PointMm,
  /** Noise at 1 m on a bright surface, mm, and how it grows: sd = max(floor, growth x z^2 / sqrt(albedo x cosine)). */
  noiseFloorMm: z.number().min(0),
  noiseGrowthMmPerM2: z.number().min(0),
  /** Neighbours share their noise over this many pixels. */
  noiseCorrelationPx: z.number().min(0).max(4),
  /** Share of edge pixels that mix two surfaces; of pixels that are not valid at all. */
  flyingShare: Share,
  invalidShare: Share,
  /** Drift while the sensor warms up, mm over its time constant. */
  warmUpMm: z.number(),
  warmUpSec: z.number().positive(),
  /** 8x8: share of each zone's light that falls into its neighbours. */
  crossTalk: Share,
});
export type DepthSetting = z.infer<typeof DepthSetting>;

/** What a bridge must notice by the sensor's bytes alone, from a second of the play on. */
export const SensorFault = z.strictObject({
  what: z.enum([
    "clock-stuck",
    "frozen",
    "covered",
    "moved",
    "saturated",
    "calibration-needed",
    "gaps",
    "slow-frames",
    "hot",
    "other-firmware",
    "checksum-errors",
  ]),
  fromSec: z.number().min(0),
});
export type SensorFault = z.infer<typeof SensorFault>;

export const Scene = z.strictObject({
  v: z.literal(1),
  name: z.string().min(1).max(80),
  /** Same file, same bytes. */
  seed: z.int().min(0),
  /** `floor-mattress`: a mattress on the floor in place of a bed. */
  bed: z.strictObject({
    kind: z.enum(["bed", "floor-mattress"]),
    lengthMm: z.number().min(1_500).max(2_300),
    widthMm: z.number().min(600).max(1_600),
    /** Top of the mattress. */
    topMm: z.number().min(80).max(900),
  }),
  blanket: z.enum(["none", "sheet", "duvet"]),
  people: z.array(Somebody).max(4),
  interferers: z.array(Interferer).max(6),
  radar: RadarSetting,
  depth: DepthSetting.nullable(),
  /** The movements come again after this; null: once. */
  repeatsEverySec: z.number().positive().nullable(),
  /** What goes wrong with the scene's sensors; left out: nothing. */
  fault: SensorFault.optional(),
});
export type Scene = z.infer<typeof Scene>;
