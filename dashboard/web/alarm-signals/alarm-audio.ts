import type { AlarmPriority } from "../../../edge-agent/contract/words.ts";
import type { Pattern } from "./signal-table.ts";

/*
 * Which sound is due now. Pure: the alarms that nobody has acknowledged and the ward's audio state in, one pattern out. The names are
 * the standard's (IEC 60601-1-8): audio paused is timed and does not hold for an alarm that comes up after it began (ISO 7396-1/A3);
 * audio off is not timed, and a reminder sounds for as long as it lasts. Neither changes anything of what is seen.
 */

/** On, or over and unseen; nobody has acknowledged it. */
export interface WaitingAlarm {
  readonly id: string;
  readonly priority: AlarmPriority;
  /** ms since 1970 UTC by the agent's clock. */
  readonly raisedAt: number;
}

/** As the agent holds it for the ward. */
export interface AudioState {
  readonly paused: { readonly sinceUtcMs: number; readonly untilUtcMs: number; readonly by: string } | null;
  readonly off: { readonly sinceUtcMs: number; readonly by: string; readonly reason: string } | null;
}
export const audioOn: AudioState = { paused: null, off: null };
/** Of a screen's own pause. */
export const audioPauseMsMax = 120_000;
/** The longest that any ward may set. */
export const wardPauseMsMax = 600_000;

export interface AudioInput {
  readonly waiting: readonly WaitingAlarm[];
  readonly audio: AudioState;
  readonly nowUtcMs: number;
  /** No pause is longer, whatever it says. */
  readonly pauseMsMax: number;
  /** Since this screen was opened. */
  readonly screenAgeMs: number;
}

export interface AlarmAudio {
  /** The alarms that were waiting at the last step. */
  readonly known: ReadonlySet<string>;
  /** The alarms that the running pause holds for. */
  readonly hushed: ReadonlySet<string>;
  /** Which pause is running. */
  readonly pause: string | null;
}
export const quietAudio: AlarmAudio = { known: new Set(), hushed: new Set(), pause: null };

export type AudioShown =
  | { readonly is: "on" }
  | { readonly is: "audio paused"; readonly leftMs: number; readonly by: string }
  | { readonly is: "audio off"; readonly sinceUtcMs: number; readonly by: string; readonly reason: string };

export interface Sounding {
  /** Null: nothing is due. */
  readonly pattern: Pattern | null;
  /** An alarm of the pattern's priority has just come up: its burst is due at once. */
  readonly fresh: boolean;
  readonly shown: AudioShown;
}

/** An alarm that comes up again, or at another priority, is another alarm to the ear. */
const raisingOf = ({ id, priority, raisedAt }: WaitingAlarm): string => `${priority} ${raisedAt} ${id}`;
/** The agent's clock is known here only to about the age of its last word. */
const clockSlackMs = 2_000;
const heardOrder: readonly AlarmPriority[] = ["high", "medium", "low"];

export function stepAudio(
  state: AlarmAudio,
  input: AudioInput,
): { readonly state: AlarmAudio; readonly sounding: Sounding } {
  const { waiting } = input;
  const paused = runningPause(input);
  const pause = paused === null ? null : `${paused.sinceUtcMs} ${paused.untilUtcMs}`;
  const hushed = new Set<string>();
  if (paused !== null) {
    for (const alarm of waiting) {
      const raising = raisingOf(alarm);
      const knownBefore = pause === state.pause ? state.hushed.has(raising) : state.known.has(raising);
      if (knownBefore || dealtWithBeforeOpening(state, input, alarm, paused.sinceUtcMs)) hushed.add(raising);
    }
  }
  const next: AlarmAudio = { known: new Set(waiting.map(raisingOf)), hushed, pause };
  const { off } = input.audio;
  if (off !== null) {
    return { state: next, sounding: { pattern: "reminder", fresh: false, shown: { is: "audio off", ...off } } };
  }
  const due = waiting.filter((alarm) => !hushed.has(raisingOf(alarm)));
  const pattern = heardOrder.find((priority) => due.some((alarm) => alarm.priority === priority)) ?? null;
  const fresh = due.some((alarm) => alarm.priority === pattern && !state.known.has(raisingOf(alarm)));
  const shown: AudioShown =
    paused === null ? { is: "on" } : { is: "audio paused", leftMs: paused.leftMs, by: paused.by };
  return { state: next, sounding: { pattern, fresh, shown } };
}

/**
 * A pause holds for what this station knew before it heard of the pause. A screen that is opened while one runs knows nothing yet:
 * there it holds for what was raised before the pause began. Where neither is sure, it sounds.
 */
function dealtWithBeforeOpening(
  { known }: AlarmAudio,
  { nowUtcMs, screenAgeMs }: AudioInput,
  { id, raisedAt }: WaitingAlarm,
  pausedSinceUtcMs: number,
): boolean {
  const openedAtUtcMs = nowUtcMs - screenAgeMs;
  const isNewHere = ![...known].some((raising) => raising.endsWith(` ${id}`));
  return isNewHere && openedAtUtcMs > pausedSinceUtcMs && raisedAt < pausedSinceUtcMs;
}

/** Null where it is over, and where the clock went back: nobody knows any more how long it would last. */
function runningPause({ audio: { paused }, nowUtcMs, pauseMsMax }: AudioInput) {
  if (paused === null || nowUtcMs < paused.sinceUtcMs - clockSlackMs) return null;
  const leftMs = Math.min(paused.untilUtcMs - nowUtcMs, paused.sinceUtcMs + pauseMsMax - nowUtcMs, pauseMsMax);
  return leftMs > 0 ? { ...paused, leftMs } : null;
}
