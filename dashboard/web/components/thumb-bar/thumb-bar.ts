import { type ElementSpec, h } from "../../render.ts";
import { type Alert, worstWaiting } from "../alert-list/alert-list.ts";
import { priorityMark } from "../bed-tile/bed-view.ts";

/**
 * On a phone, where the thumb is: the alert that most needs somebody, with its button. Empty while nothing waits. It says
 * what the list above says, so it is read by nobody twice: only small screens show it.
 */
export function thumbBar(
  alerts: readonly Alert[],
  asking: ReadonlySet<string>,
  onGoing: (alert: Alert) => void,
): ElementSpec | null {
  const waiting = worstWaiting(alerts);
  if (waiting === null) return null;
  const { alert, more } = waiting;
  const isAsking = asking.has(alert.id);
  return h(
    "div",
    { key: alert.id, class: `qr-thumb qr-thumb--${alert.priority}`, role: "group", "aria-label": "Most urgent alert" },
    h(
      "p",
      { class: "qr-thumb__what" },
      h("span", { class: "qr-thumb__mark" }, priorityMark(alert.priority)),
      h("strong", {}, alert.bedName),
      ` ${alert.words}`,
      more === 0 ? null : h("span", { class: "qr-thumb__more" }, ` and ${more} more`),
    ),
    h(
      "button",
      {
        type: "button",
        class: "qr-button qr-thumb__go",
        "aria-disabled": isAsking ? "true" : null,
        onClick: isAsking ? () => {} : () => onGoing(alert),
      },
      isAsking ? "Telling the ward computer…" : "I'm going now",
      h("span", { class: "nhsuk-u-visually-hidden" }, ` to ${alert.bedName}`),
    ),
  );
}
