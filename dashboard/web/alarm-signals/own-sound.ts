import { type AudioState, audioOn } from "./alarm-audio.ts";

/** What the ward's agent says of the sound of its stations. */
export interface WardSound {
  readonly audio: AudioState;
  /** The newest test of a station's sound; null: none in this shift. */
  readonly soundTest: { readonly atUtcMs: number; readonly heard: boolean } | null;
}

/** Instead of a name, where a pause is this screen's own. */
export const thisScreen = "this screen";

const place = "quietround-own-sound";

/**
 * What this screen alone knows, where no agent keeps it: its own pause, and the test of its own loudspeaker. Kept over the pages of
 * one browser tab, so that a nurse who goes to a person's page and back is not asked again.
 */
export class OwnSound {
  private now: WardSound;

  constructor() {
    this.now = read();
  }

  get sound(): WardSound {
    return this.now;
  }

  change(change: Partial<WardSound>): void {
    this.now = { ...this.now, ...change };
    sessionStorage.setItem(place, JSON.stringify(this.now));
  }
}

function read(): WardSound {
  const nothing: WardSound = { audio: audioOn, soundTest: null };
  // Only this class writes here; what somebody typed into the browser's own tools counts for nothing.
  try {
    const kept = JSON.parse(sessionStorage.getItem(place) ?? "null") as Partial<WardSound> | null;
    return { audio: { paused: kept?.audio?.paused ?? null, off: null }, soundTest: kept?.soundTest ?? null };
  } catch {
    return nothing;
  }
}
