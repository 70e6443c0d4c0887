import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RadarTargetsFrame, RadarVitalsFrame } from "../../edge-agent/contract/module-frames.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { encodeLd2410, hilinkLd2410 } from "./hilink-ld2410.ts";
import { encodeLd2450, hilinkLd2450 } from "./hilink-ld2450.ts";
import { hilinkLd6002 } from "./hilink-ld6002.ts";
import { encodeMr60bha1, seeedMr60bha1 } from "./seeed-mr60bha1.ts";
import { mr60bha2Says, seeedMr60bha2 } from "./seeed-mr60bha2.ts";
import type { Sensor, SensorFrame } from "./sensor.ts";
import { encodeTinyFrame, tinyType } from "./tiny-frame.ts";
import { bytesOfHex, joinBytes } from "./wire-bytes.ts";

/* Single frames that real devices sent or that others published, and what they mean; and one property of each encoder. */

function hearAll<F extends SensorFrame>(sensor: Sensor<F>, wire: Uint8Array) {
  const talk = sensor.newTalk();
  const heard: string[] = [];
  const frames: F[] = [];
  for (const framed of talk.framer.push(wire)) {
    const one = talk.hear(framed);
    heard.push(one.heard);
    if (one.heard !== "measurement") continue;
    const decoded = talk.decode(framed, 0);
    if (!decoded.ok) throw new Error(decoded.why);
    frames.push(decoded.frame);
  }
  return { heard, frames, counts: talk.framer.counts };
}

interface Vectors {
  readonly mr60bha2: {
    readonly frames: readonly { readonly hex: string; readonly id: number; readonly type: string }[];
    readonly debug_payload: { readonly data_hex: string };
  };
  readonly mr60bha1: { readonly frames: readonly { readonly hex: string; readonly checksum_ok: boolean }[] };
  readonly ld2410: {
    readonly frames: readonly {
      readonly hex: string;
      readonly moving_cm: number;
      readonly moving_energy: number;
      readonly still_cm: number;
      readonly still_energy: number;
      readonly detect_cm: number;
      readonly state: number;
    }[];
    readonly garbage: readonly string[];
  };
  readonly ld2450: {
    readonly frames: readonly {
      readonly hex: string;
      readonly targets: readonly {
        readonly x_mm: number;
        readonly y_mm: number;
        readonly speed_mm_s: number;
        readonly res_mm: number;
      }[];
    }[];
    readonly garbage: readonly string[];
  };
}

const none = { bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 };

