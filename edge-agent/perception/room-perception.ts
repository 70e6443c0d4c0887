import type { SensorModel } from "../contract/config.ts";
import type { Estimate, Tensor } from "../contract/door.ts";
import type { DepthFrame, FrameKind, RadarIqFrame } from "../contract/frames.ts";
import type { RadarTargetsFrame, RadarVitalsFrame } from "../contract/module-frames.ts";
import { type DeviceUs, elapsedMs, type MonoMs } from "../contract/units.ts";
import type { Occupancy } from "../contract/words.ts";
import type { DepthEstimate } from "./depth-estimate.ts";
import { depthModelsFor } from "./depth-sense.ts";
import { fuse, type RadarVoice } from "./fusion.ts";
import {
  radarBreathingInputs,
  radarBreathingOutputs,
  modelName as radarModelName,
  type TensorPlan,
} from "./radar-breathing.ts";
import {
  acceptAnswer,
  acceptFrame,
  clearRadarPerception,
  dropAnswer,
  forgetBreathing,
  newRadarPerception,
  pendingWindow,
  type RadarPerception,
} from "./radar-room.ts";

/*
 * All that one room perceives with: its radar, and its depth sensor where it has one. One question is open at a time;
 * where both wait, they take turns. The room's estimate is made when the radar tells its second, joined with what depth
 * told last; where the radar is silent, depth tells it alone.
 *
 * The sensors have a clock each: what is fresh is judged by when it was told, on the core's.
 */

/** What was told longer ago speaks of another moment. */
export const freshForMs = 2_000;

export interface Question {
  /** The folder in models/. */
  readonly model: string;
  readonly tensors: readonly Tensor[];
}

/**
 * `noted`: kept for the room's next estimate. `unusable`: the outputs are not those that the model's card promises, so
 * they say nothing; the question counts as dropped.
 */
export type Heard =
  | { readonly is: "estimate"; readonly estimate: Estimate }
  | { readonly is: "noted" }
  | { readonly is: "unusable" };

/** What the room needs of depth: frames in, questions out, answers in. */
export interface DepthSense {
  take(frame: DepthFrame, at: DeviceUs): void;
  pending(): Question | undefined;
  /** Outputs have the right names, shapes and finite numbers. */
  accept(model: string, outputs: readonly Tensor[]): Heard;
  drop(): void;
  forgetBreathing(): void;
  /** Overwrites every buffer with zero and begins anew. */
  clear(): void;
  /** Of the newest full second; null before the first. */
  readonly latest: DepthEstimate | null;
  readonly outputsOf: Readonly<Record<string, readonly TensorPlan[]>>;
}

export interface ModelPlan {
  readonly name: string;
  readonly inputs: readonly TensorPlan[];
  readonly outputs: readonly TensorPlan[];
}

const radarModel: ModelPlan = { name: radarModelName, inputs: radarBreathingInputs, outputs: radarBreathingOutputs };

const modelsOfSensor: Readonly<Record<SensorModel, readonly ModelPlan[]>> = {
  "acconeer-a121": [radarModel],
  "st-vl53l5cx": depthModelsFor("8x8"),
  "depth-camera": depthModelsFor("80x60"),
  "ti-iwr6843": [],
  "ti-vital-signs": [],
  "seeed-mr60bha2": [],
  "hilink-ld6002": [],
  "seeed-mr60bha1": [],
  "seeed-mr24": [],
  "hilink-ld2410": [],
  "hilink-ld2450": [],
  "sim-depth-80x60": depthModelsFor("80x60"),
  "sim-depth-8x8": depthModelsFor("8x8"),
};

/** The models that rooms with these sensors ask, each once. */
export const modelsFor = (sensors: readonly SensorModel[]): readonly ModelPlan[] => {
  const all = sensors.flatMap((sensor) => modelsOfSensor[sensor]);
  return all.filter(({ name }, place) => all.findIndex((other) => other.name === name) === place);
};

export type RoomFrame =
  | { readonly kind: "radar-iq"; readonly frame: RadarIqFrame }
  | { readonly kind: "depth"; readonly frame: DepthFrame }
  | { readonly kind: "radar-vitals"; readonly frame: RadarVitalsFrame }
  | { readonly kind: "radar-targets"; readonly frame: RadarTargetsFrame };

export class RoomPerception {
  readonly radar: RadarPerception;
  readonly depth: DepthSense | null;
  private asked: { readonly model: string; readonly of: FrameKind } | null = null;
  private lastAsked: FrameKind = "depth";
  private readonly stated: Occupancy | null;
  /** When it told a second last, or began. */
  private radarToldAt: MonoMs | null = null;
  /** Which second depth told last, and when; `news`: no estimate was made of it yet. */
  private depthTold: { readonly second: number; readonly at: MonoMs; readonly news: boolean } | null = null;

  /** `depth` null: frames of a depth sensor are counted by the core and say nothing here. */
  constructor(statedOccupancy: Occupancy | null, depth: DepthSense | null) {
    this.stated = statedOccupancy;
    this.radar = newRadarPerception(statedOccupancy);
    this.depth = depth;
  }

