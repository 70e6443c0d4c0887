import "../edge-agent/platform/node-version.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { readModel } from "../edge-agent/io/model-file.ts";
import { longRadar, type RadarSpec, shortRadar } from "../edge-agent/perception/radar-breathing.ts";
import { longRadarSettings, type RadarSettings, usualRadarSettings } from "../edge-agent/perception/radar-settings.ts";
import { sceneClasses } from "../firmware-bridge/simulator/scenes-random.ts";
import { haveRecordings } from "../tests/shared-material.ts";
import {
  emptyRoomFigures,
  type Figures,
  judgeWindows,
  movementFigures,
  rateFigures,
  recordingFigures,
  roomFigures,
  silentFigures,
  stillOf,
} from "./card-figures.ts";
import { estimatesOf, folderOf, openModel, settingsFromCard } from "./radar-run.ts";

/*
 * Does the model do what its card says? Reads the card, checks hash and shapes, measures the model again and compares.
 *
 *   node scripts/check-card.ts          compare; says what differs, exit 1
 *   node scripts/check-card.ts --write  write what was measured into the card
 */

export interface Measured {
  readonly figures: Readonly<Record<string, Figures>>;
  /** What would be shown at each threshold of quality, still windows of the trained region. */
  readonly riskCoverage: readonly Figures[];
}

/** As the live room asks it. */
const settingsOf = (spec: RadarSpec): RadarSettings =>
  settingsFromCard(spec === longRadar ? longRadarSettings : usualRadarSettings);

export async function measure(spec: RadarSpec): Promise<Measured> {
  const model = await openModel(spec);
  const settings = settingsOf(spec);
  const known = await judgeWindows(model, settings, "training", 900_000_000, 320);
  const heldOut = await judgeWindows(model, settings, "held-out", 910_000_000, 160);
  const still = stillOf(known);
  const others = stillOf([...known, ...heldOut], ["visited", "partner"]);
  const figures: Record<string, Figures> = {
    "still, interval variation up to 0.1": rateFigures(still.filter(({ facts }) => facts.intervalCv <= 0.1)),
    "still, interval variation 0.1-0.2": rateFigures(still.filter(({ facts }) => facts.intervalCv > 0.1)),
    "still, held-out region": rateFigures(stillOf(heldOut)),
    "somebody else in the bed or at it": rateFigures(others),
    "empty bed, with and without fans and curtains": silentFigures(known, sceneClasses.indexOf("empty")),
    "breathing stopped": silentFigures(known, sceneClasses.indexOf("stopped")),
    "movement and occupancy": movementFigures(known),
    "simulated room asleep": await roomFigures(model, settings, 20),
    "simulated empty rooms": await emptyRoomFigures(model, settings, 40),
  };
  if (haveRecordings) {
    figures["staged recording, against the vendor's algorithm"] = await recordingFigures((frames) =>
      estimatesOf(frames, model, "in-bed", settings),
    );
  }
  const riskCoverage = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98].map((threshold) => ({
    qualityMin: threshold,
    ...rateFigures(still, threshold),
  }));
  return { figures: rounded(figures), riskCoverage: riskCoverage.map(roundedOne) };
}

const roundedOne = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 1000) / 1000]));
const rounded = (all: Readonly<Record<string, Figures>>): Record<string, Figures> =>
  Object.fromEntries(Object.entries(all).map(([name, figures]) => [name, roundedOne(figures)]));

/**
 * What differs by more than another processor's rounding may cause: one window more or less, or 0.03. In words; empty
 * where the card is true. Figures that only this machine lacks (no recordings) are left out.
 */
export function differences(card: Readonly<Record<string, Figures>>, now: Readonly<Record<string, Figures>>): string[] {
  const wrong: string[] = [];
  for (const name of Object.keys(now)) if (card[name] === undefined) wrong.push(`the card does not tell: ${name}`);
  for (const [name, stated] of Object.entries(card)) {
    const measured = now[name];
    if (measured === undefined) {
      if (!name.startsWith("staged recording") || haveRecordings) wrong.push(`not measured: ${name}`);
      continue;
    }
    const count = Math.max(1, stated.windows ?? stated.seconds ?? 100);
    for (const [figure, value] of Object.entries(stated)) {
      const found = measured[figure];
      const tolerance = figure.endsWith("Percent") ? 0.1 + 100 / count : 0.03;
      if (found === undefined || !(Math.abs(found - value) <= tolerance)) {
        wrong.push(`${name}: ${figure} is ${found}, the card says ${value}`);
      }
    }
  }
  return wrong;
}

export interface CardFigures {
  readonly measured?: { readonly figures: Readonly<Record<string, Figures>> };
}

if (import.meta.main) {
  for (const spec of [shortRadar, longRadar]) {
    const path = `${folderOf(spec)}card.json`;
    readModel(folderOf(spec), spec.inputs, spec.outputs);
    const measured = await measure(spec);
    const card: CardFigures = JSON.parse(readFileSync(path, "utf8"));
    if (process.argv.includes("--write")) {
      // A power cut here leaves a card that does not parse: the agent refuses the model, and this runs again.
      writeFileSync(path, `${JSON.stringify({ ...card, measured }, null, 2)}\n`);
      process.stdout.write(`${spec.name} ${JSON.stringify(measured, null, 2)}\n`);
    } else {
      const wrong = differences(card.measured?.figures ?? {}, measured.figures);
      process.stdout.write(wrong.length === 0 ? `the card of ${spec.name} is true\n` : `${wrong.join("\n")}\n`);
      if (wrong.length > 0) process.exitCode = 1;
    }
  }
}
