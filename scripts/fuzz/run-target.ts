import { createHash } from "node:crypto";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { mutate, oneOf } from "./mutate.ts";
import type { Fed, Target } from "./target.ts";

export interface Found {
  readonly words: string;
  /** The input that shows it. */
  readonly bytes: Uint8Array;
}

export interface TargetOutcome {
  readonly target: string;
  readonly fed: number;
  /** Of damaged inputs. */
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** What must not happen; the first few. */
  readonly found: readonly Found[];
}

export interface Bounds {
  /** Damaged inputs at most; whichever of both comes first. */
  readonly count: number;
  readonly ms: number;
  readonly seed: number;
}

const foundTold = 5;
const hangMsUsual = 2_000;
/** Of real time so many times more: a machine that does other things is no hang, an answer that never comes is one. */
const waitsOver = 10;
/** With so many damaged inputs, one that refuses none of them checks nothing. */
const deafFrom = 200;

/** Names on what all objects share: one more is a pollution. */
const shared = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Number.prototype];
const sharedNames = (): string => shared.map((one) => Reflect.ownKeys(one).length).join();

/** Feeds one input, and says what of the invariants that hold for every parser it broke. */
export async function feedOne(
  target: Target,
  bytes: Uint8Array,
): Promise<{ fed: Fed | null; tookMs: number; fault?: string }> {
  const before = sharedNames();
  const begun = performance.now();
  const worked = process.cpuUsage();
  let fed: Fed | null = null;
  let fault: string | undefined;
  try {
    const answer = target.feed(Uint8Array.from(bytes));
    fed = typeof answer === "string" ? answer : await answer;
  } catch (cause) {
    fault = `threw ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`;
  }
  const tookMs = performance.now() - begun;
  if (sharedNames() !== before) fault = "changed what all objects share";
  const { user, system } = process.cpuUsage(worked);
  const hangMs = target.hangMs ?? hangMsUsual;
  if ((user + system) / 1_000 > hangMs || tookMs > waitsOver * hangMs)
    fault ??= `took ${Math.round(tookMs)} ms for ${bytes.length} bytes`;
  return { fed, tookMs, ...(fault === undefined ? {} : { fault }) };
}

/** @param kept inputs of earlier runs, damaged as the seeds are; whether they are accepted is their own matter */
export async function runTarget(target: Target, kept: readonly Uint8Array[], bounds: Bounds): Promise<TargetOutcome> {
  const number = createHash("sha256").update(`${target.name} ${bounds.seed}`).digest().readUInt32LE(0);
  const random = newRandom(number);
  const found: Found[] = [];
  const tell = (words: string, bytes: Uint8Array): void => {
    if (found.length < foundTold) found.push({ words: `seed ${bounds.seed}: ${words}`, bytes });
  };
  let [fed, accepted, refused, slowestMs] = [0, 0, 0, 0];

  for (const seed of target.seeds) {
    const one = await feedOne(target, seed);
    if (one.fault !== undefined) tell(one.fault, seed);
    else if (one.fed !== "accepted") tell("deaf: refused what our own encoder wrote", seed);
  }
  const all = [...target.seeds, ...kept];
  const until = performance.now() + bounds.ms;
  while (fed < bounds.count && performance.now() < until) {
    const bytes = mutate(target, oneOf(random, all), oneOf(random, all), random);
    const one = await feedOne(target, bytes);
    fed += 1;
    slowestMs = Math.max(slowestMs, one.tookMs);
    if (one.fed === "accepted") accepted += 1;
    else if (one.fed === "refused") refused += 1;
    if (one.fault !== undefined) tell(one.fault, bytes);
  }
  if (fed >= deafFrom && refused === 0) tell(`deaf: refused none of ${fed} damaged inputs`, new Uint8Array());
  return { target: target.name, fed, accepted, refused, slowestMs, found };
}
