import type { Page } from "playwright-core";

/** What comes out of a page's sound, listened to where it enters the loudspeaker. */
interface Listening {
  hear: () => number | null;
  vibrations: number[][];
}

/** Before the page loads: a tap beside whatever is connected to the loudspeaker, and what a phone is asked to vibrate. */
export async function listenIn(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const taps = new Map<BaseAudioContext, AnalyserNode>();
    const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode;
    AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
      if (to instanceof AudioDestinationNode) {
        let tap = taps.get(to.context);
        if (tap === undefined) {
          tap = new AnalyserNode(to.context, { fftSize: 4_096, smoothingTimeConstant: 0 });
          taps.set(to.context, tap);
        }
        connect.call(this, tap);
      }
      return connect.call(this, to);
    } as typeof AudioNode.prototype.connect;
    const listening: Listening = {
      vibrations: [],
      /** The strongest tone now, in Hz; null: silence. */
      hear() {
        for (const tap of taps.values()) {
          const levels = new Float32Array(tap.frequencyBinCount);
          tap.getFloatFrequencyData(levels);
          const loudest = levels.reduce((best, level, at) => (level > (levels[best] ?? 0) ? at : best), 0);
          if ((levels[loudest] ?? -200) > -45) return (loudest * tap.context.sampleRate) / tap.fftSize;
        }
        return null;
      },
    };
    const vibrate = navigator.vibrate.bind(navigator);
    navigator.vibrate = (pattern: Iterable<number> | number) => {
      listening.vibrations.push(typeof pattern === "number" ? [pattern] : [...pattern]);
      return vibrate(pattern as number[]);
    };
    Object.assign(window, { listening });
  });
}

/** The tones of the next so many ms, each named by the nearest of these. */
export async function tonesOf(page: Page, forMs: number, known: Readonly<Record<string, number>>): Promise<string[]> {
  const heard = await page.evaluate(async (forMs) => {
    const { listening } = window as unknown as { listening: Listening };
    const tones: number[] = [];
    for (const until = performance.now() + forMs; performance.now() < until; ) {
      const hz = listening.hear();
      if (hz !== null) tones.push(hz);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return tones;
  }, forMs);
  const nameOf = (hz: number): string =>
    Object.entries(known).find(([, wanted]) => Math.abs(hz - wanted) < 20)?.[0] ?? `${Math.round(hz)} Hz`;
  return [...new Set(heard.map(nameOf))];
}

export const vibrationsOf = (page: Page): Promise<number[][]> =>
  page.evaluate(() => (window as unknown as { listening: Listening }).listening.vibrations);
