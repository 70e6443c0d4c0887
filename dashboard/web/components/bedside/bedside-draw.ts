import type { Purpose } from "../../../../edge-agent/contract/words.ts";
import { type ElementSpec, h } from "../../render.ts";
import { purposeNames } from "../bed-tile/bed-words.ts";
import { shape } from "../shapes/shapes.ts";
import type { BedsideScreen } from "./bedside-screen.ts";
import { offerSentences } from "./sentences.ts";

/** Drawn inside a region that is read out politely; nothing in it changes unless what is true changes. */
export function nowOn({ shape: ring, headline, more }: BedsideScreen): ElementSpec[] {
  return [
    h("div", { class: `qr-now__ring qr-now__ring--${ring}` }, shape(ring)),
    h(
      "div",
      {},
      h("p", { class: "qr-now__headline" }, headline),
      h("p", { class: "qr-now__more" }, `${more} Staff check on you in person.`),
    ),
  ];
}

export function purposeCards(
  screen: BedsideScreen,
  onWish: (purpose: Purpose, want: "on" | "off") => void,
): ElementSpec[] {
  return screen.cards.map((card) =>
    h(
      "li",
      { key: card.purpose, class: "qr-choice", "data-purpose": card.purpose },
      h("h2", { class: "qr-choice__name" }, purposeNames[card.purpose]),
      h("p", { class: "qr-choice__state", role: "status" }, card.state),
      sentences(card.purpose),
      card.note === null ? null : h("p", { key: "note", class: "qr-choice__note", role: "status" }, card.note),
      h(
        "div",
        { key: "buttons", class: "qr-choice__buttons" },
        ...card.buttons.map(({ words, want, busy }) =>
          h(
            "button",
            {
              key: `${want} ${words}`,
              type: "button",
              class: "qr-touch",
              "aria-disabled": busy ? "true" : null,
              onClick: () => {
                if (!busy) onWish(card.purpose, want);
              },
            },
            words,
            h("span", { class: "nhsuk-u-visually-hidden" }, `: ${purposeNames[card.purpose]}`),
          ),
        ),
      ),
    ),
  );
}

function sentences(purpose: Purpose): ElementSpec {
  const { senses, whoSees, howToStop } = offerSentences[purpose];
  return h(
    "ul",
    { key: "sentences", class: "qr-choice__sentences" },
    ...[senses, whoSees, howToStop].map((one) => h("li", {}, one)),
  );
}
