import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  alarmBands,
  fundamentalHz,
  harmonicDb,
  harmonicHz,
  harmonicsMin,
  highMiddleGapMs,
  riseShare,
  within,
} from "../dashboard/web/alarm-signals/alarm-bands.ts";
import { burstMs, everyMs } from "../dashboard/web/alarm-signals/pulses.ts";
import { alarmSignals, type Burst, reminderSound } from "../dashboard/web/alarm-signals/signal-table.ts";
import { haveBrowser, launchBrowser } from "./dashboard-browser.ts";
import { amplitudeAt, fundamentalOf, type MeasuredPulse, pulsesIn } from "./measured-sound.ts";

/* What the browser's own synthesis makes of the table of alarm signals, rendered without a loudspeaker and measured. */

const rateHz = 16_000;
/** Half a period of the deepest tone, and the width of the envelope's own window. */
const toleranceMs = 6;

const bursts = {
  high: alarmSignals.high.sound as Burst,
  medium: alarmSignals.medium.sound as Burst,
  low: alarmSignals.low.sound as Burst,
};
const priorities = ["high", "medium", "low"] as const;

let browser: Browser;
let page: Page;

interface Probe {
  playBurst: typeof import("../dashboard/web/alarm-signals/sound.ts").playBurst;
}

/** Two bursts of this table entry, as one channel of samples. */
async function render(burst: Burst): Promise<Float32Array> {
  const seconds = (everyMs(burst) + burstMs(burst)) / 1_000 + 0.3;
  const packed = await page.evaluate(
    async ({ burst, seconds, rateHz, everySec }) => {
      const { playBurst } = (window as unknown as { probe: Probe }).probe;
      const context = new OfflineAudioContext(1, Math.ceil(seconds * rateHz), rateHz);
      playBurst(context, context.destination, burst, 0);
      playBurst(context, context.destination, burst, everySec);
      const samples = (await context.startRendering()).getChannelData(0);
      const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      let text = "";
      for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
      return btoa(text);
    },
    { burst, seconds, rateHz, everySec: everyMs(burst) / 1_000 },
  );
  const bytes = Uint8Array.from(Buffer.from(packed, "base64"));
  return new Float32Array(bytes.buffer);
}

const lengthOf = ({ startsMs, endsMs }: MeasuredPulse): number => endsMs - startsMs;
const gapsBetween = (pulses: readonly MeasuredPulse[]): number[] =>
  pulses.slice(1).map(({ startsMs }, index) => startsMs - (pulses[index]?.endsMs ?? 0));

/** What differs between a recording and the table, in words: none where they agree. */
function differences(samples: Float32Array, burst: Burst): string[] {
  const pulses = pulsesIn(samples, rateHz);
  const count = burst.gapsMs.length + 1;
  if (pulses.length !== 2 * count) return [`${pulses.length} pulses in two bursts`];
  const wrong: string[] = [];
  const compare = (what: string, measured: number, wanted: number): void => {
    if (Math.abs(measured - wanted) > toleranceMs) wrong.push(`${what}: ${measured.toFixed(1)} ms, not ${wanted}`);
  };
  for (const [nth, pulse] of pulses.entries()) {
    compare(`pulse ${nth + 1}`, lengthOf(pulse), burst.pulseMs);
    compare(`rise ${nth + 1}`, pulse.riseMs, burst.riseMs);
  }
  const gaps = gapsBetween(pulses);
  const wanted = [...burst.gapsMs, burst.betweenBurstsMs, ...burst.gapsMs];
  for (const [nth, gap] of gaps.entries()) compare(`gap ${nth + 1}`, gap, wanted[nth] ?? 0);
  return wrong;
}

