import type { DepthFrame } from "../../edge-agent/contract/frames.ts";
import type { Scene } from "../../edge-agent/contract/scene.ts";
import { type Bedding, newBedding } from "./depth-bedding.ts";
import { type BeddingLook, castBedding } from "./depth-bedding-cast.ts";
import { newDepthNoise } from "./depth-noise.ts";
import { castPerson, newSeen, type Seen, stepSeen } from "./depth-people.ts";
import { depthFrameRateHz, depthModels, newRays } from "./depth-rays.ts";
import { castRoom, castThing, needsCast, placeThing, type Thing } from "./depth-room.ts";
import { copySurfaces, newSurfaces } from "./depth-surfaces.ts";
import { newZones } from "./depth-zones.ts";
import { newDepthFault } from "./faults.ts";
import { type InterfererState, liftedMm } from "./physics-interferers.ts";
import { newRandom } from "./random.ts";
import { newStage, type Stage, stageStepSec, type Truth } from "./stage.ts";

export interface DepthCamera {
  /** 10 a second. A camera that was given a stage looks at it as it stands; one with its own moves it on first. */
  next(): DepthFrame;
  truth(): Truth;
  /** Of the newest frame, row by row. */
  masks(): DepthMasks;
  /** Depths of the newest frame before any noise, mm; of a zone: the mean of its rays. */
  exactMm(): Float64Array;
  /** From the first frame again. A given stage stays as it is. */
  restart(): void;
}

export interface DepthMasks {
  /** 0 nobody, 1 the occupant's body, under a blanket too, 2 another person. */
  readonly person: Uint8Array;
  /** 1: the occupant's chest and belly. */
  readonly trunk: Uint8Array;
}

/** What a depth camera needs of a stage; tests put people where they want. */
export type Play = Pick<Stage, "step" | "figures" | "truth"> & {
  interferers(): readonly InterfererState[];
};

const stepsPerFrame = Math.round(1 / (depthFrameRateHz * stageStepSec));
/** Displacements kept for what lies on the body and follows it later, frames. */
const historyFrames = 8;

/** A depth camera in the scene's bedroom: pinhole, pure, same scene same bytes. The scene must have a depth setting. */
export function openDepthCamera(scene: Scene, given?: Play): DepthCamera {
  let session = begin(scene, given);
  const fault = scene.fault === undefined ? undefined : newDepthFault(scene.fault);
  return {
    next: () => fault?.spoil(session.next()) ?? session.next(),
    truth: () => session.play.truth(),
    masks: () => session.masks(),
    exactMm: () => session.exactMm(),
    restart() {
      fault?.restart();
      session = begin(scene, given);
    },
  };
}

