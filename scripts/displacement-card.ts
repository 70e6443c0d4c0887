import "../edge-agent/platform/node-version.ts";
import { readFileSync, writeFileSync } from "node:fs";
import {
  type DisplacementAnswer,
  displacementInputs,
  displacementReason,
  displacementStepMs,
  readDisplacementAnswer,
  seriesReason,
} from "../edge-agent/perception/displacement-rate.ts";
import { haveRecordings } from "../tests/shared-material.ts";
import type { Figures } from "./card-figures.ts";
import { type CardFigures, differences, type Measured } from "./check-card.ts";
import { displacementFolder, type OpenDisplacement, openDisplacementModel } from "./displacement-run.ts";
import type { WaveClass, WaveRegion } from "./displacement-wave.ts";
import { displacementFacts, waveClasses, windowsOfWave } from "./make-displacement-windows.ts";
import { realsenseFigures } from "./realsense.ts";

/*
 * Does `displacement-rate` do what its card says? Measures the exported model on fixed simulated waves that training never
 * saw, through every rule that stands between the model and a shown rate, and on the staged recordings.
 *
 *   node scripts/displacement-card.ts          compare; says what differs, exit 1
 *   node scripts/displacement-card.ts --write  write what was measured into the card
 */

interface Judged {
  readonly facts: Readonly<Record<(typeof displacementFacts)[number], number>>;
  readonly answer: DisplacementAnswer;
  readonly shown: boolean;
  /** A pause of 3 s and more lies in the window. */
  readonly paused: boolean;
}

/** @param firstSeed of the waves; far from every seed that training used */
async function judgeWaves(
  opened: OpenDisplacement,
  region: WaveRegion,
  firstSeed: number,
  waves: number,
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (let wave = 0; wave < waves; wave++) {
    for (const window of windowsOfWave(firstSeed + wave, region)) {
      const tensors = displacementInputs.map(({ name, dims }, i) => ({ name, dims, data: window.inputs[i]! }));
      const facts = Object.fromEntries(displacementFacts.map((name, i) => [name, window.facts[i]!])) as Judged["facts"];
      const windowMs = 1000 * facts.windowSec;
      const answer = readDisplacementAnswer(await opened.model(tensors), opened.calibration, windowMs);
      if (answer === undefined) throw new Error("the model's rate is no distribution");
      const { samples, views, endMs } = window.from;
      const reason =
        seriesReason(samples, endMs, windowMs) ?? displacementReason(views, answer, opened.calibration, windowMs);
      const steps = window.breathing.subarray(-Math.round(windowMs / displacementStepMs));
      judged.push({ facts, answer, shown: reason === null, paused: steps.some((one) => one === 0) });
    }
  }
  return judged;
}

const share = <T>(list: readonly T[], holds: (one: T) => boolean): number =>
  list.length === 0 ? 0 : (100 * list.filter(holds).length) / list.length;
const mean = (list: readonly number[]): number =>
  list.length === 0 ? 0 : list.reduce((sum, one) => sum + one, 0) / list.length;

function figuresOf(windows: readonly Judged[]): Figures {
  const shown = windows.filter((one) => one.shown);
  const off = ({ facts, answer }: Judged): number => Math.abs(answer.perMin - facts.ratePerMin);
  const widths = shown.map(({ answer }) => answer.highPerMin - answer.lowPerMin).sort((a, b) => a - b);
  return {
    windows: windows.length,
    coveragePercent: share(windows, (one) => one.shown),
    maePerMin: mean(shown.map(off)),
    rmsePerMin: Math.sqrt(mean(shown.map((one) => off(one) ** 2))),
    over2PerMinPercent: share(shown, (one) => off(one) > 2),
    insideIntervalPercent: share(
      shown,
      ({ facts, answer }) => facts.ratePerMin >= answer.lowPerMin && facts.ratePerMin <= answer.highPerMin,
    ),
    medianIntervalPerMin: widths[Math.floor(widths.length / 2)] ?? 0,
    halfOrDouble: shown.filter(({ facts, answer }) => {
      const ratio = answer.perMin / facts.ratePerMin;
      return Math.abs(ratio - 2) < 0.3 || Math.abs(ratio - 0.5) < 0.075;
    }).length,
  };
}

