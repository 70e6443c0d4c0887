import type { WardAudio } from "../contract/ward-state.ts";

/**
 * Whether the ward's alarms sound. Neither a pause nor off hides an alarm from sight, and an alarm that comes up during a pause
 * sounds (IEC 60601-1-8, ISO 7396-1/A3).
 */
export const audioOn: WardAudio = { paused: null, off: null };

/** A new pause never makes a running one longer than the site allows from now. */
export function pauseAudio(
  audio: WardAudio,
  utcMs: number,
  pause: { readonly seconds: number; readonly secondsMax: number; readonly by: string },
): WardAudio {
  const untilUtcMs = utcMs + Math.min(pause.seconds, pause.secondsMax) * 1_000;
  return { ...audio, paused: { sinceUtcMs: utcMs, untilUtcMs, by: pause.by } };
}

export const turnAudioOff = (audio: WardAudio, utcMs: number, by: string, reason: string): WardAudio => ({
  ...audio,
  off: { sinceUtcMs: utcMs, by, reason },
});

/** A pause that is over is none. A clock that went back ends it as well: nobody knows any more how long it would last. */
export function audioAt(audio: WardAudio, utcMs: number): WardAudio {
  const { paused } = audio;
  if (paused === null || (utcMs < paused.untilUtcMs && utcMs >= paused.sinceUtcMs - 2_000)) return audio;
  return { ...audio, paused: null };
}
