import { seenByPictures } from "../../../words/idea-pictures.ts";
import type { Saying } from "../../../words/saying.ts";
import { type ElementSpec, h } from "../../render.ts";
import { shape } from "../shapes/shapes.ts";
import type { PurposeCard, Touch, WholeChoices } from "./choices.ts";
import type { Fact } from "./facts.ts";
import type { Glance } from "./glance.ts";
import { picture } from "./picture.ts";
import type { BedsideAct } from "./wishes.ts";

/** `touchedAtMs`: by performance.now(), when the person touched. */
export type OnTouch = (acts: readonly BedsideAct[], touchedAtMs: number) => void;

/** Drawn inside a region that is read out politely; nothing in it changes unless what is true changes. */
export function drawGlance({ shape: ring, headline, more }: Glance): ElementSpec[] {
  return [
    h("div", { class: `qr-now__ring qr-now__ring--${ring}` }, shape(ring)),
    h(
      "div",
      { class: "qr-now__words" },
      h("p", { class: "qr-now__headline" }, headline),
      ...more.map((words) => h("p", { class: "qr-now__more" }, words)),
    ),
  ];
}

export function drawFacts(facts: readonly Fact[]): ElementSpec[] {
  return facts.map((fact) =>
    h(
      "li",
      { key: fact.picture, class: "qr-fact", "data-fact": fact.picture },
      picture(fact.picture),
      h("span", {}, fact.words),
    ),
  );
}

/** Steady: it is there while somebody looks, and gone when nobody does. */
export function drawOpened(words: readonly string[]): ElementSpec[] {
  return words.map((one) => h("p", { key: one, class: "qr-opened" }, picture("opened"), h("span", {}, one)));
}

/** Of a disabled button a screen reader says nothing: a busy one stays a button, and is said to be busy. */
function button(key: string, touch: Touch, about: string | null, onTouch: OnTouch, look = ""): ElementSpec {
  const { words, picture: pictureName, acts, busy } = touch;
  return h(
    "button",
    {
      key,
      type: "button",
      class: `qr-touch ${look}`.trim(),
      "data-act": key,
      "aria-label": about === null ? null : `${words}: ${about}`,
      "aria-disabled": busy ? "true" : null,
      onClick: (event) => {
        if (!busy) onTouch(acts, event.timeStamp);
      },
    },
    pictureName === null ? null : picture(pictureName),
    words,
  );
}

export function drawWhole(choices: WholeChoices, saying: Saying, onTouch: OnTouch): ElementSpec[] {
  const { stop, pauses, again, note } = choices;
  return [
    ...(again === null ? [] : [h("div", { key: "again" }, button("again", again, null, onTouch, "qr-touch--large"))]),
    ...(stop === null
      ? []
      : [
          h(
            "div",
            { key: "stop" },
            button("stop", stop, null, onTouch, "qr-touch--large"),
            h("p", { class: "qr-whole__note" }, saying.say("stopNow")),
          ),
        ]),
    ...(pauses.length === 0
      ? []
      : [
          h(
            "div",
            { key: "pause", role: "group", "aria-labelledby": "pause-title" },
            h("h2", { id: "pause-title", class: "qr-whole__title" }, picture("pause"), saying.say("pauseFor")),
            h(
              "div",
              { class: "qr-whole__row" },
              ...pauses.map((pause, index) => button(`pause-${index}`, pause, null, onTouch)),
            ),
            h("p", { class: "qr-whole__note" }, saying.say("pauseEnds")),
          ),
        ]),
    ...(note === null ? [] : [h("p", { key: "note", class: "qr-choice__note", role: "status" }, note)]),
  ];
}

export function drawCards(cards: readonly PurposeCard[], onTouch: OnTouch): ElementSpec[] {
  return cards.map((card) => {
    const { purpose, name, picture: idea, inSomeHours, question, state, until, sentences, touches, note } = card;
    return h(
      "li",
      { key: purpose, class: `qr-choice${question === null ? "" : " qr-choice--asked"}`, "data-purpose": purpose },
      h("h2", { class: "qr-choice__name" }, picture(idea), name),
      question === null ? null : h("p", { key: "question", class: "qr-choice__question" }, question),
      h(
        "p",
        { key: "state", class: "qr-choice__state", role: "status" },
        inSomeHours ? picture("night") : null,
        state ?? "",
      ),
      h(
        "ul",
        { key: "sentences", class: "qr-choice__sentences" },
        ...(
          [
            [idea, sentences.senses],
            [seenByPictures[purpose], sentences.whoSees],
            ["stop", sentences.howToStop],
          ] as const
        ).map(([name, words]) => h("li", {}, picture(name), h("span", {}, words))),
      ),
      until === null ? null : h("p", { key: "until", class: "qr-choice__until" }, until),
      note === null ? null : h("p", { key: "note", class: "qr-choice__note", role: "status" }, note),
      touches.length === 0
        ? null
        : h(
            "div",
            { key: "buttons", class: "qr-choice__buttons" },
            ...touches.map((touch) => button(touch.acts[0]?.do ?? "", touch, name, onTouch)),
          ),
    );
  });
}
