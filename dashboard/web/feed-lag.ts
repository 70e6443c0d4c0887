/** Two clocks drift apart; a way that grows longer by less than this is taken for drift. */
const driftMsPerS = 1;

/**
 * How long what arrives now was on its way, more than at best: a screen that wakes up, or reads over a bad line, first gets
 * what was said long ago, and must not show it as new.
 */
export class FeedLag {
  private bestMs: number | null = null;
  private atMs = 0;
  private lag = 0;

  get lagMs(): number {
    return this.lag;
  }

  /** A new connection has a way of its own. */
  restart(): void {
    this.bestMs = null;
    this.lag = 0;
  }

  /** @param sentAtMs by the server's monotonic clock. @param nowMs by this page's. */
  hear(sentAtMs: number, nowMs: number): void {
    const wayMs = nowMs - sentAtMs;
    const allowed = this.bestMs === null ? wayMs : this.bestMs + ((nowMs - this.atMs) / 1_000) * driftMsPerS;
    this.bestMs = Math.min(wayMs, allowed);
    this.atMs = nowMs;
    this.lag = wayMs - this.bestMs;
  }
}
