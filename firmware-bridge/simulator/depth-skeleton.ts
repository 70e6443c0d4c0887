import type { Place, Posture, Scene } from "../../edge-agent/contract/scene.ts";
import type { Vector } from "./depth-rays.ts";
import type { Random } from "./random.ts";
import type { Figure } from "./stage.ts";

/** Joints of a figure, in the order of the numbers of a pose. */
export const joints = [
  "chestLeft",
  "chestRight",
  "waistLeft",
  "waistRight",
  "hipLeft",
  "hipRight",
  "neck",
  "crown",
  "kneeLeft",
  "kneeRight",
  "footLeft",
  "footRight",
  "handLeft",
  "handRight",
] as const;
export type Joint = (typeof joints)[number];

/** A part of a body: a capsule between two joints, with how far it swells for 1 mm of chest and of belly. */
export interface BodyPart {
  readonly from: Joint;
  readonly to: Joint;
  readonly radiusMm: number;
  readonly made: "cloth" | "skin" | "hair";
  readonly chestGain: number;
  readonly bellyGain: number;
  readonly trunk: boolean;
}

const part = (from: Joint, to: Joint, radiusMm: number, more: Partial<BodyPart> = {}): BodyPart => ({
  from,
  to,
  radiusMm,
  made: "cloth",
  chestGain: 0,
  bellyGain: 0,
  trunk: false,
  ...more,
});
const chest = { chestGain: 1, trunk: true };
const belly = { bellyGain: 1, trunk: true };

export const bodyParts: readonly BodyPart[] = [
  part("chestLeft", "waistLeft", 105, chest),
  part("chestRight", "waistRight", 105, chest),
  part("waistLeft", "hipLeft", 105, belly),
  part("waistRight", "hipRight", 105, belly),
  part("neck", "crown", 88, { made: "hair" }),
  part("hipLeft", "kneeLeft", 75),
  part("hipRight", "kneeRight", 75),
  part("kneeLeft", "footLeft", 52),
  part("kneeRight", "footRight", 52),
  // Arms lie against the chest and are taken along a little.
  part("chestLeft", "handLeft", 42, { made: "skin", chestGain: 0.2 }),
  part("chestRight", "handRight", 42, { made: "skin", chestGain: 0.2 }),
];

export interface Build {
  /** Length and girth against the average. */
  readonly tall: number;
  readonly wide: number;
  /** Which side it turns to: 1 towards positive x. */
  readonly turnsTo: 1 | -1;
  readonly clothAlbedo: number;
  readonly skinAlbedo: number;
  readonly hairAlbedo: number;
}

export const drawBuild = (random: Random): Build => ({
  tall: random.between(0.92, 1.08),
  wide: random.between(0.85, 1.2),
  turnsTo: random.chance(0.5) ? 1 : -1,
  clothAlbedo: random.between(0.12, 0.85),
  skinAlbedo: random.between(0.35, 0.65),
  hairAlbedo: random.between(0.06, 0.35),
});

export const lies = (place: Place, posture: Posture): boolean =>
  (place === "bed" || place === "floor") && posture !== "sitting";

/** Joints relative to the trunk's middle, [joint][x, y, z], mm. */
export function poseOf(figure: Figure, build: Build, scene: Scene): Float64Array {
  const limb = (i: number): number => figure.limbs[i] ?? 0;
  if (lies(figure.place, figure.posture)) return lyingPose(figure.posture, build, limb);
  if (figure.place === "bed" || figure.place === "floor") return longSittingPose(build, limb);
  if (figure.place === "edge") return edgePose(figure, build, scene, limb);
  return standingPose(figure, build, scene, limb);
}

