import type { CoreEvent, Estimate } from "./contract/door.ts";
import type { SessionHeader } from "./contract/session.ts";
import { monoMs } from "./contract/units.ts";
import { newCore, step } from "./core.ts";
import type { Inference } from "./ports.ts";

/** A frame as it would have come from the broker, with the sensor's own time. */
export interface ReplayFrame {
  readonly envelope: Uint8Array;
  /** ms of device time since the first frame. */
  readonly atMs: number;
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
  let core = newCore({
    bed: header.bed,
    bedName: header.bed,
    sensorModel: header.sensorModel,
    source: "recording",
    statedOccupancy: header.statedOccupancy,
    limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
  });
  const estimates: Estimate[] = [];
  const feed = async (event: CoreEvent): Promise<void> => {
    const { state, effects } = step(core, event);
    core = state;
    for (const effect of effects) {
      if (effect.kind === "estimate") estimates.push(effect.estimate);
      if (effect.kind !== "infer") continue;
      const { request, tensors } = effect;
      const answer = await inference.run(tensors);
      await feed({ kind: "inferred", at: event.at, utcMs: event.utcMs, request, ...answer });
    }
  };
  const start = { at: monoMs(0), utcMs: 0 };
  await feed({
    ...start,
    kind: "restore",
    room: {
      stay: { id: "replayed", label: header.subject, demonstration: true },
      consents: header.granted.map((purpose) => ({ purpose, state: "granted", sinceUtcMs: 0 })),
      order: null,
      alarms: [],
      leaseNumber: 0,
      alarmCount: 0,
    },
  });
  let nextTickMs = 1_000;
  for (const { envelope, atMs } of frames) {
    for (; nextTickMs <= atMs; nextTickMs += 1_000) {
      await feed({ kind: "tick", at: monoMs(nextTickMs), utcMs: nextTickMs });
    }
    await feed({ kind: "frame", at: monoMs(atMs), utcMs: atMs, bytes: envelope });
    yield* estimates.splice(0);
  }
}
