import "../edge-agent/platform/node-version.ts";
import { readFileSync } from "node:fs";
import { type ReplayFrame, replay } from "../edge-agent/replay.ts";
import { estimateDisplacement } from "./estimate-displacement.ts";
import { moduleEnvelopes, moduleModels } from "./module-envelopes.ts";
import { readArguments } from "./read-arguments.ts";
import { recordedEnvelopes } from "./recorded-envelopes.ts";
import { openRoomModels } from "./room-models.ts";

const usage = `Usage: npm run --silent estimate -- --sensor acconeer-a121 --config X.json --wire X.wire.bin [--occupancy in-bed|empty|unknown]
       npm run --silent estimate -- --sensor MODEL --wire X.wire.bin [--occupancy ...]
       npm run --silent estimate -- --displacement X.csv [--window-sec 15|30|60]

Pushes the recorded bytes through the same decoding, core and model as live and prints one JSON line for each inference:
atMs, occupancy, movement, breathingPerMin, lowPerMin, highPerMin, quality, windowMs, reason.
A recording cannot show that the person moved before it began, so its session states the occupancy: in-bed unless told.
MODEL is a module that estimates by itself (${moduleModels.join(", ")}): its presence, movement and
displacement wave are used, its own rate only disagrees. Bytes without times are paced at the sensor's nominal rate.
A displacement wave (columns timestamp in ms, displacement in mm) gives one line a second, windows of 30 s unless told.`;

const values = readArguments(usage, {
  sensor: { type: "string" },
  config: { type: "string" },
  wire: { type: "string" },
  occupancy: { type: "string", default: "in-bed" },
  displacement: { type: "string" },
  "window-sec": { type: "string", default: "30" },
  help: { type: "boolean", default: false },
});
const windowSec = Number(values["window-sec"]);
if (
  !values.help &&
  values.displacement !== undefined &&
  values.sensor === undefined &&
  [15, 30, 60].includes(windowSec)
) {
  process.exit(await estimateDisplacement(values.displacement, windowSec));
}
const stated = (["in-bed", "empty", "unknown"] as const).find((word) => word === values.occupancy);
// As a maker's box says it: "mr60bha2" is "seeed-mr60bha2".
const module = moduleModels.find((model) => model === values.sensor || model.endsWith(`-${values.sensor}`));
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const wrong = whatIsWrong();
if (wrong !== undefined || stated === undefined) {
  process.stderr.write(`${wrong ?? ""}\n\n${usage}\n`);
  process.exit(2);
}

function whatIsWrong(): string | undefined {
  const { sensor, displacement } = values;
  if (displacement !== undefined) {
    return sensor === undefined
      ? `--window-sec ${values["window-sec"]}: 15, 30 or 60`
      : "--displacement is a file of a wave: leave out --sensor";
  }
  if (sensor === undefined) return "--sensor is missing: the model that sent the bytes";
  if (["st-vl53l5cx", "depth-camera"].includes(sensor)) {
    return `--sensor ${sensor}: depth is not recorded, so there is no file to estimate from`;
  }
  if (sensor !== "acconeer-a121" && module === undefined) {
    return `--sensor ${sensor}: no such model; there is acconeer-a121, ${moduleModels.join(", ")}`;
  }
  if (values.wire === undefined) return "--wire is missing: the file with the sensor's bytes";
  if (module === undefined && values.config === undefined) {
    return "--config is missing: the settings of the recording (X.json beside X.wire.bin)";
  }
  return stated === undefined ? `--occupancy ${values.occupancy}: in-bed, empty or unknown` : undefined;
}

const readInput = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (cause) {
    process.stderr.write(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exit(2);
  }
};

const readFrames = (): readonly ReplayFrame[] => {
  const wire = readInput(values.wire ?? "");
  if (module !== undefined) {
    const { frames, malformed, counts } = moduleEnvelopes(module, wire);
    process.stderr.write(
      `${frames.length} messages; ${counts.bytesSkipped} bytes skipped, ${counts.resyncs} times found again, ${counts.checksumErrors} checksum errors, ${counts.strange} unknown, ${malformed} malformed\n`,
    );
    return frames;
  }
  const config = values.config ?? "";
  const recorded = recordedEnvelopes(readInput(config).toString("utf8"), wire);
  if (recorded.ok) return recorded.frames;
  process.stderr.write(`${values.wire}, with the settings of ${config}: ${recorded.words}\n`);
  process.exit(2);
};
const frames = readFrames();
if (frames.length === 0) {
  const fitting = moduleModels.filter((one) => moduleEnvelopes(one, readInput(values.wire ?? "")).frames.length > 0);
  const hint = fitting.length === 0 ? "" : `; it reads as --sensor ${fitting.join(" or ")}`;
  process.stderr.write(`${values.wire}: no whole message of a ${values.sensor} in it${hint}\n`);
  process.exit(2);
}
const model = module ?? "acconeer-a121";
const { thread, modelSha256, calibration } = openRoomModels([model]);
await thread.start();
const estimates = replay(
  {
    v: 1,
    is: "quietround-session",
    subject: "staged",
    bed: "recorded",
    sensorModel: model,
    sensors: [{ sensor: "sensor", model }],
    granted: ["movement-alerts", "breathing-rate"],
    statedOccupancy: stated === "unknown" ? null : stated,
    modelSha256,
    calibration,
  },
  frames,
  thread,
);
for await (const estimate of estimates) process.stdout.write(`${JSON.stringify(estimate)}\n`);
await thread.stop();
