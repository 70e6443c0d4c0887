import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import type { ConsentState, Purpose } from "../../../../edge-agent/contract/words.ts";
import { offerSentences } from "../../../words/offer-sentences.ts";
import { clockWords } from "../../age-words.ts";
import { type Child, type ElementSpec, h } from "../../render.ts";
import { type Alert, worstWaiting } from "../alert-list/alert-list.ts";
import { type Bed, priorityMark } from "../bed-tile/bed-view.ts";
import { purposeNames, sensorWords } from "../bed-tile/bed-words.ts";
import { engineeringWords } from "./engineering-words.ts";
import { orderWords } from "./order-words.ts";
import type { Said } from "./said.ts";

export interface PanelState {
  readonly bed: string;
  /** The purpose whose three sentences are being read before it is offered. */
  readonly offering: Purpose | null;
  readonly busy: boolean;
  /** What the agent said to the last ask. */
  readonly said: Said | null;
  readonly pairing: { readonly code: string; readonly expiresAt: number } | null;
  /** Id of the element to which the keyboard goes when the one it was on is gone. */
  readonly focusId: string;
}

/** Ids of what the keyboard may be sent to. */
export const panelIds = {
  title: "panel-title",
  offer: "panel-offer-title",
  code: "panel-code",
  consent: (purpose: Purpose) => `panel-${purpose}`,
} as const;

export interface PanelActs {
  readonly readOffer: (purpose: Purpose) => void;
  readonly offer: (purpose: Purpose) => void;
  readonly turnOff: (purpose: Purpose) => void;
  readonly invite: () => void;
  readonly back: () => void;
  readonly close: () => void;
}

const consentWords: Readonly<Record<ConsentState, string>> = {
  "never-offered": "Not offered yet",
  offered: "Offered. The person decides",
  granted: "On, by the person’s own touch",
  "best-interests": "On, decided in the person’s best interests",
  paused: "Paused",
  withdrawn: "Off",
  refused: "Off",
  expired: "Off: nobody reviewed it in time",
  ended: "Ended with the stay",
};

/**
 * @param alerts of the whole ward: the panel lies over their list, and must not hide them.
 * @param live false: what is said here may be old, and is marked so.
 */
export function bedPanel(
  bed: Bed,
  panel: PanelState,
  alerts: readonly Alert[],
  live: boolean,
  acts: PanelActs,
): Child[] {
  const tile = bed.heard?.tile;
  return [
    h("div", { key: "alert", class: "qr-panel__alert", role: "alert" }, alertStrip(alerts)),
    h(
      "div",
      { key: "head", class: "qr-panel__head" },
      h("h2", { id: panelIds.title, class: "qr-panel__title", tabindex: -1 }, bed.name),
      h("button", { type: "button", class: "qr-button qr-button--quiet", onClick: acts.close }, "Close"),
    ),
    live ? null : h("p", { key: "old", class: "qr-panel__said" }, "This screen is not live: this may be old."),
    panel.said === null ? null : h("p", { key: "said", class: "qr-panel__said", role: "status" }, panel.said.words),
    ...(tile?.stay ? content(tile, panel, acts) : [h("p", { key: "nobody" }, "Nobody is admitted to this bed.")]),
  ];
}

function content(tile: Tile, panel: PanelState, acts: PanelActs): Child[] {
  if (panel.offering !== null) return offerStep(panel.offering, panel.busy, acts);
  return [
    h(
      "ul",
      { key: "consents", class: "qr-consents" },
      ...tile.consents.map(({ purpose, state, sinceUtcMs }) =>
        consentRow(purpose, state, sinceUtcMs, panel.busy, acts),
      ),
    ),
    h("p", { key: "who" }, "Turning on is the person’s own touch on the bedside screen. Anyone may turn off."),
    h("h3", { key: "order-title", class: "qr-panel__subtitle" }, "Alerts ordered"),
    ...orderWords(tile.order).map((words, index) => h("p", { key: `order-${index}` }, words)),
    h("h3", { key: "screen-title", class: "qr-panel__subtitle" }, "Bedside screen"),
    pairing(panel, acts),
    h("h3", { key: "sensor-title", class: "qr-panel__subtitle" }, "Sensor"),
    h(
      "p",
      { key: "sensor" },
      `${tile.sensor.state === "on" ? "The sensor is on" : sensorWords[tile.sensor.state]} (${tile.sensor.detail}).`,
    ),
    ...engineeringWords(tile).map((words, index) =>
      h("p", { key: `counts-${index}`, class: "qr-panel__counts" }, words),
    ),
    h("p", { key: "checks", class: "qr-panel__checks" }, "In-person checks go on in any case."),
  ];
}

