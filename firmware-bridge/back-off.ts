export const backOffMs = { first: 250, max: 5_000 };

/**
 * How long to wait before the next try: doubling from 0.25 s to 5 s, less up to a quarter, so that many bridges do not
 * knock at once.
 *
 * @param failures tries that failed in a row, from 1
 * @param random 0 to 1
 * @param maxMs in place of 5 s
 */
export function backOffDelayMs(failures: number, random: number, maxMs: number = backOffMs.max): number {
  const whole = Math.min(maxMs, backOffMs.first * 2 ** Math.min(16, Math.max(0, failures - 1)));
  return Math.round(whole * (1 - random / 4));
}
