import type { Breathing, Heart } from "../../edge-agent/contract/scene.ts";
import type { Random } from "./random.ts";

export type { Breathing, Heart } from "../../edge-agent/contract/scene.ts";

export interface BreathingState {
  /** Whole and fractional breaths since the start: the truth from which a rate is a difference over a time. */
  breaths: number;
  /** How far the chest is out, mm. */
  displacementMm: number;
  intervalSec: number;
  depthMm: number;
  meanPerMin: number;
  memory: number;
  /** After a sigh comes a pause. */
  afterSigh: boolean;
  /** Share of this breath's interval in which nothing moves, and whether that is breathed in or out. */
  holdShare: number;
  holdAt: "in" | "out";
  /** Where in its cycle a Cheyne-Stokes breather is, 0 to 1. */
  cycle: number;
  /** Asked for: the breath stops for so long at the end of the breath that is going on. */
  pauseAskedSec: number;
  /** What is left of a stop; 0 while somebody breathes. */
  pauseLeftSec: number;
  /** Since the last breath ended in a stop, or for ever without breath; 0 while somebody breathes. */
  stillSec: number;
}

export function startBreathing(breathing: Breathing, random: Random): BreathingState {
  const state: BreathingState = {
    breaths: random.uniform(),
    displacementMm: 0,
    intervalSec: 60 / breathing.perMin,
    depthMm: breathing.depthMm,
    meanPerMin: breathing.perMin,
    memory: random.gaussian() * breathing.intervalCv,
    afterSigh: false,
    holdShare: 0,
    holdAt: "out",
    cycle: breathing.cheyneStokes === undefined ? 0 : random.uniform() * (1 - breathing.cheyneStokes.apnoeaShare),
    pauseAskedSec: 0,
    pauseLeftSec: 0,
    stillSec: 0,
  };
  nextBreath(state, breathing, random);
  state.displacementMm = state.depthMm * breathShape(heldPart(state, state.breaths, breathing), breathing);
  return state;
}

export function stepBreathing(state: BreathingState, breathing: Breathing, random: Random, stepSec: number): void {
  // Nobody breathes: no breaths are counted either.
  if (breathing.depthMm === 0) {
    state.stillSec += stepSec;
    return;
  }
  if (breathing.cheyneStokes !== undefined) {
    state.cycle += stepSec / breathing.cheyneStokes.cycleSec;
    if (state.cycle >= 1) state.cycle -= 1;
  }
  if (state.pauseLeftSec > 0) {
    state.pauseLeftSec -= stepSec;
    state.stillSec += stepSec;
    if (state.pauseLeftSec > 0) return;
    state.pauseLeftSec = 0;
    nextBreath(state, breathing, random);
  }
  state.stillSec = 0;
  state.meanPerMin += breathing.driftPerMin * Math.sqrt(stepSec / 60) * random.gaussian();
  state.meanPerMin = Math.min(breathing.perMin * 1.25, Math.max(breathing.perMin * 0.8, state.meanPerMin));
  const before = Math.floor(state.breaths);
  state.breaths += stepSec / state.intervalSec;
  // At the turn of a breath the chest is at rest, so depth and length may change without a jump.
  if (Math.floor(state.breaths) !== before) {
    const stopSec = stopAfterBreath(state, breathing);
    if (stopSec > 0) {
      state.breaths = before + 1;
      state.displacementMm = 0;
      state.pauseAskedSec = 0;
      state.pauseLeftSec = stopSec;
      return;
    }
    nextBreath(state, breathing, random);
  }
  const part = heldPart(state, state.breaths - Math.floor(state.breaths), breathing);
  state.displacementMm = state.depthMm * breathShape(part, breathing);
}

/** How long nobody breathes now that a breath has ended; 0: the next one follows. */
function stopAfterBreath(state: BreathingState, { cheyneStokes }: Breathing): number {
  if (state.pauseAskedSec > 0) return state.pauseAskedSec;
  if (cheyneStokes === undefined || state.cycle < 1 - cheyneStokes.apnoeaShare) return 0;
  return (1 - state.cycle) * cheyneStokes.cycleSec;
}