/** Writes joints given along the body, to its left and to its front. */
function writer(along: Vector, left: Vector, front: Vector, build: Build, lift = 0) {
  const pose = new Float64Array(3 * joints.length);
  const put = (joint: Joint, a: number, l: number, f: number): void => {
    const at = 3 * joints.indexOf(joint);
    for (let k = 0; k < 3; k++) {
      pose[at + k] = a * build.tall * along[k]! + l * build.wide * left[k]! + f * front[k]! + (k === 2 ? lift : 0);
    }
  };
  return {
    pose,
    put,
    torso(apart: number): void {
      put("chestLeft", 170, apart + 12, 0);
      put("chestRight", 170, -apart - 12, 0);
      put("waistLeft", -15, apart - 5, 0);
      put("waistRight", -15, -apart + 5, 0);
      put("hipLeft", -230, apart, 0);
      put("hipRight", -230, -apart, 0);
    },
    /** In room directions from the trunk, whatever way the body faces. */
    putAt(joint: Joint, x: number, y: number, z: number): void {
      pose.set([x, y, z], 3 * joints.indexOf(joint));
    },
  };
}

type Limbs = (i: number) => number;
const between = (low: number, high: number, share: number): number => low + (high - low) * share;
/** -1..1 to 0..1 */
const share = (limb: number): number => (limb + 1) / 2;

function lyingPose(posture: Posture, build: Build, limb: Limbs): Float64Array {
  const turned = 0.17 * limb(5);
  const along: Vector = [Math.sin(turned), Math.cos(turned), 0];
  const across: Vector = [-Math.cos(turned), Math.sin(turned), 0];
  if (posture === "side") {
    const side = build.turnsTo;
    const front: Vector = [-across[0] * side, -across[1] * side, 0];
    const body = writer(along, [0, 0, -1], front, build);
    body.torso(55);
    body.put("neck", 320, -10, 15);
    body.put("crown", 430, -10, 30);
    body.put("kneeLeft", between(-520, -350, share(limb(2))), 60, between(120, 330, share(limb(2))));
    body.put("kneeRight", between(-560, -380, share(limb(3))), -20, between(60, 380, share(limb(3))));
    body.put("footLeft", between(-920, -680, share(limb(2))), 60, between(20, 60, share(limb(2))));
    body.put("footRight", between(-940, -720, share(limb(3))), 10, between(0, 90, share(limb(3))));
    body.put("handLeft", between(50, 300, share(limb(0))), 60, between(260, 380, share(limb(0))));
    body.put("handRight", between(-250, 150, share(limb(1))), -20, between(120, 330, share(limb(1))));
    return body.pose;
  }
  const faceUp = posture !== "prone";
  const body = writer(along, faceUp ? across : [-across[0], -across[1], 0], [0, 0, faceUp ? 1 : -1], build);
  body.torso(72);
  body.put("neck", 320, 20 * limb(4), 0);
  body.put("crown", 425, 60 * limb(4), faceUp ? 25 : -25);
  for (const [side, knee, foot, hand, l] of [
    [1, "kneeLeft", "footLeft", "handLeft", limb(2)],
    [-1, "kneeRight", "footRight", "handRight", limb(3)],
  ] as const) {
    // One leg in four is drawn up.
    const up = faceUp ? Math.max(0, l - 0.5) * 2 : 0;
    body.put(knee, -640 + 150 * up, side * (90 + 50 * share(l)), -20 + 330 * up);
    body.put(foot, -1030 + 280 * up, side * (90 + 90 * share(l)), -45);
    const reach = share(limb(side === 1 ? 0 : 1));
    if (faceUp) body.put(hand, between(-330, -60, reach), side * between(290, 30, reach), between(-50, 125, reach));
    else body.put(hand, between(-300, 430, reach), side * between(280, 260, reach), 50);
  }
  return body.pose;
}

