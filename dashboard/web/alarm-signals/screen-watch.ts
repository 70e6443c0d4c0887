import type { SoundFacts } from "./sound-doubts.ts";

/** What went wrong is still told for so long after it is over: nobody may have looked at that moment. */
const tellForMs = 60_000;
/** Looks come twice a second; browsers slow those of a page that they think nobody sees. */
const stoodStillAfterMs = 3_000;
/** Shorter than this nobody calls out of sight: the browser hides a page for a moment when its window moves. */
const outOfSightMs = 1_000;

type ScreenFacts = Pick<SoundFacts, "outOfSight" | "pictureLateMs" | "stoodStillMs">;

/** Whether this page is seen, drawn and running at all. Call `look` about twice a second, on the page's own clock. */
export class ScreenWatch {
  private readonly page: Document;
  private lookedAtMs: number | null = null;
  private pictureAskedAtMs: number | null = null;
  private hiddenSinceMs: number | null = null;
  private wasHidden: { readonly forMs: number; readonly untilMs: number } | null = null;
  private stoodStill: { readonly forMs: number; readonly untilMs: number } | null = null;

  constructor(page: Document) {
    this.page = page;
  }

  look(nowMs: number): ScreenFacts {
    const { hidden } = this.page;
    // Browsers slow a page that is out of sight; that is told as such.
    const slowed = hidden || this.hiddenSinceMs !== null;
    this.watchSight(nowMs, hidden);
    const sinceLookMs = slowed ? 0 : nowMs - (this.lookedAtMs ?? nowMs);
    this.lookedAtMs = nowMs;
    const still = sinceLookMs > stoodStillAfterMs;
    if (still) this.stoodStill = { forMs: sinceLookMs, untilMs: nowMs + tellForMs };
    return {
      outOfSight: this.sight(nowMs),
      // A page that has just been still has been waiting for nothing: its picture was asked for before.
      pictureLateMs: hidden ? 0 : this.askForPicture(nowMs, still),
      stoodStillMs: this.stoodStill !== null && nowMs < this.stoodStill.untilMs ? this.stoodStill.forMs : null,
    };
  }

  private watchSight(nowMs: number, hidden: boolean): void {
    if (hidden) {
      this.hiddenSinceMs ??= nowMs;
      this.pictureAskedAtMs = null;
      return;
    }
    if (this.hiddenSinceMs === null) return;
    const forMs = nowMs - this.hiddenSinceMs;
    this.hiddenSinceMs = null;
    if (forMs >= outOfSightMs) this.wasHidden = { forMs, untilMs: nowMs + tellForMs };
  }

  private sight(nowMs: number): ScreenFacts["outOfSight"] {
    if (this.hiddenSinceMs !== null) return { forMs: nowMs - this.hiddenSinceMs, now: true };
    if (this.wasHidden === null || nowMs >= this.wasHidden.untilMs) return null;
    return { forMs: this.wasHidden.forMs, now: false };
  }

  /** One picture at a time is asked for, not sixty a second; how long the last one has been owed. */
  private askForPicture(nowMs: number, askAgain: boolean): number {
    if (this.pictureAskedAtMs !== null && !askAgain) return nowMs - this.pictureAskedAtMs;
    this.pictureAskedAtMs = nowMs;
    requestAnimationFrame(() => {
      this.pictureAskedAtMs = null;
    });
    return 0;
  }
}
