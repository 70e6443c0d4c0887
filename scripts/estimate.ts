import "../edge-agent/platform/node-version.ts";
import { readFileSync } from "node:fs";
import { replay } from "../edge-agent/replay.ts";
import { estimateDisplacement } from "./estimate-displacement.ts";
import { readArguments } from "./read-arguments.ts";
import { recordedEnvelopes } from "./recorded-envelopes.ts";
import { openRoomModels } from "./room-models.ts";

const usage = `npm run --silent estimate -- --sensor acconeer-a121 --config X.json --wire X.wire.bin [--occupancy in-bed|empty|unknown]
       npm run --silent estimate -- --displacement X.csv [--window-sec 15|30|60]

Pushes the recorded bytes through the same decoding, core and model as live and prints one JSON line for each inference:
atMs, occupancy, movement, breathingPerMin, lowPerMin, highPerMin, quality, windowMs, reason.
A recording cannot show that the person moved before it began, so its session states the occupancy: in-bed unless told.
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
if (
  values.help ||
  values.sensor !== "acconeer-a121" ||
  values.config === undefined ||
  values.wire === undefined ||
  stated === undefined
) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

const readInput = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (cause) {
    process.stderr.write(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exit(2);
  }
};

const recorded = recordedEnvelopes(readInput(values.config).toString("utf8"), readInput(values.wire));
if (!recorded.ok) {
  process.stderr.write(`${values.config}: ${recorded.words}\n`);
  process.exit(2);
}
const { thread, modelSha256, calibration } = openRoomModels([values.sensor]);
await thread.start();
const estimates = replay(
  {
    v: 1,
    is: "quietround-session",
    subject: "staged",
    bed: "recorded",
    sensorModel: values.sensor,
    granted: ["movement-alerts", "breathing-rate"],
    statedOccupancy: stated === "unknown" ? null : stated,
    modelSha256,
    calibration,
  },
  recorded.frames,
  thread,
);
for await (const estimate of estimates) process.stdout.write(`${JSON.stringify(estimate)}\n`);
await thread.stop();