/** Legs out on the mattress, trunk against the head of the bed. */
function longSittingPose(build: Build, limb: Limbs): Float64Array {
  const lean = 0.35 + 0.2 * limb(4);
  const along: Vector = [0, Math.sin(lean), Math.cos(lean)];
  const front: Vector = [0, -Math.cos(lean), Math.sin(lean)];
  const body = writer(along, [-1, 0, 0], front, build, 210);
  body.torso(72);
  body.put("neck", 320, 15 * limb(4), 10);
  body.put("crown", 425, 20 * limb(4), 20);
  for (const [side, knee, foot, hand, l, arm] of [
    [1, "kneeLeft", "footLeft", "handLeft", limb(2), limb(0)],
    [-1, "kneeRight", "footRight", "handRight", limb(3), limb(1)],
  ] as const) {
    const up = share(l);
    body.putAt(knee, -side * 110, -480 + 110 * up, between(-20, 280, up));
    body.putAt(foot, -side * 120, -880 + 260 * up, -50);
    body.put(hand, between(-220, 40, share(arm)), side * between(230, 60, share(arm)), between(20, 240, share(arm)));
  }
  return body.pose;
}

function edgePose(figure: Figure, build: Build, scene: Scene, limb: Limbs): Float64Array {
  const lean = 0.15 + 0.25 * limb(4);
  const along: Vector = [Math.sin(lean), 0, Math.cos(lean)];
  const front: Vector = [Math.cos(lean), 0, -Math.sin(lean)];
  const body = writer(along, [0, 1, 0], front, build);
  body.torso(72);
  body.put("neck", 320, 0, 15);
  body.put("crown", 425, 25 * limb(5), 30);
  const kneeZMm = Math.max(scene.bed.topMm + 60, 440) - figure.trunk.zMm;
  for (const [side, knee, foot, hand, l, arm] of [
    [1, "kneeLeft", "footLeft", "handLeft", limb(2), limb(0)],
    [-1, "kneeRight", "footRight", "handRight", limb(3), limb(1)],
  ] as const) {
    const y = side * (90 + 60 * share(l));
    body.putAt(knee, 370, y, kneeZMm);
    body.putAt(foot, 380 + 90 * l, y, 50 - figure.trunk.zMm);
    const propped = share(arm);
    body.put(hand, between(-120, -225, propped), side * between(120, 300, propped), between(290, 0, propped));
  }
  return body.pose;
}

function standingPose(figure: Figure, build: Build, scene: Scene, limb: Limbs): Float64Array {
  const atBed = figure.place === "beside";
  // A carer bends over the bed; who stands in the room looks about.
  const lean = atBed ? 0.15 + 0.7 * share(limb(4)) : 0.05;
  const heading = (atBed ? Math.PI : 0) + (atBed ? 0.3 : 1.5) * limb(5);
  const [x, y] = [Math.cos(heading), Math.sin(heading)];
  const along: Vector = [Math.sin(lean) * x, Math.sin(lean) * y, Math.cos(lean)];
  const front: Vector = [Math.cos(lean) * x, Math.cos(lean) * y, -Math.sin(lean)];
  const left: Vector = [-y, x, 0];
  const body = writer(along, left, front, build);
  body.torso(78);
  body.put("neck", 320, 0, 5);
  body.put("crown", 425, 0, 15);
  const hip = -230 * Math.sin(lean);
  for (const [side, knee, foot, hand, l, arm] of [
    [1, "kneeLeft", "footLeft", "handLeft", limb(2), limb(0)],
    [-1, "kneeRight", "footRight", "handRight", limb(3), limb(1)],
  ] as const) {
    const step = 120 * l + hip;
    const out = side * 85;
    body.putAt(knee, left[0] * out + x * (hip + 60), left[1] * out + y * (hip + 60), 500 - figure.trunk.zMm);
    body.putAt(foot, left[0] * out + x * step, left[1] * out + y * step, 50 - figure.trunk.zMm);
    const reach = atBed ? share(arm) : 0.25 * share(arm);
    if (atBed && reach > 0.3) {
      const far = between(380, 620, reach);
      const bedZMm = scene.bed.topMm + between(420, 190, reach) - figure.trunk.zMm;
      body.putAt(hand, x * far + left[0] * side * 140, y * far + left[1] * side * 140, bedZMm);
    } else body.put(hand, -340, side * 240, 60 * reach);
  }
  return body.pose;
}
