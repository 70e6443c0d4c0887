import { type ElementSpec, h } from "../../render.ts";
import { priorityMark } from "../bed-tile/bed-view.ts";
import { type Alert, worstWaiting } from "./alert-list.ts";

/**
 * The alert that most needs somebody, on a page that is not the ward board. Keyed by the alarm, so that it is read out when
 * another one comes up and not at each redraw.
 */
export function alertStrip(alerts: readonly Alert[]): ElementSpec | null {
  const waiting = worstWaiting(alerts);
  if (waiting === null) return null;
  const { alert, more } = waiting;
  const over = alert.presence === "latched" ? " (over, nobody has looked)" : "";
  return h(
    "p",
    { key: `${alert.id} ${alert.presence}`, class: `qr-strip qr-strip--${alert.priority} qr-strip--flash` },
    h("span", { class: "qr-strip__mark" }, priorityMark(alert.priority)),
    `${alert.bedName}: ${alert.words}${over}${more === 0 ? "" : `. And ${more} more`}`,
    h("a", { class: "qr-strip__go", href: "/ward" }, "To the ward"),
  );
}