describe.skipIf(!haveRecordings)("published frames", () => {
  const vectors: Vectors = haveRecordings
    ? JSON.parse(readFileSync(`${recordingsPath}/uart-vectors/vectors.json`, "utf8"))
    : { mr60bha2: { frames: [] }, mr60bha1: { frames: [] }, ld2410: { frames: [] }, ld2450: { frames: [] } };

  it("are all there", () => {
    const { mr60bha2, mr60bha1, ld2410, ld2450 } = vectors;
    expect([mr60bha2, mr60bha1, ld2410, ld2450].map(({ frames }) => frames.length)).toEqual([16, 4, 2, 3]);
  });

  it.each([seeedMr60bha2, hilinkLd6002])("of a MR60BHA2 mean what they say to $name", (sensor) => {
    for (const { hex, id, type } of vectors.mr60bha2.frames) {
      const wire = bytesOfHex(hex);
      const { heard, frames, counts } = hearAll(sensor, wire);
      expect(counts).toEqual(none);
      const data = wire.slice(8, -1);
      expect(encodeTinyFrame(Number(type), id, data)).toEqual(wire);
      switch (Number(type)) {
        case tinyType.breathRate:
          expect(frames).toMatchObject([{ breathingPerMin: 0, present: null }]);
          break;
        case tinyType.heartRate:
          expect(heard).toEqual(["nothing"]);
          break;
        case tinyType.distance:
          if (data.length === 4) expect(frames).toMatchObject([{ present: false, distanceMm: null }]);
          else expect(frames[0]?.distanceMm).toBeCloseTo(666.4, 3);
          expect(frames[0]?.present).toBe(data.length === 8);
          break;
        default:
          expect.unreachable(`a type that no captured frame has: ${type}`);
      }
    }
  });

  it("of a MR60BHA2 in one stream, its words of debugging between them, are all found", () => {
    const { frames, debug_payload } = vectors.mr60bha2;
    const words = encodeTinyFrame(tinyType.debugText, 9, bytesOfHex(debug_payload.data_hex));
    expect(mr60bha2Says.debugText(9, "invalid BR = 7082")).toEqual(words);
    const wire = joinBytes(...frames.flatMap(({ hex }) => [bytesOfHex(hex), words]));
    const { heard, counts } = hearAll(seeedMr60bha2, wire);
    expect(counts).toEqual(none);
    expect(heard.length).toBe(32);
    // Four of the sixteen are heart rates.
    expect(heard.filter((one) => one === "measurement").length).toBe(12);
  });

  it("of a MR60BHA2: no changed byte of any of them is another frame", () => {
    for (const { hex } of vectors.mr60bha2.frames) {
      const wire = bytesOfHex(hex);
      for (let at = 0; at < wire.length; at++) {
        for (let change = 1; change < 256; change++) {
          const changed = wire.slice();
          changed[at]! ^= change;
          // Another identifier is another message, of which nothing is read; its check covers it all the same.
          expect(seeedMr60bha2.newTalk().framer.push(changed)).toEqual([]);
        }
      }
    }
  });

  it("of a MR60BHA1 have right checksums, and none is a reading", () => {
    for (const { hex, checksum_ok } of vectors.mr60bha1.frames) {
      const wire = bytesOfHex(hex);
      expect(checksum_ok).toBe(true);
      expect(hearAll(seeedMr60bha1, wire)).toEqual({ heard: ["nothing"], frames: [], counts: none });
      expect(encodeMr60bha1(wire[2]!, wire[3]!, ...wire.slice(6, -3))).toEqual(wire);
    }
    // The start asks for real-time mode in the documented words.
    expect(seeedMr60bha1.newTalk().start()).toEqual(bytesOfHex(vectors.mr60bha1.frames[1]!.hex));
  });

  it("of a LD2410 mean what they say", () => {
    for (const said of vectors.ld2410.frames) {
      const { frames, counts } = hearAll(hilinkLd2410, bytesOfHex(said.hex));
      expect(counts).toEqual(none);
      expect(frames).toEqual([
        {
          frameRateHz: 10,
          present: said.state !== 0,
          moving: (said.state & 1) === 1,
          movement: said.moving_energy,
          distanceMm: 10 * said.detect_cm,
          breathingPerMin: null,
          targets: [],
        },
      ] satisfies RadarTargetsFrame[]);
      // The encoder makes a frame as long as its LEN says; the published one is a byte longer.
      const wire = encodeLd2410({
        moving: (said.state & 1) === 1,
        still: (said.state & 2) === 2,
        movingCm: said.moving_cm,
        movingEnergy: said.moving_energy,
        stillCm: said.still_cm,
        stillEnergy: said.still_energy,
        detectionCm: said.detect_cm,
      });
      expect(wire.slice(0, 17)).toEqual(bytesOfHex(said.hex).slice(0, 17));
      expect(wire.length).toBe(23);
      expect(hearAll(hilinkLd2410, wire)).toEqual({ heard: ["measurement"], frames, counts: none });
    }
  });

  it("of a LD2450 mean what they say; what goes away has a speed below 0 here", () => {
    for (const { hex, targets } of vectors.ld2450.frames) {
      const { frames, counts } = hearAll(hilinkLd2450, bytesOfHex(hex));
      expect(counts).toEqual(none);
      expect(frames[0]?.targets).toEqual(
        targets.map(({ x_mm, y_mm, speed_mm_s }) => ({ xMm: x_mm, yMm: y_mm, speedMmPerSec: 0 - speed_mm_s })),
      );
      expect(frames[0]?.distanceMm).toBeCloseTo(
        Math.min(...targets.map(({ x_mm, y_mm }) => Math.hypot(x_mm, y_mm))),
        6,
      );
      const encoded = encodeLd2450(
        targets.map(({ x_mm, y_mm, speed_mm_s, res_mm }) => ({
          xMm: x_mm,
          yMm: y_mm,
          speedCmPerSec: speed_mm_s / 10,
          resolutionMm: res_mm,
        })),
      );
      // Zero has two forms, 0000 and 8000: both are read.
      const meaning = hearAll(hilinkLd2450, encoded).frames;
      expect(meaning).toEqual(frames);
    }
  });

  it.each([
    ["ld2410", hilinkLd2410],
    ["ld2450", hilinkLd2450],
  ] as const)("of a %s: behind garbage, and behind a frame that was cut, the next is found", (name, sensor) => {
    const { frames, garbage } = vectors[name];
    for (const dirt of garbage) {
      const good = bytesOfHex(frames[0]!.hex);
      const { heard, counts } = hearAll<SensorFrame>(sensor, joinBytes(good, bytesOfHex(dirt), good, good));
      expect(heard).toEqual(["measurement", "measurement", "measurement"]);
      expect(counts).toMatchObject({ bytesSkipped: dirt.length / 2, resyncs: 1 });
    }
  });
});

