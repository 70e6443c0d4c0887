import type { RadarVitalsFrame } from "../edge-agent/contract/module-frames.ts";
import type { SensorHealth } from "../edge-agent/contract/words.ts";

/*
 * Whether a sensor's time goes on as time does. A rate is breaths by the sensor's own time: where that runs a quarter too
 * fast, 18 breaths a minute look like a quiet 14, and nothing else about the readings is wrong.
 *
 * Frames come late, never early, so the frame that came soonest in each half second is the true one; where a computer stalls
 * some of the steps between them are long, but most are right, so the step in the middle is compared.
 */

/** A crystal is off by 0.01 %. */
const paceOff = 0.03;
/** A simulation that is hurried, or a recording, skips time on a busy computer. */
const hurriedPaceOff = 0.5;
const bucketMs = 500;
/** A step spans so many of them. */
const stepBuckets = 4;
const stepsMin = 5;
const bucketsMax = 24;
/** Of frames that come less often than that, or of none: its clock stands. */
const stuckAfterMs = 5_000;
/** As long as no pace is known: ahead by more than this is more than what waited in a cable. */
const aheadMsMax = 2_000;

/** A module's wave comes in pieces; each must be as long as the time since the one before. */
const pieceOff = 0.1;
const piecesMin = 5;
const piecesMax = 15;

interface Point {
  readonly bucket: number;
  /** Arrival on the bridge's clock and the sensor's own time, of the frame with the least delay. */
  readonly atMs: number;
  readonly ownMs: number;
}

const middle = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 1;
const percent = (ratio: number): string => `${Math.round(100 * ratio)} %`;

/** @param speed seconds of sensor time in one of the computer's */
export function newClockWatch(speed = 1) {
  const off = speed === 1 ? paceOff : hurriedPaceOff;
  let points: Point[] = [];
  let first: { readonly atMs: number; readonly ownMs: number } | undefined;
  let last: { readonly atMs: number; readonly ownMs: number } | undefined;
  /** When its own time last went on. */
  let wentOnAtMs = 0;
  let pieces: number[] = [];
  let pieceAtMs: number | undefined;

  const notePiece = ({ wave, waveStepUs }: RadarVitalsFrame, ownMs: number): void => {
    if (wave.length < 2 || waveStepUs === null) return;
    if (pieceAtMs !== undefined && ownMs > pieceAtMs) {
      pieces.push((wave.length * waveStepUs) / 1_000 / (ownMs - pieceAtMs));
      if (pieces.length > piecesMax) pieces.shift();
    }
    pieceAtMs = ownMs;
  };
  const pace = (): number | undefined => {
    const steps: number[] = [];
    for (let i = 0; i + stepBuckets < points.length; i++) {
      const [from, to] = [points[i]!, points[i + stepBuckets]!];
      if (to.bucket - from.bucket <= 2 * stepBuckets) steps.push((to.ownMs - from.ownMs) / (to.atMs - from.atMs));
    }
    return steps.length < stepsMin ? undefined : middle(steps);
  };

  return {
    /** @param atMs of the bridge's clock, hurried as the sensor is */
    note(deviceUs: number, atMs: number, frame?: RadarVitalsFrame): void {
      const ownMs = deviceUs / 1_000;
      first ??= { atMs, ownMs };
      if (last === undefined || ownMs !== last.ownMs) wentOnAtMs = atMs;
      last = { atMs, ownMs };
      const bucket = Math.floor(atMs / speed / bucketMs);
      const newest = points.at(-1);
      if (newest?.bucket !== bucket) points.push({ bucket, atMs, ownMs });
      else if (atMs - ownMs < newest.atMs - newest.ownMs) points[points.length - 1] = { bucket, atMs, ownMs };
      if (points.length > bucketsMax) points = points.slice(-bucketsMax);
      if (frame !== undefined) notePiece(frame, ownMs);
    },
    told(): readonly [SensorHealth, string] {
      if (first === undefined || last === undefined) return ["ok", ""];
      if (last.atMs - wentOnAtMs > stuckAfterMs * speed) {
        return ["clock-stuck", `its clock has stood still for ${Math.round((last.atMs - wentOnAtMs) / 1_000)} s`];
      }
      const ratio = pace();
      const aheadMs = last.ownMs - first.ownMs - (1 + off) * (last.atMs - first.atMs);
      if (ratio === undefined && aheadMs > aheadMsMax * speed) {
        return ["clock-stuck", `its clock is ${Math.round(aheadMs)} ms ahead of ours`];
      }
      if (ratio !== undefined && Math.abs(ratio - 1) > off) {
        return ["clock-stuck", `its clock runs at ${percent(ratio)} of its pace: another setting or firmware`];
      }
      const wave = pieces.length < piecesMin ? 1 : middle(pieces);
      return Math.abs(wave - 1) > pieceOff
        ? ["clock-stuck", `its wave comes at ${percent(1 / wave)} of its pace: another setting or firmware`]
        : ["ok", ""];
    },
    forget(): void {
      points = [];
      first = last = undefined;
      pieces = [];
      pieceAtMs = undefined;
    },
  };
}