function nextBreath(state: BreathingState, breathing: Breathing, random: Random): void {
  const rho = breathing.intervalMemory;
  state.memory = rho * state.memory + Math.sqrt(1 - rho * rho) * breathing.intervalCv * random.gaussian();
  const usual = (60 / state.meanPerMin) * Math.exp(Math.max(-0.7, Math.min(0.7, state.memory)));
  state.intervalSec = state.afterSigh ? usual * 1.6 : usual;
  state.depthMm = breathing.depthMm * Math.exp(Math.max(-1, Math.min(1, breathing.depthCv * random.gaussian())));
  if (breathing.cheyneStokes !== undefined) {
    // Waxes and wanes between two stops.
    const part = Math.min(1, state.cycle / (1 - breathing.cheyneStokes.apnoeaShare));
    state.depthMm *= Math.max(0.15, Math.sin(Math.PI * part));
  }
  state.afterSigh = false;
  if (random.chance((breathing.sighsPerHour / 3600) * usual)) {
    state.depthMm *= random.between(2, 3);
    state.intervalSec *= 1.3;
    state.afterSigh = true;
  }
  // Nothing is drawn for those who do neither, so that their chances stay as they are.
  state.holdShare = 0;
  if (breathing.holdChance !== undefined && random.chance(breathing.holdChance)) {
    const holdSec = random.between(0.8, 4);
    state.intervalSec += holdSec;
    state.holdShare = holdSec / state.intervalSec;
    state.holdAt = random.chance(0.5) ? "in" : "out";
  }
  if (breathing.shallowChance !== undefined && random.chance(breathing.shallowChance)) {
    state.depthMm *= random.between(0.2, 0.5);
  }
}

/** Where in an unheld breath the chest is: it rests at the top or at the end while the breath is held. */
function heldPart(state: BreathingState, part: number, breathing: Breathing): number {
  const free = 1 - state.holdShare;
  if (state.holdAt === "out") return Math.min(1, part / free);
  const top = breathing.inspiratoryFraction * free;
  if (part <= top) return part / free;
  return part <= top + state.holdShare ? breathing.inspiratoryFraction : (part - state.holdShare) / free;
}

/** 0 at rest, 1 at the end of breathing in: half a cosine up, an exponential down that ends at 0. */
export function breathShape(part: number, breathing: Breathing): number {
  const inhale = breathing.inspiratoryFraction;
  if (part < inhale) return 0.5 - 0.5 * Math.cos((Math.PI * part) / inhale);
  const end = Math.exp(-(1 - inhale) / breathing.expiratoryTau);
  return (Math.exp(-(part - inhale) / breathing.expiratoryTau) - end) / (1 - end);
}

export interface HeartState {
  beats: number;
  intervalSec: number;
  displacementMm: number;
}

export const startHeart = (heart: Heart, random: Random): HeartState => ({
  beats: random.uniform(),
  intervalSec: 60 / heart.perMin,
  displacementMm: 0,
});

export function stepHeart(state: HeartState, heart: Heart, breathPart: number, random: Random, stepSec: number): void {
  const before = Math.floor(state.beats);
  state.beats += stepSec / state.intervalSec;
  if (Math.floor(state.beats) !== before) {
    // Breathing in quickens the heart (respiratory sinus arrhythmia).
    const sinus = 1 - 0.04 * Math.sin(2 * Math.PI * breathPart);
    state.intervalSec = (60 / heart.perMin) * sinus * Math.max(0.6, 1 + heart.variation * random.gaussian());
  }
  const angle = 2 * Math.PI * state.beats;
  state.displacementMm =
    heart.depthMm * (Math.sin(angle) + 0.5 * Math.sin(2 * angle + 0.6) + 0.25 * Math.sin(3 * angle + 1.1));
}
