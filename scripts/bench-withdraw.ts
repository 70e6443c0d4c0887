import "../edge-agent/platform/node-version.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { leaseMsMax } from "../edge-agent/contract/lease.ts";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import { haveBrowser } from "../tests/dashboard-browser.ts";
import { type Stopped, type Stopping, TouchedRooms } from "../tests/touched-rooms.ts";
import { buildWeb } from "./build-web.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run bench:withdraw [-- --quick] [--rooms 20] [--touches 200] [--pages 2] [--seed 1] [--out FILE]

From the touch to the last sample: agent, brokers, bridge and dashboard as in production, simulated sensors behind their true
wire bytes, and people who stop, pause and turn off in random order and turn on again. --pages: how many touch in a real browser
(none where there is none); the others touch at the door that the page uses. Times are since the touch:

  accepted   the agent accepted no sample after this
  sensor     the last frame that the bridge sent
  station    the nurse station was told
  audited    as the entries of the audit log tell it

Then the control link of the bridge is cut and everybody touches once more: the sensors end with their lease.
--quick: 5 rooms, 20 touches. Exits 1 where 99 of 100 do not stop within 2 s, where the nurse station learns it later than 5 s, or
where a sensor outlives its lease.`;

const acceptedMsMax = 2_000;
const stationMsMax = 5_000;
/** Timers, and the wire. */
const leaseSlackMs = 250;
/** Rooms between a touch and their next one; all others stream. */
const busyShare = 0.3;

const values = readArguments(usage, {
  quick: { type: "boolean", default: false },
  rooms: { type: "string" },
  touches: { type: "string" },
  pages: { type: "string", default: "2" },
  seed: { type: "string", default: "1" },
  out: { type: "string" },
  help: { type: "boolean", default: false },
});
const rooms = Number(values.rooms ?? (values.quick ? 5 : 20));
const touches = Number(values.touches ?? (values.quick ? 20 : 200));
const pages = haveBrowser ? Math.min(Number(values.pages), rooms) : 0;
if (values.help || !(rooms >= 1 && rooms <= 64) || !(touches >= rooms) || !(pages >= 0)) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

await buildWeb(fileURLToPath(new URL(join("..", "dashboard/web/built"), import.meta.url)));
process.stderr.write(`${rooms} rooms, ${pages} of them on a page in a browser; ${touches} touches ...\n`);
const ward = await TouchedRooms.open(rooms, pages);
let stops: readonly Stopped[];
let cutOff: readonly Stopped[];
let auditedMs: readonly number[];
try {
  stops = await touchAll(ward);
  auditedMs = ward.auditedMs();
  process.stderr.write("the control link of the bridge is cut ...\n");
  cutOff = await touchCutOff(ward);
} finally {
  await ward.close();
}

const linked = summary(stops);
const cut = summary(cutOff);
const audited = spread(auditedMs);
const missed = [
  ...(auditedMs.length < touches ? [`the audit log tells ${auditedMs.length} times for ${touches} touches`] : []),
  ...over("as the audit log tells it, 99 of 100", audited.p99, acceptedMsMax),
  ...over("accepted, 99 of 100", linked.accepted.p99, acceptedMsMax),
  ...over("sensor, 99 of 100", linked.sensor.p99, acceptedMsMax),
  ...over("station, the longest", linked.station.max, stationMsMax),
  ...over("cut off: accepted, the longest", cut.accepted.max, acceptedMsMax),
  ...over("cut off: station, the longest", cut.station.max, stationMsMax),
  ...over("cut off: sensor, the longest", cut.sensor.max, leaseMsMax + leaseSlackMs),
];
const report = {
  at: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load1: loadavg()[0],
    node: process.version,
  },
  targets: { acceptedMsMax, stationMsMax, leaseMsMax },
  rooms,
  pages,
  seed: Number(values.seed),
  streamingRoomsMin: Math.min(...stops.map(({ streamingRooms }) => streamingRooms)),
  touches: stops.length,
  linked,
  audited: { n: auditedMs.length, ...audited },
  cut,
  missed,
  stops,
  cutOff,
};
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
}
print("control link whole", stops, { ...linked, audited });
print("control link cut", cutOff, cut);
process.stdout.write(`streaming at the moment of a touch: ${report.streamingRoomsMin} rooms or more of ${rooms}\n`);
for (const line of missed) process.stderr.write(`MISSED ${line}\n`);
process.exit(missed.length === 0 ? 0 : 1);

async function touchAll(here: TouchedRooms): Promise<readonly Stopped[]> {
  const random = newRandom(Number(values.seed));
  const ready = [...here.places];
  const done: Stopped[] = [];
  let begun = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (begun < touches) {
      begun += 1;
      const [place] = ready.splice(Math.floor(random.uniform() * ready.length), 1);
      if (place === undefined) throw new Error("no room is ready");
      const how = random.pick<Stopping>(["stop-everything", "turn-off", "pause"]);
      await new Promise((resolve) => setTimeout(resolve, random.between(0, 1_000)));
      done.push(await here.stop(place, how));
      await here.turnOn(place);
      ready.push(place);
    }
  };
  await Promise.all(Array.from({ length: Math.ceil(rooms * busyShare) }, oneAfterAnother));
  return done;
}

/** Everybody, within a renewal of the leases, so that some have just been renewed. */
async function touchCutOff(here: TouchedRooms): Promise<readonly Stopped[]> {
  here.cutControl();
  const touched = await Promise.all(here.places.map((place) => here.stop(place, "stop-everything")));
  const touchedAtMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, leaseMsMax + 2_000));
  const lateMs = performance.now() - touchedAtMs;
  if (here.streaming() > 0)
    throw new Error(`a sensor still sends ${Math.round(lateMs)} ms after its lease was cut off`);
  return touched.map((stop) => ({ ...stop, sensorMs: here.sensorMs(stop) }));
}

interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

function summary(of: readonly Stopped[]): Record<"accepted" | "sensor" | "station", Spread> {
  return {
    accepted: spread(of.map(({ acceptedMs }) => acceptedMs)),
    sensor: spread(of.map(({ sensorMs }) => sensorMs)),
    station: spread(of.map(({ stationMs }) => stationMs)),
  };
}

function spread(ms: readonly number[]): Spread {
  const sorted = [...ms].sort((a, b) => a - b);
  // The nearest rank: of 200 the 198th is 99 %.
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** What is not known has missed as well. */
function over(what: string, ms: number, msMax: number): string[] {
  return ms <= msMax ? [] : [`${what}: ${ms} ms, at most ${msMax} ms`];
}

function print(title: string, of: readonly Stopped[], spreads: Readonly<Record<string, Spread>>): void {
  const inBrowser = of.filter(({ by }) => by === "browser").length;
  process.stdout.write(`\n${title}: ${of.length} touches, ${inBrowser} in a browser; ms since the touch\n`);
  process.stdout.write(`${"".padEnd(10)}${["p50", "p90", "p99", "max"].map((name) => name.padStart(9)).join("")}\n`);
  for (const [name, { p50, p90, p99, max }] of Object.entries(spreads)) {
    process.stdout.write(`${name.padEnd(10)}${[p50, p90, p99, max].map((ms) => String(ms).padStart(9)).join("")}\n`);
  }
}
