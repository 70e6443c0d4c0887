import { clockWords } from "../../age-words.ts";
import type { AudioShown, Sounding } from "../../alarm-signals/alarm-audio.ts";
import { thisScreen } from "../../alarm-signals/own-sound.ts";
import type { Doubt } from "../../alarm-signals/sound-doubts.ts";
import { type ElementSpec, h } from "../../render.ts";
import { shape } from "../shapes/shapes.ts";

export interface SoundPanelActs {
  readonly pause: () => void;
  readonly pauseMs: number;
  readonly resume: () => void;
  readonly test: () => void;
  /** Null: not at this screen, or not by this person. */
  readonly off: ((reason: string) => void) | null;
  /** Opens and closes the form for it. */
  readonly chooseOff: () => void;
}

const reasonId = "audio-off-reason";

/** One row beside the alerts: whether alarms sound, and the few things to do about it. */
export function soundPanel(
  { pattern, shown }: Sounding,
  doubts: readonly Doubt[],
  choosingOff: boolean,
  acts: SoundPanelActs,
): ElementSpec[] {
  const { pause, pauseMs, resume, test, off, chooseOff } = acts;
  const sounding = pattern !== null && pattern !== "reminder";
  const unheard = doubts.some(({ is }) => is === "blocked" || is === "missing" || is === "stuck");
  const doubtful = sounding ? unheard : doubts.length > 0;
  return [
    h(
      "div",
      { key: "sound", class: `qr-sound qr-sound--${shown.is.replace("audio ", "")}`, "data-sound": pattern ?? "none" },
      shape(shown.is === "on" ? (doubtful ? "sound-doubt" : "sound-on") : "sound-off"),
      h("p", { class: "qr-sound__words" }, ...stateWords(shown, doubtful, sounding)),
      shown.is === "on" && sounding ? button("pause", `Pause audio for ${pauseWords(pauseMs)}`, pause) : null,
      shown.is === "audio paused" && sounding ? button("pause", "Pause this one too", pause) : null,
      shown.is === "on" ? null : button("resume", "Audio on", resume),
      shown.is === "on" && !sounding ? button("test", "Test the alarm sound", test) : null,
    ),
    off === null || shown.is === "audio off" ? null : offForm(off, choosingOff, chooseOff),
  ].filter((one) => one !== null);
}

function stateWords(shown: AudioShown, doubtful: boolean, sounding: boolean) {
  switch (shown.is) {
    case "on":
      return [doubtful ? "Sound not sure" : sounding ? "An alarm sounds" : "Sound on"];
    case "audio paused":
      return [
        h("strong", { class: "qr-sound__name" }, "Audio paused"),
        h("span", { class: "qr-sound__left" }, ` ${countdownWords(shown.leftMs)} `),
        h(
          "span",
          { class: "qr-sound__more" },
          `${shown.by === thisScreen ? "on this screen only" : `by ${shown.by}`}. A new alarm sounds.`,
        ),
      ];
    case "audio off":
      return [
        h("strong", { class: "qr-sound__name" }, "Audio off"),
        h(
          "span",
          { class: "qr-sound__more" },
          ` since ${clockWords(shown.sinceUtcMs)}, by ${shown.by}: “${shown.reason}”. No alarm sounds. Look at this screen.`,
        ),
      ];
  }
}

const pauseWords = (ms: number): string =>
  ms % 60_000 === 0 && ms > 60_000 ? `${ms / 60_000} minutes` : `${ms / 1_000} seconds`;

/** "1:42". */
function countdownWords(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function offForm(off: (reason: string) => void, choosing: boolean, choose: () => void): ElementSpec {
  const send = (): void => {
    const field = document.getElementById(reasonId);
    if (!(field instanceof HTMLInputElement)) return;
    const reason = field.value.trim();
    // Without a reason it stays on: the field says what is missing.
    if (reason === "") {
      field.focus();
      return;
    }
    field.value = "";
    off(reason);
  };
  return h(
    "div",
    { key: "off", class: "qr-sound-off" },
    h(
      "button",
      {
        key: "choose",
        type: "button",
        class: "qr-sound-off__choose",
        "aria-expanded": choosing ? "true" : "false",
        onClick: choose,
      },
      "Audio off for the whole ward",
    ),
    ...(choosing
      ? [
          h(
            "p",
            { key: "what" },
            "No alarm sounds at any station until somebody turns it on again. A low tone each minute reminds everybody.",
          ),
          h("label", { key: "why", for: reasonId }, "Why? Everybody sees this."),
          h("input", {
            key: "reason",
            id: reasonId,
            type: "text",
            maxlength: 200,
            autocomplete: "off",
            required: true,
          }),
          button("off", "Turn audio off", send),
        ]
      : []),
  );
}

const button = (key: string, words: string, onClick: () => void): ElementSpec =>
  h("button", { key, type: "button", class: "qr-button qr-button--quiet qr-sound__button", onClick }, words);
