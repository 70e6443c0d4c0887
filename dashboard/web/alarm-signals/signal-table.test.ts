import { describe, expect, test } from "vitest";
import {
  alarmBands,
  flashesPerSecMax,
  fundamentalHz,
  harmonicDb,
  harmonicHz,
  harmonicsMin,
  highMiddleGapMs,
  riseShare,
  within,
} from "./alarm-bands.ts";
import { burstMs, everyMs, pulsesOf } from "./pulses.ts";
import { alarmSignals, type Burst, type Light, reminderSound } from "./signal-table.ts";

const audible = ["high", "medium", "low"] as const;
const burstOf = (priority: (typeof audible)[number]): Burst => {
  const { sound } = alarmSignals[priority];
  if (sound === null) throw new Error(`${priority} has no sound`);
  return sound;
};

const channels = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
function hueOf(colour: string): number {
  const [r = 0, g = 0, b = 0] = channels(colour);
  const [max, range] = [Math.max(r, g, b), Math.max(r, g, b) - Math.min(r, g, b)];
  const sixth = max === r ? (g - b) / range : max === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  return (sixth * 60 + 360) % 360;
}
/** WCAG 2: relative luminance and contrast. */
function luminanceOf(colour: string): number {
  const [r = 0, g = 0, b = 0] = channels(colour).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrast = ({ ground, text }: Light): number => {
  const [a, b] = [luminanceOf(ground), luminanceOf(text)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};

describe.each(audible)("%s priority, against the standard's bands", (priority) => {
  const [signal, burst, bands] = [alarmSignals[priority], burstOf(priority), alarmBands[priority]];

  test("colour and flash", () => {
    const hue = hueOf(signal.lit.ground);
    expect(within(hue, bands.hueDegrees) || within(hue + 360, bands.hueDegrees)).toBe(true);
    expect(signal.flash === null).toBe(bands.flashHz === null);
    if (signal.flash === null || bands.flashHz === null || bands.litShare === null) return;
    expect(within(1_000 / signal.flash.periodMs, bands.flashHz)).toBe(true);
    expect(within(signal.flash.litShare, bands.litShare)).toBe(true);
  });

  test("pulses, gaps and bursts", () => {
    expect(within(burst.gapsMs.length + 1, bands.pulses)).toBe(true);
    expect(within(burst.pulseMs, bands.pulseMs)).toBe(true);
    expect(within(burst.riseMs / burst.pulseMs, riseShare)).toBe(true);
    // So that each pulse has died away before the next begins to rise.
    expect(burst.fallMs).toBeLessThan(Math.min(...burst.gapsMs) - burst.riseMs);
    expect(within(burst.betweenBurstsMs, bands.betweenBurstsMs)).toBe(true);
    const x = burst.gapsMs[0] ?? 0;
    expect(within(x, bands.gapMs)).toBe(true);
    if (priority === "high") {
      const half = [x, x, 2 * x + burst.pulseMs, x];
      const middle = burst.gapsMs[4] ?? 0;
      expect(within(middle, highMiddleGapMs)).toBe(true);
      expect(burst.gapsMs).toEqual([...half, middle, ...half]);
    } else expect(new Set(burst.gapsMs).size).toBe(1);
  });

  test("the tone and at least four harmonics lie where ears and small loudspeakers are good", () => {
    expect(within(burst.fundamentalHz, fundamentalHz)).toBe(true);
    const harmonics = burst.harmonicsDb.map((db, nth) => ({ db, hz: burst.fundamentalHz * (nth + 2) }));
    const good = harmonics.filter(({ db, hz }) => within(hz, harmonicHz) && within(db, harmonicDb));
    expect(good.length).toBeGreaterThanOrEqual(harmonicsMin);
  });

  test("words can be read in both halves of the flash (WCAG 1.4.3)", () => {
    expect(contrast(signal.lit)).toBeGreaterThan(4.5);
    expect(contrast(signal.dark)).toBeGreaterThan(4.5);
  });

  test("the vibration follows the burst: as many strong pulses as fit a phone, done before it comes again", () => {
    expect(signal.vibrateMs.length % 2).toBe(1);
    expect(signal.vibrateMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(everyMs(burst));
  });
});

test("more urgent is quicker, more often, no softer, and higher", () => {
  const [high, medium, low] = audible.map(burstOf) as [Burst, Burst, Burst];
  for (const [more, less] of [
    [high, medium],
    [medium, low],
  ] as const) {
    expect(everyMs(more)).toBeLessThan(everyMs(less));
    expect(more.pulseMs).toBeLessThanOrEqual(less.pulseMs);
    expect(more.peakDb).toBeGreaterThanOrEqual(less.peakDb);
    expect(more.fundamentalHz).toBeGreaterThan(less.fundamentalHz);
    expect(burstMs(more)).toBeGreaterThan(burstMs(less));
  }
});

test("all that flashes on one screen together stays below three a second (WCAG 2.3.1)", () => {
  const rates = Object.values(alarmSignals).map(({ flash }) => (flash === null ? 0 : 1_000 / flash.periodMs));
  expect(rates.reduce((sum, hz) => sum + hz, 0)).toBeLessThan(flashesPerSecMax);
});

test("information is read, not heard, and the reminder is no alarm's burst", () => {
  expect(alarmSignals.information).toMatchObject({ sound: null, flash: null, vibrateMs: [] });
  expect(reminderSound.fundamentalHz).toBeLessThan(Math.min(...audible.map((one) => burstOf(one).fundamentalHz)) / 1.5);
  expect(reminderSound.gapsMs).toEqual([]);
});

test("a pulse is at 90 % of its height for as long as the table says, and rises in the table's time", () => {
  const burst = burstOf("medium");
  const [first, second] = pulsesOf(burst);
  if (first === undefined || second === undefined) throw new Error("no pulses");
  const ninety = (from: number, to: number) => from + 0.9 * (to - from);
  expect(ninety(first.risesAtMs, first.fullAtMs)).toBeCloseTo(0, 6);
  expect(ninety(first.endsAtMs, first.fallsAtMs)).toBeCloseTo(burst.pulseMs, 6);
  expect(0.8 * (first.fullAtMs - first.risesAtMs)).toBeCloseTo(burst.riseMs, 6);
  expect(ninety(second.risesAtMs, second.fullAtMs) - burst.pulseMs).toBeCloseTo(burst.gapsMs[0] ?? 0, 6);
  expect(first.endsAtMs).toBeLessThan(second.risesAtMs);
});
