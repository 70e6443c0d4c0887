import { alarmCatalogue } from "../../../../edge-agent/contract/alarm-catalogue.ts";
import { AlarmOutcome, FalseAlarmWhy } from "../../../../edge-agent/contract/words.ts";
import { type ElementSpec, h } from "../../render.ts";
import { type Ending, falseAlarmWords, outcomeWords } from "./endings.ts";

/** One touch says how it ended; "false alarm" takes one more, which says why. */
export interface OutcomeTouches {
  readonly say: (ending: Ending, outcome: AlarmOutcome, falseBecause: FalseAlarmWhy | null) => void;
  readonly askWhy: (ending: Ending | null) => void;
}

/** More than this at once would hide the alerts of a small screen; the next come up as these are answered. */
const shownMax = 3;

/**
 * @param asked the alarm of which "false alarm" was touched: its reasons stand where the answers stood.
 * @param telling ids of which an answer is under way.
 */
export function outcomeList(
  endings: readonly Ending[],
  asked: string | null,
  telling: ReadonlySet<string>,
  touches: OutcomeTouches,
): ElementSpec[] {
  const cards = endings.slice(0, shownMax).map((ending) => card(ending, asked === ending.id, telling, touches));
  const more = endings.length - shownMax;
  return more > 0 ? [...cards, h("p", { key: "more", class: "qr-outcome__more" }, `And ${more} more to say.`)] : cards;
}

function card(
  ending: Ending,
  why: boolean,
  telling: ReadonlySet<string>,
  { say, askWhy }: OutcomeTouches,
): ElementSpec {
  const { id, bedName, condition, went } = ending;
  const title = `outcome-title-${id}`;
  const button = (value: string, words: string, onClick: () => void) =>
    h(
      "button",
      { key: value, type: "button", class: "qr-button qr-button--quiet", id: `${value}-${id}`, onClick },
      words,
    );
  const buttons = why
    ? [
        ...FalseAlarmWhy.options.map((one) => button(one, falseAlarmWords[one], () => say(ending, "false-alarm", one))),
        button("back", "Back", () => askWhy(null)),
      ]
    : AlarmOutcome.options.map((one) =>
        button(one, outcomeWords[one], () => (one === "false-alarm" ? askWhy(ending) : say(ending, one, null))),
      );
  return h(
    "section",
    { key: id, class: "qr-outcome", "data-outcome": id, role: "group", "aria-labelledby": title },
    h(
      "p",
      { class: "qr-outcome__title", id: title },
      `${bedName}: ${alarmCatalogue[condition].words}. ${why ? "Why a false alarm?" : "How was it?"}`,
    ),
    h("p", { class: "qr-outcome__went" }, telling.has(id) ? "Telling the ward computer…" : went),
    telling.has(id) ? null : h("div", { key: why ? "why" : "how", class: "qr-outcome__touches" }, buttons),
  );
}
