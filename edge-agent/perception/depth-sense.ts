import type { Placement } from "../contract/config.ts";
import type { Tensor } from "../contract/door.ts";
import type { DepthFrame } from "../contract/frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import type { DepthEstimate } from "./depth-estimate.ts";
import { type DepthView, depthViews } from "./depth-geometry.ts";
import {
  acceptDepthAnswer,
  acceptDepthFrame,
  clearDepthPerception,
  type DepthPerception,
  dropDepthAnswer,
  forgetDepthBreathing,
  newDepthPerception,
  pendingDepthQuestion,
} from "./depth-room.ts";
import { depthInputs, depthModelNames, depthOutputs } from "./depth-scene.ts";
import {
  type DisplacementCalibration,
  displacementInputs,
  displacementModelName,
  displacementOutputs,
} from "./displacement-rate.ts";
import type { TensorPlan } from "./radar-breathing.ts";
import type { DepthSense, Heard, ModelPlan, Question } from "./room-perception.ts";

const views = Object.keys(depthViews) as DepthView[];

/** The models that a room with a depth sensor of this view asks. */
export const depthModelsFor = (view: DepthView): readonly ModelPlan[] => [
  { name: depthModelNames[view], inputs: depthInputs(view), outputs: depthOutputs(view) },
  { name: displacementModelName, inputs: displacementInputs, outputs: displacementOutputs },
];

const outputsOf: Readonly<Record<string, readonly TensorPlan[]>> = {
  ...Object.fromEntries(views.map((view) => [depthModelNames[view], depthOutputs(view)])),
  [displacementModelName]: displacementOutputs,
};

/** Depth as a room's second sense: what it says is kept for whoever makes the room's estimate. */
export class DepthRoomSense implements DepthSense {
  readonly perception: DepthPerception;
  readonly outputsOf = outputsOf;

  constructor(placement: Placement, calibration: DisplacementCalibration, firstFrameAtMs = 0) {
    this.perception = newDepthPerception(placement, calibration, firstFrameAtMs);
  }

  /** Of the newest full second; null before the first. */
  get latest(): DepthEstimate | null {
    return this.perception.latest;
  }

  take(frame: DepthFrame, at: DeviceUs): void {
    acceptDepthFrame(this.perception, frame, at);
  }

  pending(): Question | undefined {
    return pendingDepthQuestion(this.perception);
  }

  accept(_model: string, outputs: readonly Tensor[]): Heard {
    acceptDepthAnswer(this.perception, outputs);
    return { is: "noted" };
  }

  drop(): void {
    dropDepthAnswer(this.perception);
  }

  forgetBreathing(): void {
    forgetDepthBreathing(this.perception);
  }

  clear(): void {
    clearDepthPerception(this.perception);
  }
}
