import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../edge-agent/io/model-file.ts";
import { depthInputs, depthOutputs } from "../edge-agent/perception/depth-scene.ts";
import type { Figures } from "./card-figures.ts";
import { type CardFigures, differences } from "./check-card.ts";
import { measureDepthQuickly } from "./depth-card.ts";
import { depthFolder, openDepth } from "./depth-run.ts";

describe.each(["80x60", "8x8"] as const)("the card of depth-scene-%s", (view) => {
  const folder = depthFolder(view);
  const card: CardFigures & { readonly bytes: number } = JSON.parse(readFileSync(`${folder}card.json`, "utf8"));
  const stated = card.measured?.figures ?? {};
  let measured: Record<string, Figures>;
  beforeAll(async () => {
    measured = await measureDepthQuickly(await openDepth(view));
  }, 240_000);

  test("hash and shapes are those of the file", () => {
    const model = readModel(folder, depthInputs(view), depthOutputs(view));
    expect(readFileSync(model.path).length).toBe(card.bytes);
    expect(card.bytes).toBeLessThan(1_000_000);
  });

  test("the figures that a test can afford come out again", () => {
    const names = Object.keys(measured);
    expect(names.length).toBe(2);
    const affordable = Object.fromEntries(Object.entries(stated).filter(([name]) => names.includes(name)));
    expect(differences(affordable, measured)).toEqual([]);
  });

  test("who is in bed is hardly ever mistaken, and nobody is told out of it who is not", () => {
    const [scenes, places] = Object.values(measured);
    expect(scenes!.inBedRightPercent).toBeGreaterThan(98);
    expect(places!.exitsFoundPercent).toBeGreaterThan(90);
    expect(places!.falseEnds).toBeLessThanOrEqual(1);
  });

  test("where nobody breathes no rate is shown", () => {
    expect(stated["nobody breathes: empty rooms and lifeless bodies"]!.shownPercent).toBeLessThanOrEqual(0.5);
  });
});
