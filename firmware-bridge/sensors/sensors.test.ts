import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeDepth, encodeRadarIq, readDepth, readRadarIq } from "../../edge-agent/contract/frames.ts";
import {
  encodeRadarTargets,
  encodeRadarVitals,
  readRadarTargets,
  readRadarVitals,
} from "../../edge-agent/contract/module-frames.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { decodeWire } from "./a121-recording.ts";
import { sensors } from "./index.ts";
import type { Decoded, FramerCounts, Heard, Link, Sensor, SensorFrame } from "./sensor.ts";

/** Hears a stream cut into pieces, the way the bridge does: starts, goes on when told, decodes each measurement. */
function hearAll(sensor: Sensor, pieces: readonly Uint8Array[], link: Link = "data") {
  const talk = sensor.newTalk();
  const heard: Heard["heard"][] = [];
  const decoded: Decoded[] = [];
  talk.start();
  for (const [index, piece] of pieces.entries()) {
    for (const framed of talk.framer.push(piece, link)) {
      const one = talk.hear(framed);
      heard.push(one.heard);
      if (one.heard === "measurement") decoded.push(talk.decode(framed, 1_000 * index));
    }
  }
  return { heard, decoded, counts: talk.framer.counts };
}

const cut = (wire: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(wire.length / size) }, (_, k) => wire.slice(k * size, (k + 1) * size));

/** What the contract's own reader accepts is legal. */
const isLegal = (one: Decoded): boolean => !one.ok || (Number.isFinite(one.deviceUs) && readsBack(one.frame));

function readsBack(frame: SensorFrame): boolean {
  if ("iq" in frame) return readRadarIq(encodeRadarIq(frame)).ok;
  if ("mm" in frame) return readDepth(encodeDepth(frame)).ok;
  return "wave" in frame
    ? readRadarVitals(encodeRadarVitals(frame)).ok
    : readRadarTargets(encodeRadarTargets(frame)).ok;
}

const none: FramerCounts = { bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 };

describe.each(Object.values<Sensor>(sensors))("$name", (sensor) => {
  it.each(sensor.samples)("decodes as it says: $name", (sample) => {
    for (const size of [1, 7, 1_000, sample.wire.length]) {
      const { heard, decoded, counts } = hearAll(sensor, cut(sample.wire, size), sample.link);
      expect(heard).toEqual(sample.heard);
      expect(counts).toEqual({ ...none, ...sample.counts });
      expect(decoded).toMatchObject(sample.decodesTo);
      expect(decoded.length).toBe(sample.decodesTo.length);
    }
  });

  it("throws on no bytes, and forgets no byte that it did not use", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        const { decoded, counts } = hearAll(sensor, pieces);
        expect(decoded.every(isLegal)).toBe(true);
        expect(counts.bytesSkipped).toBeLessThanOrEqual(pieces.reduce((sum, piece) => sum + piece.length, 0));
      }),
      { numRuns: 200 },
    );
  });

  it("throws on no bytes that look like its own", () => {
    const wire = sensor.samples[0]?.wire ?? new Uint8Array();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(wire.length - 1), fc.integer({ min: 1, max: 400 }), fc.uint8Array({ maxLength: 8 })), {
          maxLength: 12,
        }),
        (parts) => {
          const pieces = parts.flatMap(([at, length, noise]) => [wire.slice(at, at + length), noise]);
          const { decoded } = hearAll(sensor, pieces);
          expect(decoded.every(isLegal)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("rejects a changed byte, or decodes a legal value", () => {
    const sample = sensor.samples[0];
    const wire = sample?.wire ?? new Uint8Array();
    let rejected = 0;
    fc.assert(
      fc.property(fc.nat(wire.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = wire.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        const { decoded } = hearAll(sensor, [changed]);
        expect(decoded.every(isLegal)).toBe(true);
        expect(decoded.length).toBeLessThanOrEqual(sample?.decodesTo.length ?? 0);
        if (decoded.filter((one) => one.ok).length < (sample?.decodesTo.length ?? 0)) rejected += 1;
      }),
      { numRuns: 600 },
    );
    expect(rejected).toBeGreaterThan(0);
  });

  it("finds the thread again behind garbage", () => {
    const sample = sensor.samples[0];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), (garbage) => {
        const { heard, counts } = hearAll(sensor, [garbage, Uint8Array.of(0x0a), sample?.wire ?? new Uint8Array()]);
        // Garbage may hold a frame's beginning by chance; where the protocol has no checksum even a whole one.
        if (sensor.checksum || garbage.length < 4) expect(heard.slice(-1)).toEqual(sample?.heard.slice(-1));
        expect(counts.resyncs).toBeGreaterThanOrEqual(1);
        expect(counts.bytesSkipped).toBeGreaterThanOrEqual(Math.min(1, garbage.length));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps its memory bounded when no frame ever comes", () => {
    const talk = sensor.newTalk();
    talk.start();
    const noise = new Uint8Array(10_000).fill(0x41);
    for (let k = 0; k < 300; k++) expect(talk.framer.push(noise)).toEqual([]);
    expect(talk.framer.counts.bytesSkipped).toBeGreaterThan(2_900_000);
  });
});

