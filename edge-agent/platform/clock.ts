import { type MonoMs, monoMs, type UtcMs, utcMs } from "../contract/units.ts";

export interface Clock {
  /** Milliseconds with a fraction; CLOCK_MONOTONIC: never steps, stands still while the machine sleeps. */
  monoMs(): MonoMs;
  utcMs(): UtcMs;
  monoNs(): bigint;
}

export const systemClock: Clock = {
  monoMs: () => monoMs(Number(process.hrtime.bigint()) / 1e6),
  utcMs: () => utcMs(Date.now()),
  monoNs: () => process.hrtime.bigint(),
};

export interface ClockReading {
  readonly monoMs: number;
  readonly utcMs: number;
}

export interface ClockFault {
  readonly why: "stepped" | "backwards" | "unreadable";
  /** How far the wall clock moved beyond the monotonic one; negative: back. 0 where it cannot be read. */
  readonly steppedMs: number;
}

export const stepMsMax = 2_000;
const lookEveryMs = 1_000;

/** DESIGN 1.8: a clock is unusable when it is unreadable, runs backwards, or stepped by more than 2 s. */
export function judgeClock(before: ClockReading, now: ClockReading): ClockFault | undefined {
  if (!Number.isFinite(now.utcMs) || now.utcMs <= 0) return { why: "unreadable", steppedMs: 0 };
  const steppedMs = now.utcMs - before.utcMs - (now.monoMs - before.monoMs);
  if (Math.abs(steppedMs) > stepMsMax) return { why: "stepped", steppedMs };
  if (now.utcMs < before.utcMs) return { why: "backwards", steppedMs };
  return undefined;
}

/**
 * Looks once a second and tells each fault once. A sleep of the machine counts as a step: the wall clock went on while
 * nothing was sensed. Many small steps one way are caught as well: the sum over the last minute is judged with them.
 */
export function watchClock(clock: Clock, onFault: (fault: ClockFault) => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  const read = (): ClockReading => ({ monoMs: clock.monoMs(), utcMs: clock.utcMs() });
  let readings: ClockReading[] = [read()];
  const timer = setInterval(() => {
    const now = read();
    const fault = judgeClock(readings.at(-1) as ClockReading, now) ?? judgeClock(readings[0] as ClockReading, now);
    readings = fault === undefined ? [...readings.slice(-59), now] : [now];
    if (fault !== undefined) onFault(fault);
  }, lookEveryMs);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
