import { z } from "zod";
import { BedId, DeviceId, SensorId } from "./ids.ts";
import { SensorHealth, SensorState } from "./words.ts";

/** What a bridge says of one sensor: at each change and every 2 s. */
export const BridgeStatus = z.strictObject({
  v: z.literal(1),
  device: DeviceId,
  sensor: SensorId,
  bed: BedId,
  state: SensorState,
  /** Of the model: whether it can be told to stop, or can only be left unread. */
  off: z.enum(["stops", "ignored"]),
  /** Words for an engineer, such as "connection refused at 127.0.0.1:6110; next try in 2 s". */
  detail: z.string().max(300),
  /** From the sensor's own wire; while no reading comes only what its counts say. */
  health: z.strictObject({ word: SensorHealth, detail: z.string().max(120) }),
  /** ms since 1970 UTC. */
  at: z.number(),
  bootId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
  counts: z.strictObject({
    framesSent: z.int().min(0),
    /** Frames that the sensor delivered while no lease was valid, thrown away undecoded. */
    framesRefused: z.int().min(0),
    bytesSkipped: z.int().min(0),
    resyncs: z.int().min(0),
    /** Frames whose checksum did not hold. */
    checksumErrors: z.int().min(0),
    /** Whole frames of a type or length that the driver does not know: another firmware. */
    strange: z.int().min(0),
    malformed: z.int().min(0),
    reconnects: z.int().min(0),
    leasesRefused: z.int().min(0),
    publishesDropped: z.int().min(0),
  }),
});
export type BridgeStatus = z.infer<typeof BridgeStatus>;
export const bridgeStatusEveryMs = 2_000;

/** From the broker, before any check. Undefined: it does not parse. */
export function readBridgeStatus(payload: Uint8Array): BridgeStatus | undefined {
  try {
    return BridgeStatus.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch {
    return undefined;
  }
}
