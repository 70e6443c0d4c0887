import { pulsesOf } from "./pulses.ts";
import type { Burst } from "./signal-table.ts";

export interface SoundingBurst {
  /** At once, without a click. */
  stop(): void;
}

/** A little ahead, so that the first ramp is not in the past. */
export const leadSec = 0.06;
const cutSec = 0.01;

/** Plays one burst in a live or an offline context, its first pulse at full `leadSec` after `fromSec` of the context's clock. */
export function playBurst(
  context: BaseAudioContext,
  into: AudioNode,
  burst: Burst,
  fromSec: number,
  onEnded?: () => void,
): SoundingBurst {
  const tone = context.createOscillator();
  tone.setPeriodicWave(waveOf(context, burst));
  tone.frequency.value = burst.fundamentalHz;
  const gate = context.createGain();
  gate.gain.setValueAtTime(0, 0);
  const at = (ms: number): number => fromSec + leadSec + ms / 1_000;
  let endsAt = fromSec;
  for (const { risesAtMs, fullAtMs, fallsAtMs, endsAtMs } of pulsesOf(burst)) {
    gate.gain.setValueAtTime(0, at(risesAtMs));
    gate.gain.linearRampToValueAtTime(1, at(fullAtMs));
    gate.gain.setValueAtTime(1, at(fallsAtMs));
    gate.gain.linearRampToValueAtTime(0, at(endsAtMs));
    endsAt = at(endsAtMs);
  }
  tone.connect(gate).connect(into);
  tone.onended = () => {
    gate.disconnect();
    onEnded?.();
  };
  tone.start(fromSec);
  tone.stop(endsAt + cutSec);
  return {
    stop() {
      const now = context.currentTime;
      gate.gain.cancelAndHoldAtTime(now);
      gate.gain.linearRampToValueAtTime(0, now + cutSec);
      tone.stop(Math.max(now + 2 * cutSec, fromSec));
    },
  };
}

/** Fundamental and harmonics, together as high as the table says and never clipped. */
function waveOf(context: BaseAudioContext, burst: Burst): PeriodicWave {
  const heights = [0, 1, ...burst.harmonicsDb.map(fromDb)];
  const peak = peakOf(heights);
  const sines = Float32Array.from(heights, (height) => (height * fromDb(burst.peakDb)) / peak);
  return context.createPeriodicWave(new Float32Array(sines.length), sines, { disableNormalization: true });
}

function peakOf(heights: readonly number[]): number {
  const steps = 1_024;
  let peak = 0;
  for (let step = 0; step < steps; step++) {
    const turn = (2 * Math.PI * step) / steps;
    peak = Math.max(peak, Math.abs(heights.reduce((sum, height, nth) => sum + height * Math.sin(nth * turn), 0)));
  }
  return peak;
}

const fromDb = (db: number): number => 10 ** (db / 20);
