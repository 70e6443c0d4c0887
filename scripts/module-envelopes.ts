import { kindOfModel, type SensorModel } from "../edge-agent/contract/config.ts";
import { encodeEnvelope } from "../edge-agent/contract/frames.ts";
import { encodeRadarTargets, encodeRadarVitals } from "../edge-agent/contract/module-frames.ts";
import { utcMs } from "../edge-agent/contract/units.ts";
import type { ReplayFrame } from "../edge-agent/replay.ts";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import type { FramerCounts, SensorFrame } from "../firmware-bridge/sensors/sensor.ts";

/** Modules that estimate by themselves: what they sent is bytes and nothing else, no file beside it. */
export const moduleModels = (Object.keys(sensors) as (keyof typeof sensors)[]).filter((model) =>
  ["radar-vitals", "radar-targets"].includes(kindOfModel[model]),
);
export type ModuleModel = (typeof moduleModels)[number] & SensorModel;

export interface ModuleEnvelopes {
  readonly frames: readonly ReplayFrame[];
  readonly malformed: number;
  readonly counts: FramerCounts;
}

/**
 * Wire bytes of a module as the bridge would have published them. Bytes have no times: a sensor that counts its frames is
 * believed, any other is paced at its nominal rate, by the samples of its wave where it sends one.
 */
export function moduleEnvelopes(model: ModuleModel, wire: Uint8Array): ModuleEnvelopes {
  const sensor = sensors[model];
  const talk = sensor.newTalk();
  talk.start();
  const frames: ReplayFrame[] = [];
  let pacedUs = 0;
  let malformed = 0;
  let boot = 0;
  let sequence = 0;
  let sendsWave = false;
  for (const framed of talk.framer.push(wire)) {
    if (talk.hear(framed).heard !== "measurement") continue;
    const decoded = talk.decode(framed, pacedUs);
    if (!decoded.ok) {
      malformed += 1;
      continue;
    }
    const { frame, deviceUs } = decoded;
    if (decoded.afterGap) {
      boot += 1;
      sequence = 0;
    }
    const samples = "wave" in frame ? frame.wave.length : 0;
    sendsWave ||= samples > 0;
    const stepUs = ("wave" in frame ? frame.waveStepUs : null) ?? 1e6 / sensor.frameRateHz;
    if (samples > 0 || !sendsWave) pacedUs += Math.max(1, samples) * stepUs;
    const atMs = deviceUs / 1_000;
    const header = {
      kind: kindOfModel[model],
      bootId: boot.toString(16).padStart(32, "0"),
      sequence: sequence++,
      deviceUs,
      capturedAt: utcMs(atMs),
    };
    frames.push({ envelope: encodeEnvelope(header, encoded(frame)), atMs, sensor: "sensor" });
  }
  return { frames, malformed, counts: talk.framer.counts };
}

function encoded(frame: SensorFrame): Uint8Array {
  if ("wave" in frame) return encodeRadarVitals(frame);
  if ("targets" in frame) return encodeRadarTargets(frame);
  throw new Error("not a module's frame");
}
