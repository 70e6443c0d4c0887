import type { SensorHealth } from "../edge-agent/contract/words.ts";
import { newClockWatch } from "./health-clock.ts";
import { countWords, newCountWatch, type WatchedCounts } from "./health-counts.ts";
import { newPictureWatch } from "./health-picture.ts";
import { newStillnessWatch } from "./health-stillness.ts";
import type { SensorFrame } from "./sensors/sensor.ts";

/*
 * How a sensor is, from its own wire: one word, the worst that holds. Of readings it judges only what was allowed to be
 * decoded, keeps sums and no frame, and forgets all when streaming begins anew; of what cannot be read it knows the counts. A word must hold for a while before it is said and be gone
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
  /**
   * Once a second, also while no frame comes.
   *
   * @param clockJumps within 10 s, where the line refuses the sensor's frames for them
   */
  judge(counts: WatchedCounts, atMs: number, clockJumps?: number): HealthTold;
  /** Streaming begins anew, or ends. */
  forget(): void;
}

interface Second {
  readonly atMs: number;
  /** Device time of the newest frame. */
  readonly us: number;
  frames: number;
  gaps: number;
  saturated: number;
}

/**
 * @param frameRateHz nominal, of the measurements
 * @param speed seconds of sensor time in one of the computer's; `atMs` is hurried as much
 */
export function newSensorHealth(frameRateHz: number, speed = 1): SensorHealthWatch {
  const clock = newClockWatch(speed);
  const counted = newCountWatch();
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
  /** As a module says. */
  let nobody = false;
  let nobodyAtMs: number | undefined;

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
      // A module that sees nobody has little to say.
      const mayBeQuiet = nobodyAtMs !== undefined && atMs - nobodyAtMs < 1_000 * windowSec;
      if (perSec < slowShare * frameRateHz && !mayBeQuiet) {
        holds.set("slow-frames", `${perSec.toFixed(1)} of ${frameRateHz.toFixed(1)} frames a second`);
      }
      const gaps = sum("gaps");
      if (gaps > Math.max(1, gapShare * sum("frames"))) holds.set("gaps", `${gaps} frames lost in ${windowSec} s`);
      const share = sum("saturated") / Math.max(1, sum("frames"));
      if (share > saturatedShare) holds.set("saturated", `${Math.round(100 * share)} % of the frames`);
    }
    if (temperatureC !== null && temperatureC >= hotC) holds.set("hot", `${temperatureC} degrees`);
    if (calibrationNeeded) holds.set("calibration-needed", "the sensor asks to be calibrated");
    for (const [word, detail] of [clock.told(), stillness.told(atMs), ...picture.told()]) holds.set(word, detail);
    holds.delete("ok");
    return holds;
  };

  const watch: SensorHealthWatch = {
    note(frame, deviceUs, atMs) {
      beganMs ??= atMs;
      noted += 1;
      counted.noteFrame();
      now.frames += 1;
      if ("present" in frame && frame.present !== null) nobody = !frame.present;
      if (nobody) nobodyAtMs = atMs;
      if (lastUs !== undefined && ("iq" in frame || "mm" in frame)) {
        const steps = Math.round(((deviceUs - lastUs) * frame.frameRateHz) / 1e6);
        if (steps > 1) now.gaps += steps - 1;
      }
      lastUs = deviceUs;
      if ("iq" in frame) {
        if (frame.saturated) now.saturated += 1;
        temperatureC = frame.temperatureC;
        ({ calibrationNeeded } = frame);
      }
      clock.note(deviceUs, atMs, "wave" in frame ? frame : undefined);
      stillness.note(frame, atMs);
      picture.note(frame, atMs);
    },
    judge(counts, atMs, clockJumps = 0) {
      if (nobody) nobodyAtMs = atMs;
      seconds.push({ atMs, us: lastUs ?? 0, ...now });
      now = { frames: 0, gaps: 0, saturated: 0 };
      while (seconds.length > windowSec) seconds.shift();
      // Where no reading came yet there is none to judge.
      const holds = noted === 0 ? new Map<SensorHealth, string>() : holding(atMs);
      for (const [word, detail] of counted.judge(counts, atMs)) holds.set(word, detail);
      if (clockJumps > 0) holds.set("clock-stuck", `its clock jumped ${clockJumps} times in 10 s`);
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
      for (const word of worstFirst) if (!countWords.includes(word)) since.delete(word);
      if (!countWords.includes(said.word)) {
        said = { word: "ok", detail: "" };
        goneSince = undefined;
      }
      beganMs = undefined;
      lastUs = undefined;
      temperatureC = null;
      calibrationNeeded = false;
      nobody = false;
      nobodyAtMs = undefined;
      noted = 0;
      now = { frames: 0, gaps: 0, saturated: 0 };
    },
  };
  return watch;
}
