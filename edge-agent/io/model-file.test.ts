import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DisplacementCalibrated } from "../contract/calibration.ts";
import { displacementInputs, displacementOutputs } from "../perception/displacement-rate.ts";
import { radarBreathingInputs, radarBreathingOutputs } from "../perception/radar-breathing.ts";
import { ModelError, readModel } from "./model-file.ts";

const shipped = fileURLToPath(new URL("../../models/radar-breathing", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-model-"));
  cpSync(shipped, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (inputs = radarBreathingInputs): string => {
  try {
    readModel(folder, inputs, radarBreathingOutputs);
    return "accepted";
  } catch (error) {
    return error instanceof ModelError ? error.code : String(error);
  }
};

describe("a model file", () => {
  it("is accepted as it was measured", () => expect(codeOf()).toBe("accepted"));

  it("is refused where one byte differs from what its card says", () => {
    const bytes = readFileSync(join(folder, "model.onnx"));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(join(folder, "model.onnx"), bytes);
    expect(codeOf()).toBe("hash-differs");
  });

  it("is refused where perception needs another input, by name or by shape", () => {
    const [first, ...rest] = radarBreathingInputs;
    if (first === undefined) throw new Error("no inputs");
    expect(codeOf([{ ...first, name: "other" }, ...rest])).toBe("ports-differ");
    expect(codeOf([{ ...first, dims: [1, 2, 3] }, ...rest])).toBe("ports-differ");
  });

  it("is refused without a card, or with one that is none", () => {
    writeFileSync(join(folder, "card.json"), "{}");
    expect(codeOf()).toBe("card-unreadable");
    rmSync(join(folder, "card.json"));
    expect(codeOf()).toBe("missing");
  });

  it("is refused where its card leaves out a constant that perception reads", () => {
    const displacement = fileURLToPath(new URL("../../models/displacement-rate", import.meta.url));
    cpSync(displacement, folder, { recursive: true });
    const read = () => readModel(folder, displacementInputs, displacementOutputs, DisplacementCalibrated);
    expect(read().card.name).toBe("displacement-rate");
    const cardPath = join(folder, "card.json");
    const card = JSON.parse(readFileSync(cardPath, "utf8"));
    delete card.calibrated.qualityMin;
    writeFileSync(cardPath, JSON.stringify(card));
    expect(read).toThrow(/card\.json, calibrated: .*\n.*qualityMin/);
    expect(readModel(folder, displacementInputs, displacementOutputs).card.name).toBe("displacement-rate");
  });
});
