/*
 * What a recording of an alarm sounds like, from its samples alone: the pulses by their envelope, the tone by a small discrete
 * Fourier transform. Knows nothing of the table it is compared with.
 */

export interface MeasuredPulse {
  /** At 90 % of the pulse's own height, ms since the first sample. */
  readonly startsMs: number;
  readonly endsMs: number;
  /** From 10 % to 90 % of its height. */
  readonly riseMs: number;
  readonly height: number;
}

/** The loudest |sample| within a millisecond and a half on either side: over half a period of every tone there is. */
export function envelopeOf(samples: Float32Array, rateHz: number): Float32Array {
  const reach = Math.round(rateHz * 0.0015);
  return samples.map((_, at) => {
    let height = 0;
    for (let near = Math.max(0, at - reach); near <= Math.min(samples.length - 1, at + reach); near++) {
      height = Math.max(height, Math.abs(samples[near] ?? 0));
    }
    return height;
  });
}

export function pulsesIn(samples: Float32Array, rateHz: number): MeasuredPulse[] {
  const envelope = envelopeOf(samples, rateHz);
  const loudest = envelope.reduce((most, height) => Math.max(most, height), 0);
  const pulses: MeasuredPulse[] = [];
  let from = 0;
  while (from < envelope.length) {
    if ((envelope[from] ?? 0) < 0.01 * loudest) {
      from++;
      continue;
    }
    let to = from;
    while (to < envelope.length && (envelope[to] ?? 0) >= 0.01 * loudest) to++;
    pulses.push(pulseIn(envelope.subarray(from, to), from, rateHz));
    from = to;
  }
  return pulses;
}

function pulseIn(envelope: Float32Array, from: number, rateHz: number): MeasuredPulse {
  const height = envelope.reduce((most, one) => Math.max(most, one), 0);
  const firstAbove = (share: number) => envelope.findIndex((one) => one >= share * height);
  const lastAbove = (share: number) => envelope.findLastIndex((one) => one >= share * height);
  const ms = (at: number) => ((from + at) / rateHz) * 1_000;
  return {
    startsMs: ms(firstAbove(0.9)),
    endsMs: ms(lastAbove(0.9)),
    riseMs: ms(firstAbove(0.9)) - ms(firstAbove(0.1)),
    height,
  };
}

/** Amplitude of one frequency in these samples, through a Hann window. */
export function amplitudeAt(samples: Float32Array, rateHz: number, hz: number): number {
  let [real, imaginary, sum] = [0, 0, 0];
  for (const [at, sample] of samples.entries()) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / samples.length);
    const turn = (2 * Math.PI * hz * at) / rateHz;
    real += window * sample * Math.cos(turn);
    imaginary -= window * sample * Math.sin(turn);
    sum += window;
  }
  return (2 * Math.hypot(real, imaginary)) / sum;
}

/** The lowest frequency that stands out, looked for every 2 Hz: the pitch that is heard. */
export function fundamentalOf(samples: Float32Array, rateHz: number): number {
  const steps = Array.from({ length: 960 }, (_, index) => {
    const hz = 80 + index * 2;
    return { hz, height: amplitudeAt(samples, rateHz, hz) };
  });
  const loudest = Math.max(...steps.map(({ height }) => height));
  const first = steps.findIndex(({ height }) => height > 0.4 * loudest);
  const near = steps.slice(first, first + 20);
  return near.reduce((best, step) => (step.height > best.height ? step : best), { hz: 0, height: 0 }).hz;
}
