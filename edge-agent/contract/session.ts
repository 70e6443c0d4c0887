import { z } from "zod";
import { RoomAsk } from "./asks.ts";
import { Placement, SensorModel } from "./config.ts";
import type { CoreEvent, Effect, Tensor } from "./door.ts";
import { SensorId } from "./ids.ts";
import { Actor } from "./people.ts";
import { monoMs } from "./units.ts";
import { DropReason, Occupancy, Purpose, SensorHealth, SensorState } from "./words.ts";

/*
 * A session recorded at the core's door: a header, then one event a line, as JSON. Bytes and tensors are base64. The same
 * session through the same core gives the same effects.
 */

/**
 * Only made-up or staged subjects: a session of a patient is refused, because sessions hold sensor frames and those are
 * never kept.
 */
export const SessionHeader = z.strictObject({
  v: z.literal(1),
  is: z.literal("quietround-session"),
  subject: z.enum(["synthetic", "staged"]),
  bed: z.string(),
  sensorModel: z.string(),
  /** Left out: one sensor of `sensorModel`, called `sensor`. */
  sensors: z
    .array(z.strictObject({ sensor: SensorId, model: SensorModel, placement: Placement.optional() }))
    .optional(),
  granted: z.array(Purpose),
  statedOccupancy: Occupancy.nullable(),
  /** SHA-256 of the model file, hex. */
  modelSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** What the cards of the models said of their calibration, by the model's name. */
  calibration: z.record(z.string(), z.unknown()).optional(),
});
export type SessionHeader = z.infer<typeof SessionHeader>;

const time = { at: z.number(), utcMs: z.number() };
/** Numbers of so many bytes each. */
const Numbers = (bytesEach: number) =>
  z
    .base64()
    .refine((text) => ((text.length / 4) * 3 - (text.length - text.replace(/=+$/, "").length)) % bytesEach === 0, {
      error: `base64 of whole numbers of ${bytesEach} bytes`,
    });
const SessionTensor = z.strictObject({ name: z.string(), dims: z.array(z.int()), float32: Numbers(4) });

/** The events that a session may hold; `restore` is made from the header. */
export const SessionEvent = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("tick"), ...time }),
  z.strictObject({ kind: z.literal("frame"), ...time, sensor: z.string(), bytes: z.base64() }),
  z.strictObject({ kind: z.literal("frames-dropped"), ...time, why: DropReason, count: z.int() }),
  z.strictObject({
    kind: z.literal("inferred"),
    ...time,
    request: z.int(),
    tookMs: z.number(),
    outputs: z.array(SessionTensor),
  }),
  z.strictObject({ kind: z.literal("inference-failed"), ...time, request: z.int() }),
  z.strictObject({ kind: z.literal("unpacked"), ...time, request: z.int(), mm: Numbers(2) }),
  z.strictObject({ kind: z.literal("unpack-failed"), ...time, request: z.int() }),
  z.strictObject({
    kind: z.literal("sensor-status"),
    ...time,
    sensor: z.string(),
    state: SensorState,
    detail: z.string(),
    health: SensorHealth.default("ok"),
  }),
  z.strictObject({
    kind: z.literal("ask"),
    ...time,
    request: z.string(),
    actor: Actor,
    ask: RoomAsk,
    freshId: z.string(),
    touchedAtUtcMs: z.number().nullable().default(null),
  }),
  z.strictObject({ kind: z.literal("clock"), ...time, steppedMs: z.number() }),
  z.strictObject({ kind: z.literal("audit-failed"), ...time, unwritten: z.array(z.string()) }),
  z.strictObject({ kind: z.literal("stop"), ...time }),
]);
export type SessionEvent = z.infer<typeof SessionEvent>;

/** From a file, before any check. @throws ZodError with the line's faults, or SyntaxError where it is no JSON */
export function readSessionEvent(line: string): CoreEvent {
  const event = SessionEvent.parse(JSON.parse(line));
  const at = { ...event, at: monoMs(event.at) };
  switch (at.kind) {
    case "frame":
      return { ...at, bytes: bytesOf(at.bytes) };
    case "unpacked":
      return { ...at, mm: new Uint16Array(bytesOf(at.mm).buffer as ArrayBuffer) };
    case "inferred":
      return { ...at, outputs: at.outputs.map(({ name, dims, float32 }) => ({ name, dims, data: floatsOf(float32) })) };
    case "tick":
    case "frames-dropped":
    case "inference-failed":
    case "unpack-failed":
    case "sensor-status":
    case "ask":
    case "clock":
    case "audit-failed":
    case "stop":
      return at;
  }
}

export function writeSessionEvent(event: Exclude<CoreEvent, { kind: "restore" }>): string {
  switch (event.kind) {
    case "frame":
      return JSON.stringify({ ...event, bytes: base64Of(event.bytes) });
    case "unpacked":
      return JSON.stringify({
        ...event,
        mm: base64Of(new Uint8Array(event.mm.buffer, event.mm.byteOffset, event.mm.byteLength)),
      });
    case "inferred":
      return JSON.stringify({ ...event, outputs: event.outputs.map(writeTensor) });
    default:
      return JSON.stringify(event);
  }
}

/** An effect as the expectations hold it: what goes into a model is named by its energy, a PNG by its length, since the frames are there already. */
export function writeEffect(effect: Effect): string {
  if (effect.kind === "unpack") return JSON.stringify({ ...effect, png: effect.png.length });
  if (effect.kind !== "infer") return JSON.stringify(effect);
  const tensors = effect.tensors.map(({ name, dims, data }) => ({ name, dims, energy: energyOf(data) }));
  return JSON.stringify({ ...effect, tensors });
}

const energyOf = (data: Float32Array): number =>
  Math.round(data.reduce((sum, value) => sum + value * value, 0) * 100) / 100;

const writeTensor = ({ name, dims, data }: Tensor) => ({
  name,
  dims,
  float32: base64Of(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
});

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function floatsOf(base64: string): Float32Array {
  return new Float32Array(bytesOf(base64).buffer as ArrayBuffer);
}
