import { type ElementSpec, h } from "../../render.ts";

/** A shape for each state, so that no state rests on colour alone. */
export type Shape =
  | "lying"
  | "empty-bed"
  | "moving"
  | "question"
  | "not-monitored"
  | "in-person"
  | "vacant"
  | "alarm"
  | "going"
  | "sound-on"
  | "sound-off"
  | "sound-doubt"
  | "ring-on"
  | "ring-off"
  | "ring-ignored"
  | "ring-changing"
  | "ring-unknown";

const line = (d: string) =>
  h("path", {
    d,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "2.2",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
const loudspeaker = "M3 9.5v5h3.6l4.9 4V5.5l-4.9 4z";
const dot = (cx: number, cy: number, r: number) => h("circle", { cx, cy, r, fill: "currentColor" });
const ring = (dashes: string | null, width = 3) =>
  h("circle", {
    cx: 12,
    cy: 12,
    r: 9,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": width,
    "stroke-dasharray": dashes,
  });

const drawings: Readonly<Record<Shape, readonly ElementSpec[]>> = {
  lying: [line("M3 6v13M3 15.5h18V19M21 15.5v-2a3 3 0 0 0-3-3h-7v5"), dot(7, 12, 1.9)],
  "empty-bed": [line("M3 6v13M3 15.5h18V19M21 15.5v-1.5M6.5 12.5h3")],
  moving: [
    line("M2.5 9c2.4-3 4.7-3 7.1 0s4.7 3 7.1 0 3.2-2.4 4.8-1.4M2.5 16c2.4-3 4.7-3 7.1 0s4.7 3 7.1 0 3.2-2.4 4.8-1.4"),
  ],
  question: [line("M8.2 8.6A4 4 0 0 1 12 5.4c2.3 0 4 1.5 4 3.5 0 2.6-4 3-4 5.8"), dot(12, 18.6, 1.5)],
  "not-monitored": [ring(null, 2.2), line("M5.8 5.8l12.4 12.4")],
  "in-person": [
    line("M5.5 20c.5-4 2.9-6.2 6.5-6.2s6 2.2 6.5 6.2"),
    h("circle", { cx: 12, cy: 7.6, r: 3.6, fill: "none", stroke: "currentColor", "stroke-width": "2.2" }),
  ],
  vacant: [line("M5 5h14v14H5z")],
  alarm: [line("M12 3.6 21.5 20h-19z"), line("M12 10v4.4"), dot(12, 17.1, 1.2)],
  going: [line("M4 12h14M12.5 6l6 6-6 6")],
  "sound-on": [line(loudspeaker), line("M15.2 9a4 4 0 0 1 0 6M17.9 6.4a7.8 7.8 0 0 1 0 11.2")],
  "sound-off": [line(loudspeaker), line("M16 9.2l5 5.6M21 9.2l-5 5.6")],
  "sound-doubt": [line(loudspeaker), line("M15.6 9.4a2.7 2.7 0 0 1 5.4.2c0 1.9-2.6 2.1-2.6 4"), dot(18.4, 16.9, 1.3)],
  "ring-on": [ring(null), dot(12, 12, 4.5)],
  "ring-off": [ring(null)],
  "ring-ignored": [ring(null), line("M8 12h8")],
  "ring-changing": [ring("4 5.4")],
  "ring-unknown": [
    ring("1.5 4.2"),
    line("M9.7 10a2.4 2.4 0 0 1 2.3-2c1.4 0 2.4 1 2.4 2.2 0 1.6-2.4 1.8-2.4 3.4"),
    dot(12, 16.1, 1),
  ],
};

/** Words beside it say the same, so that a screen reader passes it over. */
export function shape(name: Shape): ElementSpec {
  return h(
    "svg",
    { class: `qr-shape qr-shape--${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    drawings[name],
  );
}
