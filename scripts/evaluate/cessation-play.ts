import type { Movement, Scene } from "../../edge-agent/contract/scene.ts";
import { stoppedAfterSec } from "../../edge-agent/perception/breath-watch.ts";
import { longRadarSettings } from "../../edge-agent/perception/radar-settings.ts";
import { newRandom, type Random } from "../../firmware-bridge/simulator/random.ts";
import { randomScene } from "../../firmware-bridge/simulator/scenes-random.ts";
import { stirring } from "../../firmware-bridge/simulator/scenes-timelines.ts";
import { type Model, settingsFromCard } from "../radar-run.ts";
import { type Instant, playRadar } from "./radar-play.ts";

/* Breath that stops, and nights in which it never does for 20 s. */

const settings = settingsFromCard(longRadarSettings);

export interface StopFound {
  readonly pauseSec: number;
  /** From the end of the last breath to the prompt; null: not found while it lasted. */
  readonly delaySec: number | null;
  readonly word: Instant["breath"];
}

/** One stop of 20 to 60 s after 50 to 90 s of breathing. Interval variation, posture, heart and bedding as drawn. */
export async function playStop(index: number, iqSnrDb: readonly [number, number], model: Model): Promise<StopFound> {
  const random = newRandom(840_000_000 + index);
  const pauseSec = random.between(20, 60);
  const atSec = random.between(50, 90);
  const lengthSec = Math.ceil(atSec + 15 + pauseSec);
  const drawn = randomScene(random, "still", "held-out", lengthSec, {
    intervalCv: [0.03, 0.2],
    iqSnrDb,
    breathing: "plain",
    gapSec: [3_600, 7_200],
    interferer: "none",
  });
  const hold: Movement = { kind: "hold", atSec, lastsSec: pauseSec, extentMm: 0 };
  const scene = withMovements(drawn, (own) => [...own.filter((one) => one.atSec < 5), hold]);
  const instants = await playRadar(scene, lengthSec, model, settings);
  const held = instants.filter(({ truth }) => truth.stillChestSec > 0);
  const first = held.find(({ breath }) => breath === "stopped");
  const last = held.at(-1);
  return { pauseSec, delaySec: first?.truth.stillChestSec ?? null, word: first?.breath ?? last?.breath ?? "unknown" };
}

const withMovements = (scene: Scene, change: (own: readonly Movement[]) => Movement[]): Scene => ({
  ...scene,
  people: scene.people.map((one) => (one.role === "occupant" ? { ...one, movements: change(one.movements) } : one)),
});

/** Prompts in a bed-hour where nobody stops for `stoppedAfterSec`: with turning, sighs, slow breathers and Cheyne-Stokes. */
export async function playQuietHour(
  index: number,
  model: Model,
): Promise<{ readonly hours: number; readonly falsePrompts: number; readonly cannotSeeSec: number }> {
  const random = newRandom(850_000_000 + index);
  const lengthSec = 3_600;
  const drawn = randomScene(random, "still", "held-out", lengthSec, {
    intervalCv: [0.03, 0.2],
    iqSnrDb: [10, 30],
    gapSec: [180, 1_800],
    interferer: "none",
  });
  const scene = {
    ...drawn,
    people: drawn.people.map((one) => ({
      ...one,
      is: { ...one.is, breathing: nightBreathing(one.is.breathing, random) },
    })),
  };
  const instants = await playRadar(
    withMovements(scene, (own) => (own.length > 0 ? [...own] : stirring(random, 900, 1, lengthSec))),
    lengthSec,
    model,
    settings,
  );
  let falsePrompts = 0;
  let cannotSeeSec = 0;
  let before: Instant["breath"] = "unknown";
  for (const { breath, truth } of instants) {
    // The longest stop of this night is shorter; a prompt within one that long would be right.
    if (breath === "stopped" && before !== "stopped" && truth.stillChestSec < stoppedAfterSec - 1) falsePrompts += 1;
    if (breath === "cannot-see") cannotSeeSec += 1;
    before = breath;
  }
  return { hours: lengthSec / 3600, falsePrompts, cannotSeeSec };
}

/** A fifth breathe as slowly as 6 /min, a fifth wax and wane with stops of up to 14 s, the others as drawn. */
function nightBreathing(breathing: Scene["people"][number]["is"]["breathing"], random: Random) {
  const { cheyneStokes: _, ...plain } = breathing;
  const kind = random.uniform();
  if (kind < 0.2) return { ...plain, perMin: random.between(5.5, 7) };
  if (kind < 0.4) {
    const cycleSec = random.between(40, 60);
    return { ...plain, cheyneStokes: { cycleSec, apnoeaShare: random.between(8, 14) / cycleSec } };
  }
  return plain;
}
