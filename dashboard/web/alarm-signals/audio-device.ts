import type { SoundFacts } from "./sound-doubts.ts";

/** Its clock runs in steps of milliseconds; standing for this long it is stuck. */
const stuckAfterMs = 2_000;

/** The browser's sound, and whether it runs. */
export class AudioDevice {
  /** Null: this browser has none. */
  readonly context: AudioContext | null;
  private clockSec = -1;
  private movedAtMs = Number.NEGATIVE_INFINITY;

  constructor() {
    this.context = "AudioContext" in window ? new AudioContext({ latencyHint: "interactive" }) : null;
  }

  /**
   * Browsers keep a page silent until somebody has touched it, and only in that moment may it ask. When the finger leaves, not when
   * it lands: the notice that goes away with the silence would move what is under it, and the touch would miss.
   */
  wakeOnTouch(page: Document): void {
    for (const touch of ["pointerup", "keydown"] as const) {
      page.addEventListener(touch, () => this.wake(), { capture: true, passive: true });
    }
  }

  wake(): void {
    // A browser that still refuses leaves it suspended, and `look` says so.
    if (this.context !== null && this.context.state !== "running") void this.context.resume();
  }

  look(nowMs: number): SoundFacts["audio"] {
    const { context } = this;
    if (context === null) return "missing";
    if (context.state !== "running") {
      this.movedAtMs = nowMs;
      return "blocked";
    }
    if (context.currentTime !== this.clockSec) {
      this.clockSec = context.currentTime;
      this.movedAtMs = nowMs;
    }
    return nowMs - this.movedAtMs > stuckAfterMs ? "stuck" : "running";
  }
}
