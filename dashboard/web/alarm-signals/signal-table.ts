import type { AlarmPriority } from "../../../edge-agent/contract/words.ts";

/*
 * What an alarm of each priority looks, sounds and feels like: IEC 60601-1-8:2006 + A1:2012 + A2:2020. Colours and flashing after
 * its table of indicator lights, pulses and bursts after its tables of auditory signals. [Remembered values: nobody had the
 * standard's text at hand when this was written; alarm-bands.ts says which value comes from where. Compare with the standard before
 * any use as a medical device.] Screens, the synthesis of sounds and the vibration of phones read this table and nothing else.
 */

export interface Light {
  readonly ground: string;
  readonly text: string;
}

/** A train of equal pulses, and the silence until it comes again. */
export interface Burst {
  readonly fundamentalHz: number;
  /** Of the second, third, ... harmonic, against the fundamental. */
  readonly harmonicsDb: readonly number[];
  /** Of the fundamental and its harmonics together, against full scale. */
  readonly peakDb: number;
  /** While the pulse has at least 90 % of its height. */
  readonly pulseMs: number;
  /** From 10 % to 90 % of the height, and back. */
  readonly riseMs: number;
  readonly fallMs: number;
  /** From the end of a pulse to the next (90 %): one fewer than there are pulses. */
  readonly gapsMs: readonly number[];
  /** From the end of a burst to the next. */
  readonly betweenBurstsMs: number;
}

export interface AlarmSignal {
  readonly lit: Light;
  /** In the dark part of a flash, and once somebody is going. */
  readonly dark: Light;
  /** Null: constant. */
  readonly flash: { readonly periodMs: number; readonly litShare: number } | null;
  /** Null: it is read, not heard. */
  readonly sound: Burst | null;
  /** For navigator.vibrate, once a burst: on, off, on, ... */
  readonly vibrateMs: readonly number[];
}

// Of a high-priority burst, x: three pulses, a pause as long as a pulse left out, two pulses; and all of it again.
const highGapMs = 100;
const highPulseMs = 150;
const highHalfMs = [highGapMs, highGapMs, 2 * highGapMs + highPulseMs, highGapMs];

export const alarmSignals: Readonly<Record<AlarmPriority, AlarmSignal>> = {
  high: {
    lit: { ground: "#ff5a4e", text: "#1f0300" },
    dark: { ground: "#43120c", text: "#ffc0b8" },
    flash: { periodMs: 500, litShare: 0.5 },
    sound: {
      fundamentalHz: 660,
      harmonicsDb: [-2, -4, -6, -8],
      peakDb: -1,
      pulseMs: highPulseMs,
      riseMs: 20,
      fallMs: 30,
      gapsMs: [...highHalfMs, 600, ...highHalfMs],
      betweenBurstsMs: 3_000,
    },
    vibrateMs: [300, 100, 300, 100, 300, 400, 300, 100, 300],
  },
  medium: {
    lit: { ground: "#f4cf4d", text: "#1c1700" },
    dark: { ground: "#332b0a", text: "#f8e08a" },
    flash: { periodMs: 1_600, litShare: 0.5 },
    sound: {
      fundamentalHz: 523,
      harmonicsDb: [-2, -4, -6, -8],
      peakDb: -3,
      pulseMs: 200,
      riseMs: 25,
      fallMs: 40,
      gapsMs: [180, 180],
      betweenBurstsMs: 6_000,
    },
    vibrateMs: [400, 200, 400, 200, 400],
  },
  low: {
    lit: { ground: "#6fd6e3", text: "#04262b" },
    dark: { ground: "#0d3239", text: "#a8ecf4" },
    flash: null,
    sound: {
      fundamentalHz: 392,
      harmonicsDb: [-2, -4, -6, -8],
      peakDb: -6,
      pulseMs: 200,
      riseMs: 30,
      fallMs: 50,
      gapsMs: [200],
      betweenBurstsMs: 20_000,
    },
    vibrateMs: [400, 200, 400],
  },
  information: {
    lit: { ground: "#1b2733", text: "#d6dfe7" },
    dark: { ground: "#1b2733", text: "#d6dfe7" },
    flash: null,
    sound: null,
    vibrateMs: [],
  },
};

/** Says again and again that audio is off: one deep pulse, so that nobody takes it for an alarm of any priority. */
export const reminderSound: Burst = {
  fundamentalHz: 196,
  harmonicsDb: [-3, -6, -9, -12],
  peakDb: -6,
  pulseMs: 240,
  riseMs: 40,
  fallMs: 80,
  gapsMs: [],
  betweenBurstsMs: 60_000,
};

export type Pattern = AlarmPriority | "reminder";
export const soundOf = (pattern: Pattern): Burst | null =>
  pattern === "reminder" ? reminderSound : alarmSignals[pattern].sound;
