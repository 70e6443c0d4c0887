import type { Pattern } from "./signal-table.ts";

/*
 * "Test the alarm sound": every pattern once, then somebody says whether they heard it. Pure.
 */

export type SoundTest =
  | { readonly is: "none" }
  | { readonly is: "playing"; readonly untilMs: number }
  | { readonly is: "asking"; readonly untilMs: number };

export const noTest: SoundTest = { is: "none" };
export const testedPatterns: readonly Pattern[] = ["high", "medium", "low"];
/** Nobody is there to answer: that is no confirmation. */
const askForMs = 120_000;

/** @param alarm a real one sounds: it comes first, and who hears it has heard no test. */
export function stepTest(test: SoundTest, nowMs: number, alarm: boolean): SoundTest {
  switch (test.is) {
    case "none":
      return test;
    case "playing":
      if (alarm) return noTest;
      return nowMs < test.untilMs ? test : { is: "asking", untilMs: nowMs + askForMs };
    case "asking":
      return nowMs < test.untilMs ? test : noTest;
  }
}
