import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";

/** What a model's card says that the agent must hold it to. The rest of the card is for people. */
export const ModelCard = z.looseObject({
  name: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  inputs: z.array(z.looseObject({ name: z.string(), shape: z.array(z.int()) })).min(1),
  outputs: z.array(z.looseObject({ name: z.string(), shape: z.array(z.int()) })).min(1),
  /** Constants fitted after training; perception checks those that it reads. */
  calibrated: z.record(z.string(), z.unknown()).default({}),
});
export type ModelCard = z.infer<typeof ModelCard>;

export interface ModelFile {
  readonly path: string;
  readonly card: ModelCard;
}

interface Port {
  readonly name: string;
  readonly dims: readonly number[];
}

/** The model is not the one that was measured: running it would put a made-up number on a screen. */
export class ModelError extends Error {
  readonly code: "missing" | "card-unreadable" | "hash-differs" | "ports-differ";
  constructor(code: ModelError["code"], words: string, cause?: unknown) {
    super(words, { cause });
    this.code = code;
  }
}

/**
 * Reads `<folder>/model.onnx` and `card.json` and refuses whatever differs from its card or from what perception expects.
 *
 * @param calibrated what perception reads of the card's calibration; left out: nothing
 * @throws ModelError
 */
export function readModel(
  folder: string,
  inputs: readonly Port[],
  outputs: readonly Port[],
  calibrated: z.ZodType = z.unknown(),
): ModelFile {
  const path = `${folder}/model.onnx`;
  let bytes: Buffer;
  let cardText: string;
  try {
    bytes = readFileSync(path);
    cardText = readFileSync(`${folder}/card.json`, "utf8");
  } catch (cause) {
    throw new ModelError("missing", `cannot read the model in ${folder}`, cause);
  }
  let card: ModelCard;
  try {
    card = ModelCard.parse(JSON.parse(cardText));
  } catch (cause) {
    throw new ModelError("card-unreadable", `${folder}/card.json is not a model card`, cause);
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== card.sha256) {
    throw new ModelError(
      "hash-differs",
      `${path} has SHA-256 ${sha256}, its card says ${card.sha256}: not the model that was measured`,
    );
  }
  for (const [kind, expected, stated] of [
    ["input", inputs, card.inputs],
    ["output", outputs, card.outputs],
  ] as const) {
    for (const port of expected) {
      const same = stated.find(({ name }) => name === port.name);
      if (same === undefined || same.shape.join("x") !== port.dims.join("x")) {
        throw new ModelError(
          "ports-differ",
          `${folder}/card.json: ${kind} ${port.name} is ${same?.shape.join("x") ?? "missing"}, perception needs ${port.dims.join("x")}`,
        );
      }
    }
  }
  const told = calibrated.safeParse(card.calibrated);
  if (!told.success) {
    const words = z.prettifyError(told.error);
    throw new ModelError("card-unreadable", `${folder}/card.json, calibrated: ${words}`, told.error);
  }
  return { path, card };
}

/** One model's own hash; of several, the hash of their names and hashes. */
export function sha256OfAll(all: readonly ModelFile[]): string | null {
  const [only, second] = all;
  if (only === undefined) return null;
  if (second === undefined) return only.card.sha256;
  const lines = all.map(({ card }) => `${card.name} ${card.sha256}\n`).sort();
  return createHash("sha256").update(lines.join("")).digest("hex");
}
