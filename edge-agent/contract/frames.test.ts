import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DepthFrame,
  encodeDepth,
  encodeEnvelope,
  encodeRadarIq,
  envelopeBytesMax,
  envelopeHeaderBytes,
  frameKinds,
  type RadarIqFrame,
  readDepth,
  readEnvelope,
  readRadarIq,
} from "./frames.ts";
import { deviceUs, utcMs } from "./units.ts";

const float32 = (min: number, max: number) => fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true });
const header = fc.record({
  kind: fc.constantFrom(...frameKinds),
  bootId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id).toString("hex")),
  sequence: fc.maxSafeNat(),
  deviceUs: fc.double({ min: 0, max: 2 ** 50, noNaN: true }).map(deviceUs),
  capturedAt: fc.double({ min: 0, max: 4e12, noNaN: true }).map(utcMs),
});
const depth: fc.Arbitrary<DepthFrame> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 16 }))
  .chain(([widthPx, heightPx]) =>
    fc.record({
      widthPx: fc.constant(widthPx),
      heightPx: fc.constant(heightPx),
      frameRateHz: float32(0.5, 1_000),
      acrossDeg: float32(1, 179),
      downDeg: float32(1, 179),
      mm: fc.uint16Array({ minLength: widthPx * heightPx, maxLength: widthPx * heightPx }),
    }),
  );
const radar: fc.Arbitrary<RadarIqFrame> = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }))
  .chain(([sweeps, points]) =>
    fc.record({
      sweeps: fc.constant(sweeps),
      points: fc.constant(points),
      firstPointMm: float32(-100, 5_000),
      pointStepMm: float32(1, 500),
      frameRateHz: float32(0.5, 200),
      saturated: fc.boolean(),
      delayed: fc.boolean(),
      calibrationNeeded: fc.boolean(),
      temperatureC: fc.integer({ min: -128, max: 127 }),
      iq: fc.int16Array({ minLength: 2 * sweeps * points, maxLength: 2 * sweeps * points }),
    }),
  );

test("an envelope comes back as it went, whatever it holds", () => {
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 200 }), (its, payload) => {
      expect(readEnvelope(encodeEnvelope(its, payload))).toEqual({ ok: true, value: { header: its, payload } });
    }),
  );
});

test("a radar frame and a depth frame come back as they went", () => {
  const same = fc.property(radar, depth, (iq, mm) => {
    expect(readRadarIq(encodeRadarIq(iq))).toEqual({ ok: true, value: iq });
    expect(readDepth(encodeDepth(mm))).toEqual({ ok: true, value: mm });
  });
  fc.assert(same);
});

describe("from a bridge, before any check", () => {
  test("no bytes make it throw", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      // Good ones with one byte changed get further in.
      fc.tuple(depth, fc.nat(), fc.nat(255)).map(([frame, at, value]) => {
        const good = encodeDepth(frame);
        good[at % good.length] = value;
        return good;
      }),
    );
    fc.assert(
      fc.property(bytes, (payload) => {
        for (const read of [readEnvelope, readRadarIq, readDepth]) expect(typeof read(payload).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  test("what is read of any bytes is legal", () => {
    const changed = fc.tuple(depth, fc.array(fc.tuple(fc.nat(19), fc.nat(255)), { maxLength: 6 }));
    fc.assert(
      fc.property(changed, ([frame, changes]) => {
        const bytes = encodeDepth(frame);
        for (const [at, value] of changes) bytes[at] = value;
        const read = readDepth(bytes);
        if (!read.ok) return;
        const { widthPx, heightPx, frameRateHz, acrossDeg, downDeg, mm } = read.value;
        expect(mm.length).toBe(widthPx * heightPx);
        expect(frameRateHz > 0 && frameRateHz <= 1_000).toBe(true);
        for (const deg of [acrossDeg, downDeg]) expect(deg > 0 && deg < 180).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  const frame: DepthFrame = {
    widthPx: 80,
    heightPx: 60,
    frameRateHz: 10,
    acrossDeg: 58,
    downDeg: 45,
    mm: new Uint16Array(80 * 60).fill(2_000),
  };
  const depthWith = (change: (view: DataView) => void) => {
    const bytes = encodeDepth(frame);
    change(new DataView(bytes.buffer));
    return readDepth(bytes);
  };
  test.each([
    ["no pixels", (view: DataView) => view.setUint16(0, 0, true)],
    ["another width than it has pixels", (view: DataView) => view.setUint16(0, 81, true)],
    ["no frame rate", (view: DataView) => view.setFloat32(4, Number.NaN, true)],
    ["an angle of 180 degrees", (view: DataView) => view.setFloat32(8, 180, true)],
    ["no angle", (view: DataView) => view.setFloat32(12, 0, true)],
    ["something where zero belongs", (view: DataView) => view.setUint8(17, 1)],
  ])("a depth frame with %s is malformed", (_name, change) => {
    expect(depthWith(change)).toEqual({ ok: false, why: "malformed" });
    expect(depthWith(() => {}).ok).toBe(true);
  });

  test("an unknown version or kind is told apart from damage; a frame of 160 x 120 fits, a larger envelope does not", () => {
    const large = { ...frame, widthPx: 160, heightPx: 120, mm: new Uint16Array(160 * 120) };
    const its = {
      kind: "depth",
      bootId: "0".repeat(32),
      sequence: 0,
      deviceUs: deviceUs(0),
      capturedAt: utcMs(0),
    } as const;
    const good = encodeEnvelope(its, encodeDepth(large));
    expect(readEnvelope(good)).toMatchObject({ ok: true, value: { header: { kind: "depth" } } });
    for (const at of [0, 1]) {
      const other = good.slice();
      other[at] = 99;
      expect(readEnvelope(other)).toEqual({ ok: false, why: "unknown-version" });
    }
    expect(readEnvelope(good.subarray(0, envelopeHeaderBytes))).toEqual({ ok: false, why: "malformed" });
    expect(readEnvelope(new Uint8Array(envelopeBytesMax + 1))).toEqual({ ok: false, why: "too-large" });
  });
});
