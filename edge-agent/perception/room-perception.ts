import type { SensorModel } from "../contract/config.ts";
import type { Estimate, Tensor } from "../contract/door.ts";
import type { DepthFrame, FrameKind, RadarIqFrame } from "../contract/frames.ts";
import type { RadarTargetsFrame, RadarVitalsFrame } from "../contract/module-frames.ts";
import { type DeviceUs, elapsedMs, type MonoMs } from "../contract/units.ts";
import type { Occupancy } from "../contract/words.ts";
import type { DepthEstimate } from "./depth-estimate.ts";
import { depthModelsFor } from "./depth-sense.ts";
import {
  type DisplacementCalibration,
  displacementInputs,
  displacementModelName,
  displacementOutputs,
} from "./displacement-rate.ts";
import { fuse, type RadarVoice } from "./fusion.ts";
import { besideModule, moduleAlone } from "./module-fusion.ts";
import {
  acceptModuleAnswer,
  acceptModuleFrame,
  clearModulePerception,
  dropModuleAnswer,
  forgetModuleBreathing,
  type ModulePerception,
  newModulePerception,
  pendingModuleQuestion,
} from "./module-room.ts";
import { longRadar, shortRadar, type TensorPlan } from "./radar-breathing.ts";
import {
  clearRadarPair,
  dropQuestion,
  forgetPairBreathing,
  newRadarPair,
  nextQuestion,
  type RadarPair,
  type RadarPairSettings,
  takeAnswer,
  takeFrame,
} from "./radar-pair.ts";

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

const radarModels: readonly ModelPlan[] = [longRadar, shortRadar];
/** Of modules that send the chest's displacement. */
const waveModels: readonly ModelPlan[] = [
  { name: displacementModelName, inputs: displacementInputs, outputs: displacementOutputs },
];