function begin(scene: Scene, given: Play | undefined) {
  const setting = scene.depth;
  if (setting === null) throw new Error(`scene ${scene.name} has no depth setting`);
  const play = given ?? newStage(scene);
  const random = newRandom(scene.seed).fork(60);
  const model = depthModels[setting.model];
  const rays = newRays(setting);
  const room = castRoom(rays, scene, random.fork(1));
  // The room with its bed made or lain in, and that with everybody in front of it.
  const made = newSurfaces(rays.dx.length);
  const surfaces = newSurfaces(rays.dx.length);
  const bedding = newBedding(scene, random.fork(2));
  const noise = newDepthNoise(setting, rays, model.raysPerPixel, model.farMm, random.fork(3));
  const people: Seen[] = [];
  const roles: boolean[] = [];
  const interferers = play.interferers();
  // Slots: 0 stands still; a person has two, bare and under bedding; then the interferers.
  const bareSlot = (person: number): number => 1 + 2 * person;
  const peopleMax = 4;
  const thingSlot = (index: number): number => 1 + 2 * peopleMax + index;
  const things: Thing[] = interferers.map((state, index) =>
    placeThing(state, thingSlot(index), scene, rays, random.fork(40 + index)),
  );
  const slotA = new Float64Array(thingSlot(interferers.length));
  const slotB = new Float64Array(slotA.length);
  const chestPast = Array.from({ length: peopleMax }, () => new Float64Array(historyFrames));
  const bellyPast = Array.from({ length: peopleMax }, () => new Float64Array(historyFrames));
  const albedo = random.fork(4);
  let underneath = 0;
  const look: BeddingLook = {
    sheetAlbedo: albedo.between(0.4, 0.9),
    blanketAlbedo: albedo.between(0.12, 0.9),
    slotOf: (owner) => (owner > 0 ? bareSlot(owner - 1) : bareSlot(underneath)) + 1,
    isOccupant: (owner) => roles[owner - 1] === true,
  };
  const creep = random.fork(5);
  let creptMm = 0;
  let frame = 0;
  const mm = new Float64Array(rays.dx.length);
  const zones =
    model.raysPerPixel > 1 ? newZones(model.widthPx, model.heightPx, model.raysPerPixel, setting.crossTalk) : null;
  const zoneMm = new Float64Array(model.widthPx * model.heightPx);

  function cast(bedChanged: boolean): void {
    if (bedChanged) {
      copySurfaces(room, made);
      castBedding(made, rays, scene, bedding, look);
    }
    copySurfaces(made, surfaces);
    for (const [index, seen] of people.entries()) {
      if (seen.place === "away" && seen.settled) continue;
      castPerson(surfaces, rays, seen, bareSlot(index), roles[index] ? 1 : 2, bedding.coverEndsYMm);
    }
    for (const [index, thing] of things.entries()) castThing(surfaces, rays, thing, interferers[index]!);
    noise.look(surfaces);
    zones?.look(surfaces);
  }

  /** Displacements of this frame into the slots. */
  function breathe(): void {
    const at = frame % historyFrames;
    for (const [index, figure] of play.figures().slice(0, peopleMax).entries()) {
      const chest = chestPast[index]!;
      const belly = bellyPast[index]!;
      if (frame === 0) {
        chest.fill(figure.chestMm);
        belly.fill(figure.abdomenMm);
      }
      chest[at] = figure.chestMm;
      belly[at] = figure.abdomenMm;
      slotA[bareSlot(index)] = figure.chestMm;
      slotB[bareSlot(index)] = figure.abdomenMm;
      slotA[bareSlot(index) + 1] = late(chest, at, bedding);
      slotB[bareSlot(index) + 1] = late(belly, at, bedding);
    }
    for (const [index, { is, at: now }] of interferers.entries()) {
      const cast = is.kind === "trolley";
      slotA[thingSlot(index)] = cast ? 0 : now.xMm - is.at.xMm;
      slotB[thingSlot(index)] = cast ? 0 : now.yMm - is.at.yMm;
    }
    const keep = Math.exp(-1 / (depthFrameRateHz * bedding.creepTauSec));
    creptMm = keep * creptMm + Math.sqrt(1 - keep * keep) * bedding.creepMm * creep.gaussian();
  }

  function exact(): void {
    const lift = liftedMm(interferers);
    for (let i = 0; i < mm.length; i++) {
      const slot = surfaces.slot[i]!;
      mm[i] =
        surfaces.mm[i]! +
        surfaces.chest[i]! * slotA[slot]! +
        surfaces.belly[i]! * slotB[slot]! +
        surfaces.lift[i]! * lift +
        surfaces.drift[i]! * creptMm;
    }
  }

  function next(): DepthFrame {
    if (given === undefined) for (let i = 0; i < stepsPerFrame; i++) play.step();
    let changed = frame === 0;
    let inBed = -1;
    for (const [index, figure] of play.figures().slice(0, peopleMax).entries()) {
      people[index] ??= newSeen(random.fork(20 + index));
      roles[index] = figure.who.role === "occupant";
      changed = stepSeen(people[index], figure, scene) || changed;
      if (inBed < 0 && figure.place === "bed") inBed = index;
    }
    underneath = Math.max(0, inBed);
    const bedChanged = bedding.drape(people);
    changed ||= bedChanged;
    changed ||= interferers.some(needsCast);
    breathe();
    if (changed) cast(bedChanged);
    exact();
    noise.disturb(mm, frame / depthFrameRateHz);
    if (zones === null) zoneMm.set(mm);
    else zones.gather(mm, zoneMm);
    frame += 1;
    const out = new Uint16Array(zoneMm.length);
    for (let i = 0; i < out.length; i++) {
      const z = zoneMm[i]!;
      out[i] = z > 0.5 && z < model.farMm ? Math.round(z) : 0;
    }
    return {
      widthPx: model.widthPx,
      heightPx: model.heightPx,
      frameRateHz: depthFrameRateHz,
      acrossDeg: model.acrossDeg,
      downDeg: model.downDeg,
      mm: out,
    };
  }

  return {
    play,
    next,
    masks: (): DepthMasks => ({
      person: (zones ?? surfaces).person.slice(),
      trunk: (zones ?? surfaces).trunk.slice(),
    }),
    exactMm(): Float64Array {
      exact();
      if (zones === null) return mm.slice();
      const gathered = new Float64Array(zoneMm.length);
      zones.gather(mm, gathered);
      return gathered;
    },
  };
}

/** What a body did `lagSec` ago. */
function late(past: Float64Array, at: number, bedding: Bedding): number {
  const behind = bedding.lagSec * depthFrameRateHz;
  const whole = Math.floor(behind);
  const newer = past[(at - whole + historyFrames) % historyFrames]!;
  const older = past[(at - whole - 1 + historyFrames) % historyFrames]!;
  return newer + (older - newer) * (behind - whole);
}
