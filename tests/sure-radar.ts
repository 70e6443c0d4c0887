import type { Effect, Tensor } from "../edge-agent/contract/door.ts";
import {
  binPerMin,
  longRadar,
  lowestPerMin,
  type RadarSpec,
  rateBins,
  shortRadar,
} from "../edge-agent/perception/radar-breathing.ts";
import type { Driver } from "./core-driver.ts";

/** What the radar's two models would answer that are certain: so many breaths a minute, somebody there, nothing moving. */
export function sureOutputs(model: string, perMin = 15): readonly Tensor[] {
  const spec: RadarSpec | undefined = [longRadar, shortRadar].find(({ name }) => name === model);
  if (spec === undefined) throw new Error(`${model} is no model of the radar`);
  return spec.outputs.map(({ name, dims }) => {
    const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
    if (name === "rate") data.set(rateAround(perMin));
    if (name === "breaths") data.fill((perMin / 60) * 0.2);
    if (name === "occupied" || name === "quality" || name === "breathing") data.fill(1);
    return { name, data, dims };
  });
}

function rateAround(perMin: number): Float32Array {
  const bumps = Float32Array.from({ length: rateBins }, (_, bin) =>
    Math.exp(-0.5 * ((lowestPerMin + bin * binPerMin - perMin) / 0.4) ** 2),
  );
  const total = bumps.reduce((sum, x) => sum + x, 0);
  return bumps.map((x) => x / total);
}

/** Answers every question among the effects, and the questions that follow; returns the effects of the answers. */
export function answerRadar(
  driver: Driver,
  effects: readonly Effect[],
  outputsOf: (model: string) => readonly Tensor[] = sureOutputs,
): readonly Effect[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== "infer") return [];
    const { request, model } = effect;
    const next = driver.feed({ kind: "inferred", ...driver.stamp(), request, outputs: outputsOf(model), tookMs: 1 });
    return [...next, ...answerRadar(driver, next, outputsOf)];
  });
}
