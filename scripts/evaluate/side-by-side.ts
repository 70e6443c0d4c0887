import type { Breathing } from "../../edge-agent/contract/scene.ts";
import { startBreathing, stepBreathing } from "../../firmware-bridge/simulator/physics-breathing.ts";
import { newRandom, type Random } from "../../firmware-bridge/simulator/random.ts";
import { type Baseline, baselines, openOurs } from "./rate-estimators.ts";
import { type Figure, type Row, row, type Section, type SectionContext, type SectionResult } from "./section.ts";
import { bootstrap, riskCoverage, riskCoverageArea, rootMeanSquare, surest } from "./statistics.ts";

const rateHz = 20;
const variations = [0.05, 0.1, 0.2] as const;
const lengthsSec = [15, 30, 60] as const;
/** Below this CV a person sleeps; at it and above they are awake. */
const awakeCv = 0.2;
/** Shown windows before a ratio of two errors is told. */
const shownMin = 300;
const ownName = "displacement-rate";

export interface Window {
  readonly mm: Float64Array;
  readonly perMin: number;
  readonly snrDb: number;
}

/** Breathing of the simulator with noise of its own: SNR 0-20 dB per sample, truth as phase advance over the window. */
export function drawWindow(random: Random, intervalCv: number, seconds: number): Window {
  const breathing: Breathing = {
    perMin: random.between(8, 30),
    intervalCv,
    intervalMemory: random.between(0, 0.3),
    driftPerMin: 0,
    depthMm: 4,
    depthCv: 0.2,
    inspiratoryFraction: random.between(0.35, 0.45),
    expiratoryTau: random.between(0.25, 0.4),
    sighsPerHour: 0,
  };
  const state = startBreathing(breathing, random);
  for (let t = 0; t < 10 * rateHz; t++) stepBreathing(state, breathing, random, 1 / rateHz);
  const clean = new Float64Array(seconds * rateHz);
  const before = state.breaths;
  for (let t = 0; t < clean.length; t++) {
    stepBreathing(state, breathing, random, 1 / rateHz);
    clean[t] = state.displacementMm;
  }
  const mean = clean.reduce((sum, one) => sum + one, 0) / clean.length;
  const power = clean.reduce((sum, one) => sum + (one - mean) ** 2, 0) / clean.length;
  const snrDb = random.between(0, 20);
  const noise = Math.sqrt(power / 10 ** (snrDb / 10));
  return {
    mm: clean.map((one) => one + noise * random.gaussian()),
    perMin: (60 * (state.breaths - before)) / seconds,
    snrDb,
  };
}

interface Answer {
  readonly error: number;
  readonly quality: number;
}
interface Cell {
  readonly condition: string;
  readonly intervalCv: number;
  readonly seconds: number;
  readonly rivals: readonly Baseline[];
  readonly windows: readonly Window[];
  /** By method, then window; what gives no answer is the worst of all and last to be shown. */
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
  readonly shown: readonly boolean[];
}

/** What guessing the middle of the band would cost: no answer is never better than that. */
const noAnswerPerMin = 19;

async function measure(context: SectionContext): Promise<readonly Cell[]> {
  const ours = await openOurs();
  const count = context.quick ? 100 : 2000;
  const cells: Cell[] = [];
  for (const intervalCv of variations) {
    for (const seconds of lengthsSec) {
      const random = newRandom(context.seed).fork(cells.length + 1);
      const rivals = baselines.filter(({ fromSec }) => seconds >= fromSec);
      const windows: Window[] = [];
      const shown: boolean[] = [];
      const answers = new Map<string, Answer[]>([...rivals.map(({ name }) => name), ownName].map((name) => [name, []]));
      for (let i = 0; i < count; i++) {
        const window = drawWindow(random.fork(i), intervalCv, seconds);
        windows.push(window);
        const add = (name: string, found: { readonly perMin: number; readonly quality: number } | null): void => {
          const perMin = found?.perMin ?? noAnswerPerMin;
          answers
            .get(name)!
            .push({ error: perMin - window.perMin, quality: found?.quality ?? Number.NEGATIVE_INFINITY });
        };
        for (const { name, rate } of rivals) {
          const found = rate(window.mm, rateHz);
          add(name, found && { perMin: found.perMin, quality: found.prominence });
        }
        const own = await ours(window.mm, rateHz);
        add(ownName, own);
        shown.push(own?.shown === true);
        if (i % 25 === 24)
          context.progress(
            (cells.length + i / count) / 9,
            `window ${i + 1} of ${count}, cell ${cells.length + 1} of 9`,
          );
      }
      cells.push({
        condition: `interval CV ${intervalCv}, ${seconds} s`,
        intervalCv,
        seconds,
        rivals,
        windows,
        answers,
        shown,
      });
    }
  }
  return cells;
}

