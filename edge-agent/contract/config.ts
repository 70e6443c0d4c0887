import { z } from "zod";
import type { FrameKind } from "./frames.ts";
import { BedId, DeviceId, Segment, SensorId } from "./ids.ts";
import { Occupancy } from "./words.ts";

/** Names that are a client or the first segment of a control topic; a device of such a name could speak for them. */
export const reservedDeviceNames: readonly string[] = ["agent", "dashboard", "admin", "live", "ask", "answer"];

/** 0: any free port. */
const TcpPort = z.int().min(0).max(65_535);

/** This release has no TLS: passwords, sensor data and what is known of a person would be readable on any other network. */
const LoopbackHost = z.string().refine(isLoopback, {
  error: "only this machine itself (127.0.0.1, ::1, localhost): this release has no TLS yet",
});

function isLoopback(host: string): boolean {
  // RFC 1122 3.2.1.3 (g): all of 127.0.0.0/8 is loopback.
  return host === "localhost" || host === "::1" || (z.ipv4().safeParse(host).success && host.startsWith("127."));
}

/** Judges as soon as these parts are sound, whatever else is wrong, so that a person hears of every error at once. */
const onceSound = (parts: z.ZodType) => ({
  when: ({ value }: z.core.ParsePayload) => parts.safeParse(value).success,
});

/** Becomes part of a path: no dots, no slashes. */
export const SceneName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
  error: "a scene's name is lower-case letters, digits and hyphens, at most 40 (config/scenes/<name>.json)",
});

/** How a bridge reaches a sensor. */
export const SensorPort = z.discriminatedUnion("via", [
  z.strictObject({
    via: z.literal("tcp"),
    host: z.string().min(1).default("127.0.0.1"),
    port: z.int().min(1).max(65_535),
  }),
  /** A bedroom computed from physics, for demonstration and tests: never beside a real patient. */
  z.strictObject({
    via: z.literal("simulated"),
    seed: z.int().min(0).default(1),
    /** The file config/scenes/<scene>.json. */
    scene: SceneName.default("demonstration"),
    /** Sensor seconds for one second of real time. */
    speed: z.number().min(0.1).max(50).default(1),
  }),
]);
export type SensorPort = z.infer<typeof SensorPort>;

/** Which of its room's two senses a sensor of this model is, and the kind of frames that it sends. */
export const kindOfModel = {
  "acconeer-a121": "radar-iq",
  "st-vl53l5cx": "depth",
  "depth-camera": "depth",
  "seeed-mr60bha2": "radar-vitals",
  "hilink-ld6002": "radar-vitals",
  "seeed-mr60bha1": "radar-vitals",
  "seeed-mr24": "radar-vitals",
  "hilink-ld2410": "radar-targets",
  "hilink-ld2450": "radar-targets",
  "sim-depth-80x60": "depth",
  "sim-depth-8x8": "depth",
} as const satisfies Record<string, FrameKind>;
export type SensorModel = keyof typeof kindOfModel;
export const SensorModel = z.enum(Object.keys(kindOfModel) as [SensorModel, ...SensorModel[]]);

const PointMm = z.strictObject({ xMm: z.number(), yMm: z.number(), zMm: z.number() });

/**
 * Where a depth sensor hangs and where the bed stands, mm: the origin on the floor below the middle of the bed; x across
 * the bed, positive towards the side where people get out; y along it, positive towards the head; z up.
 */
export const Placement = z.strictObject({
  at: PointMm,
  /** Looks at this point. */
  towards: PointMm,
  bed: z.strictObject({
    lengthMm: z.number().min(1_500).max(2_300),
    widthMm: z.number().min(600).max(1_600),
    /** Top of the mattress. */
    topMm: z.number().min(80).max(900),
  }),
});
export type Placement = z.infer<typeof Placement>;

