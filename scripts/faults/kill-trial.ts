import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { quantile } from "../evaluate/statistics.ts";
import { findDamage, findLost, findTaken } from "./kept.ts";
import { openStruckWard, type StruckWard, type Victim, victims } from "./struck-ward.ts";
import { Touches } from "./touches.ts";

/*
 * kill -9 of each process of a running ward, in an order and at moments that a seed decides, while people use it. After each kill:
 * everything that was acknowledged is there, nothing was taken of who had stopped, the screen told the truth, and it went on alone.
 */

/** The first delay of the supervisor and of the service files. */
const startAgainMs = 500;
/** DESIGN 1.5. */
export const screenMsMax = 10_000;
/** A part that stays down for this long has to be seen. */
const heldMs = screenMsMax + 1_500;
const giveUpMs = 60_000;
const lookEveryMs = 50;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Kill {
  readonly number: number;
  readonly victim: Victim;
  /** It stayed down for `heldMs`. */
  readonly held: boolean;
  /** From the kill until no bed stood as monitored any more; null: it was back before the screen had to say so. */
  readonly toldMs: number | null;
  /** From its new start until the beds were monitored by new frames and an ask was answered. */
  readonly recoveredMs: number;
  readonly missed: readonly string[];
}

export interface Outage {
  readonly downMs: number;
  /** From the kill until no bed stood as monitored any more. */
  readonly toldMs: number | null;
  readonly recoveredMs: number;
  readonly missed: readonly string[];
}

export interface TrialResult {
  readonly seed: number;
  readonly kills: readonly Kill[];
  /** Both brokers away for so long at the end; null: that was not asked for. */
  readonly outage: Outage | null;
  readonly acknowledged: { readonly checks: number; readonly consents: number };
  readonly unanswered: number;
  readonly alarms: number;
  /** What was not as it must be, of all kills and at the end. */
  readonly missed: readonly string[];
}

export interface TrialOptions {
  readonly kills: number;
  readonly seed: number;
  /** Each so-many-th kill holds its victim down; 0: none. */
  readonly holdEvery: number;
  /** Then both brokers stay away for so long; 0: not at all. */
  readonly outageMs: number;
  /** What counts as having gone on in time. */
  readonly recoveryMsMax: number;
  readonly say: (kill: Kill) => void;
}

export async function runKillTrial(options: TrialOptions): Promise<TrialResult> {
  const { kills, seed, holdEvery, outageMs, recoveryMsMax, say } = options;
  const here = await openStruckWard(seed);
  try {
    const touches = new Touches(here);
    await recovered(here, touches, { sinceUtcMs: 0, withAsk: false });
    touches.start();
    const random = newRandom(seed);
    const done: Kill[] = [];
    const strikeNow = async (struck: readonly Victim[], downMs: number): Promise<Outage> => {
      const one = await strike(here, touches, struck, downMs);
      if (one.recoveredMs <= recoveryMsMax) return one;
      return { ...one, missed: [...one.missed, `it took ${Math.round(one.recoveredMs)} ms to go on`] };
    };
    for (const [place, victim] of inTurns(kills, (below) => Math.floor(random.uniform() * below)).entries()) {
      await sleep(random.between(0, 1_500));
      const held = holdEvery > 0 && place % holdEvery === holdEvery - 1;
      const struck = await strikeNow([victim], held ? heldMs : startAgainMs);
      const kill = { number: place + 1, victim, held, ...struck, toldMs: held ? struck.toldMs : null };
      done.push(kill);
      say(kill);
    }
    const both = ["frames broker", "control broker"] as const;
    const outage = outageMs > 0 ? await strikeNow(both, outageMs) : null;
    // On a slow machine the first pause may still be on its way: a trial in which nobody stopped shows nothing of stopping.
    for (const begun = performance.now(); touches.consents.length < 2 && performance.now() - begun < giveUpMs; )
      await sleep(lookEveryMs);
    await touches.stop();
    const late = [
      ...findLost(here, touches, touches.quiets),
      ...findTaken(here, touches.quiets),
      ...findBlindness(here),
    ];
    for (const part of ["bridge", "dashboard", "agent"]) await here.ward.end(part);
    late.push(...(await findDamage(here.ward.dataDir)));
    return {
      seed,
      kills: done,
      outage,
      acknowledged: { checks: touches.checks.length, consents: touches.consents.length },
      unanswered: touches.unanswered,
      alarms: here.screen.alarms.size,
      missed: [
        ...(outage?.missed ?? []).map((one) => `both brokers away: ${one}`),
        ...done.flatMap(({ number, victim, missed }) => missed.map((one) => `kill ${number} (${victim}): ${one}`)),
        ...late,
      ],
    };
  } finally {
    await here.close();
  }
}

