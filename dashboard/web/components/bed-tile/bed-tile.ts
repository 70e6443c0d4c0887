import { type ElementSpec, h } from "../../render.ts";
import { checkLine } from "../checks/check-line.ts";
import { shape } from "../shapes/shapes.ts";
import { type Bed, type BedView, priorityMark } from "./bed-view.ts";

/** One bed of the ward. The whole tile is told by words; shape, colour and hatching repeat them. */
export function bedTile(bed: Bed, view: BedView): ElementSpec {
  const titleId = `bed-${bed.bed}`;
  const urgent = view.alarm === null ? "" : ` qr-tile--${view.alarm.worst.priority}`;
  return h(
    "li",
    { key: bed.bed, class: `qr-tile qr-tile--${view.look}${urgent}`, "data-bed": bed.bed, "data-look": view.look },
    h(
      "div",
      { class: "qr-tile__head" },
      h("h3", { class: "qr-tile__name", id: titleId }, bed.name),
      h("p", { class: "qr-tile__state" }, shape(view.shape), view.state),
    ),
    alarmStrip(view),
    view.check === null ? null : checkLine(bed, view.check),
    h(
      "div",
      { class: "qr-tile__body" },
      rate(view),
      ...view.lines.map((words, index) => line(words, index, view)),
      view.due === null ? null : h("p", { key: "due", class: "qr-tile__due" }, view.due),
    ),
    h(
      "div",
      { class: "qr-tile__foot" },
      h("p", { class: "qr-tile__age" }, view.age === null ? "No data" : `Data ${view.age}`),
      ...view.marks.map((mark) => h("p", { key: mark, class: "qr-mark" }, mark)),
      h(
        "a",
        { class: "qr-tile__open", href: `/person/${bed.bed}`, "aria-describedby": titleId },
        "Consent and details",
        h("span", { class: "nhsuk-u-visually-hidden" }, ` of ${bed.name}`),
      ),
    ),
  );
}

function rate(view: BedView): ElementSpec | null {
  if (view.rate === null) return null;
  return h(
    "p",
    { key: "rate", class: "qr-rate" },
    h("span", { class: "qr-rate__number" }, view.rate.perMin),
    h(
      "span",
      { class: "qr-rate__words" },
      h("span", {}, "breaths a minute "),
      h("span", { class: "qr-rate__interval" }, view.rate.interval),
    ),
  );
}

function line(words: string, index: number, view: BedView): ElementSpec {
  const first = index === 0 && view.rate === null;
  return h("p", { key: `line-${index}`, class: first ? "qr-tile__line qr-tile__line--first" : "qr-tile__line" }, words);
}

function alarmStrip({ alarm }: BedView): ElementSpec | null {
  if (alarm === null) return null;
  const { worst, words, sounding } = alarm;
  const over = worst.presence === "latched" ? " (over, nobody has looked)" : "";
  const going = worst.acknowledged === null ? "" : ` ${worst.acknowledged.name} is going`;
  return h(
    "p",
    { key: "alarm", class: `qr-strip qr-strip--${worst.priority}${sounding ? " qr-strip--flash" : ""}` },
    h("span", { class: "qr-strip__mark" }, priorityMark(worst.priority)),
    `${words}${over}${going === "" ? "" : `.${going}`}`,
  );
}
