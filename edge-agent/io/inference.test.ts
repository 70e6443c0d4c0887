import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { Tensor } from "../contract/door.ts";
import { radarBreathingInputs, radarBreathingOutputs } from "../perception/radar-breathing.ts";
import { InferenceThread, ModelThread } from "./inference.ts";

const path = fileURLToPath(new URL("../../models/radar-breathing/model.onnx", import.meta.url));
const name = "radar-breathing";
const log = { debug() {}, info() {}, warn() {}, error() {} };
const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);
const inputs = (): Tensor[] =>
  radarBreathingInputs.map(({ name, dims }) => ({ name, dims, data: new Float32Array(sizeOf(dims)).fill(0.1) }));

let thread: InferenceThread | undefined;
afterEach(() => thread?.stop());

describe("the model's thread", () => {
  it("answers with every output that perception reads, the same for the same input, and leaves the caller's tensors alone", async () => {
    thread = new ModelThread(path, log);
    await thread.start();
    const tensors = inputs();
    const [first, second] = await Promise.all([thread.run(name, tensors), thread.run(name, inputs())]);
    for (const { name, dims } of radarBreathingOutputs) {
      expect(first.outputs.find((output) => output.name === name)?.data.length).toBe(sizeOf(dims));
    }
    expect(second.outputs).toEqual(first.outputs);
    expect(tensors[0]?.data[0]).toBeCloseTo(0.1);
  });

  it("fails one request on a wrong input and answers the next", async () => {
    thread = new ModelThread(path, log);
    await thread.start();
    const [first, ...rest] = inputs();
    if (first === undefined) throw new Error("no inputs");
    await expect(thread.run(name, [{ ...first, dims: [1, 2], data: new Float32Array(2) }, ...rest])).rejects.toThrow();
    expect((await thread.run(name, inputs())).outputs.length).toBe(radarBreathingOutputs.length);
  });

  it("runs each of several models by its name, and fails a request for one that it has not", async () => {
    const models = new InferenceThread({ one: path, other: path }, log);
    thread = models;
    await models.start();
    const [one, other] = await Promise.all([models.run("one", inputs()), models.run("other", inputs())]);
    expect(other.outputs).toEqual(one.outputs);
    expect(one.outputs.length).toBe(radarBreathingOutputs.length);
    await expect(models.run("third", inputs())).rejects.toThrow("third");
  });

  it("starts with none where no sensor needs any", async () => {
    thread = new InferenceThread({}, log);
    await expect(thread.start()).resolves.toBeUndefined();
  });

  it("says that a model which is none cannot be loaded", async () => {
    thread = new ModelThread(fileURLToPath(import.meta.url), log);
    await expect(thread.start()).rejects.toThrow();
  });
});
