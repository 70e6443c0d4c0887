import { z } from "zod";
import { BedId, DeviceId, Segment, SensorId } from "./ids.ts";
import { Occupancy } from "./words.ts";

const TcpPort = z.int().min(0).max(65_535);

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

export const SensorConfig = z.strictObject({
  sensor: SensorId,
  model: z.enum(["acconeer-a121"]),
  port: SensorPort,
  /** Set only for recordings and simulations; shown on every screen. */
  source: z.enum(["recording", "simulated"]).nullable().default(null),
  /** A staged recording may state who is in the bed, because a recording cannot show that it moved before. */
  statedOccupancy: Occupancy.nullable().default(null),
});
export type SensorConfig = z.infer<typeof SensorConfig>;

export const BedConfig = z.strictObject({
  bed: BedId,
  name: z.string().min(1).max(40),
  /** The bedroom unit (one bridge) that has the sensors of this bed. */
  device: DeviceId,
  sensors: z.array(SensorConfig).min(1).max(1),
});
export type BedConfig = z.infer<typeof BedConfig>;

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
    beds: z.array(BedConfig).min(1).max(64),
    brokers: z
      .strictObject({
        host: z.string().default("127.0.0.1"),
        framesPort: TcpPort.default(18830),
        controlPort: TcpPort.default(18831),
      })
      .prefault({}),
    dashboard: z
      .strictObject({
        host: z.string().default("127.0.0.1"),
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
      .prefault({}),
  })
  .superRefine((site, context) => {
    const seen = new Map<string, string>();
    site.beds.forEach((bed, index) => {
      if (seen.has(`bed ${bed.bed}`))
        context.addIssue({ code: "custom", path: ["beds", index, "bed"], message: `"${bed.bed}" is named twice` });
      seen.set(`bed ${bed.bed}`, "");
      for (const [place, sensor] of bed.sensors.entries()) {
        const key = `sensor ${bed.device}/${sensor.sensor}`;
        if (seen.has(key)) {
          context.addIssue({
            code: "custom",
            path: ["beds", index, "sensors", place, "sensor"],
            message: `"${sensor.sensor}" is named twice on ${bed.device}`,
          });
        }
        seen.set(key, "");
      }
    });
  });
export type SiteConfig = z.infer<typeof SiteConfig>;