  /** The frame is overwritten: nothing that could be looked at outlives its use (DESIGN 1.3). */
  take(of: RoomFrame, at: DeviceUs, now: MonoMs): void {
    switch (of.kind) {
      case "radar-iq":
        // Its first second is not full yet: depth waits for it as for any other.
        this.radarToldAt ??= now;
        acceptFrame(this.radar, of.frame, at);
        of.frame.iq.fill(0);
        return;
      case "depth":
        this.depth?.take(of.frame, at);
        of.frame.mm.fill(0);
        return;
      case "radar-vitals":
        of.frame.wave.fill(0);
        return;
      case "radar-targets":
        return;
    }
  }

  /** The next question, which is then open; undefined while one is, or when nothing waits. */
  pending(): Question | undefined {
    if (this.asked !== null) return undefined;
    const turns: readonly FrameKind[] = this.lastAsked === "radar-iq" ? ["depth", "radar-iq"] : ["radar-iq", "depth"];
    for (const of of turns) {
      const question = this.pendingOf(of);
      if (question === undefined) continue;
      this.asked = { model: question.model, of };
      this.lastAsked = of;
      return question;
    }
    return undefined;
  }

  /** The answer to the open question, heard at `now`. @throws where none to this model is open: our bug */
  accept(model: string, outputs: readonly Tensor[], now: MonoMs): Heard {
    const { asked } = this;
    if (asked?.model !== model) throw new Error(`an answer of ${model} without a question`);
    const plans = asked.of === "radar-iq" ? radarBreathingOutputs : this.depth?.outputsOf[model];
    if (plans === undefined || !asPlanned(plans, outputs)) {
      this.drop();
      return { is: "unusable" };
    }
    this.asked = null;
    if (asked.of === "depth") return this.depth?.accept(model, outputs) ?? { is: "noted" };
    const estimate = acceptAnswer(this.radar, outputs);
    this.radarToldAt = now;
    return { is: "estimate", estimate: this.fused({ estimate, rate: this.radar.rate }, now) ?? estimate };
  }

  /** What depth has told since the last estimate, where the radar has told nothing fresh: the room's estimate of depth alone. */
  depthAlone(now: MonoMs): Estimate | undefined {
    this.hearDepth(now);
    if (this.depthTold?.news !== true || isFresh(this.radarToldAt, now)) return undefined;
    return this.fused(null, now) ?? undefined;
  }

  /** The open question will get no answer. */
  drop(): void {
    switch (this.asked?.of) {
      case "radar-iq":
        dropAnswer(this.radar);
        break;
      case "depth":
        this.depth?.drop();
        break;
      case undefined:
        break;
    }
    this.asked = null;
  }

  /** Begins one sensor anew. True: the open question was about it and is forgotten. */
  clearSensor(kind: FrameKind): boolean {
    if (kind === "radar-iq") {
      clearRadarPerception(this.radar);
      this.radarToldAt = null;
    } else {
      this.depth?.clear();
      this.depthTold = null;
    }
    const forgotten = this.asked?.of === kind;
    if (forgotten) this.asked = null;
    return forgotten;
  }

  /** Overwrites every buffer of both and begins anew; an open question is forgotten. */
  clear(): void {
    this.clearSensor("radar-iq");
    this.clearSensor("depth");
    this.lastAsked = "depth";
  }

  /** What was breathed until now is nobody's business; who is in bed stays known. */
  forgetBreathing(): void {
    forgetBreathing(this.radar);
    this.depth?.forgetBreathing();
  }

  private fused(radar: RadarVoice | null, now: MonoMs): Estimate | null {
    this.hearDepth(now);
    const told = this.depthTold;
    if (told !== null) this.depthTold = { ...told, news: false };
    const depth = told !== null && isFresh(told.at, now) ? (this.depth?.latest ?? null) : null;
    return fuse(radar, depth, this.stated);
  }

  /** Depth tells a second with an answer, or when it asks the next question: whoever looks first notes when that was. */
  private hearDepth(now: MonoMs): void {
    const latest = this.depth?.latest ?? null;
    if (latest === null) this.depthTold = null;
    else if (this.depthTold?.second !== latest.atMs) this.depthTold = { second: latest.atMs, at: now, news: true };
  }

  private pendingOf(kind: FrameKind): Question | undefined {
    if (kind === "depth") return this.depth?.pending();
    const tensors = pendingWindow(this.radar);
    return tensors === undefined ? undefined : { model: radarModelName, tensors };
  }
}

const isFresh = (toldAt: MonoMs | null, now: MonoMs): boolean =>
  toldAt !== null && elapsedMs(toldAt, now) <= freshForMs;

function asPlanned(plans: readonly TensorPlan[], outputs: readonly Tensor[]): boolean {
  return plans.every(({ name, dims }) => {
    const data = outputs.find((output) => output.name === name)?.data;
    return data?.length === dims.reduce((product, dim) => product * dim, 1) && data.every(Number.isFinite);
  });
}
