import type { AlarmShown } from "../contract/alarm-shown.ts";

const rememberedMax = 1_000;

/** When each alarm last stood on a screen of the nurse station, as the screens say it. */
export class ShownAlarms {
  private readonly onShown: (shown: AlarmShown, utcMs: number) => void;
  private readonly newest = new Map<string, { readonly raisedAt: number; readonly utcMs: number }>();

  constructor(onShown: (shown: AlarmShown, utcMs: number) => void) {
    this.onShown = onShown;
  }

  /** @param utcMs when they stood there. Of an older raising, or said late by a slow screen: nothing new. */
  take(alarms: readonly AlarmShown[], utcMs: number): void {
    for (const shown of alarms) {
      const { id, raisedAt } = shown;
      const known = this.newest.get(id);
      if (known !== undefined && (raisedAt < known.raisedAt || utcMs <= known.utcMs)) continue;
      this.newest.delete(id);
      if (this.newest.size >= rememberedMax)
        for (const oldest of this.newest.keys()) {
          this.newest.delete(oldest);
          break;
        }
      this.newest.set(id, { raisedAt, utcMs });
      this.onShown(shown, utcMs);
    }
  }
}
