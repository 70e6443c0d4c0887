import { z } from "zod";
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
    scene: z.enum(["demonstration", "asleep", "empty"]).default("demonstration"),
    /** Sensor seconds for one second of real time. */
    speed: z.number().min(0.1).max(50).default(1),
  }),
]);
export type SensorPort = z.infer<typeof SensorPort>;

const Source = z.enum(["recording", "simulated"]).nullable();
export const SensorConfig = z
  .strictObject({
    sensor: SensorId,
    model: z.enum(["acconeer-a121"]),
    port: SensorPort,
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
  .refine(({ source, statedOccupancy }) => statedOccupancy === null || source !== null, {
    path: ["statedOccupancy"],
    error: "only a recording or a simulation may state who is in the bed (source is null: a real sensor)",
    ...onceSound(z.object({ source: Source, statedOccupancy: Occupancy.nullable() })),
  });
export type SensorConfig = z.infer<typeof SensorConfig>;

export const BedConfig = z.strictObject({
  bed: BedId,
  name: z.string().min(1).max(40),
  /** The bedroom unit (one bridge) that has the sensors of this bed. */
  device: DeviceId.refine((device) => !reservedDeviceNames.includes(device), {
    error: `a device cannot be called ${reservedDeviceNames.join(", ")}`,
  }),
  sensors: z.array(SensorConfig).min(1).max(1),
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