const Source = z.enum(["recording", "simulated"]).nullable();
const OfModel = z.object({ model: SensorModel });
export const SensorConfig = z
  .strictObject({
    sensor: SensorId,
    model: SensorModel,
    port: SensorPort,
    /** Depth only: what perception must know of the room. */
    placement: Placement.optional(),
    /** Set only for recordings and simulations; shown on every screen. */
    source: Source.default(null),
    /** A staged recording may state who is in the bed, because a recording cannot show that it moved before. */
    statedOccupancy: Occupancy.nullable().default(null),
  })
  .refine(({ port, source }) => port.via !== "simulated" || source === "simulated", {
    path: ["source"],
    error: 'a simulated port needs source "simulated", so that every screen says so',
    ...onceSound(z.object({ port: SensorPort, source: Source })),
  })
  .refine(({ model, port }) => !isDepth(model) || port.via === "simulated", {
    path: ["port", "via"],
    error: "depth sensors are simulated only in this release",
    ...onceSound(OfModel.extend({ port: SensorPort })),
  })
  .refine(({ model, placement }) => isDepth(model) === (placement !== undefined), {
    path: ["placement"],
    error: "a depth sensor says where it hangs and where the bed stands; a radar does not",
    ...onceSound(OfModel.extend({ placement: Placement.optional() })),
  })
  .refine(({ source, statedOccupancy }) => statedOccupancy === null || source !== null, {
    path: ["statedOccupancy"],
    error: "only a recording or a simulation may state who is in the bed (source is null: a real sensor)",
    ...onceSound(z.object({ source: Source, statedOccupancy: Occupancy.nullable() })),
  });
export type SensorConfig = z.infer<typeof SensorConfig>;

const isDepth = (model: SensorModel): boolean => kindOfModel[model] === "depth";
const Told = z.object({
  model: SensorModel,
  port: SensorPort,
  source: Source,
  statedOccupancy: Occupancy.nullable().optional(),
});
/** Both sensors of a simulated bed look at the same play. */
const playOf = (port: SensorPort): string => (port.via === "simulated" ? JSON.stringify(port) : "real");

export const BedConfig = z.strictObject({
  bed: BedId,
  name: z.string().min(1).max(40),
  /** The bedroom unit (one bridge) that has the sensors of this bed. */
  device: DeviceId.refine((device) => !reservedDeviceNames.includes(device), {
    error: `a device cannot be called ${reservedDeviceNames.join(", ")}`,
  }),
  /** At most one radar and one depth sensor. */
  sensors: z
    .array(SensorConfig)
    .min(1)
    .max(2)
    .superRefine(
      (sensors, context) => {
        const [first, second] = sensors;
        if (first === undefined || second === undefined) return;
        const issue = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
        if (kindOfModel[first.model] === kindOfModel[second.model]) {
          issue([1, "model"], "a bed has at most one radar and one depth sensor");
        }
        if ((first.source === null) !== (second.source === null)) {
          issue([1, "source"], "one real and one made-up sensor at the same bed");
        } else if (first.port.via === "simulated" && playOf(first.port) !== playOf(second.port)) {
          issue(
            [1, "port"],
            "the simulated sensors of a bed look at the same play: scene, seed and speed are the same",
          );
        }
        const stated = sensors.flatMap(({ statedOccupancy }) => statedOccupancy ?? []);
        if (new Set(stated).size > 1) issue([1, "statedOccupancy"], "the sensors of a bed state the same occupancy");
      },
      onceSound(z.array(Told)),
    ),
});
export type BedConfig = z.infer<typeof BedConfig>;

const Named = z.object({ sensor: SensorId, source: Source });
const NamedBeds = z.array(z.object({ bed: BedId, device: DeviceId, sensors: z.array(Named) }));