/** RMSE of a method on the windows drawn, gated to as many as ours shows of them. */
function gatedError(cell: Cell, name: string, drawn: readonly number[]): number {
  const all = cell.answers.get(name)!;
  const shown = drawn.filter((i) => cell.shown[i]);
  const kept =
    name === ownName
      ? shown.map((i) => all[i]!)
      : surest(
          drawn.map((i) => all[i]!),
          shown.length,
        );
  return rootMeanSquare(kept.map((one) => one.error));
}

function rowsOf(cell: Cell, random: Random): readonly Row[] {
  const { condition } = cell;
  const every = cell.windows.map((_, i) => i);
  const n = cell.shown.filter(Boolean).length;
  const rows: Row[] = [
    row({
      condition,
      figure: "coverage, ours and so all",
      value: (100 * n) / every.length,
      unit: "%",
      n: every.length,
    }),
  ];
  const names = [...cell.answers.keys()];
  for (const name of names) {
    rows.push(
      row({
        condition,
        figure: `RMSE, ${name}`,
        value: gatedError(cell, name, every),
        unit: "/min",
        ci95: bootstrap(every.length, (drawn) => gatedError(cell, name, drawn), random, 100),
        n,
      }),
      row({
        condition,
        figure: `risk-coverage area, ${name}`,
        value: riskCoverageArea(cell.answers.get(name)!),
        unit: "(/min)^2",
        n: every.length,
      }),
    );
  }
  const ratio = (figure: string, rivals: readonly string[], atMost: number): void => {
    const of = (drawn: readonly number[]): number =>
      gatedError(cell, ownName, drawn) / Math.min(...rivals.map((name) => gatedError(cell, name, drawn)));
    const ci95 = bootstrap(every.length, of, random, 100);
    rows.push(row({ condition, figure, value: of(every), unit: "x", ci95, n, target: { atMost }, nMin: shownMin }));
  };
  if (cell.intervalCv >= awakeCv) {
    const spectral = cell.rivals.filter((one) => one.spectral).map((one) => one.name);
    ratio("RMSE over the best spectral method", spectral, 0.5);
    ratio("RMSE over peak timing", ["peak timing"], 0.9);
  }
  ratio(
    "RMSE over the best of all",
    cell.rivals.map((one) => one.name),
    1.2,
  );
  return rows;
}

function figuresOf(cells: readonly Cell[]): readonly Figure[] {
  const bands = [0, 5, 10, 15];
  const curves = cells
    .filter((cell) => cell.seconds === 30)
    .map(
      (cell): Figure => ({
        kind: "line",
        title: `Risk and coverage, ${cell.condition}`,
        x: "share shown, surest first",
        y: "RMSE, /min",
        series: [...cell.answers].map(([name, list]) => ({ name, points: riskCoverage(list) })),
      }),
    );
  const errors: Figure = {
    kind: "cells",
    title: `RMSE of shown rates of ${ownName}, /min`,
    columns: bands.map((from) => `${from}-${from + 5} dB`),
    rows: cells.map((cell) => cell.condition),
    values: cells.map((cell) =>
      bands.map((from) => {
        const list = cell.answers
          .get(ownName)!
          .filter((_, i) => cell.shown[i] && Math.floor(cell.windows[i]!.snrDb / 5) * 5 === from);
        return list.length === 0 ? null : rootMeanSquare(list.map((one) => one.error));
      }),
    ),
  };
  const scatter = cells
    .filter((cell) => cell.seconds === 30 && cell.intervalCv >= awakeCv)
    .map(
      (cell): Figure => ({
        kind: "scatter",
        title: `Error by rate, ${cell.condition}`,
        x: "true rate, /min",
        y: "shown minus true, /min",
        series: ["peak timing", ownName].map((name) => ({
          name,
          points: cell.windows
            .slice(0, 500)
            .flatMap((window, i) =>
              name === ownName && !cell.shown[i] ? [] : [[window.perMin, cell.answers.get(name)![i]!.error] as const],
            ),
        })),
      }),
    );
  return [...curves, errors, ...scatter];
}

async function run(context: SectionContext): Promise<SectionResult> {
  const cells = await measure(context);
  const random = newRandom(context.seed).fork(1000);
  return {
    rows: cells.flatMap((cell) => rowsOf(cell, random)),
    figures: figuresOf(cells),
    notes: [
      "Simulated waves at 20 Hz, 8-30 /min, white noise, SNR per sample drawn over 0-20 dB, nobody moves. Truth: phase advance over the same window.",
      "Every method sees the same windows; the rivals show as many as ours does, surest first by a prominence of their own.",
      `A rival without an answer counts as ${noAnswerPerMin} /min, the middle of the rates, and is shown last.`,
      "Autocorrelation: of the band-passed wave, the shortest repetition that is nearly the clearest. The A121 vendor's method gets the wave in place of its unwrapped angle and looks at the last 20 s, as it does; it has no answer from 15 s.",
      "Intervals: bootstrap over windows, the gate drawn anew each time; ratios are paired.",
    ],
  };
}

export const sideBySide: Section = {
  name: "side-by-side",
  title: "Beside the classical methods",
  seconds: { quick: 7, full: 200 },
  run,
};
