import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Tensor } from "../edge-agent/contract/door.ts";
import type { Scene } from "../edge-agent/contract/scene.ts";
import { deviceUs } from "../edge-agent/contract/units.ts";
import type { BedPlace } from "../edge-agent/contract/words.ts";
import { readModel } from "../edge-agent/io/model-file.ts";
import type { DepthEstimate } from "../edge-agent/perception/depth-estimate.ts";
import type { DepthView } from "../edge-agent/perception/depth-geometry.ts";
import { depthRateHz } from "../edge-agent/perception/depth-ring.ts";
import {
  acceptDepthAnswer,
  acceptDepthFrame,
  newDepthPerception,
  pendingDepthQuestion,
} from "../edge-agent/perception/depth-room.ts";
import { depthInputs, depthModelNames, depthOutputs } from "../edge-agent/perception/depth-scene.ts";
import { displacementModelName } from "../edge-agent/perception/displacement-rate.ts";
import { type OpenDisplacement, openDisplacementModel } from "./displacement-run.ts";
import { type DepthTruth, depthTruth, nextDepthFrame, openDepthPlay, placementOf } from "./make-depth-windows.ts";

/** The perception of a depth room over a simulated play, with the truth beside it: for cards and measurements. */
export type DepthModel = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

export interface OpenDepth {
  readonly view: DepthView;
  readonly scene: DepthModel;
  readonly displacement: OpenDisplacement;
}

export const depthFolder = (view: DepthView): string =>
  fileURLToPath(new URL(`../models/${depthModelNames[view]}/`, import.meta.url));

/** One thread, one view at a time. @throws ModelError where file and card differ */
export async function openDepthScene(view: DepthView, folder = depthFolder(view)): Promise<DepthModel> {
  const { path } = readModel(folder, depthInputs(view), depthOutputs(view));
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return async (inputs) => {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name, data, dims } of inputs) feeds[name] = new OrtTensor("float32", data, dims);
    const results = await session.run(feeds);
    return depthOutputs(view).map(({ name, dims }) => {
      const data = results[name]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`the model has no output ${name}`);
      return { name, data, dims };
    });
  };
}

export const openDepth = async (view: DepthView): Promise<OpenDepth> => ({
  view,
  scene: await openDepthScene(view),
  displacement: await openDisplacementModel(),
});

/** At the end of each half second. */
export interface DepthMoment {
  readonly atSec: number;
  readonly truth: DepthTruth;
  /** Breaths of the occupant since the start; null: nobody. */
  readonly breaths: number | null;
  readonly bed: BedPlace;
  /** At full seconds. */
  readonly estimate: DepthEstimate | null;
}

/** @param scene with a depth setting of the models' view */
export async function* depthMoments(scene: Scene, lengthSec: number, models: OpenDepth): AsyncGenerator<DepthMoment> {
  const play = openDepthPlay(scene);
  const perception = newDepthPerception(placementOf(scene), models.displacement.calibration);
  let movedAt = Number.NEGATIVE_INFINITY;
  let before: Omit<DepthMoment, "bed" | "estimate"> | null = null;
  for (let slot = 0; slot <= lengthSec * depthRateHz; slot++) {
    const frame = nextDepthFrame(play);
    acceptDepthFrame(perception, frame, deviceUs((slot * 1e6) / depthRateHz));
    let estimate: DepthEstimate | null = null;
    for (let asked = pendingDepthQuestion(perception); asked; asked = pendingDepthQuestion(perception)) {
      const model = asked.model === displacementModelName ? models.displacement.model : models.scene;
      estimate = acceptDepthAnswer(perception, await model(asked.tensors)) ?? estimate;
    }
    // The frame that finds a half second full belongs to the next one: the truth is that of the frame before.
    if (before !== null) yield { ...before, bed: perception.bed.place, estimate };
    const { moving, breaths } = play.stage.truth();
    if (moving) movedAt = slot;
    const end = slot + 1;
    const full = end % (depthRateHz / 2) === 0;
    before = full ? { atSec: end / depthRateHz, truth: depthTruth(play, slot - movedAt < depthRateHz), breaths } : null;
  }
}
