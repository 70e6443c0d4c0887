import type { SensorHealth } from "../edge-agent/contract/words.ts";
import { newClockWatch } from "./health-clock.ts";
import { newPictureWatch } from "./health-picture.ts";
import { newStillnessWatch } from "./health-stillness.ts";
import type { FramerCounts, SensorFrame } from "./sensors/sensor.ts";

/*
 * How a sensor is, from its own wire: one word, the worst that holds. It judges only what was allowed to be decoded, keeps
 * sums and no frame, and forgets all when streaming begins anew. A word must hold for a while before it is said and be gone
 * for a while before it is taken back.
 */

/** The worst first: from these on the readings themselves cannot be believed (`unsound` in words.ts). */
const worstFirst: readonly SensorHealth[] = [
  "clock-stuck",
  "frozen",
  "covered",
  "moved",
  "saturated",
  "calibration-needed",
  "other-firmware",
  "checksum-errors",
  "slow-frames",
  "gaps",
  "hot",
];

/** s for which a word must hold before it is said; those about the room take longer, since people move in it. */
const saidAfterSec: Readonly<Record<SensorHealth, number>> = {
  ok: 0,
  "clock-stuck": 0,
  frozen: 0,
  covered: 10,
  moved: 30,
  saturated: 5,
  "calibration-needed": 0,
  "other-firmware": 5,
  "checksum-errors": 5,
  gaps: 10,
  "slow-frames": 10,
  hot: 10,
};
const takenBackAfterSec = 5;

const windowSec = 20;
/** Shares of the nominal frames in the window. */
const slowShare = 0.9;
const gapShare = 0.02;
const saturatedShare = 0.2;
/** In a minute. */
const checksumErrorsMax = 3;
const strangeMax = 3;
/** Of the sensor's chip: above, its data sheet promises nothing. */
const hotC = 80;

export interface HealthTold {
  readonly word: SensorHealth;
  /** For an engineer, such as "12.1 of 20 frames a second". */
  readonly detail: string;
}

export interface SensorHealthWatch {
  /** @param atMs on the bridge's own clock */
  note(frame: SensorFrame, deviceUs: number, atMs: number): void;
  /** Once a second, also while no frame comes. */
  judge(counts: Pick<FramerCounts, "checksumErrors" | "strange">, atMs: number): HealthTold;
  /** Streaming begins anew. */
  forget(): void;
}

interface Second {
  readonly atMs: number;
  /** Device time of the newest frame. */
  readonly us: number;
  frames: number;
  gaps: number;
  saturated: number;
  readonly checksumErrors: number;
  readonly strange: number;
}

