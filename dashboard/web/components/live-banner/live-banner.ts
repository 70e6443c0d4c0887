import type { Liveness } from "../../live-connection.ts";
import { type ElementSpec, h } from "../../render.ts";
import { shape } from "../shapes/shapes.ts";

const whyWords: Readonly<Record<NonNullable<Liveness["notLive"]>, string>> = {
  "agent-silent": "The ward computer is silent.",
  "no-connection": "This screen has no connection to the ward computer.",
  late: "What comes from the ward computer comes too late.",
};

/** Across the whole width, for as long as what is on the screen may be old. */
export function liveBanner(notLive: Liveness["notLive"]): ElementSpec[] {
  if (notLive === null) return [];
  const why = whyWords[notLive];
  return [
    h(
      "div",
      { key: "not-live", class: "qr-not-live" },
      shape("not-monitored"),
      h("p", {}, h("strong", {}, "This screen is not live."), ` ${why} Check everyone in person.`),
    ),
  ];
}
