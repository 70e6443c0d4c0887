import { type ElementSpec, h } from "../../render.ts";
import type { Bed } from "../bed-tile/bed-view.ts";
import { shape } from "../shapes/shapes.ts";
import { type CheckNow, checkNow } from "./check-now.ts";

/** On a tile: the next check, and the way to write one down. First of all that a tile says. */
export function checkLine(bed: Bed, check: CheckNow): ElementSpec {
  return h(
    "div",
    { key: "check", class: `qr-check qr-check--${check.tone}`, "data-check": check.tone },
    h(
      "p",
      { class: "qr-check__words" },
      shape("in-person"),
      check.words,
      check.escalated ? h("span", { class: "qr-check__call" }, "Nurse in charge") : null,
    ),
    check.more === "" ? null : h("p", { key: "more", class: "qr-check__more" }, check.more),
    check.countingSince === null
      ? null
      : h("p", { key: "self", class: "qr-check__self" }, `Counting on by itself since ${check.countingSince}`),
    h(
      "a",
      { class: "qr-check__go", href: `/person/${bed.bed}/check` },
      "Record",
      h("span", { class: "qr-check__what" }, " a check"),
      h("span", { class: "nhsuk-u-visually-hidden" }, `: ${bed.name}`),
    ),
  );
}

export interface DueCheck {
  readonly bed: Bed;
  readonly check: CheckNow;
}

/** What has to be walked to now, the longest overdue first. */
export function dueChecks(beds: readonly Bed[], nowMs: number, isSilent: (bed: Bed) => boolean): DueCheck[] {
  return beds
    .flatMap((bed): DueCheck[] => {
      if (bed.heard === null || bed.heard.tile.stay === null) return [];
      const waitedMs = Math.max(0, nowMs - bed.heard.heardAtMs);
      return [{ bed, check: checkNow(bed.heard.tile, waitedMs, isSilent(bed)) }];
    })
    .filter(({ check }) => check.tone === "prompt" || check.tone === "due" || check.tone === "overdue")
    .toSorted((a, b) => a.check.dueUtcMs - b.check.dueUtcMs);
}

export function dueList(due: readonly DueCheck[]): ElementSpec[] {
  return due.map(({ bed, check }) =>
    h(
      "li",
      { key: bed.bed, class: `qr-due qr-due--${check.tone}` },
      h(
        "a",
        { class: "qr-due__go", href: `/person/${bed.bed}/check` },
        h("span", { class: "qr-due__bed" }, bed.name),
        h("span", { class: "qr-due__words" }, check.words),
        check.escalated ? h("span", { key: "call", class: "qr-check__call" }, "Nurse in charge") : null,
      ),
    ),
  );
}
