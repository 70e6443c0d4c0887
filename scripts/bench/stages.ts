import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { encodeEnvelope, encodeRadarIq, readEnvelope, readRadarIq } from "../../edge-agent/contract/frames.ts";
import { readPackedDepth } from "../../edge-agent/contract/packed-depth.ts";
import { deviceUs, utcMs } from "../../edge-agent/contract/units.ts";
import { unpackDepth } from "../../edge-agent/io/depth-unpack.ts";
import { round, type Spread, spreadOf } from "./figures.ts";
import type { RoomKind, Stream } from "./rooms.ts";
import { VendorMethod } from "./vendor-method.ts";

/* Stages that need no ward, each by itself on one core. */

export interface Stage {
  readonly name: string;
  /** One frame. */
  readonly us: Spread;
  readonly framesPerSec: number;
  /** Of one core, for one room. */
  readonly percentPerRoom: number;
}

const stage = (name: string, us: Spread, framesPerSec: number): Stage => ({
  name,
  us,
  framesPerSec,
  percentPerRoom: round((us.p50 * framesPerSec) / 10_000),
});

/** As in a bridge: the sensor's bytes to a reading. Best of several rounds. */
export function decodeStages(seconds: number): readonly Stage[] {
  const program = fileURLToPath(new URL(join("..", "bench-decode.ts"), import.meta.url));
  return (
    [
      ["acconeer-a121", 20],
      ["st-vl53l5cx", 10],
      ["depth-camera", 10],
    ] as const
  ).map(([sensor, framesPerSec]) => {
    const args = [program, "--json", "--sensor", sensor, "--seconds", String(seconds)];
    let line: string;
    try {
      line = execFileSync(process.execPath, args, { encoding: "utf8" });
    } catch (cause) {
      // It exits 1 below its own target, and has measured all the same.
      line = String((cause as { stdout?: string }).stdout ?? "");
    }
    const { usPerFrame } = JSON.parse(line) as { usPerFrame: number };
    const us = { n: 1, p50: round(usPerFrame), p99: round(usPerFrame), max: round(usPerFrame) };
    return stage(`bridge: bytes of ${sensor} to a reading (best round)`, us, framesPerSec);
  });
}

export async function wireStages(
  streams: Readonly<Record<RoomKind, readonly Stream[]>>,
  times: number,
): Promise<readonly Stage[]> {
  const radar = streams.radar[0]?.payloads ?? [];
  const zones = streams["radar-8x8"][1]?.payloads ?? [];
  const pixels = streams["radar-80x60"][1]?.payloads ?? [];
  const common = { bootId: "ab".repeat(16), sequence: 1, deviceUs: deviceUs(0), capturedAt: utcMs(0) } as const;
  const decoded = radar.map((payload) => {
    const frame = readRadarIq(payload);
    if (!frame.ok) throw new Error(`a frame of the benchmark does not parse: ${frame.why}`);
    return frame.value;
  });
  const codec = await timed(times, (n) => {
    const frame = decoded[n % decoded.length];
    if (frame === undefined) throw new Error("no frames");
    const bytes = encodeEnvelope({ ...common, kind: "radar-iq" }, encodeRadarIq(frame));
    const read = readEnvelope(bytes);
    if (!read.ok || !readRadarIq(read.value.payload).ok) throw new Error("what was encoded does not parse");
  });
  const eight = await timed(times, (n) => {
    const bytes = encodeEnvelope({ ...common, kind: "depth" }, zones[n % zones.length] ?? new Uint8Array());
    if (!readEnvelope(bytes).ok) throw new Error("what was encoded does not parse");
  });
  sharp.cache(false);
  sharp.concurrency(1);
  const unpack = await timed(Math.min(times, 400), async (n) => {
    const packed = readPackedDepth(pixels[n % pixels.length] ?? new Uint8Array());
    if (packed === undefined || !packed.ok) throw new Error("a packed picture does not parse");
    const { png, widthPx, heightPx } = packed.value;
    // It overwrites what it was given.
    await unpackDepth(Uint8Array.from(png), widthPx, heightPx);
  });
  const bySharp = await timed(Math.min(times, 400), async (n) => {
    const packed = readPackedDepth(pixels[n % pixels.length] ?? new Uint8Array());
    if (packed === undefined || !packed.ok) throw new Error("a packed picture does not parse");
    await sharp(packed.value.png).toColourspace("grey16").raw({ depth: "ushort" }).toBuffer();
  });
  return [
    stage("wire: radar frame, there and back", codec, 20),
    stage("wire: 8x8 zones, envelope there and back", eight, 10),
    stage("intake: 80x60 pixels unpacked", unpack, 10),
    stage("the same by sharp, in its own threads, waiting included", bySharp, 10),
  ];
}

/** The vendor's method on the same frames of the same radar, in this process. */
export async function vendorStage(
  streams: Readonly<Record<RoomKind, readonly Stream[]>>,
): Promise<Stage & { readonly perMin: number | null }> {
  const frames = (streams.radar[0]?.payloads ?? []).flatMap((payload) => {
    const read = readRadarIq(payload);
    return read.ok ? [read.value.iq] : [];
  });
  const method = new VendorMethod();
  let perMin: number | null = null;
  // Its window first: before it is full it estimates nothing.
  for (let n = 0; n < 401; n++) method.hear(frames[n % frames.length] ?? new Int16Array());
  const us = await timed(frames.length, (n) => {
    const payload = streams.radar[0]?.payloads[(401 + n) % frames.length] ?? new Uint8Array();
    const read = readRadarIq(payload);
    if (read.ok) perMin = method.hear(read.value.iq);
  });
  return { ...stage("the vendor's method: frame to an estimate", us, 20), perMin };
}

async function timed(times: number, once: (n: number) => void | Promise<void>): Promise<Spread> {
  for (let n = 0; n < Math.min(times, 200); n++) await once(n);
  const us: number[] = [];
  for (let n = 0; n < times; n++) {
    const begun = performance.now();
    const waited = once(n);
    if (waited !== undefined) await waited;
    us.push(1_000 * (performance.now() - begun));
  }
  return spreadOf(us);
}
