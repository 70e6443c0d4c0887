import type { Figure, Series } from "./section.ts";

/** Inline SVG: no script, no font and no file from elsewhere, so that a report opens anywhere and for ever. */

const width = 560;
const height = 340;
const left = 62;
const right = 14;
const top = 14;
const bottom = 46;
/** Okabe & Ito 2008: told apart by people who see no red or green. Series also differ by dash. */
const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];
const dashes = ["", "6 3", "2 3", "8 3 2 3", "1 2", "10 4", "4 4"];

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export const plot = (figure: Figure): string => (figure.kind === "cells" ? cells(figure) : axes(figure));

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

function axisOf(values: readonly number[]): Axis {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), finite[0] ?? 0);
  const high = finite.reduce((a, b) => Math.max(a, b), finite[0] ?? 1);
  const span = high - low || Math.abs(high) || 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((one) => one * power >= rough) ?? 10) * power;
  const from = Math.floor(low / step) * step;
  const to = Math.ceil(high / step) * step;
  return { from, to: to > from ? to : from + step, step };
}

const ticks = ({ from, to, step }: Axis): readonly number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toPrecision(6)));

function axes(figure: Extract<Figure, { kind: "line" | "scatter" }>): string {
  const points = figure.series.flatMap((one) => one.points);
  const x = axisOf(points.map(([one]) => one));
  const y = axisOf(points.map(([, one]) => one));
  const px = (value: number): string =>
    (left + ((value - x.from) / (x.to - x.from)) * (width - left - right)).toFixed(1);
  const py = (value: number): string =>
    (height - bottom - ((value - y.from) / (y.to - y.from)) * (height - top - bottom)).toFixed(1);
  const grid = [
    ...ticks(x).map(
      (one) =>
        `<path class="grid" d="M${px(one)} ${top}V${height - bottom}"/><text x="${px(one)}" y="${height - bottom + 16}" text-anchor="middle">${one}</text>`,
    ),
    ...ticks(y).map(
      (one) =>
        `<path class="grid" d="M${left} ${py(one)}H${width - right}"/><text x="${left - 6}" y="${py(one)}" dy="4" text-anchor="end">${one}</text>`,
    ),
  ];
  const from = Math.max(x.from, y.from);
  const to = Math.min(x.to, y.to);
  const diagonal =
    figure.diagonal === true && to > from
      ? `<path class="grid" stroke-dasharray="4 3" d="M${px(from)} ${py(from)}L${px(to)} ${py(to)}"/>`
      : "";
  const drawn = figure.series.map((one, i) => {
    const colour = colours[i % colours.length]!;
    const good = one.points.filter((point) => point.every(Number.isFinite));
    if (figure.kind === "scatter") {
      const dots = good.map(([a, b]) => `<circle cx="${px(a)}" cy="${py(b)}" r="2"/>`).join("");
      return `<g fill="${colour}" fill-opacity="0.5">${dots}</g>`;
    }
    const path = good.map(([a, b], at) => `${at === 0 ? "M" : "L"}${px(a)} ${py(b)}`).join("");
    return `<path fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes[i % dashes.length]}" d="${path}"/>`;
  });
  const labels =
    `<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${escaped(figure.x)}</text>` +
    `<text transform="translate(14 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(figure.y)}</text>`;
  const body = grid.join("") + diagonal + drawn.join("") + labels;
  return `<figure><figcaption>${escaped(figure.title)}</figcaption>${svg(width, height, figure.title, body)}${legend(figure.series)}</figure>`;
}

const legend = (series: readonly Series[]): string =>
  `<ul class="legend">${series
    .map((one, i) => `<li style="border-color:${colours[i % colours.length]}">${escaped(one.name)}</li>`)
    .join("")}</ul>`;

/** Numbers in cells, darker where higher. */
function cells(figure: Extract<Figure, { kind: "cells" }>): string {
  const finite = figure.values.flat().filter((one): one is number => one !== null);
  const most = Math.max(...finite, Number.MIN_VALUE);
  const body = figure.rows
    .map((name, r) => {
      const line = (figure.values[r] ?? []).map((value) =>
        value === null
          ? "<td>–</td>"
          : `<td style="background:rgba(0,114,178,${(0.45 * Math.max(0, value / most)).toFixed(2)})">${Number(value.toPrecision(3))}</td>`,
      );
      return `<tr><th scope="row">${escaped(name)}</th>${line.join("")}</tr>`;
    })
    .join("");
  const head = figure.columns.map((name) => `<th scope="col">${escaped(name)}</th>`).join("");
  return `<figure><figcaption>${escaped(figure.title)}</figcaption><table><tr><td></td>${head}</tr>${body}</table></figure>`;
}

const svg = (w: number, h: number, title: string, body: string): string =>
  `<svg viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-label="${escaped(title)}">${body}</svg>`;
