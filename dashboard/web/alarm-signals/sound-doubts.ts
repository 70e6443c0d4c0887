import { lengthWords } from "../age-words.ts";

/*
 * Why an alarm might not be heard at this screen, and what to do about it. Pure. Whether the volume is up and a loudspeaker is
 * connected no page can know: for that a person says once a shift that they heard it.
 */

export interface SoundFacts {
  /** `blocked`: the browser waits for a touch. `stuck`: it says that it plays, and its clock stands. `missing`: no sound at all. */
  readonly audio: "running" | "blocked" | "stuck" | "missing";
  /** Now, or not long ago. */
  readonly outOfSight: { readonly forMs: number; readonly now: boolean } | null;
  readonly screen: "kept-awake" | "may-sleep" | "not-offered";
  /** How long the browser has owed a picture. */
  readonly pictureLateMs: number;
  /** Not long ago this page did nothing at all for so long. */
  readonly stoodStillMs: number | null;
  readonly live: boolean;
  readonly tested: { readonly atUtcMs: number; readonly heard: boolean } | null;
  readonly nowUtcMs: number;
}

export type DoubtKind =
  | "blocked"
  | "missing"
  | "stuck"
  | "not-live"
  | "picture-late"
  | "out-of-sight"
  | "stood-still"
  | "may-sleep"
  | "not-heard"
  | "not-tested";

export interface Doubt {
  readonly is: DoubtKind;
  readonly words: string;
  readonly todo: string;
}

export const pictureLateAfterMs = 2_000;
/** A shift: whoever confirmed the sound before it has gone home. */
export const testHoldsMs = 12 * 3_600_000;

/** Worst first; none: as far as this page can tell, alarms sound. */
export function doubtsOf(facts: SoundFacts): Doubt[] {
  const doubts: (Doubt | null)[] = [
    audioDoubt(facts.audio),
    facts.live
      ? null
      : doubt(
          "not-live",
          "This screen has no live connection and is not told of new alarms. It sounds until it has.",
          "Check everyone in person.",
        ),
    facts.pictureLateMs > pictureLateAfterMs
      ? doubt(
          "picture-late",
          "The picture on this screen stands still.",
          "Check everyone in person. Start the browser again.",
        )
      : null,
    facts.outOfSight === null ? null : sightDoubt(facts.outOfSight),
    facts.stoodStillMs === null
      ? null
      : doubt(
          "stood-still",
          `This screen did nothing for ${lengthWords(facts.stoodStillMs)}.`,
          "Look at the alerts again.",
        ),
    facts.screen === "may-sleep"
      ? doubt("may-sleep", "The screen may go dark by itself.", "Touch it. Set this computer so that it never sleeps.")
      : null,
    testDoubt(facts),
  ];
  return doubts.filter((one) => one !== null);
}

const doubt = (is: DoubtKind, words: string, todo: string): Doubt => ({ is, words, todo });

function audioDoubt(audio: SoundFacts["audio"]): Doubt | null {
  switch (audio) {
    case "running":
      return null;
    case "blocked":
      return doubt("blocked", "The browser keeps the sound off until somebody touches this page.", "");
    case "stuck":
      return doubt("stuck", "The sound does not run.", "Check the loudspeaker. Start the browser again.");
    case "missing":
      return doubt("missing", "This browser can make no sound.", "Use another screen for alarms.");
  }
}

function sightDoubt({ forMs, now }: { readonly forMs: number; readonly now: boolean }): Doubt {
  return now
    ? doubt("out-of-sight", "This page is out of sight, and browsers slow such pages down.", "Bring it to the front.")
    : doubt("out-of-sight", `This page was out of sight for ${lengthWords(forMs)}.`, "Look at the alerts again.");
}

function testDoubt({ tested, nowUtcMs }: SoundFacts): Doubt | null {
  if (tested === null || nowUtcMs - tested.atUtcMs >= testHoldsMs) {
    return doubt("not-tested", "Nobody has tested the sound this shift.", "");
  }
  if (tested.heard) return null;
  return doubt(
    "not-heard",
    "Somebody tested the sound and did not hear it.",
    "Turn the volume up, check the loudspeaker, test again.",
  );
}
