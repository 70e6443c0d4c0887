import "../edge-agent/platform/node-version.ts";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import { encodeEnvelope } from "../edge-agent/contract/frames.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { connectBroker } from "../edge-agent/platform/connect.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { newLog, readLogLine } from "../edge-agent/platform/log.ts";
import { openScreen } from "../tests/live-screen.ts";
import { rogueFrames } from "../tests/rogue-frames.ts";
import { type RunningWard, runWard } from "../tests/running-ward.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run bench [-- --rooms 1,20] [--seconds 30] [--out FILE]

Runs the agent and the dashboard as in production, plays the bridges of 1 and of 20 rooms at 20 frames a second each, and
measures: the agent's work per room-second (parsing, signal, inference), the CPU of its whole process (both embedded brokers,
records and what a process costs by itself, too), the time from publishing the frame that completes a window to the WebSocket message with its result, and resident memory.
Exits 1 where a target is missed.`;

/** At most 1 % of a core for one room's parsing, signal and inference; for the whole process as well once it serves a ward. */
const cpuPercentPerRoomMax = 1;
const wardRooms = 20;
const frameEveryMs = 50;
const warmUpMs = 25_000;

const values = readArguments(usage, {
  rooms: { type: "string", default: "1,20" },
  seconds: { type: "string", default: "30" },
  out: { type: "string" },
  help: { type: "boolean", default: false },
});
const roomCounts = values.rooms.split(",").map(Number);
const measureMs = Number(values.seconds) * 1_000;
if (values.help || roomCounts.some((rooms) => !(rooms >= 1 && rooms <= 64)) || !(measureMs >= 5_000)) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

interface Measured {
  readonly rooms: number;
  readonly seconds: number;
  readonly framesPublished: number;
  readonly framesDropped: number;
  readonly inferences: number;
  /** Parsing, signal and inference, timed inside the agent from its start to its end. */
  readonly workPercentPerRoom: number;
  /** The agent's whole process. */
  readonly agentCpuPercentPerRoom: number;
  readonly dashboardCpuPercentPerRoom: number;
  readonly inferenceMsMedian: number;
  readonly frameToScreenMsP50: number;
  readonly frameToScreenMsP99: number;
  readonly agentResidentMiB: number;
  readonly dashboardResidentMiB: number;
}

const results: Measured[] = [];
for (const rooms of roomCounts) {
  process.stderr.write(`measuring ${rooms} room(s): ${(warmUpMs + measureMs) / 1_000} s ...\n`);
  results.push(await measure(rooms));
}
const missed = results.flatMap(({ rooms, workPercentPerRoom, agentCpuPercentPerRoom }) => [
  ...tooMuch(rooms, "parsing, signal and inference", workPercentPerRoom),
  ...(rooms >= wardRooms ? tooMuch(rooms, "the whole agent", agentCpuPercentPerRoom) : []),
]);
const report = {
  at: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load1: loadavg()[0],
    node: process.version,
  },
  targets: { agentCpuPercentPerRoomMax: cpuPercentPerRoomMax },
  results,
  missed,
};
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
}
printTable(results);
for (const line of missed) process.stderr.write(`MISSED ${line}\n`);
process.exit(missed.length === 0 ? 0 : 1);

function tooMuch(rooms: number, what: string, percent: number): string[] {
  if (percent <= cpuPercentPerRoomMax) return [];
  return [`${rooms} room(s), ${what}: ${percent.toFixed(2)} % of a core per room, target ${cpuPercentPerRoomMax} %`];
}

async function measure(rooms: number): Promise<Measured> {
  const ward = await runWard({
    sensors: Array.from({ length: rooms }, () => ({
      port: { via: "simulated", seed: 1, scene: "asleep", speed: 1 } as const,
    })),
    bridges: false,
  });
  try {
    const nurse = await ward.signInNurse();
    for (const { bed } of ward.site.beds) {
      const { stay, bedside } = await ward.admit(bed);
      await ward.turnOn(bed, stay, bedside);
    }
    await ward.release();
    ward.start("dashboard");
    const played = await play(ward, nurse, rooms);
    await ward.end("agent");
    return { ...played, workPercentPerRoom: workPercent(ward.log("agent"), played.framesInAll) };
  } finally {
    await ward.stop();
  }
}

type Played = Omit<Measured, "workPercentPerRoom"> & { readonly framesInAll: number };

/** Of a core, for 20 frames: one room for one second. */
function workPercent(agentLog: string, frames: number): number {
  const said = agentLog
    .split("\n")
    .map(readLogLine)
    .find((line) => line?.words.startsWith("time spent on parsing"));
  const { coreMs, inferenceMs } = said?.fields ?? {};
  if (typeof coreMs !== "number" || typeof inferenceMs !== "number") throw new Error("the agent did not say its work");
  return round((coreMs + inferenceMs) / (frames / 20) / 10);
}

async function play(ward: RunningWard, nurse: string, rooms: number): Promise<Played> {
  const publishedAt = ward.site.beds.map(() => new Map<number, number>());
  const heard: { windowEndMs: number; bed: number; latencyMs: number; inferenceMs: number }[] = [];
  let dropped = 0;
  let measuring = false;
  const screen = await openScreen(ward, nurse, (message) => {
    if (message.is !== "tile") return;
    const bed = ward.site.beds.findIndex((place) => place.bed === message.tile.bed);
    const { windowEndMs, inferenceMs, dropped: drops } = message.tile.engineering;
    const sentAt = windowEndMs === null ? undefined : publishedAt[bed]?.get(windowEndMs);
    if (measuring)
      dropped = Math.max(
        dropped,
        Object.values(drops).reduce((sum, count) => sum + (count ?? 0), 0),
      );
    if (windowEndMs === null || sentAt === undefined) return;
    publishedAt[bed]?.delete(windowEndMs);
    if (measuring)
      heard.push({ windowEndMs, bed, latencyMs: performance.now() - sentAt, inferenceMs: inferenceMs ?? 0 });
  });
  const link = connectBroker({
    url: `mqtt://127.0.0.1:${ward.site.brokers.framesPort}`,
    clientId: "unit-1",
    username: "unit-1",
    password: readCredential(ward.dataDir, "unit-1"),
    log: newLog("bench", () => {}),
  });
  await ward.until("the frames broker", () => link.state === "connected");

  const headerBytes = 48;
  const payloads = [...rogueFrames(1_200)].map((bytes) => bytes.slice(headerBytes));
  const topic = topics(ward.site);
  const sequences = ward.site.beds.map(() => 0);
  let framesPublished = 0;
  const publish = (room: number): void => {
    const sequence = sequences[room] ?? 0;
    sequences[room] = sequence + 1;
    const bootId = room.toString(16).padStart(32, "0");
    const at = deviceUs(sequence * frameEveryMs * 1_000);
    const payload = payloads[sequence % payloads.length] ?? new Uint8Array();
    const bytes = encodeEnvelope(
      { kind: "radar-iq", bootId, sequence, deviceUs: at, capturedAt: utcMs(Date.now()) },
      payload,
    );
    // The window of second k is complete with the first frame of the next second.
    if (sequence > 0 && sequence % 20 === 0) publishedAt[room]?.set(sequence * frameEveryMs, performance.now());
    void link.publish(topic.frame("unit-1", `radar-${room + 1}`, "radar-iq"), bytes, { qos: 0 });
    if (measuring) framesPublished += 1;
  };
  const begun = performance.now();
  let sentSlots = 0;
  const timer = setInterval(() => {
    // Rooms take turns within the 50 ms, as real sensors would.
    const due = Math.floor(((performance.now() - begun) / frameEveryMs) * rooms);
    for (; sentSlots < due; sentSlots++) publish(sentSlots % rooms);
  }, 2);
  await new Promise((resolve) => setTimeout(resolve, warmUpMs));
  measuring = true;
  const before = { agent: cpuMs(ward.pid("agent")), dashboard: cpuMs(ward.pid("dashboard")), at: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, measureMs));
  const seconds = (performance.now() - before.at) / 1_000;
  const percent = (name: "agent" | "dashboard"): number =>
    (cpuMs(ward.pid(name)) - before[name]) / 10 / seconds / rooms;
  const result = {
    rooms,
    seconds: round(seconds),
    framesPublished,
    framesInAll: sequences.reduce((sum, sequence) => sum + sequence, 0),
    framesDropped: dropped,
    inferences: heard.length,
    agentCpuPercentPerRoom: round(percent("agent")),
    dashboardCpuPercentPerRoom: round(percent("dashboard")),
    inferenceMsMedian: round(
      quantile(
        heard.map(({ inferenceMs }) => inferenceMs),
        0.5,
      ),
    ),
    frameToScreenMsP50: round(
      quantile(
        heard.map(({ latencyMs }) => latencyMs),
        0.5,
      ),
    ),
    frameToScreenMsP99: round(
      quantile(
        heard.map(({ latencyMs }) => latencyMs),
        0.99,
      ),
    ),
    agentResidentMiB: residentMiB(ward.pid("agent")),
    dashboardResidentMiB: residentMiB(ward.pid("dashboard")),
  };
  clearInterval(timer);
  screen.terminate();
  await link.stop();
  if (heard.length < 0.9 * seconds * rooms) {
    throw new Error(
      `only ${heard.length} results in ${seconds} s of ${rooms} room(s): the chain is not whole\n${ward.log("agent").slice(-2_000)}`,
    );
  }
  return result;
}

/** Time on a processor of all threads of a process, ms (Linux: sched_stat of each task, ns; ticks of 10 ms are too coarse). */
function cpuMs(pid: number): number {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
  }
  return ns / 1e6;
}

function residentMiB(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024);
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function printTable(rows: readonly Measured[]): void {
  const columns = Object.keys(rows[0] ?? {}) as (keyof Measured)[];
  const width = Math.max(...columns.map((name) => name.length));
  process.stderr.write("\n");
  for (const name of columns) {
    process.stderr.write(`${name.padEnd(width)}  ${rows.map((row) => String(row[name]).padStart(10)).join("")}\n`);
  }
}