const modelsOfSensor: Readonly<Record<SensorModel, readonly ModelPlan[]>> = {
  "acconeer-a121": radarModels,
  "st-vl53l5cx": depthModelsFor("8x8"),
  "depth-camera": depthModelsFor("80x60"),
  "ti-iwr6843": waveModels,
  "ti-vital-signs": waveModels,
  "seeed-mr60bha2": waveModels,
  "hilink-ld6002": waveModels,
  "seeed-mr60bha1": waveModels,
  "seeed-mr24": [],
  "hilink-ld2410": [],
  "hilink-ld2450": [],
  "mqtt-gateway": [],
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

/** Which second a sensor told last, and when; `news`: no estimate was made of it yet. */
interface Told {
  readonly second: number;
  readonly at: MonoMs;
  readonly news: boolean;
}

/** A room's senses; a module's two kinds of frames are one sense. */
type Sense = "radar" | "depth" | "module";
const senseOf: Readonly<Record<FrameKind, Sense>> = {
  "radar-iq": "radar",
  depth: "depth",
  "radar-vitals": "module",
  "radar-targets": "module",
};

export interface RoomParts {
  /** null: frames of a depth sensor are counted by the core and say nothing here. */
  readonly depth?: DepthSense | null;
  readonly radar?: RadarPairSettings;
  /** Of displacement-rate, for a module that sends a wave. */
  readonly waveCalibration?: DisplacementCalibration | null;
  /** Of the radar's second; depth brings its own. */
  readonly firstFrameAtMs?: number;
}

export class RoomPerception {
  readonly radar: RadarPair;
  readonly depth: DepthSense | null;
  readonly module: ModulePerception;
  private asked: { readonly model: string; readonly of: Sense } | null = null;
  private lastAsked: Sense = "module";
  private readonly stated: Occupancy | null;
  /** When it told a second last, or began. */
  private radarToldAt: MonoMs | null = null;
  private depthTold: Told | null = null;
  private moduleTold: Told | null = null;

  constructor(
    statedOccupancy: Occupancy | null,
    { depth = null, radar, waveCalibration = null, firstFrameAtMs = 0 }: RoomParts = {},
  ) {
    this.stated = statedOccupancy;
    this.radar = newRadarPair(statedOccupancy, radar, firstFrameAtMs);
    this.depth = depth;
    this.module = newModulePerception(waveCalibration);
  }

  /** The frame is overwritten: nothing that could be looked at outlives its use (DESIGN 1.3). */
  take(of: RoomFrame, at: DeviceUs, now: MonoMs): void {
    switch (of.kind) {
      case "radar-iq":
        // Its first second is not full yet: depth waits for it as for any other.
        this.radarToldAt ??= now;
        takeFrame(this.radar, of.frame, at);
        of.frame.iq.fill(0);
        return;
      case "depth":
        this.depth?.take(of.frame, at);
        of.frame.mm.fill(0);
        return;
      case "radar-vitals":
        acceptModuleFrame(this.module, of.frame, at);
        of.frame.wave.fill(0);
        return;
      case "radar-targets":
        acceptModuleFrame(this.module, of.frame, at);
        return;
    }
  }

  /** The next question, which is then open; undefined while one is, or when nothing waits. */
  pending(): Question | undefined {
    if (this.asked !== null) return undefined;
    const turns = senses.map((_, i) => senses[(senses.indexOf(this.lastAsked) + 1 + i) % senses.length]!);
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
    if (!asPlanned(this.outputsOf(asked.of, model), outputs)) {
      this.drop();
      return { is: "unusable" };
    }
    this.asked = null;
    switch (asked.of) {
      case "depth":
        return this.depth?.accept(model, outputs) ?? { is: "noted" };
      case "module":
        acceptModuleAnswer(this.module, outputs);
        return { is: "noted" };
      case "radar": {
        const estimate = takeAnswer(this.radar, model, outputs);
        if (estimate === undefined) return { is: "noted" };
        this.radarToldAt = now;
        return { is: "estimate", estimate: this.fused({ estimate, rate: this.radar.rate }, now) ?? estimate };
      }
    }
  }

  /** What the others have told since the last estimate, where the radar has told nothing fresh: the room's estimate without it. */
  withoutRadar(now: MonoMs): Estimate | undefined {
    this.hearOthers(now);
    if (isFresh(this.radarToldAt, now)) return undefined;
    if (this.depthTold?.news === true) return this.fused(null, now) ?? undefined;
    const { latest } = this.module;
    // Beside depth the module only disagrees.
    if (this.moduleTold?.news !== true || latest === null || this.freshDepth(now) !== null) return undefined;
    this.moduleTold = { ...this.moduleTold, news: false };
    return moduleAlone(latest, this.stated);
  }

  /** The open question will get no answer. */
  drop(): void {
    switch (this.asked?.of) {
      case "radar":
        dropQuestion(this.radar);
        break;
      case "depth":
        this.depth?.drop();
        break;
      case "module":
        dropModuleAnswer(this.module);
        break;
      case undefined:
        break;
    }
    this.asked = null;
  }

  /** Begins one sensor anew. True: the open question was about it and is forgotten. */
  clearSensor(kind: FrameKind): boolean {
    const sense = senseOf[kind];
    switch (sense) {
      case "radar":
        clearRadarPair(this.radar);
        this.radarToldAt = null;
        break;
      case "depth":
        this.depth?.clear();
        this.depthTold = null;
        break;
      case "module":
        clearModulePerception(this.module);
        this.moduleTold = null;
        break;
    }
    const forgotten = this.asked?.of === sense;
    if (forgotten) this.asked = null;
    return forgotten;
  }

  /** Overwrites every buffer of all and begins anew; an open question is forgotten. */
  clear(): void {
    for (const kind of ["radar-iq", "depth", "radar-vitals"] as const) this.clearSensor(kind);
    this.lastAsked = "module";
  }

  /** What was breathed until now is nobody's business; who is in bed stays known. */
  forgetBreathing(): void {
    forgetPairBreathing(this.radar);
    this.depth?.forgetBreathing();
    forgetModuleBreathing(this.module);
  }

  private fused(radar: RadarVoice | null, now: MonoMs): Estimate | null {
    this.hearOthers(now);
    const depth = this.freshDepth(now);
    if (this.depthTold !== null) this.depthTold = { ...this.depthTold, news: false };
    if (this.moduleTold !== null) this.moduleTold = { ...this.moduleTold, news: false };
    const module = isFresh(this.moduleTold?.at ?? null, now) ? this.module.latest : null;
    const estimate = fuse(radar, depth, this.stated);
    return estimate === null ? null : besideModule(estimate, module);
  }

  private freshDepth(now: MonoMs) {
    return isFresh(this.depthTold?.at ?? null, now) ? (this.depth?.latest ?? null) : null;
  }

  /** They tell a second with an answer, or when they ask the next question: whoever looks first notes when that was. */
  private hearOthers(now: MonoMs): void {
    this.depthTold = heardOf(this.depth?.latest ?? null, this.depthTold, now);
    this.moduleTold = heardOf(this.module.latest, this.moduleTold, now);
  }

  private pendingOf(sense: Sense): Question | undefined {
    switch (sense) {
      case "radar":
        return nextQuestion(this.radar);
      case "depth":
        return this.depth?.pending();
      case "module": {
        const tensors = pendingModuleQuestion(this.module);
        return tensors === undefined ? undefined : { model: displacementModelName, tensors };
      }
    }
  }

  private outputsOf(sense: Sense, model: string): readonly TensorPlan[] | undefined {
    switch (sense) {
      case "radar":
        return radarModels.find(({ name }) => name === model)?.outputs;
      case "depth":
        return this.depth?.outputsOf[model];
      case "module":
        return displacementOutputs;
    }
  }
}

const senses: readonly Sense[] = ["radar", "depth", "module"];

function heardOf(latest: { readonly atMs: number } | null, told: Told | null, now: MonoMs): Told | null {
  if (latest === null) return null;
  return told?.second === latest.atMs ? told : { second: latest.atMs, at: now, news: true };
}

const isFresh = (toldAt: MonoMs | null, now: MonoMs): boolean =>
  toldAt !== null && elapsedMs(toldAt, now) <= freshForMs;

function asPlanned(plans: readonly TensorPlan[] | undefined, outputs: readonly Tensor[]): boolean {
  if (plans === undefined) return false;
  return plans.every(({ name, dims }) => {
    const data = outputs.find((output) => output.name === name)?.data;
    return data?.length === dims.reduce((product, dim) => product * dim, 1) && data.every(Number.isFinite);
  });
}
