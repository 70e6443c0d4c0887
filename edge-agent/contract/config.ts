import { z } from "zod";
import { AlarmPolicy } from "./alarm-policy.ts";
import { AuditPolicy } from "./audit-policy.ts";
import { BrokerPorts, BrokersConfig, brokerAdmin } from "./brokers-config.ts";
import { LevelNames } from "./checks.ts";
import { ConsentPolicy } from "./consent.ts";
import { DashboardConfig } from "./dashboard-config.ts";
import type { FrameKind } from "./frames.ts";
import { GatewayFields } from "./gateway.ts";
import { BedId, DeviceId, Segment, SensorId } from "./ids.ts";
import { differ, LoopbackHost, TcpPort } from "./loopback.ts";
import { MetricsConfig } from "./metrics-config.ts";
import { oidcOverTls } from "./oidc.ts";
import { onceSound } from "./once-sound.ts";
import { DeclaredPurposes } from "./purpose-of-use.ts";
import { remoteUnitsRefused } from "./remote-units.ts";
import { RetentionPolicy } from "./retention.ts";
import { StaffPolicy } from "./staff.ts";
import { Occupancy } from "./words.ts";

/** Names that are a client or the first segment of a control topic; a device of such a name could speak for them. */
export const reservedDeviceNames: readonly string[] = [
  "agent",
  "dashboard",
  "admin",
  brokerAdmin,
  "live",
  "ask",
  "answer",
  "ward",
];

/** Becomes part of a path: no dots, no slashes. */
export const SceneName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
  error: "a scene's name is lower-case letters, digits and hyphens, at most 40 (config/scenes/<name>.json)",
});

/** A by-id name stays the same when a second device is plugged in; `ttyUSB0` does not. */
const DevicePath = z
  .string()
  .max(200)
  .regex(/^\/[^\0]+$/, { error: "the whole path of a serial port, such as /dev/serial/by-id/usb-..." });

