import type { PersonHistory } from "../../../../edge-agent/contract/person-history.ts";
import { clockWords } from "../../age-words.ts";
import { type ElementSpec, h } from "../../render.ts";
import { conditionWords } from "../alert-list/condition-words.ts";
import { priorityMark } from "../bed-tile/bed-view.ts";
import { purposeNames } from "../bed-tile/bed-words.ts";
import { gapWords, occupancyWords } from "./gap-words.ts";
import { emptySpans, type Span, spansOf } from "./history-spans.ts";
import { spanWords } from "./history-summary.ts";

/** Where the hours stand, in px: the same for the picture of breathing above. */
export interface Plot {
  readonly widthPx: number;
  readonly leftPx: number;
  readonly rightPx: number;
  /** On a narrow screen a lane's name stands above it. */
  readonly namesAbove: boolean;
}

interface Lane {
  readonly name: string;
  readonly heightPx: number;
  /** Room for words below it. */
  readonly belowPx?: number;
  readonly marks: readonly ElementSpec[];
}

const gapPx = 10;
const nameAbovePx = 20;
/** Narrower than this, words in a bar cannot be read. */
const letterPx = 7.4;
const barPx = 24;
/** Shorter ones have their words where the pointer is, and in the table. */
const namedFromMs = 480_000;

/** Below the picture of breathing: why there was no rate, the bed, movement, alerts, checks, and what was turned on. */
export function historyLanes(history: PersonHistory, plot: Plot): ElementSpec {
  const x = (utcMs: number): number => {
    const part = (utcMs - history.fromUtcMs) / (history.untilUtcMs - history.fromUtcMs);
    const within = Math.min(1, Math.max(0, part));
    return Math.round((plot.leftPx + within * (plot.widthPx - plot.leftPx - plot.rightPx)) * 10) / 10;
  };
  let top = 4;
  const drawn = lanesOf(history, x).flatMap((lane) => {
    const above = plot.namesAbove ? nameAbovePx : 0;
    const at = top + above;
    top = at + lane.heightPx + (lane.belowPx ?? 0) + gapPx;
    return [nameOf(lane, at, plot), h("g", { transform: `translate(0 ${at})` }, base(lane, plot), ...lane.marks)];
  });
  const size = { width: plot.widthPx, height: top, viewBox: `0 0 ${plot.widthPx} ${top}` };
  return h("svg", { class: "qr-lanes", "aria-hidden": "true", ...size }, ...drawn);
}

const nameOf = ({ name, heightPx }: Lane, at: number, { leftPx, namesAbove }: Plot): ElementSpec =>
  namesAbove
    ? h("text", { class: "qr-lanes__name", x: leftPx, y: at - 6 }, name)
    : h("text", { class: "qr-lanes__name", x: leftPx - 12, y: at + heightPx / 2 + 5, "text-anchor": "end" }, name);

const base = ({ heightPx }: Lane, { widthPx, leftPx, rightPx }: Plot): ElementSpec =>
  h("rect", { class: "qr-lanes__base", x: leftPx, y: 0, width: widthPx - leftPx - rightPx, height: heightPx });

function lanesOf(history: PersonHistory, x: (utcMs: number) => number): Lane[] {
  const { shown } = history;
  return [
    ...(shown.breathing ? [withoutLane(history, x)] : []),
    ...(shown.movement ? [bedLane(history, x), movementLane(history, x)] : []),
    alertLane(history, x),
    checkLane(history, x),
    consentLane(history, x),
  ];
}

type At = (utcMs: number) => number;

function bar(span: Span<string>, x: At, heightPx: number, look: string, words: string, title = words): ElementSpec[] {
  const [left, right] = [x(span.fromUtcMs), x(span.untilUtcMs)];
  const width = Math.max(1.5, right - left);
  const fits = words !== "" && words.length * letterPx + 10 < width;
  return [
    h(
      "rect",
      { class: `qr-lanes__bar qr-lanes__bar--${look}`, x: left, y: 0, width, height: heightPx },
      h("title", {}, spanWords(span, title)),
    ),
    ...(fits
      ? [h("text", { class: `qr-lanes__in qr-lanes__in--${look}`, x: (left + right) / 2, y: heightPx / 2 + 5 }, words)]
      : []),
  ];
}

