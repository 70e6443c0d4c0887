import "../../edge-agent/platform/node-version.ts";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildWeb } from "../build-web.ts";
import { readArguments } from "../read-arguments.ts";
import { type Hop, measureHops } from "./broker-hop.ts";
import { judge, type WardResult } from "./judge.ts";
import { measureWards, type WardRun } from "./measure-ward.ts";
import { type LoopLateness, measurePlainLoop } from "./plain-loop.ts";
import { writeReport } from "./report.ts";
import { mixOf, type RoomKind, roomKinds, streamsOf } from "./rooms.ts";
import { decodeStages, vendorStage, wireStages } from "./stages.ts";

const usage = `npm run bench [-- --quick] [--rooms 1,20,60,200] [--seconds 20] [--out FOLDER]

Runs agent and dashboard as in production, plays the bridges of 1, 20, 60 and 200 rooms (a third with a radar alone, a third with 8x8 zones
beside it, a third with 80x60 pixels; radar 20 frames a second, depth 10), and measures: from the frame that completes a window to the
WebSocket message with its result; each stage by itself; frames and results that were lost; processor and memory for each room, by kind;
pauses of the garbage collector; a cold start; and from the frame that decides to its alarm. A ward has at most 64 rooms: 200 are
four wards on the same machine.

In the same run: the vendor's method on the same frames, mosquitto beside the embedded broker, and inference in the loop's own thread.

Writes bench.json, bench.md and bench.svg into the folder and the table to the terminal. Exits 1 where a target is missed or a frame is lost.

  --rooms    which numbers of rooms; without 20 there is no table by kind of room and no alarm
  --seconds  how long each is measured, after 20 s of warming up
  --quick    3 rooms for some seconds: that it runs and that no frame is lost without being counted; judges no time
  --plant    so many frames are told as sent and never were: the benchmark has to find them`;

const values = readArguments(usage, {
  rooms: { type: "string", default: "1,20,60,200" },
  seconds: { type: "string", default: "20" },
  out: { type: "string", default: "evaluation/bench" },
  quick: { type: "boolean", default: false },
  plant: { type: "string", default: "0" },
  help: { type: "boolean", default: false },
});
const { quick } = values;
const roomCounts = quick ? [3] : values.rooms.split(",").map(Number);
const measureMs = quick ? 3_000 : 1_000 * Number(values.seconds);
const plantedLoss = Number(values.plant);
if (
  values.help ||
  roomCounts.some((rooms) => !(Number.isInteger(rooms) && rooms >= 1 && rooms <= 256)) ||
  !(measureMs >= 3_000) ||
  !(Number.isInteger(plantedLoss) && plantedLoss >= 0) ||
  process.platform !== "linux"
) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

/** A first rate needs the whole window. */
const warmUpMs = quick ? 1_500 : 20_000;
const wardRooms = 20;
const alarmBeds = 44;
const alarmsMeasureMs = 30_000;

const begun = performance.now();
const say = (words: string): void =>
  void process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${words}\n`);

say("computing what the sensors send ...");
const built = fileURLToPath(new URL("../../dashboard/web/built", import.meta.url));
// What others may be reading at this moment stays as it is.
if (!quick || !existsSync(built)) await buildWeb(built);
const streams = await streamsOf(quick ? 5 : 60);
const wards: WardResult[] = [];
const missed: string[] = [];

async function measure(name: string, kinds: readonly RoomKind[], more: Partial<WardRun> = {}): Promise<void> {
  say(`${name} ...`);
  const only = new Set(kinds).size === 1 && kinds.length >= wardRooms ? (kinds[0] ?? null) : null;
  const run = { kinds, warmUpMs, measureMs, streams, coldStart: false, plantedLoss, ...more };
  const result = { name, only, ...(await measureWards(run)) };
  wards.push(result);
  const wrong = judge(result, quick ? "counts" : "everything");
  for (const line of wrong) say(`MISSED ${line}`);
  missed.push(...wrong);
}

for (const rooms of roomCounts)
  await measure(`${rooms} room${rooms === 1 ? "" : "s"}`, mixOf(rooms), { coldStart: rooms <= wardRooms && !quick });
if (!quick && roomCounts.includes(wardRooms)) {
  await measure(`${wardRooms} rooms, every window within 50 ms`, mixOf(wardRooms), { begun: "together" });
  for (const kind of roomKinds) await measure(`${wardRooms} rooms of ${kind}`, Array(wardRooms).fill(kind));
  const beds: readonly RoomKind[] = [...mixOf(wardRooms), ...Array<RoomKind>(alarmBeds).fill("module")];
  await measure(`${wardRooms} rooms, alarms at ${alarmBeds} more beds`, beds, {
    warmUpMs: 1_000,
    measureMs: alarmsMeasureMs,
  });
}

say("stages by themselves, and what ours is weighed against ...");
const vendor = await vendorStage(streams);
const stages = [...decodeStages(quick ? 0.1 : 1), ...(await wireStages(streams, quick ? 50 : 2_000)), vendor];
if (vendor.perMin === null) missed.push("the vendor's method gave no estimate");
const weighed = quick ? roomCounts : [wardRooms, 3 * wardRooms];
const hops: Hop[] = [];
const loops: LoopLateness[] = [];
for (const rooms of weighed) {
  hops.push(...(await measureHops(rooms, quick ? 500 : 10_000, streams)));
  loops.push(...(await measurePlainLoop(rooms, quick ? 500 : 8_000)));
}
for (const { broker, rooms, framesLost } of hops) {
  if (framesLost > 0) missed.push(`${rooms} rooms through the ${broker} broker: ${framesLost} frames lost`);
}

writeReport(values.out, { wards, stages, hops, loops, missed });
say(`written to ${values.out}`);
for (const line of missed) process.stderr.write(`MISSED ${line}\n`);
process.exit(missed.length === 0 ? 0 : 1);
