import type { Scene } from "../../edge-agent/contract/scene.ts";
import { longRadar } from "../../edge-agent/perception/radar-breathing.ts";
import { longRadarSettings } from "../../edge-agent/perception/radar-settings.ts";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import {
  randomScene,
  type SceneClass,
  type ScenePlan,
  type SceneRegion,
} from "../../firmware-bridge/simulator/scenes-random.ts";
import { type RadarModels, settingsFromCard } from "../radar-run.ts";
import { type Instant, playLive, playRadar } from "./radar-play.ts";
import { newTally, type Tally, tallyInstant } from "./tally.ts";

/* The conditions of the radar rows: held-out regions of the simulator, the room's own rules, shown outputs only. */

const snrDb = [10, 30] as const;
/** Gross movements (accuracy table 3.2): 1 to 6 an hour asleep, 6 to 20 awake, 20 to 60 restless. */
export const asleep: ScenePlan = { intervalCv: [0.03, 0.1], iqSnrDb: snrDb, breathing: "plain", gapSec: [600, 3_600] };
export const awake: ScenePlan = { intervalCv: [0.18, 0.22], iqSnrDb: snrDb, breathing: "plain", gapSec: [180, 600] };
export const restless: ScenePlan = { intervalCv: [0.05, 0.2], iqSnrDb: snrDb, breathing: "plain", gapSec: [60, 180] };

export interface RadarCondition {
  readonly name: string;
  readonly scenes: readonly { readonly what: SceneClass; readonly plan: ScenePlan }[];
  readonly windowSec: number;
  readonly rmseMax: number;
  readonly wrongMax: number;
  readonly coverageMin: number;
}

/** Issue order. A carer comes, is busy at the bed or stands there, and goes. */
export const radarConditions: readonly RadarCondition[] = [
  {
    name: "asleep",
    scenes: [{ what: "still", plan: asleep }],
    windowSec: 30,
    rmseMax: 0.25,
    wrongMax: 0.001,
    coverageMin: 0.95,
  },
  {
    name: "awake, still",
    scenes: [{ what: "still", plan: awake }],
    windowSec: 30,
    rmseMax: 0.45,
    wrongMax: 0.005,
    coverageMin: 0.8,
  },
  {
    name: "restless, or a carer at the bed",
    scenes: [
      { what: "restless", plan: restless },
      { what: "visited", plan: restless },
    ],
    windowSec: 30,
    rmseMax: 1,
    wrongMax: 0.02,
    coverageMin: 0.4,
  },
  {
    name: "asleep, 15 s",
    scenes: [{ what: "still", plan: asleep }],
    windowSec: 15,
    rmseMax: 0.6,
    wrongMax: 0.01,
    coverageMin: 0.8,
  },
  {
    name: "awake, 15 s",
    scenes: [{ what: "still", plan: awake }],
    windowSec: 15,
    rmseMax: 1,
    wrongMax: 0.01,
    coverageMin: 0.6,
  },
];

const settingsOf = (windowSec: number) => settingsFromCard({ ...longRadarSettings, windowSec });

/** What playing one scene costs on one core, s. */
export const playSec = 0.39;
/** Seconds of one scene, and from when on it is looked at: once a window. */
export const sceneSec = 130;
const fromSec = 40;

/** Seeds of scenes; training's lie below 10 million. */
const firstSeed = { "held-out": 810_000_000, training: 870_000_000 } as const;

/** Scene number `index` of a condition. The same number is the same scene in every run. */
export function sceneOf(
  { scenes }: Pick<RadarCondition, "scenes">,
  index: number,
  region: SceneRegion = "held-out",
): Scene {
  const { what, plan } = scenes[index % scenes.length]!;
  return randomScene(newRandom(firstSeed[region] + index), what, region, sceneSec, plan);
}

/** As the live room asks its models; for answers over less than its window, the long one alone. */
export function playScene(scene: Scene, windowSec: number, radar: RadarModels): Promise<readonly Instant[]> {
  if (windowSec === longRadarSettings.windowSec) return playLive(scene, sceneSec, radar);
  return playRadar(scene, sceneSec, radar.models[longRadar.name]!, settingsOf(windowSec));
}

/** Number of the first scene of a run: each seed of the evaluation has scenes of its own. */
export const firstIndex = (seed: number): number => 1_000_000 * (seed % 50);

export const playCondition = (
  condition: RadarCondition,
  index: number,
  radar: RadarModels,
): Promise<readonly Instant[]> => playScene(sceneOf(condition, index), condition.windowSec, radar);

/** One instant for each window length, so that windows do not overlap, while the occupant is in bed. */
export const apart = (instants: readonly Instant[], windowSec: number): readonly Instant[] =>
  apartAnywhere(instants, windowSec).filter(({ truth }) => truth.inBed);

/** The same wherever the occupant is. */
export const apartAnywhere = (instants: readonly Instant[], windowSec: number): readonly Instant[] =>
  instants.filter(({ atSec }) => atSec >= fromSec && (atSec - fromSec) % windowSec === 0);

export function tallyOf(plays: Iterable<readonly Instant[]>, windowSec: number): Tally {
  const tally = newTally();
  for (const instants of plays) for (const instant of apart(instants, windowSec)) tallyInstant(tally, instant);
  return tally;
}
