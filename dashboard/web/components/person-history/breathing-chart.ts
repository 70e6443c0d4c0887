import UPlot from "uplot";
import type { PersonHistory } from "../../../../edge-agent/contract/person-history.ts";
import { clockWords } from "../../age-words.ts";
import { gapWords } from "./gap-words.ts";
import type { Plot } from "./history-lanes.ts";

const hourS = 3_600;
const heightPx = 220;
const wideEnoughPx = 900;

/** Colours of the page's own light, so that the picture is dark at night. */
interface Inks {
  readonly text: string;
  readonly line: string;
  readonly calm: string;
  readonly band: string;
}

/**
 * Breathing over the hours: the mean of each step as a line, its 90 % interval as a band, its least and most as a stroke. A
 * step without a rate is a gap; nothing is drawn across it. Returns how to take it away.
 */
export function breathingChart(
  into: HTMLElement,
  history: PersonHistory,
  plot: Plot,
  onPoint: (words: string) => void,
): () => void {
  const inks = inksOf(into);
  const chart = new UPlot(
    {
      width: plot.widthPx,
      height: heightPx,
      padding: [10, plot.rightPx, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: true, range: [history.fromUtcMs / 1_000, history.untilUtcMs / 1_000] },
        y: { range: [0, topOf(history)] },
      },
      axes: [
        {
          stroke: inks.text,
          font: "15px Arial",
          size: 30,
          grid: { stroke: inks.line, width: 1 },
          ticks: { show: false },
          splits: (_chart, _axis, fromS, untilS) => hoursBetween(fromS, untilS, plot.widthPx),
          values: (_chart, splits) => splits.map((atS) => clockWords(atS * 1_000)),
        },
        {
          stroke: inks.text,
          font: "15px Arial",
          size: plot.leftPx,
          grid: { stroke: inks.line, width: 1 },
          ticks: { show: false },
          incrs: [10],
        },
      ],
      series: [{}, { stroke: inks.calm, width: 2, spanGaps: false, points: { show: false } }],
      hooks: {
        drawAxes: [(drawn) => drawIntervals(drawn, history, inks)],
        draw: [(drawn) => drawOrders(drawn, history, inks)],
        setCursor: [({ cursor, data }) => onPoint(cursor.idx == null ? "" : pointWords(history, data[0][cursor.idx]))],
      },
    },
    lineOf(history),
    into,
  );
  return () => chart.destroy();
}

/** With a null wherever a step was left out, so that no line crosses it. */
function lineOf({ steps, stepMs }: PersonHistory): [number[], (number | null)[]] {
  const [x, y]: [number[], (number | null)[]] = [[], []];
  for (const [index, at] of steps.atUtcMs.entries()) {
    const before = steps.atUtcMs[index - 1];
    if (before !== undefined && at - before > stepMs) {
      x.push((before + stepMs) / 1_000);
      y.push(null);
    }
    x.push(at / 1_000);
    y.push(steps.reason[index] === null ? (steps.perMin[index] ?? null) : null);
  }
  return [x, y];
}

function drawIntervals({ ctx, valToPos }: UPlot, { steps, stepMs }: PersonHistory, inks: Inks): void {
  const each = (from: readonly (number | null)[], until: readonly (number | null)[], wholeStep: boolean): void => {
    for (const [index, at] of steps.atUtcMs.entries()) {
      const [low, high] = [from[index] ?? null, until[index] ?? null];
      if (low === null || high === null || (wholeStep && steps.reason[index] !== null)) continue;
      const [left, right] = [valToPos(at / 1_000, "x", true), valToPos((at + stepMs) / 1_000, "x", true)];
      const [top, bottom] = [valToPos(high, "y", true), valToPos(low, "y", true)];
      if (wholeStep) ctx.fillRect(left, top, right - left, bottom - top);
      else ctx.fillRect((left + right) / 2 - 0.75, top, 1.5, Math.max(1.5, bottom - top));
    }
  };
  ctx.save();
  ctx.fillStyle = inks.band;
  each(steps.lowPerMin, steps.highPerMin, true);
  ctx.fillStyle = inks.calm;
  each(steps.minPerMin, steps.maxPerMin, false);
  ctx.restore();
}

/** The ordered range as dashed lines, from when it was ordered. */
function drawOrders({ ctx, valToPos }: UPlot, { orders, fromUtcMs, untilUtcMs }: PersonHistory, inks: Inks): void {
  ctx.save();
  ctx.strokeStyle = inks.text;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([7, 6]);
  for (const [index, { atUtcMs, order }] of orders.entries()) {
    if (order.breathing === null) continue;
    const until = orders[index + 1]?.atUtcMs ?? untilUtcMs;
    const [left, right] = [Math.max(atUtcMs, fromUtcMs), until].map((at) => valToPos(at / 1_000, "x", true));
    for (const limit of [order.breathing.lowPerMin, order.breathing.highPerMin]) {
      const y = valToPos(limit, "y", true);
      ctx.beginPath();
      ctx.moveTo(left ?? 0, y);
      ctx.lineTo(right ?? 0, y);
      ctx.stroke();
    }
  }
  ctx.restore();
}

function pointWords({ steps }: PersonHistory, atS: number | undefined): string {
  const index = atS === undefined ? -1 : steps.atUtcMs.indexOf(atS * 1_000);
  const [mean, low, high] = [steps.perMin[index], steps.lowPerMin[index], steps.highPerMin[index]];
  if (atS === undefined) return "";
  const reason = steps.reason[index] ?? null;
  if (reason !== null) return `${clockWords(atS * 1_000)}: no rate, ${gapWords[reason].words}`;
  if (mean == null || low == null || high == null) return `${clockWords(atS * 1_000)}: nothing recorded`;
  return `${clockWords(atS * 1_000)}: ${Math.round(mean)} a minute (${Math.floor(low)} to ${Math.ceil(high)})`;
}

function topOf({ steps, orders }: PersonHistory): number {
  const ordered = orders.flatMap(({ order }) => order.breathing?.highPerMin ?? []);
  const most = Math.max(24, ...ordered, ...steps.highPerMin.map(Number), ...steps.maxPerMin.map(Number));
  return Math.ceil((most + 1) / 10) * 10;
}

function hoursBetween(fromS: number, untilS: number, widthPx: number): number[] {
  const every = widthPx >= wideEnoughPx ? hourS : 3 * hourS;
  const hours: number[] = [];
  // By the wall clock of the place, whose offset is whole quarters of an hour.
  const offsetS = new Date(fromS * 1_000).getTimezoneOffset() * 60;
  for (let at = Math.ceil((fromS - offsetS) / every) * every + offsetS; at <= untilS; at += every) hours.push(at);
  return hours;
}

function inksOf(element: HTMLElement): Inks {
  const style = getComputedStyle(element);
  const ink = (name: string): string => style.getPropertyValue(name).trim();
  return { text: ink("--quiet"), line: ink("--line"), calm: ink("--calm"), band: ink("--band") };
}
