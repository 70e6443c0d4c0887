import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../edge-agent/io/model-file.ts";
import { longRadar, shortRadar } from "../edge-agent/perception/radar-breathing.ts";
import { type CardFigures, differences, type Measured, measure } from "./check-card.ts";
import { folderOf } from "./radar-run.ts";

describe.each([shortRadar, longRadar])("the card of $name", (spec) => {
  const folder = folderOf(spec);
  const card: CardFigures & { readonly bytes: number } = JSON.parse(readFileSync(`${folder}card.json`, "utf8"));
  const stated = card.measured?.figures ?? {};
  let measured: Measured;
  beforeAll(async () => {
    measured = await measure(spec);
  }, 240_000);

  test("hash and shapes are those of the file", () => {
    const model = readModel(folder, spec.inputs, spec.outputs);
    expect(model.card.name).toBe(spec.name);
    expect(model.card.inputs.map(({ name }) => name)).toEqual(spec.inputs.map(({ name }) => name));
    expect(model.card.outputs.map(({ name }) => name)).toEqual(spec.outputs.map(({ name }) => name));
    expect(readFileSync(model.path).length).toBe(card.bytes);
    expect(card.bytes).toBeLessThan(1_000_000);
  });

  test("its figures come out again", () => {
    expect(Object.keys(stated).length).toBeGreaterThanOrEqual(7);
    expect(differences(stated, measured.figures)).toEqual([]);
  });

  test("still and breathing: near the truth, mostly shown, hardly ever wrong", () => {
    const regular = measured.figures["still, interval variation up to 0.1"]!;
    expect(regular.maePerMin).toBeLessThan(0.4);
    // The short one's rate is shown only where the long one believes the same.
    expect(regular.over2PerMinPercent).toBeLessThanOrEqual(spec === shortRadar ? 3.5 : 1.5);
    expect(regular.coveragePercent).toBeGreaterThan(60);
    expect(regular.insideIntervalPercent).toBeGreaterThan(80);
  });

  test("a simulated sleeper: first rate after a median of at most 15 s", () => {
    const room = measured.figures["simulated room asleep"]!;
    expect(room.firstRateMedianSec).toBeLessThanOrEqual(15);
    expect(room.maePerMin).toBeLessThan(0.5);
    expect(room.over2PerMinPercent).toBeLessThanOrEqual(0.5);
    expect(room.shownPercentAfter15Sec).toBeGreaterThan(80);
  });

  test("a figure that is not true is found", () => {
    const name = "simulated room asleep";
    const worse = { ...measured.figures, [name]: { ...measured.figures[name], maePerMin: 1.9 } };
    expect(differences(stated, worse)).toHaveLength(1);
    const { [name]: _gone, ...fewer } = measured.figures;
    expect(differences(stated, fewer)).toEqual([`not measured: ${name}`]);
    expect(differences(fewer, measured.figures)).toEqual([`the card does not tell: ${name}`]);
  });
});
