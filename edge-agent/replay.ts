import type { RoomSensor } from "./care/room.ts";
import { AlarmPolicy } from "./contract/alarm-policy.ts";
import { kindOfModel } from "./contract/config.ts";
import { ConsentPolicy, commonNeeds, neverOffered } from "./contract/consent.ts";
import type { CoreEvent, Effect, Estimate } from "./contract/door.ts";
import type { SessionHeader } from "./contract/session.ts";
import { monoMs } from "./contract/units.ts";
import { type CoreState, newCore, step } from "./core.ts";
import { unpackDepth } from "./io/depth-unpack.ts";
import type { Inference } from "./ports.ts";

/** A frame as it would have come from the broker, with the sensor's own time. */
export interface ReplayFrame {
  readonly envelope: Uint8Array;
  /** ms of device time since the first frame. */
  readonly atMs: number;
  /** Left out: the header's first sensor. */
  readonly sensor?: string;
}

/**
 * Second root: a recorded session in, estimates out, through the same core, decode and model as live. The clock is the
 * session's own; nothing is published, nothing stored.
 *
 * @param frames in order of time
 * @returns one estimate for each inference, in order
 */
export async function* replay(
  header: SessionHeader,
  frames: Iterable<ReplayFrame>,
  inference: Inference,
): AsyncGenerator<Estimate> {
  let core = coreOf(header);
  const estimates: Estimate[] = [];
  const feed = async (event: CoreEvent): Promise<void> => {
    const { state, effects } = step(core, event);
    core = state;
    for (const effect of effects) {
      if (effect.kind === "estimate") estimates.push(effect.estimate);
      if (effect.kind === "unpack") {
        const { request, png, widthPx, heightPx } = effect;
        const mm = await unpackDepth(png, widthPx, heightPx);
        await feed({ kind: "unpacked", at: event.at, utcMs: event.utcMs, request, mm });
      }
      if (effect.kind !== "infer") continue;
      const { request, model, tensors } = effect;
      const answer = await inference.run(model, tensors);
      await feed({ kind: "inferred", at: event.at, utcMs: event.utcMs, request, ...answer });
    }
  };
  await feed(restoreOf(header));
  let nextTickMs = 1_000;
  const [first] = core.config.sensors;
  for (const { envelope, atMs, sensor = first?.sensor ?? "" } of frames) {
    for (; nextTickMs <= atMs; nextTickMs += 1_000) {
      await feed({ kind: "tick", at: monoMs(nextTickMs), utcMs: nextTickMs });
    }
    await feed({ kind: "frame", at: monoMs(atMs), utcMs: atMs, sensor, bytes: envelope });
    yield* estimates.splice(0);
  }
}

/** The same for a session that holds the model's answers: every event, and every effect that it had, in order. */
export function* replaySession(
  header: SessionHeader,
  events: Iterable<CoreEvent>,
): Generator<{ readonly event: CoreEvent; readonly effects: readonly Effect[] }> {
  let core = coreOf(header);
  for (const event of [restoreOf(header), ...events]) {
    const { state, effects } = step(core, event);
    core = state;
    yield { event, effects };
  }
}

export function coreOf(header: SessionHeader): CoreState {
  return newCore({
    bed: header.bed,
    bedName: header.bed,
    sensorModel: header.sensorModel,
    sensors: sensorsOf(header),
    source: "recording",
    statedOccupancy: header.statedOccupancy,
    limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
    calibration: header.calibration ?? {},
    consent: ConsentPolicy.parse({}),
    alarms: AlarmPolicy.parse({ confirmWithinMs: null }),
    promptSeed: "replay",
  });
}

function sensorsOf({ sensors }: SessionHeader): readonly RoomSensor[] {
  if (sensors === undefined) return [{ sensor: "sensor", model: "acconeer-a121", kind: "radar-iq", placement: null }];
  return sensors.map(({ sensor, model, placement = null }) => ({
    sensor,
    model,
    kind: kindOfModel[model],
    placement,
  }));
}

/** A stay with the header's grants, or none where nothing is granted. */
export function restoreOf(header: SessionHeader): CoreEvent {
  return {
    kind: "restore",
    at: monoMs(0),
    utcMs: 0,
    room: {
      stay: header.granted.length === 0 ? null : { id: "replayed", label: header.subject, demonstration: true },
      needs: commonNeeds,
      checks: null,
      sedation: null,
      consents: header.granted.map((purpose) => ({ ...neverOffered, purpose, state: "granted", sinceUtcMs: 0 })),
      order: null,
      alarms: [],
      leaseNumber: 0,
      leaseLeftOpen: null,
      lastSeen: null,
      alarmCount: 0,
    },
  };
}
