import "../edge-agent/platform/node-version.ts";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { encodeCameraFrame } from "../firmware-bridge/sensors/depth-camera-message.ts";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import type { Sensor } from "../firmware-bridge/sensors/sensor.ts";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import { readArguments } from "./read-arguments.ts";
import { wholeRecording } from "./recorded-streams.ts";

const usage = `npm run bench:decode [-- --seconds 2] [--sensor NAME] [--json]

Feeds every driver the bytes of its sensor in the pieces in which a port delivers them, framer and decoder, on one core.
Prints the best of several rounds, since other programs only ever make it slower, and how often the memory was collected.
Exits 1 where the driver of a framed binary protocol takes less than 50 MB/s.`;

const binaryLeastMBytesPerSec = 50;
const rounds = 5;
/** What one read of a serial port or of a socket brings at most. */
const pieceBytes = (sensor: Sensor): number => (sensor.baudRate === null ? 65_536 : 4_096);
/** Lines of JSON with bytes behind them: no framed binary protocol. */
const textual: readonly string[] = ["acconeer-a121"];

const values = readArguments(usage, {
  seconds: { type: "string", default: "2" },
  sensor: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
});
const seconds = Number(values.seconds);
const chosen = Object.values<Sensor>(sensors).filter(
  ({ name }) => values.sensor === undefined || name === values.sensor,
);
if (values.help || !(seconds >= 0.1) || chosen.length === 0) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

let minorCollections = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    // Node's own kind of entry has the detail.
    const { detail } = entry as unknown as { readonly detail?: { readonly kind?: number } };
    if (detail?.kind === constants.NODE_PERFORMANCE_GC_MINOR) minorCollections += 1;
  }
}).observe({ entryTypes: ["gc"] });
const toldOfCollections = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

let failed = false;
for (const sensor of chosen) {
  const measured = await measure(sensor);
  failed ||= measured.tooSlow;
  if (values.json) {
    process.stdout.write(`${JSON.stringify(measured)}\n`);
    continue;
  }
  const { mBytesPerSec, framerMBytesPerSec, usPerFrame, minorPer10000Frames, stream } = measured;
  process.stdout.write(
    `${sensor.name.padEnd(18)} ${mBytesPerSec.toFixed(0).padStart(5)} MB/s (framer alone ${framerMBytesPerSec.toFixed(0)}), ` +
      `${usPerFrame.toFixed(1)} us a reading, ${minorPer10000Frames.toFixed(1)} minor collections per 10,000 readings; ${stream}` +
      `${measured.tooSlow ? "  TOO SLOW" : ""}\n`,
  );
}
process.exit(failed ? 1 : 0);

async function measure(sensor: Sensor) {
  const { wire, stream } = streamOf(sensor);
  const pieces = Array.from({ length: Math.ceil(wire.length / pieceBytes(sensor)) }, (_, k) =>
    wire.subarray(k * pieceBytes(sensor), (k + 1) * pieceBytes(sensor)),
  );
  const talk = sensor.newTalk();
  talk.start();
  let readings = 0;
  /** @returns ms in the framer, and in all */
  const once = (): [number, number] => {
    let framerMs = 0;
    const begun = performance.now();
    for (const piece of pieces) {
      const at = performance.now();
      const frames = talk.framer.push(piece);
      framerMs += performance.now() - at;
      for (const framed of frames) {
        if (talk.hear(framed).heard === "measurement" && talk.decode(framed, 0).ok) readings += 1;
      }
    }
    return [framerMs, performance.now() - begun];
  };
  for (const until = performance.now() + 300; performance.now() < until; ) once();
  await toldOfCollections();

  let bestMs = Number.POSITIVE_INFINITY;
  let bestFramerMs = Number.POSITIVE_INFINITY;
  readings = 0;
  minorCollections = 0;
  let times = 0;
  for (let round = 0; round < rounds; round++) {
    for (const until = performance.now() + (1_000 * seconds) / rounds; performance.now() < until; times++) {
      const [framerMs, ms] = once();
      bestMs = Math.min(bestMs, ms);
      bestFramerMs = Math.min(bestFramerMs, framerMs);
    }
    await toldOfCollections();
  }
  const mBytesPerSec = wire.length / 1_000 / bestMs;
  return {
    sensor: sensor.name,
    stream,
    mBytesPerSec,
    framerMBytesPerSec: wire.length / 1_000 / bestFramerMs,
    usPerFrame: (1_000 * bestMs * times) / readings,
    minorPer10000Frames: (10_000 * minorCollections) / readings,
    tooSlow: !textual.includes(sensor.name) && mBytesPerSec < binaryLeastMBytesPerSec,
  };
}

/** About 4 MB: what a real sensor sent where there is a recording, else the first sample that carries readings. */
function streamOf(sensor: Sensor): { readonly wire: Uint8Array; readonly stream: string } {
  if (sensor.name === "depth-camera") return { wire: pictures(), stream: "pictures of 640x480" };
  const sample = sensor.samples.find(({ link, decodesTo }) => link !== "commands" && decodesTo.some(({ ok }) => ok));
  if (sample === undefined) throw new Error(`${sensor.name}: no sample carries a reading`);
  // Of whole frames only: the rows of mr24 are cut, the vectors hold broken ones.
  const recorded = ["acconeer-a121", "ti-vital-signs", "st-vl53l5cx"].includes(sensor.name)
    ? wholeRecording(sensor.name)
    : undefined;
  const once = recorded === undefined ? sample.wire : Buffer.concat([sample.wire, recorded]);
  const times = Math.max(1, Math.round(4e6 / once.length));
  return {
    wire: Buffer.concat(Array.from({ length: times }, () => once)),
    stream: recorded === undefined ? `"${sample.name}"` : "a real recording",
  };
}

/** A sleeper's surfaces with noise, holes and an edge: what the median has to sort. */
function pictures(): Uint8Array {
  const random = newRandom(3);
  const [widthPx, heightPx] = [640, 480];
  const camera = { widthPx, heightPx, mmPerUnit: 1, fx: 600, fy: 600, cx: 319.5, cy: 239.5, frameRateHz: 10 };
  return Buffer.concat(
    Array.from({ length: 8 }, (_, frame) => {
      const z16 = Uint16Array.from({ length: widthPx * heightPx }, (_, i) => {
        const [row, column] = [Math.floor(i / widthPx), i % widthPx];
        if ((row >> 4) % 7 === 3 && (column >> 4) % 5 === 2) return 0;
        const body = (column - 320) ** 2 + 2 * (row - 240) ** 2 < 160 ** 2;
        return Math.round((body ? 1_900 : 2_400) + 4 * random.gaussian());
      });
      return encodeCameraFrame({ ...camera, frame, deviceUs: 100_000 * frame }, z16);
    }),
  );
}
