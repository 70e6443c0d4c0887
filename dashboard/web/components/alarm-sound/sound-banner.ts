import type { Doubt, DoubtKind } from "../../alarm-signals/sound-doubts.ts";
import type { SoundTest } from "../../alarm-signals/sound-test.ts";
import { type ElementSpec, h } from "../../render.ts";
import { shape } from "../shapes/shapes.ts";

export interface SoundBannerActs {
  readonly turnOn: () => void;
  readonly test: () => void;
  readonly answer: (heard: boolean) => void;
}

/** Across the whole width, for as long as an alarm might not be heard here; and the test that settles it. */
export function soundBanner(doubts: readonly Doubt[], test: SoundTest, acts: SoundBannerActs): ElementSpec[] {
  if (test.is !== "none") return [testBanner(test, acts)];
  const first = doubts[0];
  if (first === undefined) return [];
  const onlyUntested = doubts.every(({ is }) => is === "not-tested");
  return [
    h(
      "div",
      {
        // Keyed by its reasons: read out when one comes, and not at each redraw.
        key: `doubts ${doubts.map(({ is }) => is).join(" ")}`,
        class: `qr-sound-doubt${onlyUntested ? " qr-sound-doubt--ask" : ""}`,
        "data-doubts": doubts.map(({ is }) => is).join(" "),
      },
      shape("sound-doubt"),
      h(
        "div",
        { class: "qr-sound-doubt__words" },
        h("p", { class: "qr-sound-doubt__title" }, "Alarms may not sound here"),
        h(
          "ul",
          {},
          doubts.map(({ is, words, todo }) =>
            h("li", { key: is }, words, todo === "" ? null : h("strong", { key: "todo" }, ` ${todo}`)),
          ),
        ),
      ),
      action(
        doubts.map(({ is }) => is),
        acts,
      ),
    ),
  ];
}

/** What one touch can do about it. */
function action(kinds: readonly DoubtKind[], { turnOn, test }: SoundBannerActs): ElementSpec | null {
  if (kinds.includes("blocked")) return button("turn-on", "Touch here to turn the sound on", turnOn);
  if (kinds.includes("not-tested") || kinds.includes("not-heard")) return button("test", "Test the alarm sound", test);
  return null;
}

function testBanner(test: Exclude<SoundTest, { is: "none" }>, { answer }: SoundBannerActs): ElementSpec {
  const playing = test.is === "playing";
  return h(
    "div",
    { key: `test ${test.is}`, class: "qr-sound-doubt qr-sound-doubt--test", "data-sound-test": test.is },
    shape("sound-on"),
    h(
      "div",
      { class: "qr-sound-doubt__words" },
      h("p", { class: "qr-sound-doubt__title" }, playing ? "Listen: this is a test" : "Did you hear it?"),
      h("p", {}, playing ? "High, medium and low priority, one after another." : "Three alarms, one after another."),
    ),
    playing
      ? null
      : h(
          "div",
          { key: "answers", class: "qr-sound-doubt__answers" },
          button("yes", "Yes, I heard it", () => answer(true)),
          button("no", "No", () => answer(false)),
        ),
  );
}

const button = (key: string, words: string, onClick: () => void): ElementSpec =>
  h("button", { key, type: "button", class: "qr-button qr-sound-doubt__button", onClick }, words);