/** How a bridge reaches a sensor. */
export const SensorPort = z.discriminatedUnion("via", [
  z.strictObject({
    via: z.literal("serial"),
    /** Where its measurements come from, and its commands go to where it has no other port. */
    path: DevicePath,
    /** Of a sensor with a second serial port: that for its commands. */
    commandsPath: DevicePath.optional(),
    /** Of `path`; left out: the sensor's own. */
    baudRate: z.int().min(1_200).max(4_000_000).optional(),
  }),
  z.strictObject({
    via: z.literal("tcp"),
    /** DESIGN 1.3: depth never leaves the unit, and radar leaves it under TLS only, which no sensor speaks. */
    host: LoopbackHost.default("127.0.0.1"),
    port: z.int().min(1).max(65_535),
  }),
  /** A gateway's own messages at a broker on this machine. */
  z.strictObject({
    via: z.literal("mqtt"),
    host: LoopbackHost.default("127.0.0.1"),
    port: z.int().min(1).max(65_535).default(1883),
    fields: GatewayFields,
  }),
  /** Recorded bytes of a module, played as if it sent them now. */
  z.strictObject({
    via: z.literal("replay"),
    path: DevicePath,
    /** How long the sensor took to send them. */
    lastsSec: z.number().min(0.1).max(1e6),
    loop: z.boolean().default(false),
    /** Recorded seconds for one second of real time. */
    speed: z.number().min(0.1).max(50).default(1),
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
  "ti-iwr6843": "radar-vitals",
  "ti-vital-signs": "radar-vitals",
  "seeed-mr60bha2": "radar-vitals",
  "hilink-ld6002": "radar-vitals",
  "seeed-mr60bha1": "radar-vitals",
  "seeed-mr24": "radar-vitals",
  "hilink-ld2410": "radar-targets",
  "hilink-ld2450": "radar-targets",
  "mqtt-gateway": "radar-targets",
  "sim-depth-80x60": "depth",
  "sim-depth-8x8": "depth",
} as const satisfies Record<string, FrameKind>;
export type SensorModel = keyof typeof kindOfModel;
export const SensorModel = z.enum(Object.keys(kindOfModel) as [SensorModel, ...SensorModel[]]);

/** Of serial ports a sensor has one, for all; these have two, or none. */
const serialPortsOf: ReadonlyMap<string, "two" | "none"> = new Map([
  ["ti-iwr6843", "two"],
  ["ti-vital-signs", "two"],
  ["depth-camera", "none"],
  ["mqtt-gateway", "none"],
] as const);
/** The longest time between two words of a sensor that is well, where that is no small part of a second (sensors/<model>.ts). */
const pauses: ReadonlyMap<string, number> = new Map([["seeed-mr24", 5_000]] as const);
export const pauseMsOf = (model: SensorModel): number => pauses.get(model) ?? 0;

export const serialPorts = (model: SensorModel): "one" | "two" | "none" => serialPortsOf.get(model) ?? "one";

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
    /** Depth only: as PNG on the unit's broker (docs/decisions/0003). */
    packed: z.boolean().optional(),
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
  .superRefine(
    ({ model, port }, context) => {
      const why = portRefused(model, port);
      if (why !== undefined) context.addIssue({ code: "custom", path: ["port", why.key], message: why.words });
    },
    onceSound(OfModel.extend({ port: SensorPort })),
  )
  .refine(({ model, port }) => (port.via === "mqtt") === (model === "mqtt-gateway") || port.via === "simulated", {
    path: ["port", "via"],
    error: 'mqtt is the way to the model "mqtt-gateway", and to no other',
    ...onceSound(OfModel.extend({ port: SensorPort })),
  })
  .refine(({ port, source }) => port.via !== "replay" || source === "recording", {
    path: ["source"],
    error: 'a replayed port needs source "recording", so that every screen says so',
    ...onceSound(z.object({ port: SensorPort, source: Source })),
  })
  .refine(({ model, placement }) => isDepth(model) === (placement !== undefined), {
    path: ["placement"],
    error: "a depth sensor says where it hangs and where the bed stands; a radar does not",
    ...onceSound(OfModel.extend({ placement: Placement.optional() })),
  })
  .refine(({ model, packed }) => packed !== true || isDepth(model), {
    path: ["packed"],
    error: "only a depth sensor's frames can be packed",
    ...onceSound(OfModel.extend({ packed: z.boolean().optional() })),
  })
  .refine(({ source, statedOccupancy }) => statedOccupancy === null || source !== null, {
    path: ["statedOccupancy"],
    error: "only a recording or a simulation may state who is in the bed (source is null: a real sensor)",
    ...onceSound(z.object({ source: Source, statedOccupancy: Occupancy.nullable() })),
  });
export type SensorConfig = z.infer<typeof SensorConfig>;

/** What keeps a sensor of this model from such a port. */
function portRefused(model: SensorModel, port: SensorPort): { key: string; words: string } | undefined {
  const ports = serialPorts(model);
  if (model.startsWith("sim-") && port.via !== "simulated") {
    return { key: "via", words: `${model} is simulated only: it has no wire of its own` };
  }
  switch (port.via) {
    case "simulated":
      return undefined;
    case "tcp":
      return ports === "two"
        ? { key: "via", words: `${model} has two serial ports, which one TCP connection cannot carry` }
        : undefined;
    case "serial": {
      if (ports === "none") return { key: "via", words: `${model} has no serial port` };
      if (ports === "one" && port.commandsPath !== undefined) {
        return { key: "commandsPath", words: `${model} takes its commands on the port of its measurements` };
      }
      if (ports === "two" && port.commandsPath === undefined) {
        return {
          key: "commandsPath",
          words: `${model} takes its commands on a second serial port: its path is missing`,
        };
      }
      return undefined;
    }
  }
}

export const isDepth = (model: string): boolean => kindOfModel[model as SensorModel] === "depth";
const Told = z.object({
  model: SensorModel,
  port: SensorPort,
  source: Source,
  statedOccupancy: Occupancy.nullable().optional(),
});
/** A radar that tells raw echoes, a sensor of distances, or a module that estimates by itself. */
export type Sense = "radar" | "depth" | "module";
/** A bed has at most one of each. */
export const senseOf = (model: SensorModel): Sense => {
  switch (kindOfModel[model]) {
    case "radar-iq":
      return "radar";
    case "depth":
      return "depth";
    case "radar-vitals":
    case "radar-targets":
      return "module";
  }
};
/** The sensors of a simulated bed look at the same play. */
const playOf = (port: SensorPort): string => (port.via === "simulated" ? JSON.stringify(port) : "real");

export const BedConfig = z.strictObject({
  bed: BedId,
  name: z.string().min(1).max(40),
  /** The bedroom unit (one bridge) that has the sensors of this bed. */
  device: DeviceId.refine((device) => !reservedDeviceNames.includes(device), {
    error: `a device cannot be called ${reservedDeviceNames.join(", ")}`,
  }),
  /** At most one radar, one depth sensor and one module that estimates by itself; any of them may be the only one. */
  sensors: z
    .array(SensorConfig)
    .min(1)
    .max(3)
    .superRefine(
      (sensors, context) => {
        const [first] = sensors;
        if (first === undefined) return;
        const issue = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
        for (const [place, one] of sensors.entries()) {
          const before = sensors.slice(0, place);
          if (before.some(({ model }) => senseOf(model) === senseOf(one.model))) {
            issue([place, "model"], "a bed has at most one radar, one depth sensor and one module");
          }
          if ((first.source === null) !== (one.source === null)) {
            issue([place, "source"], "a real and a made-up sensor at the same bed");
          } else if (first.port.via === "simulated" && playOf(first.port) !== playOf(one.port)) {
            issue(
              [place, "port"],
              "the simulated sensors of a bed look at the same play: scene, seed and speed are the same",
            );
          }
          const stated = before.flatMap(({ statedOccupancy }) => statedOccupancy ?? []);
          if (one.statedOccupancy !== null && stated.some((other) => other !== one.statedOccupancy)) {
            issue([place, "statedOccupancy"], "the sensors of a bed state the same occupancy");
          }
        }
      },
      onceSound(z.array(Told)),
    ),
});
export type BedConfig = z.infer<typeof BedConfig>;

const Named = z.object({ sensor: SensorId, source: Source });
const NamedBeds = z.array(z.object({ bed: BedId, device: DeviceId, sensors: z.array(Named) }));
const PluggedBeds = z.array(z.object({ device: DeviceId, sensors: z.array(z.object({ port: SensorPort })) }));

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
  }, onceSound(NamedBeds))
  .superRefine((beds, context) => {
    const taken = new Set<string>();
    for (const [index, { device, sensors }] of beds.entries()) {
      for (const [place, { port }] of sensors.entries()) {
        if (port.via !== "serial") continue;
        for (const key of ["path", "commandsPath"] as const) {
          const named = `${device} ${port[key]}`;
          const path = [index, "sensors", place, "port", key];
          const message = `${port[key]} is another sensor's port on ${device}`;
          if (port[key] !== undefined && taken.has(named)) context.addIssue({ code: "custom", path, message });
          taken.add(named);
        }
      }
    }
  }, onceSound(PluggedBeds));

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
    demonstration: z.boolean().default(false),
    /** For engineers: an unsigned release and configuration may run, and every page says that no patient is cared for. */
    development: z.boolean().default(false),
    /** The key of personal data at rest; outside the data folder. A systemd credential "data-key" comes before it. */
    dataKeyFile: z.string().startsWith("/").nullable().default(null),
    /** Of the data protection assessment beside this file; only a demonstration needs none. */
    assessmentVersion: z.string().min(1).max(40).nullable().default(null),
    beds: Beds,
    brokers: BrokersConfig.prefault({}),
    dashboard: DashboardConfig.prefault({}),
    consent: ConsentPolicy.prefault({}),
    /** What this ward calls the levels of checks in person. */
    levels: LevelNames.prefault({}),
    alarms: AlarmPolicy.prefault({}),
    retention: RetentionPolicy.prefault({}),
    readFor: DeclaredPurposes,
    metrics: MetricsConfig.prefault({}),
    audit: AuditPolicy.prefault({}),
    staff: StaffPolicy.prefault({}),
    limits: z
      .strictObject({
        /** Frames of one room waiting for the loop; the oldest falls first and is counted. */
        frameQueueMax: z.int().min(1).max(1_000).default(40),
        /** No frame for this long while the sensor should be on: the data are stale. */
        staleAfterMs: z.int().min(500).max(10_000).default(3_000),
        /** No frame and no word from the bridge for this long: sensor lost. */
        sensorLostAfterMs: z.int().min(1_000).max(10_000).default(5_000),
        /** What the agent may tell of one room in an hour; a room's sensors send some hundred megabytes. */
        bytesOutPerRoomHour: z.int().min(100_000).max(100_000_000).default(32_000_000),
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
  )
  .refine(...oidcOverTls)
  .superRefine(remoteUnitsRefused(isDepth), onceSound(z.object({ beds: Beds, brokers: BrokersConfig })));
export type SiteConfig = z.infer<typeof SiteConfig>;