describe.skipIf(!haveRecordings)("real recordings of the A121", () => {
  const folder = `${recordingsPath}/acconeer-a121`;
  const names = haveRecordings
    ? readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .map((file) => file.slice(0, -5))
    : [];

  it("are all there", () => {
    expect(names.sort()).toEqual([
      "breathing-sitting",
      "presence-default",
      "presence-low_power",
      "presence-short_range",
    ]);
  });

  it.each(names)("%s decodes with every frame", (name) => {
    const json = JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"));
    const decoded = decodeWire(json, readFileSync(`${folder}/${name}.wire.bin`));
    if (!decoded.ok) throw new Error(decoded.why);
    expect(decoded.frames.length).toBe(json.frames);
    expect(decoded.counts).toEqual({ bytesSkipped: 0, resyncs: 0, malformed: 0 });
    expect(decoded.rangesMm.length).toBe(json.points);
    expect(decoded.frames.every(({ frame }) => frame.sweeps === json.sweepsPerFrame)).toBe(true);
    const first = decoded.frames[0];
    const last = decoded.frames.at(-1);
    const seconds = ((last?.deviceUs ?? 0) - (first?.deviceUs ?? 0)) / 1e6;
    const rate = json.sessionConfig.groups[0]["1"].frame_rate;
    expect((json.frames - 1) / seconds).toBeCloseTo(rate, 1);
    expect(decoded.frames.some(({ afterGap }) => afterGap)).toBe(false);
  });

  it("breathing-sitting lies at 0.298 to 1.50 m in steps of 60 mm", () => {
    const json = JSON.parse(readFileSync(`${folder}/breathing-sitting.json`, "utf8"));
    const decoded = decodeWire(json, readFileSync(`${folder}/breathing-sitting.wire.bin`));
    if (!decoded.ok) throw new Error(decoded.why);
    const frame = decoded.frames[0]?.frame;
    expect(frame?.firstPointMm).toBeCloseTo(297.77, 2);
    expect(frame?.pointStepMm).toBeCloseTo(60.05, 2);
    expect(decoded.rangesMm.at(-1)).toBeCloseTo(1_498.86, 2);
    expect(frame?.iq.slice(0, 2)).toEqual(Int16Array.of(2_971, 1_111));
  });

  it("loses one frame, and counts it, when a byte of its line is broken", () => {
    const json = JSON.parse(readFileSync(`${folder}/breathing-sitting.json`, "utf8"));
    const wire = Uint8Array.from(readFileSync(`${folder}/breathing-sitting.wire.bin`));
    // `payload_size":1344` of the first frame becomes 9344, which would swallow the frames behind it.
    const at = Buffer.from(wire.buffer).indexOf('payload_size":1344') + 'payload_size":'.length;
    wire[at] = 0x39;
    const decoded = decodeWire(json, wire);
    if (!decoded.ok) throw new Error(decoded.why);
    expect(decoded.frames.length).toBe(772);
    expect(decoded.counts.resyncs).toBe(1);
  });
});