/** Bars with their words below, where one stands clear of the last. */
function withoutLane(history: PersonHistory, x: At): Lane {
  const spans: (Span<string> & { readonly look: string })[] = [
    ...emptySpans(history).map((span) => ({ ...span, what: "nothing recorded", look: "nothing" })),
    ...spansOf(history, history.steps.reason).map((span) => {
      const { words, kind } = gapWords[span.what];
      return { ...span, what: words, look: kind };
    }),
  ].toSorted((one, other) => one.fromUtcMs - other.fromUtcMs);
  let clearPx = x(history.fromUtcMs) - letterPx;
  const named = spans.flatMap((span) => {
    const [middle, half] = [(x(span.fromUtcMs) + x(span.untilUtcMs)) / 2, (span.what.length * letterPx) / 2];
    const ends = middle + half > x(history.untilUtcMs);
    if (span.untilUtcMs - span.fromUtcMs < namedFromMs || middle - half < clearPx || ends) return [];
    clearPx = middle + half + letterPx;
    return [h("text", { class: "qr-lanes__below", x: middle, y: barPx + 17 }, span.what)];
  });
  const bars = spans.flatMap((span) => bar(span, x, barPx, span.look, "", span.what));
  return { name: "No rate because", heightPx: barPx, belowPx: 22, marks: [...bars, ...named] };
}

function bedLane(history: PersonHistory, x: At): Lane {
  const marks = spansOf(history, history.steps.occupancy).flatMap((span) =>
    bar(span, x, 20, span.what, occupancyWords[span.what]),
  );
  return { name: "Bed", heightPx: 20, marks };
}

/** One shape for all: a bar for each step would be a thousand elements. */
function movementLane({ steps, stepMs }: PersonHistory, x: At): Lane {
  const heightPx = 34;
  const path = steps.atUtcMs.flatMap((at, index) => {
    const movement = steps.movement[index] ?? null;
    if (movement === null || movement < 1) return [];
    const top = Math.round((1 - movement / 100) * heightPx * 10) / 10;
    return `M${x(at)} ${heightPx}V${top}H${x(at + stepMs)}V${heightPx}Z`;
  });
  return { name: "Movement", heightPx, marks: [h("path", { class: "qr-lanes__movement", d: path.join("") })] };
}

function alertLane({ alarms, untilUtcMs }: PersonHistory, x: At): Lane {
  const heightPx = 26;
  const marks = alarms.flatMap((alarm) => {
    const span = { fromUtcMs: alarm.raisedAtUtcMs, untilUtcMs: alarm.clearedAtUtcMs ?? untilUtcMs, what: "alert" };
    const who = alarm.acknowledged === null ? "nobody has looked" : `${alarm.acknowledged.name} went`;
    const words = `${conditionWords(alarm.condition, null)}, ${who}`;
    const left = x(span.fromUtcMs);
    return [
      ...bar(span, x, heightPx, alarm.priority, "", words),
      h(
        "text",
        {
          class: `qr-lanes__alert qr-lanes__alert--${alarm.priority}`,
          x: left - 4,
          y: heightPx / 2 + 6,
          "text-anchor": "end",
        },
        priorityMark(alarm.priority),
      ),
    ];
  });
  return { name: "Alerts", heightPx, marks };
}

function checkLane({ checks }: PersonHistory, x: At): Lane {
  const marks = checks.map(({ seenAtUtcMs, name }) =>
    h(
      "path",
      { class: "qr-lanes__check", d: `M${x(seenAtUtcMs) - 7} 11l5 6l9 -12` },
      h("title", {}, `${clockWords(seenAtUtcMs)}, seen by ${name}`),
    ),
  );
  return { name: "Checks in person", heightPx: 22, marks };
}

function consentLane({ consents }: PersonHistory, x: At): Lane {
  const row = (purpose: "breathing-rate" | "movement-alerts", top: number): ElementSpec =>
    h(
      "g",
      { transform: `translate(0 ${top})` },
      ...consents
        .filter((one) => one.purpose === purpose)
        .flatMap((one) => bar({ ...one, what: purpose }, x, 18, "consent", purposeNames[purpose])),
    );
  return { name: "Turned on", heightPx: 40, marks: [row("breathing-rate", 0), row("movement-alerts", 22)] };
}
