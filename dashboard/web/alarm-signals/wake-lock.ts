import type { SoundFacts } from "./sound-doubts.ts";

const tryAgainMs = 5_000;

/** Keeps the screen from going dark, where the browser offers that (W3C Screen Wake Lock; only over TLS or on the machine itself). */
export class WakeLock {
  private held: WakeLockSentinel | null = null;
  private asking = false;
  private askedAtMs = Number.NEGATIVE_INFINITY;

  /** Asks again where it was lost: the browser lets go whenever the page is out of sight. */
  look(nowMs: number): SoundFacts["screen"] {
    // Not there in older browsers and over plain HTTP, whatever the types say.
    if (!("wakeLock" in navigator)) return "not-offered";
    if (this.held !== null && !this.held.released) return "kept-awake";
    if (!document.hidden && !this.asking && nowMs - this.askedAtMs >= tryAgainMs) void this.ask(nowMs);
    // The first answer takes a moment.
    return this.asking ? "kept-awake" : "may-sleep";
  }

  private async ask(nowMs: number): Promise<void> {
    this.asking = true;
    this.askedAtMs = nowMs;
    try {
      this.held = await navigator.wakeLock.request("screen");
    } catch {
      // Refused (battery, settings): told on the screen until it works.
      this.held = null;
    } finally {
      this.asking = false;
    }
  }
}