/** Every process equally often, each round in an order of its own. */
export function inTurns(kills: number, below: (count: number) => number): Victim[] {
  const order: Victim[] = [];
  while (order.length < kills) {
    const round = [...victims];
    while (round.length > 0) order.push(...round.splice(below(round.length), 1));
  }
  return order.slice(0, kills);
}

/** All of them are killed at once, stay away for so long, and are started again. */
async function strike(here: StruckWard, touches: Touches, struck: readonly Victim[], downMs: number): Promise<Outage> {
  const { screen, people } = here;
  const missed: string[] = [];
  const claims = (): boolean => screen.claimsMonitored(people.steady.bed) || screen.claimsMonitored(people.pausing.bed);
  const killedAtMs = performance.now();
  await Promise.all(struck.map((victim) => here.kill(victim)));
  let toldMs: number | null = null;
  let isLate = false;
  for (let ms = 0; ms < downMs; ms = performance.now() - killedAtMs) {
    toldMs = claims() ? null : (toldMs ?? ms);
    isLate ||= ms > screenMsMax && toldMs === null;
    await sleep(lookEveryMs);
  }
  if (isLate) missed.push(`a bed stood as monitored more than ${screenMsMax} ms later`);
  const startedAtMs = performance.now();
  const sinceUtcMs = Date.now();
  for (const victim of struck) here.start(victim);
  await recovered(here, touches, { sinceUtcMs, withAsk: true });
  const recoveredMs = performance.now() - startedAtMs;
  missed.push(...findLost(here, acknowledgedNow(touches), touches.quiets), ...findTaken(here, touches.quiets));
  return { downMs, toldMs, recoveredMs, missed };
}

/** A search that finds nothing has to be one that could: what never happened is lost, and all of the time is a time of silence. */
function findBlindness(here: StruckWard): string[] {
  const never = { state: "paused", fromUtcMs: 1, untilUtcMs: 2 } as const;
  const lost = findLost(here, { checks: ["never seen"], consents: [never] }, []);
  const taken = findTaken(here, [{ fromUtcMs: 0, untilUtcMs: Number.POSITIVE_INFINITY }]);
  return lost.length === 3 && taken.length === 1 ? [] : ["what was made up as lost or taken was not found"];
}

const acknowledgedNow = ({ checks, consents }: Touches) => ({ checks: [...checks], consents: [...consents] });

/** Resolves once who is on is monitored by frames of after `sinceUtcMs`, and somebody's ask of after it was done. */
async function recovered(
  { screen, people, ward }: StruckWard,
  touches: Touches,
  { sinceUtcMs, withAsk }: { readonly sinceUtcMs: number; readonly withAsk: boolean },
): Promise<void> {
  const isBack = (bed: string): boolean => {
    const seen = screen.newest(bed);
    if (seen === undefined || !screen.claimsMonitored(bed) || seen.heardUtcMs <= sinceUtcMs) return false;
    const { at, dataAgeMs } = seen.tile;
    return dataAgeMs !== null && at - dataAgeMs > sinceUtcMs;
  };
  const asked = (): boolean => !withAsk || touches.lastDoneUtcMs > sinceUtcMs;
  const all = (): boolean => isBack(people.steady.bed) && (!touches.isOn() || isBack(people.pausing.bed)) && asked();
  for (const begun = performance.now(); !all(); ) {
    if (performance.now() - begun > giveUpMs) {
      const newest = JSON.stringify([...screen.tiles.values()].map((seen) => seen.at(-1)?.tile));
      throw new Error(`it did not go on within ${giveUpMs} ms: ${newest}\n${ward.log("agent").slice(-2_000)}`);
    }
    await sleep(lookEveryMs);
  }
}

export interface Figures {
  readonly victim: Victim;
  readonly times: number;
  readonly recoveredMs: { readonly p50: number; readonly max: number };
  /** Null where none was held down. */
  readonly toldMsMax: number | null;
}

export function figuresOf(kills: readonly Kill[]): Figures[] {
  return victims.flatMap((victim) => {
    const of = kills.filter((kill) => kill.victim === victim);
    if (of.length === 0) return [];
    const recovered = of.map(({ recoveredMs }) => recoveredMs);
    const told = of.flatMap(({ toldMs }) => toldMs ?? []);
    return {
      victim,
      times: of.length,
      recoveredMs: { p50: quantile(recovered, 0.5), max: Math.max(...recovered) },
      toldMsMax: told.length === 0 ? null : Math.max(...told),
    };
  });
}
