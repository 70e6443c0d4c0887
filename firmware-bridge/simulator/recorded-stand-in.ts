import type { StandIn } from "./stand-ins.ts";

/*
 * A module that says again what one said: recorded bytes at an even pace, since bytes alone have no times. One that has a
 * console sends from `sensorStart` to `sensorStop` and answers every line; any other sends from the first moment on.
 */

export interface RecordedBytes {
  readonly wire: Uint8Array;
  /** How long the sensor took to send them. */
  readonly lastsSec: number;
  /** Begins again at the end; else it falls silent. */
  readonly loop: boolean;
  /** It takes commands, as TI's demos do. */
  readonly hasConsole: boolean;
}

/** Bytes handed on at once, after a stall of the machine as well. */
const bytesAtOnceMax = 65_536;
const everyMs = 20;

/** @param speed seconds of the recording in one second of the caller's clock */
export function openRecordedStandIn({ wire, lastsSec, loop, hasConsole }: RecordedBytes, speed: number): StandIn {
  const bytesPerMs = (wire.length * speed) / (1_000 * lastsSec);
  let sinceMs: number | undefined;
  let sent = 0;
  let works = !hasConsole;
  let line = "";

  const hear = (words: string): void => {
    if (words === "sensorStop") works = false;
    if (words !== "sensorStart" || works) return;
    works = true;
    sinceMs = undefined;
    sent = 0;
  };
  const ended = (): boolean => !loop && sent >= wire.length;

  return {
    take(bytes) {
      if (!hasConsole) return [];
      const answers: Uint8Array[] = [];
      for (const byte of bytes) {
        if (byte !== 0x0a) {
          if (line.length < 1_000) line += String.fromCharCode(byte);
          continue;
        }
        hear(line.trim());
        answers.push(new TextEncoder().encode(`${line.trim()}\r\nDone\r\n\r\nmmwDemo:/>`));
        line = "";
      }
      return answers;
    },
    due(nowMs) {
      if (!works) return [];
      sinceMs ??= nowMs;
      const wanted = Math.floor((nowMs - sinceMs) * bytesPerMs);
      const until = Math.min(wanted, sent + bytesAtOnceMax, loop ? Number.POSITIVE_INFINITY : wire.length);
      const parts: Uint8Array[] = [];
      while (sent < until) {
        const at = sent % wire.length;
        const part = wire.slice(at, Math.min(wire.length, at + until - sent));
        parts.push(part);
        sent += part.length;
      }
      return parts;
    },
    get nextDueMs() {
      if (!works || ended()) return undefined;
      return sinceMs === undefined ? 0 : sinceMs + Math.max(everyMs, (sent + 1) / bytesPerMs);
    },
  };
}