function consentRow(purpose: Purpose, state: ConsentState, since: number | null, busy: boolean, acts: PanelActs) {
  return h(
    "li",
    { key: purpose, class: "qr-consents__row" },
    h(
      "div",
      {},
      h("h3", { id: panelIds.consent(purpose), class: "qr-consents__name", tabindex: -1 }, purposeNames[purpose]),
      h("p", { class: "qr-consents__state" }, consentLine(state, since)),
    ),
    ...buttons(purpose, state, busy, acts),
  );
}

/** "Off, since 21:04". "Not now" to an offer leads to the same state as turning off, so the word is no act. */
function consentLine(state: ConsentState, since: number | null): string {
  if (since === null) return consentWords[state];
  const when = `since ${clockWords(since)}`;
  return state === "offered" ? `${consentWords[state]} (${when})` : `${consentWords[state]}, ${when}`;
}

/** Keyed by the alarm, so that it is read out when another one comes up and not at each redraw. */
function alertStrip(alerts: readonly Alert[]): ElementSpec | null {
  const waiting = worstWaiting(alerts);
  if (waiting === null) return null;
  const { alert, more } = waiting;
  const over = alert.presence === "latched" ? " (over, nobody has looked)" : "";
  return h(
    "p",
    { key: `${alert.id} ${alert.presence}`, class: `qr-strip qr-strip--${alert.priority} qr-strip--flash` },
    h("span", { class: "qr-strip__mark" }, priorityMark(alert.priority)),
    `${alert.bedName}: ${alert.words}${over}${more === 0 ? "" : `. And ${more} more`}`,
  );
}

function buttons(purpose: Purpose, state: ConsentState, busy: boolean, acts: PanelActs): ElementSpec[] {
  const offer = () => button("offer", "Offer", purposeNames[purpose], busy, () => acts.readOffer(purpose));
  const off = () => button("off", "Turn off", purposeNames[purpose], busy, () => acts.turnOff(purpose));
  switch (state) {
    case "never-offered":
    case "withdrawn":
    case "refused":
    case "expired":
      return [offer()];
    case "offered":
    case "paused":
    case "best-interests":
    case "granted":
      return [off()];
    case "ended":
      return [];
  }
}

function offerStep(purpose: Purpose, busy: boolean, acts: PanelActs): Child[] {
  const { senses, whoSees, howToStop } = offerSentences[purpose];
  return [
    h(
      "h3",
      { key: "offer-title", id: panelIds.offer, class: "qr-panel__subtitle", tabindex: -1 },
      `Offer: ${purposeNames[purpose]}`,
    ),
    h("p", { key: "offer-lead" }, "Say these three things to the person. The bedside screen then shows them too."),
    h(
      "ol",
      { key: "offer-list", class: "qr-panel__sentences" },
      ...[senses, whoSees, howToStop].map((one) => h("li", {}, one)),
    ),
    h("p", { key: "offer-after" }, "Nothing turns on now. The person decides, and may say no."),
    h(
      "div",
      { key: "offer-buttons", class: "qr-panel__buttons" },
      button("confirm", "I have said this: offer it", "", busy, () => acts.offer(purpose)),
      h("button", { key: "back", type: "button", class: "qr-button qr-button--quiet", onClick: acts.back }, "Back"),
    ),
  ];
}

function pairing({ pairing: invited, busy }: PanelState, acts: PanelActs): ElementSpec {
  if (invited === null) return button("pair", "Pair a bedside screen", "", busy, acts.invite);
  return h(
    "div",
    { key: "paired", role: "status" },
    h("p", {}, `On the bedside screen open ${location.host}/pair and enter:`),
    h("p", { id: panelIds.code, class: "qr-panel__code", tabindex: -1 }, invited.code),
    h("p", {}, `Works once, until ${clockWords(invited.expiresAt)}.`),
  );
}

function button(key: string, words: string, about: string, busy: boolean, onPress: () => void): ElementSpec {
  return h(
    "button",
    {
      key,
      type: "button",
      class: "qr-button",
      "aria-disabled": busy ? "true" : null,
      onClick: () => {
        if (!busy) onPress();
      },
    },
    words,
    about === "" ? null : h("span", { class: "nhsuk-u-visually-hidden" }, `: ${about}`),
  );
}
