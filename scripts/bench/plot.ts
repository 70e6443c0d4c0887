/* Bars with a scale of logarithms, so that one room and two hundred are seen together; plain SVG, black on white, without a library. */

export interface Bar {
  readonly label: string;
  /** p50, p99, the highest: each its own mark on the bar. */
  readonly values: readonly (number | null)[];
  readonly target: number | null;
}

export interface Panel {
  readonly title: string;
  /** With its unit. */
  readonly axis: string;
  readonly marks: readonly string[];
  readonly bars: readonly Bar[];
}

const size = { left: 250, right: 40, wide: 900, row: 26, head: 64, foot: 62 };
const colours = ["#1f5fa8", "#5b8fcb", "#c3d6ee"];
const asXml = (words: string): string => words.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

export function plot(panels: readonly Panel[]): string {
  const heights = panels.map(({ bars }) => size.head + size.row * bars.length + size.foot);
  const high = heights.reduce((sum, one) => sum + one, 0);
  const parts = panels.map((panel, n) => {
    const top = heights.slice(0, n).reduce((sum, one) => sum + one, 0);
    return `<g transform="translate(0 ${top})">${drawn(panel)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.wide} ${high}" font-family="sans-serif" font-size="13">`,
    `<rect width="${size.wide}" height="${high}" fill="white"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function drawn({ title, axis, marks, bars }: Panel): string {
  const numbers = bars.flatMap(({ values, target }) => [...values, target]).filter(isPositive);
  const lowest = 10 ** Math.floor(Math.log10(Math.min(...numbers, 1)));
  const highest = 10 ** Math.ceil(Math.log10(Math.max(...numbers, 10 * lowest)));
  const wide = size.wide - size.left - size.right;
  const x = (value: number): number =>
    size.left + (wide * Math.log10(Math.max(value, lowest) / lowest)) / Math.log10(highest / lowest);
  const bottom = size.head + size.row * bars.length;
  const out = [`<text x="16" y="24" font-size="16" font-weight="bold">${asXml(title)}</text>`];
  let atTarget = size.left;
  marks.forEach((mark, n) => {
    const at = atTarget;
    atTarget += 44 + 7.5 * mark.length;
    out.push(`<rect x="${at}" y="36" width="12" height="12" fill="${colours[n]}"/>`);
    out.push(`<text x="${at + 18}" y="47">${asXml(mark)}</text>`);
  });
  out.push(`<path d="M${atTarget + 6} 34v16" stroke="#b00020" stroke-width="3"/>`);
  out.push(`<text x="${atTarget + 18}" y="47">target, at most</text>`);
  for (let tick = lowest; tick <= highest * 1.001; tick *= 10) {
    out.push(`<path d="M${x(tick)} ${size.head - 4}V${bottom}" stroke="#ddd"/>`);
    out.push(`<text x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${Number(tick.toPrecision(1))}</text>`);
  }
  out.push(
    `<text x="${size.left + wide / 2}" y="${bottom + 40}" text-anchor="middle">${asXml(axis)}, logarithmic</text>`,
  );
  bars.forEach(({ label, values, target }, n) => {
    const y = size.head + size.row * n;
    out.push(`<text x="${size.left - 10}" y="${y + 16}" text-anchor="end">${asXml(label)}</text>`);
    // The longest first, so that the shorter ones lie on it.
    for (let k = values.length - 1; k >= 0; k--) {
      const value = values[k];
      if (!isPositive(value)) continue;
      const to = x(value);
      out.push(
        `<rect x="${size.left}" y="${y + 4}" width="${Math.max(1, to - size.left)}" height="16" fill="${colours[k]}"/>`,
      );
    }
    const longest = Math.max(0, ...values.filter(isPositive));
    const told = values.map((value) => (isPositive(value) ? Number(value.toPrecision(3)) : "-")).join(" / ");
    const at = Math.max(x(longest), target === null ? 0 : x(target) + 4) + 6;
    const fits = at + 7 * told.length < size.wide;
    out.push(
      fits
        ? `<text x="${at}" y="${y + 17}">${told}</text>`
        : `<text x="${size.left + 6}" y="${y + 17}" fill="white">${told}</text>`,
    );
    if (target !== null) out.push(`<path d="M${x(target)} ${y + 1}v22" stroke="#b00020" stroke-width="3"/>`);
  });
  return out.join("\n");
}

function isPositive(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}
