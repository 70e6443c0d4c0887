import { audioOn } from "../../alarm-signals/alarm-audio.ts";
import type { WardSound } from "../../alarm-signals/own-sound.ts";

/*
 * What the agent may say of the sound of a ward, made up, at the moment of the tiles' fixtures. The demonstration page, the
 * screenshots and the accessibility test show the same ones.
 */

const at = Date.UTC(2026, 10, 22, 2, 14);
const soundTest = { atUtcMs: at - 3_600_000, heard: true };

export const soundFixtures = {
  tested: { audio: audioOn, soundTest },
  untested: { audio: audioOn, soundTest: null },
  unheard: { audio: audioOn, soundTest: { ...soundTest, heard: false } },
  paused: {
    audio: { paused: { sinceUtcMs: at - 18_000, untilUtcMs: at + 102_000, by: "Sam Reed" }, off: null },
    soundTest,
  },
  off: {
    audio: {
      paused: null,
      off: {
        sinceUtcMs: at - 1_200_000,
        by: "Amina Khan",
        reason: "Fire alarm test until 03:00, two of us on the floor",
      },
    },
    soundTest,
  },
} as const satisfies Record<string, WardSound>;
