import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindOfModel } from "../../edge-agent/contract/config.ts";
import { fuzzSensor, isLegal, sampleStreams } from "../../scripts/fuzz-sensor.ts";
import { recordedStreams } from "../../scripts/recorded-streams.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { decodeWire } from "./a121-recording.ts";
import { sensors } from "./index.ts";
import type { Decoded, FramerCounts, Heard, Link, Sample, Sensor } from "./sensor.ts";

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

/** The first that carries a reading on the port of the data: what the tests damage. */
const mainSample = ({ samples }: Sensor): Sample => {
  const found = samples.find(({ link, decodesTo }) => link !== "commands" && decodesTo.some(({ ok }) => ok));
  if (found === undefined) throw new Error("no sample carries a reading");
  return found;
};

const none: FramerCounts = { bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 };

describe("the list", () => {
  it.each(Object.entries<Sensor>(sensors))(
    "%s: its name and kind are the configuration's, and its facts are whole",
    (name, sensor) => {
      expect(sensor.name).toBe(name);
      expect(sensor.kind).toBe(kindOfModel[name as keyof typeof kindOfModel]);
      expect(sensor.dataSheet).toMatch(/^https:\/\//);
      expect(sensor.frameRateHz).toBeGreaterThan(0);
      expect(sensor.rangeMm.from).toBeLessThan(sensor.rangeMm.to);
      expect(mainSample(sensor).heard).toContain("measurement");
      const heard = sensor.samples.flatMap((sample) => sample.heard);
      // What can be stopped says so; what cannot never claims it.
      expect(heard.includes("stopped")).toBe(sensor.off === "stops");
    },
  );
});

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
    const { wire } = mainSample(sensor);
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

  it("rejects a changed byte, or decodes a legal value; never another reading where a checksum covers it", () => {
    const { wire, decodesTo } = mainSample(sensor);
    const clean = hearAll(sensor, [wire]).decoded.flatMap((one) => (one.ok ? [one.frame] : []));
    let rejected = 0;
    fc.assert(
      fc.property(fc.nat(wire.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = wire.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        const { decoded } = hearAll(sensor, [changed]);
        expect(decoded.every(isLegal)).toBe(true);
        expect(decoded.length).toBeLessThanOrEqual(decodesTo.length);
        if (decoded.filter((one) => one.ok).length < clean.length) rejected += 1;
        if (!sensor.checksum) return;
        for (const one of decoded) if (one.ok) expect(clean).toContainEqual(one.frame);
      }),
      { numRuns: 600 },
    );
    expect(rejected).toBeGreaterThan(0);
  });

  it("finds the thread again behind garbage", () => {
    const sample = mainSample(sensor);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), (garbage) => {
        const { heard, counts } = hearAll(sensor, [garbage, Uint8Array.of(0x0a), sample.wire]);
        // Garbage may hold a frame's beginning by chance; where the protocol has no checksum even a whole one.
        if (sensor.checksum || garbage.length < 4) expect(heard.slice(-1)).toEqual(sample.heard.slice(-1));
        expect(counts.resyncs).toBeGreaterThanOrEqual(1);
        expect(counts.bytesSkipped).toBeGreaterThanOrEqual(Math.min(1, garbage.length));
      }),
      { numRuns: 200 },
    );
  });

  it("knows nothing of what it held once it was cleared", () => {
    const sample = mainSample(sensor);
    for (const share of [0.1, 0.35, 0.6, 0.95]) {
      const talk = sensor.newTalk();
      talk.start();
      talk.framer.push(sample.wire.slice(0, Math.floor(share * sample.wire.length)));
      talk.framer.clear();
      const heard = talk.framer.push(sample.wire).map((framed) => talk.hear(framed).heard);
      // All at once, so that what is heard changes nothing of how the rest is cut.
      expect(heard).toEqual(sample.heard);
    }
  });

  it("survives a stop before any start, and commands no byte that is not there", () => {
    const talk = sensor.newTalk();
    expect(talk.stop()).toBeInstanceOf(Uint8Array);
    expect(talk.start().length > 0 || sensor.off === "ignored").toBe(true);
    // What cannot be stopped is told nothing that would change that.
    expect(talk.stop().length > 0 || sensor.off === "ignored").toBe(true);
  });

  it("stands 2,000 damaged streams, as `npm run fuzz:sensors` makes them", { timeout: 60_000 }, () => {
    const outcome = fuzzSensor(sensor, [...sampleStreams(sensor), ...recordedStreams(sensor.name)], 2_000, 7);
    expect(outcome.faults).toEqual([]);
    expect(outcome.decoded).toBeGreaterThan(100);
    // Some stream of each must be sound enough for that to be asked.
    expect(outcome.oneByteChanges > 20).toBe(sensor.checksum);
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
