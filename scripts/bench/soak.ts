import "../../edge-agent/platform/node-version.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWeb } from "../build-web.ts";
import { readArguments } from "../read-arguments.ts";
import { openBenchWard } from "./bench-ward.ts";
import { residentMiBOf, round } from "./figures.ts";
import { Player } from "./player.ts";
import { mixOf, streamsOf } from "./rooms.ts";
import { Screen } from "./screen.ts";
import { robustSlope } from "./slope.ts";

const usage = `npm run soak [-- --minutes 60] [--warm-up 5] [--rooms 20] [--out FILE]

Plays a ward's sensors for so long and looks at the resident memory of agent and dashboard every 2 s, after the warm-up (minutes). Tells
the growth in % an hour by a robust slope with its 95 % interval. Exits 1 where a process grows by more than 1 % an hour, where the
interval does not exclude it (too short a run: at least an hour tells), where frames are lost or a process ends.`;

const growthPercentMax = 1;
const lookEveryMs = 2_000;
const values = readArguments(usage, {
  minutes: { type: "string", default: "60" },
  "warm-up": { type: "string", default: "5" },
  rooms: { type: "string", default: "20" },
  out: { type: "string" },
  help: { type: "boolean", default: false },
});
const rooms = Number(values.rooms);
const measureMs = 60_000 * Number(values.minutes);
const warmUpMs = 60_000 * Number(values["warm-up"]);
const looks = Math.floor(measureMs / lookEveryMs);
if (values.help || !(looks >= 10) || !(warmUpMs >= 0) || !(rooms >= 1 && rooms <= 64) || process.platform !== "linux") {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const processes = ["agent", "dashboard"] as const;

await buildWeb(fileURLToPath(new URL("../../dashboard/web/built", import.meta.url)));
const streams = await streamsOf(60);
const here = await openBenchWard(mixOf(rooms));
const memory: { readonly x: number; readonly agent: number; readonly dashboard: number }[] = [];
let lost: number;
let dropped: number;
try {
  const player = new Player(here.ward, here.link, here.kinds, streams);
  const screen = new Screen();
  await screen.open(here, player);
  player.start();
  process.stderr.write(`${rooms} rooms; warming up for ${warmUpMs / 60_000} min, then ${measureMs / 60_000} min ...\n`);
  await sleep(warmUpMs);
  const begun = performance.now();
  for (let look = 0; look < looks; look++) {
    await sleep(Math.max(0, begun + look * lookEveryMs - performance.now()));
    const [agent, dashboard] = processes.map((name) => residentMiBOf(here.ward.pid(name)));
    const x = (performance.now() - begun) / 3_600_000;
    if (agent !== undefined && dashboard !== undefined) memory.push({ x, agent, dashboard });
    if (look % 150 === 0)
      process.stderr.write(`${(60 * x).toFixed(1)} min: agent ${agent} MiB, dashboard ${dashboard} MiB\n`);
  }
  player.stop();
  await screen.settled();
  const counts = screen.counts();
  dropped = counts.dropped;
  lost = player.published - player.notSent - counts.accepted - counts.dropped;
  screen.close();
} finally {
  await here.stop();
}

const missed: string[] = [];
if (lost !== 0) missed.push(`${lost} frames lost`);
if (dropped !== 0) missed.push(`${dropped} frames dropped`);
const growth = processes.map((name) => {
  const { slope, low, high } = robustSlope(memory.map((look) => ({ x: look.x, y: look[name] })));
  const middle =
    [...memory].map((look) => look[name]).sort((a, b) => a - b)[Math.floor(memory.length / 2)] ?? Number.NaN;
  const percent = (perHour: number): number => round((100 * perHour) / middle);
  const told = {
    process: name,
    medianMiB: middle,
    percentAnHour: percent(slope),
    low: percent(low),
    high: percent(high),
  };
  if (told.low > growthPercentMax) missed.push(`the ${name} grows by ${told.percentAnHour} % an hour`);
  else if (!(told.high <= growthPercentMax))
    missed.push(`the ${name} may grow by up to ${told.high} % an hour: run it for longer`);
  return told;
});
const report = {
  at: new Date().toISOString(),
  rooms,
  minutes: measureMs / 60_000,
  lost,
  dropped,
  growth,
  missed,
  memory,
};
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
}
for (const { process: name, medianMiB, percentAnHour, low, high } of growth) {
  process.stdout.write(`${name}: ${medianMiB} MiB, ${percentAnHour} % an hour (95 %: ${low} to ${high})\n`);
}
for (const line of missed) process.stderr.write(`MISSED ${line}\n`);
process.exit(missed.length === 0 ? 0 : 1);
