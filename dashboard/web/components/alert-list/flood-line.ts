import { floodAbove } from "../../../../edge-agent/contract/alarm-load.ts";
import { type ElementSpec, h } from "../../render.ts";

/** Above the alerts, while more alarms come up than the people here can answer; nothing at other times. */
export function floodLine(raisedLately: number): ElementSpec[] {
  if (raisedLately <= floodAbove) return [];
  return [
    h(
      "div",
      // Keyed without its number: read out when it comes, and not at each alarm.
      { key: "flood", class: "qr-flood", role: "alert" },
      h("p", { key: "how-many", class: "qr-flood__title" }, `${raisedLately} alarms in 10 minutes`),
      h("p", { key: "todo" }, "More than you can answer alone. Call for more staff. The most urgent is first."),
    ),
  ];
}
