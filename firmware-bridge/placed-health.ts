import type { EnvelopeHeader } from "../edge-agent/contract/frames.ts";
import type { Clock } from "../edge-agent/platform/clock.ts";
import type { WatchedCounts } from "./health-counts.ts";
import { type HealthTold, newSensorHealth } from "./sensor-health.ts";
import type { SensorFrame } from "./sensors/sensor.ts";

/** The health of one sensor at its place: fed by its frames, looked at once a second. */
export interface PlacedHealth {
  note(header: EnvelopeHeader, frame: SensorFrame): void;
  look(): void;
  readonly told: HealthTold;
}

export interface PlacedHealthParts {
  /** Nominal, of the measurements. */
  readonly frameRateHz: number;
  readonly clock: Clock;
  /** Seconds of sensor time in one of the clock's: 1 but for simulations and recordings that are played faster. */
  readonly speed: number;
  readonly counts: () => WatchedCounts;
  /** Within 10 s, where the line refuses the sensor's frames for them; else 0. */
  readonly clockJumps: () => number;
  /** null: it does not stream. */
  readonly bootId: () => string | null;
  /** The word changed. */
  readonly onChange: (told: HealthTold) => void;
}

export function newPlacedHealth({
  frameRateHz,
  clock,
  speed,
  counts,
  clockJumps,
  bootId,
  onChange,
}: PlacedHealthParts): PlacedHealth {
  const watch = newSensorHealth(frameRateHz, speed);
  let told: HealthTold = { word: "ok", detail: "" };
  let streaming: string | null = null;
  const nowMs = (): number => speed * clock.monoMs();
  const tell = (now: HealthTold): void => {
    const changed = now.word !== told.word;
    told = now;
    if (changed) onChange(now);
  };
  const begin = (boot: string | null): void => {
    streaming = boot;
    watch.forget();
    look();
  };
  const look = (): void => tell(watch.judge(counts(), nowMs(), clockJumps()));
  return {
    note({ bootId: boot, deviceUs }, frame) {
      if (boot !== streaming) begin(boot);
      watch.note(frame, deviceUs, nowMs());
    },
    look() {
      const boot = bootId();
      if (boot === null && streaming !== null) begin(null);
      else look();
    },
    get told() {
      return told;
    },
  };
}