/** @param frameRateHz nominal, of the measurements */
export function newSensorHealth(frameRateHz: number): SensorHealthWatch {
  const clock = newClockWatch();
  const stillness = newStillnessWatch();
  const picture = newPictureWatch();
  const seconds: Second[] = [];
  const since = new Map<SensorHealth, number>();
  let said: HealthTold = { word: "ok", detail: "" };
  let goneSince: number | undefined;
  let beganMs: number | undefined;
  let lastUs: number | undefined;
  let now = { frames: 0, gaps: 0, saturated: 0 };
  let temperatureC: number | null = null;
  let calibrationNeeded = false;
  let noted = 0;

  const holding = (atMs: number): Map<SensorHealth, string> => {
    const holds = new Map<SensorHealth, string>();
    const first = seconds[0];
    const last = seconds.at(-1);
    const sum = (of: "frames" | "gaps" | "saturated"): number => seconds.reduce((total, one) => total + one[of], 0);
    const lookedSec = beganMs === undefined ? 0 : Math.min(windowSec, (atMs - beganMs) / 1_000);
    if (lookedSec >= windowSec / 2) {
      // By the bridge's clock, and by the sensor's own: frames that come on time may have been taken too rarely.
      const spanUs = (last?.us ?? 0) - (first?.us ?? 0);
      const ownPerSec = spanUs > 0 ? ((sum("frames") - (first?.frames ?? 0)) * 1e6) / spanUs : Number.POSITIVE_INFINITY;
      const perSec = Math.min(sum("frames") / lookedSec, ownPerSec);
      if (perSec < slowShare * frameRateHz) {
        holds.set("slow-frames", `${perSec.toFixed(1)} of ${frameRateHz.toFixed(1)} frames a second`);
      }
      const gaps = sum("gaps");
      if (gaps > Math.max(1, gapShare * sum("frames"))) holds.set("gaps", `${gaps} frames lost in ${windowSec} s`);
      const share = sum("saturated") / Math.max(1, sum("frames"));
      if (share > saturatedShare) holds.set("saturated", `${Math.round(100 * share)} % of the frames`);
    }
    if (first !== undefined && last !== undefined) {
      const errors = last.checksumErrors - first.checksumErrors;
      const strange = last.strange - first.strange;
      const perMin = (60 / windowSec) | 0;
      if (errors * perMin > checksumErrorsMax) holds.set("checksum-errors", `${errors} in ${windowSec} s`);
      if (strange * perMin > strangeMax) holds.set("other-firmware", `${strange} unknown frames in ${windowSec} s`);
    }
    if (temperatureC !== null && temperatureC >= hotC) holds.set("hot", `${temperatureC} degrees`);
    if (calibrationNeeded) holds.set("calibration-needed", "the sensor asks to be calibrated");
    for (const [word, detail] of [clock.told(atMs), stillness.told(atMs), ...picture.told()]) holds.set(word, detail);
    holds.delete("ok");
    return holds;
  };

  const watch: SensorHealthWatch = {
    note(frame, deviceUs, atMs) {
      beganMs ??= atMs;
      noted += 1;
      now.frames += 1;
      if (lastUs !== undefined && "iq" in frame) {
        const steps = Math.round(((deviceUs - lastUs) * frame.frameRateHz) / 1e6);
        if (steps > 1) now.gaps += steps - 1;
      }
      lastUs = deviceUs;
      if ("iq" in frame) {
        if (frame.saturated) now.saturated += 1;
        temperatureC = frame.temperatureC;
        ({ calibrationNeeded } = frame);
      }
      clock.note(deviceUs, atMs);
      stillness.note(frame, atMs);
      picture.note(frame, atMs);
    },
    judge({ checksumErrors, strange }, atMs) {
      seconds.push({ atMs, us: lastUs ?? 0, ...now, checksumErrors, strange });
      now = { frames: 0, gaps: 0, saturated: 0 };
      while (seconds.length > windowSec) seconds.shift();
      // Where nothing came yet there is nothing to judge: the line says that it is lost.
      const holds = noted === 0 ? new Map<SensorHealth, string>() : holding(atMs);
      for (const word of worstFirst) {
        if (!holds.has(word)) since.delete(word);
        else if (!since.has(word)) since.set(word, atMs);
      }
      const due = worstFirst.find((word) => {
        const from = since.get(word);
        return from !== undefined && atMs - from >= 1_000 * saidAfterSec[word];
      });
      if (due !== undefined) {
        goneSince = undefined;
        said = { word: due, detail: holds.get(due) ?? "" };
      } else if (said.word !== "ok") {
        goneSince ??= atMs;
        if (atMs - goneSince >= 1_000 * takenBackAfterSec) said = { word: "ok", detail: "" };
      }
      return said;
    },
    forget() {
      clock.forget();
      stillness.forget();
      picture.forget();
      seconds.length = 0;
      since.clear();
      said = { word: "ok", detail: "" };
      goneSince = undefined;
      beganMs = undefined;
      lastUs = undefined;
      temperatureC = null;
      calibrationNeeded = false;
      noted = 0;
      now = { frames: 0, gaps: 0, saturated: 0 };
    },
  };
  return watch;
}