describe("what an encoder says is what is read", () => {
  const word = fc.integer({ min: -0x7fff, max: 0x7fff });

  it("LD2450: every sign and size", () => {
    fc.assert(
      fc.property(word, word, word, (xMm, yMm, speedCmPerSec) => {
        const wire = encodeLd2450([{ xMm, yMm, speedCmPerSec, resolutionMm: 100 }]);
        expect(hearAll(hilinkLd2450, wire).frames[0]?.targets).toEqual([
          { xMm, yMm, speedMmPerSec: 0 - 10 * speedCmPerSec },
        ]);
      }),
    );
  });

  it("MR60BHA2: phases, rates and distances of any float, in any pieces", () => {
    const float = fc.float({ noNaN: true, min: -1_000, max: 1_000 });
    fc.assert(
      fc.property(fc.nat(0xffff), float, float, fc.nat(60), (id, total, breath, at) => {
        const wire = joinBytes(
          mr60bha2Says.phases(id, total, breath, 0),
          mr60bha2Says.breathRate(id, Math.abs(breath) / 10),
          mr60bha2Says.distance(id, Math.abs(total)),
        );
        const talk = seeedMr60bha2.newTalk();
        const frames: RadarVitalsFrame[] = [wire.slice(0, at), wire.slice(at)]
          .flatMap((piece) => talk.framer.push(piece))
          .flatMap((framed) => {
            const decoded = talk.decode(framed, 0);
            return decoded.ok ? [decoded.frame] : [];
          });
        expect(frames.map(({ wave }) => Array.from(wave))).toEqual([[Math.fround(breath)], [], []]);
        expect(frames[1]?.breathingPerMin).toBeCloseTo(Math.abs(breath) / 10, 3);
        expect(frames[2]?.distanceMm).toBeCloseTo(Math.abs(total), 2);
      }),
    );
  });
});

describe("time of sensors without a clock", () => {
  it("is when their messages came; a silence of 3 s is a gap, a new start is none", () => {
    const talk = seeedMr60bha2.newTalk();
    talk.start();
    const [framed] = talk.framer.push(mr60bha2Says.breathRate(1, 15));
    const at = (us: number) => {
      const decoded = talk.decode(framed!, us);
      return decoded.ok ? [decoded.deviceUs, decoded.afterGap] : undefined;
    };
    expect([at(5e6), at(7.9e6), at(10.9e6)]).toEqual([
      [5e6, false],
      [7.9e6, false],
      [10.9e6, true],
    ]);
    talk.start();
    expect(at(60e6)).toEqual([60e6, false]);
  });

  it("heart rates leave the framer without their content", () => {
    const frames = [
      ...seeedMr60bha2.newTalk().framer.push(mr60bha2Says.heartRate(1, 62)),
      ...seeedMr60bha1.newTalk().framer.push(encodeMr60bha1(0x85, 0x02, 62)),
      ...seeedMr60bha1.newTalk().framer.push(encodeMr60bha1(0x85, 0x05, 1, 2, 3, 4, 5)),
      ...seeedMr60bha1.newTalk().framer.push(encodeMr60bha1(0x84, 0x0c, 1, 2, 16, 62, 0, 0, 0, 0)),
    ];
    expect(frames.map(({ payload }) => payload.length)).toEqual([0, 0, 0, 0]);
  });
});
