import type { WardPlan } from "../../tests/running-ward.ts";
import { type BenchWard, openBenchWard } from "./bench-ward.ts";
import {
  type Buckets,
  boundOf,
  bucketsOf,
  cpuMsOf,
  residentMiBOf,
  round,
  type Spread,
  spreadOf,
  sumOfMetric,
} from "./figures.ts";
import { type Begun, Player } from "./player.ts";
import type { RoomKind, Stream } from "./rooms.ts";
import { type Counts, Screen } from "./screen.ts";

/** More rooms than a ward may have are several wards on the same machine, each with its own agent and dashboard. */
export const roomsPerWardMax = 50;

export interface WardRun {
  readonly kinds: readonly RoomKind[];
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly streams: Readonly<Record<RoomKind, readonly Stream[]>>;
  readonly coldStart: boolean;
  readonly begun?: Begun;
  /** Frames that are counted as sent and never were: a benchmark that does not see them proves nothing. */
  readonly plantedLoss?: number;
  readonly mosquitto?: NonNullable<WardPlan["mosquitto"]>;
}

export interface Measured {
  readonly rooms: number;
  readonly wards: number;
  readonly seconds: number;
  readonly framesPublished: number;
  readonly framesLost: number;
  readonly framesDropped: number;
  readonly droppedWhy: Readonly<Record<string, number>>;
  /** Windows that were completed while it was measured, and had no message with their result a while after. */
  readonly resultsMissing: number;
  readonly inferencesLate: number;
  readonly tilesHeldBack: number;
  readonly resultMs: Spread;
  readonly alarmMs: Spread | null;
  readonly stages: {
    /** Decoding, signal, windows and rules of one frame, mean. */
    readonly coreUsPerFrame: number;
    readonly inferenceMs: Spread;
    /** Bounds of buckets: half, and 99 of 100, did not take longer. */
    readonly commitMsAtMost: { readonly p50: number | null; readonly p99: number | null };
    readonly loopLateMsAtMost: { readonly p50: number | null; readonly p99: number | null };
    readonly tellingMs: Spread;
  };
  /** Of one core, for each room: parsing, signal and inference. The first two by the agent's clock, so that what interrupts them counts too;
   * inference by its thread's processor time. */
  readonly workPercentPerRoom: number;
  readonly agentPercentPerRoom: number;
  readonly dashboardPercentPerRoom: number;
  readonly agentMiB: number;
  readonly dashboardMiB: number;
  /** Bounds of the buckets below which 99.9 % of the pauses lie. */
  readonly agentGcMsP999AtMost: number | null;
  readonly dashboardGcMsP999AtMost: number | null;
  readonly coldStartMs: number | null;
  /** The benchmark itself: what its player was late at most. */
  readonly playerLateMs: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const coldStartMsMax = 60_000;

interface Look {
  readonly atMs: number;
  readonly agentCpuMs: number;
  readonly dashboardCpuMs: number;
  readonly agent: string;
  readonly dashboard: string;
}

async function lookAt(here: BenchWard): Promise<Look> {
  const [agent, dashboard] = await Promise.all([here.metricsOf("agent"), here.metricsOf("dashboard")]);
  return {
    atMs: performance.now(),
    agentCpuMs: cpuMsOf(here.ward.pid("agent")),
    dashboardCpuMs: cpuMsOf(here.ward.pid("dashboard")),
    agent,
    dashboard,
  };
}

export async function measureWards(run: WardRun): Promise<Measured> {
  const parts: RoomKind[][] = [];
  const wards = Math.ceil(run.kinds.length / roomsPerWardMax);
  for (const [n, kind] of run.kinds.entries()) {
    const place = Math.floor((n * wards) / run.kinds.length);
    const part = parts[place] ?? [];
    parts[place] = part;
    part.push(kind);
  }
  const open: BenchWard[] = [];
  try {
    for (const kinds of parts)
      open.push(await openBenchWard(kinds, run.mosquitto === undefined ? {} : { mosquitto: run.mosquitto }));
    return await play(run, open);
  } finally {
    for (const here of open) await here.stop();
  }
}

async function play(run: WardRun, open: readonly BenchWard[]): Promise<Measured> {
  const players = open.map(({ ward, link, kinds }) => new Player(ward, link, kinds, run.streams, run.begun));
  const screens = open.map(() => new Screen());
  await Promise.all(open.map((here, n) => screens[n]?.open(here, players[n] as Player)));
  for (const player of players) player.start();
  await sleep(run.warmUpMs);
  for (const player of players) for (const windows of player.windows) windows.clear();
  for (const screen of screens) screen.measuring = true;
  const before = await Promise.all(open.map(lookAt));
  await sleep(run.measureMs);
  const after = await Promise.all(open.map(lookAt));
  const memory = open.map(({ ward }) => ({
    agent: residentMiBOf(ward.pid("agent")),
    dashboard: residentMiBOf(ward.pid("dashboard")),
  }));
  for (const player of players) player.stop();
  await Promise.all(screens.map((screen) => screen.settled()));
  for (const screen of screens) screen.measuring = false;
  const counts = sumOf(screens.map((screen) => screen.counts()));
  const resultsMissing = players.flatMap(({ windows }) => windows.map(({ size }) => size)).reduce((a, b) => a + b, 0);
  const published = players.reduce((sum, { published, notSent }) => sum + published - notSent, run.plantedLoss ?? 0);
  const between = (name: string): number =>
    open.reduce(
      (sum, _, n) => sum + sumOfMetric(after[n]?.agent ?? "", name) - sumOfMetric(before[n]?.agent ?? "", name),
      0,
    );
  const coreSec = between("quietround_core_seconds_total");
  const workSec = coreSec + between("quietround_inference_cpu_seconds_total");
  const taken = between("quietround_frames_accepted_total");
  const coldStartMs = run.coldStart ? await coldStart(open[0] as BenchWard, run, screens[0] as Screen) : null;
  for (const screen of screens) screen.close();
  const rooms = run.kinds.length;
  const seconds = ((after[0]?.atMs ?? 0) - (before[0]?.atMs ?? 0)) / 1_000;
  const percent = (key: "agentCpuMs" | "dashboardCpuMs"): number =>
    round(open.reduce((sum, _, n) => sum + (after[n]?.[key] ?? 0) - (before[n]?.[key] ?? 0), 0) / 10 / seconds / rooms);
  const bound = (process: "agent" | "dashboard", name: string, share: number): number | null => {
    const sums = (looks: readonly Look[]): Buckets => {
      const all = new Map<number, number>();
      for (const look of looks)
        for (const [at, count] of bucketsOf(look[process], name)) all.set(at, (all.get(at) ?? 0) + count);
      return all;
    };
    const found = boundOf(sums(before), sums(after), share);
    return found === null ? null : round(1_000 * found);
  };
  const bounds = (name: string) => ({ p50: bound("agent", name, 0.5), p99: bound("agent", name, 0.99) });
  const of = (name: "resultMs" | "tellingMs" | "inferenceMs" | "alarmMs"): Spread =>
    spreadOf(screens.flatMap((screen) => screen[name]));
  return {
    rooms,
    wards: open.length,
    seconds: round(seconds),
    framesPublished: published,
    framesLost: published - counts.accepted - counts.dropped,
    framesDropped: counts.dropped,
    droppedWhy: counts.why,
    resultsMissing,
    inferencesLate: counts.inferencesLate,
    tilesHeldBack: counts.heldBack,
    resultMs: of("resultMs"),
    alarmMs: run.kinds.includes("module") ? of("alarmMs") : null,
    stages: {
      coreUsPerFrame: round((1e6 * coreSec) / taken),
      inferenceMs: of("inferenceMs"),
      commitMsAtMost: bounds("quietround_records_commit_seconds"),
      loopLateMsAtMost: bounds("quietround_loop_lateness_seconds"),
      tellingMs: of("tellingMs"),
    },
    workPercentPerRoom: round((100 * workSec) / seconds / rooms),
    agentPercentPerRoom: percent("agentCpuMs"),
    dashboardPercentPerRoom: percent("dashboardCpuMs"),
    agentMiB: round(memory.reduce((sum, { agent }) => sum + agent, 0)),
    dashboardMiB: round(memory.reduce((sum, { dashboard }) => sum + dashboard, 0)),
    agentGcMsP999AtMost: bound("agent", "quietround_nodejs_gc_duration_seconds", 0.999),
    dashboardGcMsP999AtMost: bound("dashboard", "quietround_nodejs_gc_duration_seconds", 0.999),
    coldStartMs,
    playerLateMs: round(Math.max(...players.map(({ lateMsMax }) => lateMsMax))),
  };
}

function sumOf(all: readonly Counts[]): Counts {
  const why: Record<string, number> = {};
  for (const one of all) {
    for (const [reason, count] of Object.entries(one.why)) why[reason] = (why[reason] ?? 0) + count;
  }
  const sum = (of: (one: Counts) => number): number => all.reduce((so, one) => so + of(one), 0);
  return {
    accepted: sum(({ accepted }) => accepted),
    dropped: sum(({ dropped }) => dropped),
    why,
    inferencesLate: sum(({ inferencesLate }) => inferencesLate),
    heldBack: sum(({ heldBack }) => heldBack),
  };
}

/** Ends the agent, and starts it again: from the start of its program, over records that are there, to the tile that counts its first frame. */
async function coldStart(here: BenchWard, run: WardRun, screen: Screen): Promise<number> {
  const { ward } = here;
  await ward.end("agent");
  const player = new Player(ward, here.link, here.kinds, run.streams);
  player.start();
  const begun = Date.now();
  ward.start("agent");
  try {
    const first = await ward.until(
      "the first frame after a start",
      () => screen.firstAcceptedUtcMs(begun),
      coldStartMsMax,
    );
    return round(first - begun);
  } finally {
    player.stop();
  }
}
