import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { Acts } from "./acts.ts";
import { Invariants } from "./invariants.ts";
import { planOf } from "./plan.ts";
import { Broken, type Rule, Tallies } from "./tallies.ts";
import { World } from "./world.ts";

export interface Played {
  readonly seed: number;
  readonly tallies: Tallies;
  /** Null: everything held. */
  readonly broken: {
    readonly rule: Rule | null;
    readonly words: string;
    readonly atSec: number;
    readonly story: readonly string[];
  } | null;
}

const everyMs = 15 * 60_000;
/** A whole window of a check lies in it, whenever the last one was made. */
const leapSec = 2 * 15 * 60 + 30;
const storyLines = 25;

/** One history: everything in it follows from the seed. `plant`: what a test wants wrong, before it begins. */
export async function playHistory(seed: number, plant: (world: World) => void = () => {}): Promise<Played> {
  const random = newRandom(seed);
  const plan = planOf(seed, random.fork(1));
  const tallies = new Tallies();
  const story: string[] = [];
  const world = new World(plan, random.fork(2));
  const say = (words: string): void => void story.push(`${(world.ward.nowMs / 1_000).toFixed(2)} s  ${words}`);
  const invariants = new Invariants(world, tallies);
  const acting = random.fork(3);
  // Of the other layers, some are broken from the start: each is enough by itself.
  world.brokerBroken = acting.chance(0.3);
  for (const unit of world.units.values()) unit.rogue = acting.chance(0.3);
  plant(world);
  const acts = new Acts({ world, random: acting, tallies, say });
  const { ward } = world;
  const second = (): void => {
    ward.tick();
    invariants.second();
  };
  try {
    acts.begin();
    for (let nowMs = 0; nowMs < 1_000 * plan.seconds; nowMs += plan.stepMs) {
      world.step(nowMs);
      if (nowMs % 1_000 === 0) {
        acts.second();
        second();
      }
      // What the loop put off until its turn is over.
      await Promise.resolve();
      if (!tallies.leap) continue;
      tallies.leap = false;
      await leap(world, invariants, tallies, second);
      break;
    }
    for (const unit of world.units.values()) world.transport.join(unit.line);
    ward.diskFails = false;
    ward.diesAt = null;
    if (!ward.alive) world.restart();
    for (let n = 0; n < 3; n++) {
      world.step(ward.nowMs + 1_000);
      second();
      await Promise.resolve();
    }
    ward.end();
    invariants.atTheEnd();
    return { seed, tallies, broken: null };
  } catch (cause) {
    const rule = cause instanceof Broken ? cause.rule : null;
    const words =
      cause instanceof Broken ? cause.message : `the program failed: ${cause instanceof Error ? cause.stack : cause}`;
    return { seed, tallies, broken: { rule, words, atSec: ward.nowMs / 1_000, story: story.slice(-storyLines) } };
  } finally {
    world.close();
    ward.remove();
  }
}

/** Time alone, in which every sensor is off: clocks go on. */
async function leap(world: World, invariants: Invariants, tallies: Tallies, second: () => void): Promise<void> {
  const { ward } = world;
  ward.diskFails = false;
  ward.diesAt = null;
  if (!ward.alive) world.restart();
  for (const unit of world.units.values()) {
    unit.rogue = false;
    unit.line.cut = true;
  }
  second();
  await Promise.resolve();
  const before = invariants.written("check.missed");
  const fromMs = ward.nowMs;
  for (let sec = 0; sec < leapSec; sec++) {
    ward.nowMs += 1_000;
    world.transport.run(ward.nowMs);
    second();
    await Promise.resolve();
  }
  // Checks are due by the clock on the wall, which may have been moved meanwhile.
  if (!["clocks stepped", "clocks stuck"].some((what) => tallies.counts.has(what)))
    invariants.missedChecks(fromMs, 2 * everyMs, before);
}