const Beds = z
  .array(BedConfig)
  .min(1)
  .max(64)
  .superRefine((beds, context) => {
    const seen = new Set<string>();
    const once = (key: string, path: PropertyKey[], message: string): void => {
      if (seen.has(key)) context.addIssue({ code: "custom", path, message });
      seen.add(key);
    };
    for (const [index, { bed, device, sensors }] of beds.entries()) {
      once(`bed ${bed}`, [index, "bed"], `"${bed}" is named twice`);
      for (const [place, { sensor }] of sensors.entries()) {
        const path = [index, "sensors", place, "sensor"];
        once(`sensor ${device}/${sensor}`, path, `"${sensor}" is named twice on ${device}`);
      }
    }
  }, onceSound(NamedBeds));

const differ = (...ports: readonly number[]): boolean => {
  const chosen = ports.filter((port) => port !== 0);
  return new Set(chosen).size === chosen.length;
};
const BrokerPorts = z.object({ framesPort: TcpPort, controlPort: TcpPort });

/** The whole site in one value. Unknown keys are refused; defaults are here. */
export const SiteConfig = z
  .strictObject({
    v: z.literal(1),
    trust: Segment,
    site: Segment,
    ward: Segment,
    wardName: z.string().min(1).max(60),
    /** First part of the audit log's origin, such as `w7.rxx01.example.nhs.uk`. */
    auditDomain: z.string().regex(/^[a-z0-9.-]{3,100}$/),
    /** Core seconds for one second of real time: only for replaying recordings faster, with the stand-in at the same speed. */
    clockSpeed: z.number().min(1).max(50).default(1),
    /** Shown on every page while true. */
    demonstration: z.boolean().default(false),
    beds: Beds,
    brokers: z
      .strictObject({
        host: LoopbackHost.default("127.0.0.1"),
        framesPort: TcpPort.default(18830),
        controlPort: TcpPort.default(18831),
      })
      .refine(({ framesPort, controlPort }) => differ(framesPort, controlPort), {
        path: ["controlPort"],
        error: "the same port as brokers.framesPort",
        ...onceSound(BrokerPorts),
      })
      .prefault({}),
    dashboard: z
      .strictObject({
        host: LoopbackHost.default("127.0.0.1"),
        port: TcpPort.default(8080),
      })
      .prefault({}),
    limits: z
      .strictObject({
        /** Frames of one room waiting for the loop; the oldest falls first and is counted. */
        frameQueueMax: z.int().min(1).max(1_000).default(40),
        /** No frame for this long while the sensor should be on: the data are stale. */
        staleAfterMs: z.int().min(500).max(10_000).default(3_000),
        /** No frame and no word from the bridge for this long: sensor lost. */
        sensorLostAfterMs: z.int().min(1_000).max(10_000).default(5_000),
        websocketClientsMax: z.int().min(1).max(1_000).default(100),
      })
      .refine(({ staleAfterMs, sensorLostAfterMs }) => staleAfterMs <= sensorLostAfterMs, {
        path: ["staleAfterMs"],
        error: "more than limits.sensorLostAfterMs: a sensor would be lost before its data are stale",
        ...onceSound(z.object({ staleAfterMs: z.number(), sensorLostAfterMs: z.number() })),
      })
      .prefault({}),
  })
  .refine(
    ({ brokers, dashboard }) => [brokers.framesPort, brokers.controlPort].every((p) => differ(p, dashboard.port)),
    {
      path: ["dashboard", "port"],
      error: "the same port as one of the brokers",
      ...onceSound(z.object({ brokers: BrokerPorts, dashboard: z.object({ port: TcpPort }) })),
    },
  )
  .superRefine(
    ({ clockSpeed, beds }, context) => {
      const real = beds.filter(({ sensors }) => sensors.some(({ source }) => source === null));
      if (clockSpeed === 1 || real.length === 0) return;
      const words = `more than 1 only where every sensor has a source; real: ${real.map(({ bed }) => bed).join(", ")}`;
      context.addIssue({ code: "custom", path: ["clockSpeed"], message: words });
    },
    onceSound(z.object({ clockSpeed: z.number(), beds: NamedBeds })),
  );
export type SiteConfig = z.infer<typeof SiteConfig>;
