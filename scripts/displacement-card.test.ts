import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../edge-agent/io/model-file.ts";
import { displacementInputs, displacementOutputs } from "../edge-agent/perception/displacement-rate.ts";
import { type CardFigures, differences, type Measured } from "./check-card.ts";
import { measureDisplacement } from "./displacement-card.ts";
import { displacementFolder, openDisplacementModel } from "./displacement-run.ts";

const card: CardFigures & { readonly bytes: number; readonly parameters: number } = JSON.parse(
  readFileSync(`${displacementFolder}card.json`, "utf8"),
);
const stated = card.measured?.figures ?? {};

describe("the card of displacement-rate", () => {
  let measured: Measured;
  beforeAll(async () => {
    measured = await measureDisplacement(await openDisplacementModel());
  }, 240_000);

  test("hash and shapes are those of the file", () => {
    const model = readModel(displacementFolder, displacementInputs, displacementOutputs);
    expect(model.card.inputs.map(({ name }) => name)).toEqual(displacementInputs.map(({ name }) => name));
    expect(model.card.outputs.map(({ name }) => name)).toEqual(displacementOutputs.map(({ name }) => name));
    expect(readFileSync(model.path).length).toBe(card.bytes);
    expect(card.bytes).toBeLessThan(1_000_000);
  });

  test("its figures come out again", () => {
    expect(Object.keys(stated).length).toBeGreaterThanOrEqual(15);
    expect(differences(stated, measured.figures)).toEqual([]);
  });

  test("asleep and clear: near the truth, mostly shown, hardly ever wrong", () => {
    const regular = measured.figures["22-45 s, 0-25 dB, interval variation up to 0.1"]!;
    expect(regular.rmsePerMin).toBeLessThan(0.4);
    expect(regular.over2PerMinPercent).toBeLessThanOrEqual(0.5);
    expect(regular.coveragePercent).toBeGreaterThan(70);
  });

  test("the intervals hold, in the held-out region as well", () => {
    const rows = Object.entries(measured.figures).filter(([name]) => /^\d+-\d+ s/.test(name));
    expect(rows.length).toBe(12);
    for (const [name, figures] of rows) {
      expect(figures.insideIntervalPercent, name).toBeGreaterThanOrEqual(name.includes("held-out") ? 75 : 85);
    }
  });

  test("where nobody breathes, noise and drift hardly ever show a rate", () => {
    expect(measured.figures["nobody breathes: noise or drift"]!.shownPercent).toBeLessThanOrEqual(1);
  });

  test("what is surer covers less", () => {
    const coverage = measured.riskCoverage.map((one) => one.coveragePercent!);
    expect(coverage).toEqual([...coverage].sort((a, b) => b - a));
  });
});
