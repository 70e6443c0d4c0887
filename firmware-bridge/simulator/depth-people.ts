import type { Place, PointMm, Posture, Scene } from "../../edge-agent/contract/scene.ts";
import { castCapsule } from "./depth-cast.ts";
import type { Rays, Vector } from "./depth-rays.ts";
import { type BodyPart, type Build, bodyParts, drawBuild, type Joint, joints, poseOf } from "./depth-skeleton.ts";
import type { Surfaces } from "./depth-surfaces.ts";
import type { Random } from "./random.ts";
import type { Figure } from "./stage.ts";

/** A person as the camera sees them, from frame to frame. */
export interface Seen {
  readonly build: Build;
  /** Joints relative to the trunk, on their way to where the figure's place and posture want them. */
  readonly pose: Float64Array;
  readonly wanted: Float64Array;
  place: Place | null;
  posture: Posture;
  limbs: readonly number[];
  trunk: PointMm;
  /** Absolute joints, mm. */
  readonly at: Float64Array;
  settled: boolean;
  /** Counts frames in which it was elsewhere than before. */
  changes: number;
}

/** Of the way that is left, per frame of 0.1 s: arms and legs take about half a second. */
const wayPerFrame = 0.35;
const settledWithinMm = 1;

export const newSeen = (random: Random): Seen => ({
  build: drawBuild(random),
  pose: new Float64Array(3 * joints.length),
  wanted: new Float64Array(3 * joints.length),
  place: null,
  posture: "supine",
  limbs: [],
  trunk: { xMm: 0, yMm: 0, zMm: 0 },
  at: new Float64Array(3 * joints.length),
  settled: true,
  changes: 0,
});

/** @returns whether anything is elsewhere than in the frame before; breathing is not a change of pose */
export function stepSeen(seen: Seen, figure: Figure, scene: Scene): boolean {
  const first = seen.place === null;
  const { trunk, limbs } = figure;
  const came =
    trunk.xMm !== seen.trunk.xMm ||
    trunk.yMm !== seen.trunk.yMm ||
    trunk.zMm !== seen.trunk.zMm ||
    figure.place !== seen.place ||
    figure.posture !== seen.posture ||
    limbs.length !== seen.limbs.length ||
    limbs.some((limb, i) => limb !== seen.limbs[i]);
  if (!came && seen.settled) return false;
  if (came) {
    seen.wanted.set(poseOf(figure, seen.build, scene));
    seen.trunk = trunk;
    seen.place = figure.place;
    seen.posture = figure.posture;
    seen.limbs = Array.from(limbs);
  }
  let left = 0;
  for (let i = 0; i < seen.pose.length; i++) {
    const way = seen.wanted[i]! - seen.pose[i]!;
    left = Math.max(left, Math.abs(way));
    seen.pose[i] = first ? seen.wanted[i]! : seen.pose[i]! + wayPerFrame * way;
  }
  seen.settled = first || left < settledWithinMm;
  if (seen.settled) seen.pose.set(seen.wanted);
  rest(seen, scene);
  seen.changes += 1;
  return true;
}

const radiusOf = new Map<Joint, number>();
for (const { from, to, radiusMm } of bodyParts) {
  radiusOf.set(from, Math.max(radiusMm, radiusOf.get(from) ?? 0));
  radiusOf.set(to, Math.max(radiusMm, radiusOf.get(to) ?? 0));
}
const radii = joints.map((joint) => radiusOf.get(joint) ?? 40);

/** Nothing of a body is inside the mattress or below the floor. */
function rest(seen: Seen, scene: Scene): void {
  const { widthMm, lengthMm, topMm } = scene.bed;
  const onBed = seen.place === "bed" || seen.place === "edge";
  const { trunk } = seen;
  for (let j = 0; j < joints.length; j++) {
    const x = trunk.xMm + seen.pose[3 * j]!;
    const y = trunk.yMm + seen.pose[3 * j + 1]!;
    const above = onBed && Math.abs(x) < widthMm / 2 && Math.abs(y) < lengthMm / 2 ? topMm : 0;
    seen.at[3 * j] = x;
    seen.at[3 * j + 1] = y;
    seen.at[3 * j + 2] = Math.max(above + radii[j]! * seen.build.wide - 10, trunk.zMm + seen.pose[3 * j + 2]!);
  }
}

export function jointAt(seen: Seen, joint: Joint): Vector {
  const at = 3 * joints.indexOf(joint);
  return [seen.at[at]!, seen.at[at + 1]!, seen.at[at + 2]!];
}

/** Parts of a body that a blanket covers. */
export function underBlanket(seen: Seen, part: BodyPart): boolean {
  if (seen.place !== "bed" || part.made === "hair") return false;
  const leg = part.from.startsWith("knee") || part.to.startsWith("knee");
  if (seen.posture === "sitting") return leg;
  // An arm that reaches far lies on the blanket.
  if (part.to === "handLeft") return (seen.limbs[0] ?? 0) < 0.2;
  if (part.to === "handRight") return (seen.limbs[1] ?? 0) < 0.2;
  return true;
}

/** @param coverEndsYMm covered parts are hidden below this y */
export function castPerson(
  surfaces: Surfaces,
  rays: Rays,
  seen: Seen,
  slot: number,
  person: 1 | 2,
  coverEndsYMm: number,
): void {
  const { build } = seen;
  for (const part of bodyParts) {
    const albedo = { cloth: build.clothAlbedo, skin: build.skinAlbedo, hair: build.hairAlbedo }[part.made];
    castCapsule(surfaces, rays, jointAt(seen, part.from), jointAt(seen, part.to), part.radiusMm * build.wide, {
      albedo,
      slot,
      chestGain: part.chestGain,
      bellyGain: part.bellyGain,
      shifts: false,
      lifts: seen.place === "bed" || seen.place === "edge",
      person,
      trunk: part.trunk && person === 1,
      hiddenBelowYMm: underBlanket(seen, part) ? coverEndsYMm : Number.NEGATIVE_INFINITY,
    });
  }
}