function lifelessFigures(all: readonly Judged[], what: readonly WaveClass[]): Figures {
  const windows = all.filter(({ facts }) => what.includes(waveClasses[facts.class]!));
  return { windows: windows.length, shownPercent: share(windows, (one) => one.shown) };
}

export async function measureDisplacement(opened: OpenDisplacement): Promise<Measured> {
  const known = await judgeWaves(opened, "training", 900_000_000, 1600);
  const heldOut = await judgeWaves(opened, "held-out", 910_000_000, 800);
  const still = known.filter(({ facts, paused }) => facts.rateWeight === 1 && !paused);
  const lengths: readonly (readonly [string, number, number])[] = [
    ["10-22 s", 0, 22],
    ["22-45 s", 22, 45],
    ["45-60 s", 45, 61],
  ];
  const figures: Record<string, Figures> = {};
  for (const [name, from, to] of lengths) {
    const these = still.filter(({ facts }) => facts.windowSec >= from && facts.windowSec < to);
    const clear = these.filter(({ facts }) => facts.snrDb >= 0);
    figures[`${name}, 0-25 dB, interval variation up to 0.1`] = figuresOf(
      clear.filter(({ facts }) => facts.intervalCv <= 0.1),
    );
    figures[`${name}, 0-25 dB, interval variation 0.1-0.21`] = figuresOf(
      clear.filter(({ facts }) => facts.intervalCv > 0.1),
    );
    figures[`${name}, -10 to 0 dB`] = figuresOf(these.filter(({ facts }) => facts.snrDb < 0 && facts.snrDb >= -10));
    figures[`${name}, held-out region, 0-25 dB`] = figuresOf(
      heldOut.filter(
        ({ facts }) => facts.rateWeight === 1 && facts.snrDb >= 0 && facts.windowSec >= from && facts.windowSec < to,
      ),
    );
  }
  figures["a pause of 3 s and more, 0-25 dB"] = figuresOf(
    known.filter(({ facts, paused }) => facts.rateWeight === 1 && paused && facts.snrDb >= 0),
  );
  figures["nobody breathes: noise or drift"] = lifelessFigures([...known, ...heldOut], ["noise", "drift"]);
  figures["nobody breathes: the line of a fan"] = lifelessFigures([...known, ...heldOut], ["line"]);
  figures["nobody breathes: the band of a curtain"] = lifelessFigures([...known, ...heldOut], ["band"]);
  if (haveRecordings) {
    const { byDistance } = await realsenseFigures(opened, 30);
    for (const [distance, one] of Object.entries(byDistance)) {
      figures[`staged recordings at ${distance}, against a belt, 30 s`] = { ...one };
    }
  }
  const riskCoverage = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98].map((qualityMin) => {
    const shown = still.map((one) => ({ ...one, shown: one.answer.quality >= qualityMin }));
    return { qualityMin, ...figuresOf(shown) };
  });
  return { figures: rounded(figures), riskCoverage: riskCoverage.map(roundedOne) };
}

const roundedOne = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 1000) / 1000]));
const rounded = (all: Readonly<Record<string, Figures>>): Record<string, Figures> =>
  Object.fromEntries(Object.entries(all).map(([name, figures]) => [name, roundedOne(figures)]));

if (import.meta.main) {
  const path = `${displacementFolder}card.json`;
  const measured = await measureDisplacement(await openDisplacementModel());
  const card: CardFigures = JSON.parse(readFileSync(path, "utf8"));
  if (process.argv.includes("--write")) {
    writeFileSync(path, `${JSON.stringify({ ...card, measured }, null, 2)}\n`);
    process.stdout.write(`${JSON.stringify(measured, null, 2)}\n`);
  } else {
    const wrong = differences(card.measured?.figures ?? {}, measured.figures);
    process.stdout.write(wrong.length === 0 ? "the card is true\n" : `${wrong.join("\n")}\n`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
  }
}
