import type { TileAlarm } from "../../../../edge-agent/contract/tile.ts";
import { clockWords, lengthWords } from "../../age-words.ts";
import { type ElementSpec, h } from "../../render.ts";
import { type Bed, priorityMark } from "../bed-tile/bed-view.ts";
import { shape } from "../shapes/shapes.ts";
import { worstFirst } from "./alarm-order.ts";
import { conditionWords } from "./condition-words.ts";

export interface Alert extends TileAlarm {
  readonly bed: string;
  readonly bedName: string;
  /** The condition, with its limit where that was ordered. */
  readonly words: string;
  /** Since it was raised, by the agent's clock plus the waiting here. */
  readonly ageMs: number;
}

/** Every alarm that is on, acknowledged or latched. A screen that is not live keeps them: they were true when last heard. */
export function alertsOf(beds: readonly Bed[], nowMs: number): Alert[] {
  const alerts = beds.flatMap(({ bed, name, heard }) =>
    heard === null
      ? []
      : heard.tile.alarms
          .filter(({ presence }) => presence !== "off")
          .map((alarm) => ({
            ...alarm,
            bed,
            bedName: name,
            words: conditionWords(alarm.condition, heard.tile.order),
            ageMs: heard.tile.at - alarm.raisedAt + Math.max(0, nowMs - heard.heardAtMs),
          })),
  );
  return worstFirst(alerts);
}

/** @param asking ids of alarms for which "I'm going now" was pressed and the agent has not confirmed yet. */
export function alertList(
  alerts: readonly Alert[],
  asking: ReadonlySet<string>,
  onGoing: (alert: Alert) => void,
): ElementSpec[] {
  return alerts.map((alert) =>
    h(
      "li",
      {
        key: alert.id,
        class: `qr-alert qr-alert--${alert.priority} qr-alert--${alert.presence}`,
        "data-alarm": alert.id,
      },
      h(
        "p",
        { class: `qr-strip qr-strip--${alert.priority}${alert.presence === "ack" ? "" : " qr-strip--flash"}` },
        h("span", { class: "qr-strip__mark" }, priorityMark(alert.priority)),
        alert.bedName,
        h("span", { class: "qr-alert__priority" }, `${alert.technical ? "technical, " : ""}${alert.priority}`),
      ),
      h("p", { class: "qr-alert__condition" }, alert.words),
      h("p", { class: "qr-alert__when" }, whenWords(alert)),
      alert.technical ? h("p", { key: "in-person", class: "qr-alert__note" }, "Check in person.") : null,
      alert.audited ? null : h("p", { key: "unaudited" }, "Not in the audit log: it could not be written."),
      action(alert, asking.has(alert.id), () => onGoing(alert)),
    ),
  );
}

/** "Since 19:13, 2 min", or, once it is over, from when to when: a counter would say that it goes on. */
export function whenWords({ presence, raisedAt, clearedAt, ageMs }: Alert): string {
  if (presence !== "latched") return `Since ${clockWords(raisedAt)}, ${lengthWords(ageMs)}`;
  const until = clearedAt === null ? "" : ` to ${clockWords(clearedAt)}`;
  return `${clockWords(raisedAt)}${until}. Over, nobody has looked.`;
}

/** The one that most needs somebody: by priority, then what still goes on before what is over; and how many wait besides. */
export function worstWaiting(alerts: readonly Alert[]): { readonly alert: Alert; readonly more: number } | null {
  const waiting = alerts.filter(({ acknowledged }) => acknowledged === null);
  const first = waiting[0];
  if (first === undefined) return null;
  const goesOn = waiting.find(({ priority, presence }) => priority === first.priority && presence === "on");
  return { alert: goesOn ?? first, more: waiting.length - 1 };
}

function action(alert: Alert, asking: boolean, onGoing: () => void): ElementSpec {
  if (alert.acknowledged !== null) {
    const { name, at } = alert.acknowledged;
    return h("p", { key: "going", class: "qr-alert__going" }, shape("going"), `${name} is going (${clockWords(at)})`);
  }
  return h(
    "button",
    {
      key: "go",
      type: "button",
      class: "qr-button",
      "aria-disabled": asking ? "true" : null,
      onClick: asking ? () => {} : onGoing,
    },
    asking ? "Telling the ward computer…" : "I'm going now",
    h("span", { class: "nhsuk-u-visually-hidden" }, ` to ${alert.bedName}`),
  );
}
