import { existsSync, readdirSync, readFileSync } from "node:fs";
import { acconeerA121 } from "../firmware-bridge/sensors/acconeer-a121.ts";
import { encodeResult } from "../firmware-bridge/sensors/st-vl53l5cx.ts";
import { recordingsPath } from "../tests/shared-material.ts";
import type { Stream } from "./fuzz-sensor.ts";

/*
 * What real sensors sent, as streams of bytes, where the recordings lie beside the project; none where they do not.
 */

const windowBytes = 6_000;
const windowsMax = 12;

const data = (wire: Uint8Array): Stream => ({ wire, link: "data" });

/** Of a long recording some pieces, evenly over it: damage is looked for in what is small enough to be fed often. */
function windowsOf(wire: Uint8Array, before: Uint8Array = new Uint8Array()): Stream[] {
  const count = Math.min(windowsMax, Math.max(1, Math.floor(wire.length / windowBytes)));
  const step = Math.floor(wire.length / count);
  return Array.from({ length: count }, (_, k) =>
    data(Buffer.concat([before, wire.subarray(k * step, k * step + windowBytes)])),
  );
}

const vectorOf: Readonly<Record<string, string>> = {
  "seeed-mr60bha2": "mr60bha2",
  "hilink-ld6002": "mr60bha2",
  "seeed-mr60bha1": "mr60bha1",
  "hilink-ld2410": "ld2410",
  "hilink-ld2450": "ld2450",
};

/** @param sensor the name of its model */
export function recordedStreams(sensor: string): readonly Stream[] {
  const whole = wholeRecording(sensor);
  if (whole === undefined) return [];
  // The exploration server is set up first.
  const before = sensor === "acconeer-a121" ? acconeerA121.samples[0]?.wire : undefined;
  return windowsOf(whole, before);
}

/** All of it in one. Undefined: there is none. */
export function wholeRecording(sensor: string): Uint8Array | undefined {
  const file = (path: string): Buffer | undefined =>
    existsSync(`${recordingsPath}/${path}`) ? readFileSync(`${recordingsPath}/${path}`) : undefined;
  switch (sensor) {
    case "acconeer-a121":
      return file("acconeer-a121/breathing-sitting.wire.bin");
    case "ti-vital-signs":
    case "ti-iwr6843":
      return file("ti-iwr6843/vital-signs-uart.wire.bin");
    case "seeed-mr24":
      return cutRows(`${recordingsPath}/mr24fdb1-in-bed`);
    case "st-vl53l5cx":
      return zonesOnTheWire(file("vl53l5cx-8x8/frames.json"));
    default: {
      const vectors = file("uart-vectors/vectors.json");
      const name = vectorOf[sensor];
      if (vectors === undefined || name === undefined) return undefined;
      const { frames, garbage = [] } = JSON.parse(vectors.toString())[name];
      const hex: string[] = [...frames.map((frame: { hex: string }) => frame.hex), ...garbage];
      return Buffer.from(hex.join(""), "hex");
    }
  }
}

/** Rows of ten bytes each: what is longer was cut when it was recorded, so this is real dirt. */
function cutRows(folder: string): Uint8Array | undefined {
  if (!existsSync(folder)) return undefined;
  const rows = readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(`${folder}/${name}`, "utf8").trim().split("\n").slice(1));
  return Buffer.from(rows.map((row) => (row.split(",")[1] ?? "").replaceAll(" ", "").trim()).join(""), "hex");
}

/** Only the numbers of these were recorded: they are put into the sensor's own blocks again. */
function zonesOnTheWire(json: Buffer | undefined): Uint8Array | undefined {
  if (json === undefined) return undefined;
  const { tof } = JSON.parse(json.toString());
  const frames = tof.distances.map((mm: number[], index: number) =>
    encodeResult(
      { distanceMm: Float64Array.from(mm), status: Uint8Array.from(tof.status[index]) },
      100_000 * index,
      index,
    ),
  );
  return Buffer.concat(frames);
}