describe.skipIf(!haveBrowser)("the alarm sounds, as the browser makes them", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("../dashboard/web/alarm-signals/sound.ts", import.meta.url))],
      bundle: true,
      format: "iife",
      globalName: "probe",
      write: false,
    });
    await page.evaluate(`${outputFiles[0]?.text ?? ""}; window.probe = probe;`);
  });
  afterAll(() => browser?.close());

  test.each(priorities)("%s: pulses, lengths, gaps and the time between bursts", async (priority) => {
    const [burst, bands] = [bursts[priority], alarmBands[priority]];
    const samples = await render(burst);
    expect(differences(samples, burst)).toEqual([]);

    // And the recording by itself, against the standard's bands.
    const pulses = pulsesIn(samples, rateHz);
    const count = pulses.length / 2;
    expect(within(count, bands.pulses)).toBe(true);
    for (const pulse of pulses) {
      expect(within(lengthOf(pulse), bands.pulseMs)).toBe(true);
      expect(within(pulse.riseMs / lengthOf(pulse), riseShare)).toBe(true);
    }
    const gaps = gapsBetween(pulses);
    expect(within(gaps[count - 1] ?? 0, bands.betweenBurstsMs)).toBe(true);
    const inBurst = gaps.slice(0, count - 1);
    if (priority === "high") {
      // Five and five, each of them three and two: a longer gap after the third and the eighth, the longest after the fifth.
      const long = inBurst.flatMap((gap, index) => (gap > 2 * (inBurst[0] ?? 0) ? [index + 1] : []));
      expect(long).toEqual([3, 5, 8]);
      expect(within(inBurst[4] ?? 0, highMiddleGapMs)).toBe(true);
      for (const nth of [0, 1, 3, 5, 6, 8]) expect(within(inBurst[nth] ?? 0, bands.gapMs)).toBe(true);
    } else for (const gap of inBurst) expect(within(gap, bands.gapMs)).toBe(true);
  });

  test.each(priorities)("%s: the tone and its harmonics, and nothing clipped", async (priority) => {
    const burst = bursts[priority];
    const samples = await render(burst);
    const [first] = pulsesIn(samples, rateHz);
    if (first === undefined) throw new Error("no pulse");
    const [from, to] = [first.startsMs + 8, first.endsMs - 8].map((ms) => Math.round((ms / 1_000) * rateHz));
    const tone = samples.subarray(from, to);
    const heard = fundamentalOf(tone, rateHz);
    expect(Math.abs(heard - burst.fundamentalHz)).toBeLessThanOrEqual(4);
    expect(within(heard, fundamentalHz)).toBe(true);

    const base = amplitudeAt(tone, rateHz, burst.fundamentalHz);
    const db = burst.harmonicsDb.map((_, nth) => {
      const hz = burst.fundamentalHz * (nth + 2);
      return { hz, db: 20 * Math.log10(amplitudeAt(tone, rateHz, hz) / base) };
    });
    for (const [nth, harmonic] of db.entries()) {
      expect(Math.abs(harmonic.db - (burst.harmonicsDb[nth] ?? 0))).toBeLessThan(1);
    }
    const strong = db.filter((harmonic) => within(harmonic.hz, harmonicHz) && within(harmonic.db, harmonicDb));
    expect(strong.length).toBeGreaterThanOrEqual(harmonicsMin);
    expect(first.height).toBeLessThan(1);
    expect(20 * Math.log10(first.height)).toBeCloseTo(burst.peakDb, 0);
  });

  test("the reminder that audio is off is one deep pulse a minute", async () => {
    const samples = await render(reminderSound);
    expect(differences(samples, reminderSound)).toEqual([]);
    expect(pulsesIn(samples, rateHz)).toHaveLength(2);
  });

  test.each<[string, Partial<Burst>, RegExp]>([
    ["a pulse too few", { gapsMs: bursts.medium.gapsMs.slice(1) }, /^4 pulses/],
    ["pulses too long", { pulseMs: 230 }, /^pulse 1: 230/],
    ["a gap too wide", { gapsMs: [180, 260] }, /^gap 2: 2[56]\d/],
    ["bursts too far apart", { betweenBurstsMs: 6_500 }, /^gap 3: 6(49|50)\d/],
    ["a rise like a click", { riseMs: 5 }, /^rise 1: [5-7]/],
  ])("the measurement finds %s", async (_, change, words) => {
    const samples = await render({ ...bursts.medium, ...change });
    expect(differences(samples, bursts.medium)[0]).toMatch(words);
  });
});
