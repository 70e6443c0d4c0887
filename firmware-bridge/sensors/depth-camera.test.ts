import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { depthGeometry } from "../../edge-agent/perception/depth-geometry.ts";
import { statedDepthFit } from "../../edge-agent/perception/depth-intake.ts";
import { lowerMedian, newBlockMedian } from "./block-median.ts";
import { newDepthCameraTalk } from "./depth-camera.ts";
import { type CameraHeader, encodeCameraFrame, encodeCameraMessage, newCameraFramer } from "./depth-camera-message.ts";
import { messageType, ownProtocolVersion } from "./own-conversation.ts";

const camera = (widthPx: number, heightPx: number, focal = 0.9 * widthPx): Omit<CameraHeader, "type"> => ({
  frame: 0,
  deviceUs: 0,
  widthPx,
  heightPx,
  mmPerUnit: 1,
  fx: focal,
  fy: focal,
  cx: (widthPx - 1) / 2,
  cy: (heightPx - 1) / 2,
  frameRateHz: 10,
});

function decodeOne(header: Omit<CameraHeader, "type">, z16: Uint16Array) {
  const talk = newDepthCameraTalk();
  const [framed] = talk.framer.push(encodeCameraFrame(header, z16));
  if (framed === undefined) throw new Error("no frame");
  const decoded = talk.decode(framed, 0);
  if (!decoded.ok) throw new Error(decoded.why);
  return decoded.frame;
}

/** What the camera has of one output pixel's block. */
function blockOf(z16: Uint16Array, widthPx: number, block: [number, number], column: number, row: number): number[] {
  const values: number[] = [];
  for (let y = 0; y < block[1]; y++) {
    for (let x = 0; x < block[0]; x++) {
      values.push(z16[(row * block[1] + y) * widthPx + column * block[0] + x] ?? 0);
    }
  }
  return values;
}

describe("the median of a block", () => {
  it("is the middle value in order, and never one that is not there", () => {
    const values = fc.oneof(
      fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 300 }),
      fc.array(fc.integer({ min: 1_000, max: 1_040 }), { minLength: 1, maxLength: 300 }),
    );
    fc.assert(
      fc.property(values, (list) => {
        const sorted = [...list].sort((a, b) => a - b);
        expect(lowerMedian(Uint16Array.from(list), list.length)).toBe(sorted[(list.length - 1) >> 1]);
      }),
      { numRuns: 500 },
    );
  });

  it("is one of its block's own values wherever it is valid, and 0 where under a quarter of the block is", () => {
    const reduce = newBlockMedian(64);
    const pixel = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(65_535) });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(pixel, { minLength: 4 * 3 * 64, maxLength: 4 * 3 * 64 }),
        (across, down, pixels) => {
          const widthPx = 4 * across;
          const values = Uint16Array.from(pixels.slice(0, widthPx * 3 * down));
          const to = { leftPx: 0, topPx: 0, blockWidthPx: across, blockHeightPx: down, widthPx: 4, heightPx: 3 };
          const out = reduce({ widthPx, heightPx: 3 * down, values }, to);
          for (const [i, mm] of out.entries()) {
            const block = blockOf(values, widthPx, [across, down], i % 4, Math.floor(i / 4));
            const valid = block.filter((value) => value !== 0);
            if (valid.length * 4 < block.length || valid.length === 0) expect(mm).toBe(0);
            else expect(valid).toContain(mm);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("a picture of 640x480", () => {
  it("of a person's edge and holes has no distance that the camera did not measure", () => {
    // A body at 1.9 m in front of a floor at 2.5 m, the edge in the middle of a block, holes along it as cameras have them.
    const z16 = Uint16Array.from({ length: 640 * 480 }, (_, i) => {
      const column = i % 640;
      if (column >= 320 && column < 332) return 0;
      return column < 325 ? 1_900 + (i % 3) : 2_500 + (i % 3);
    });
    const frame = decodeOne(camera(640, 480), z16);
    expect([frame.widthPx, frame.heightPx]).toEqual([80, 60]);
    const seen = new Set(frame.mm);
    expect([...seen].sort()).toEqual([0, 1_900, 1_901, 1_902, 2_500, 2_501, 2_502].filter((mm) => seen.has(mm)));
    // Columns 40: all holes. 41: half of it, all from behind the edge.
    for (let row = 0; row < 60; row++) {
      expect(frame.mm[row * 80 + 40]).toBe(0);
      expect(frame.mm[row * 80 + 41]).toBeGreaterThanOrEqual(2_500);
    }
  });

  it("keeps its own field of view, as perception takes it", () => {
    const frame = decodeOne(camera(640, 480, 600), new Uint16Array(640 * 480).fill(2_000));
    expect(frame.acrossDeg).toBeCloseTo((360 / Math.PI) * Math.atan(320 / 600), 3);
    expect(frame.downDeg).toBeCloseTo((360 / Math.PI) * Math.atan(240 / 600), 3);
    expect(statedDepthFit(frame)).toBe("right");
    expect(frame.mm.every((mm) => mm === 2_000)).toBe(true);
  });
});

describe("what does not divide", () => {
  it.each([
    [848, 480, 10, 8],
    [1_280, 720, 16, 12],
    [640, 576, 8, 9],
    [424, 240, 5, 4],
    [512, 424, 6, 7],
  ])(
    "%i x %i: blocks of %i x %i about the principal point, and the angles of what is kept",
    (width, height, bx, by) => {
      // The column and the row as depth: they show which block is where.
      const across = Uint16Array.from({ length: width * height }, (_, i) => 1_000 + (i % width));
      const frame = decodeOne({ ...camera(width, height), cx: width / 2 + 1.5 }, across);
      expect([frame.widthPx, frame.heightPx]).toEqual([80, 60]);
      expect(frame.acrossDeg).toBeCloseTo((360 / Math.PI) * Math.atan((40 * bx) / (0.9 * width)), 3);
      expect(frame.downDeg).toBeCloseTo((360 / Math.PI) * Math.atan((30 * by) / (0.9 * width)), 3);
      const slack = width - 80 * bx;
      const left = Math.min(slack, Math.max(0, Math.round(width / 2 + 2 - 40 * bx)));
      const first = frame.mm[0] ?? 0;
      expect(first).toBe(1_000 + left + ((bx - 1) >> 1));
      expect((frame.mm[79] ?? 0) - first).toBe(79 * bx);
    },
  );

  it("a plane stays a plane: every pixel's ray, by the angles that the frame states, meets it", () => {
    // A floor seen under 30 degrees by a camera of 848x480: z (cos a - v sin a) is the same everywhere.
    const [fx, a] = [620, Math.PI / 6];
    const header = camera(848, 480, fx);
    const z16 = Uint16Array.from({ length: 848 * 480 }, (_, i) => {
      const v = (Math.floor(i / 848) - header.cy) / fx;
      return Math.round(2_000 / (Math.cos(a) + v * Math.sin(a)));
    });
    const { mm, acrossDeg, downDeg } = decodeOne(header, z16);
    const at = { xMm: 0, yMm: 0, zMm: 2_000 };
    const towards = { xMm: 0, yMm: 2_000 * Math.tan(a), zMm: 0 };
    const bed = { lengthMm: 2_000, widthMm: 900, topMm: 500 };
    const { dz, origin } = depthGeometry({ at, towards, bed }, "80x60", acrossDeg, downDeg);
    for (let row = 0; row < 30; row++) {
      // A cell of perception is 2x2 pixels.
      const z = (mm[2 * row * 80 + 40]! + mm[(2 * row + 1) * 80 + 40]!) / 2;
      expect(Math.abs(origin[2] + z * dz[row * 40 + 20]!)).toBeLessThan(15);
    }
  });
});

describe("the page for those who write the other end", () => {
  // Made by Python's struct and zlib, not by this code.
  const stop = `51525a31030040${"00".repeat(53)}7f0717ba`;
  const picture =
    "51525a31900040000c0000000700000087d6120000000000030002000000803f00002040000020400000803f0000003f00002041441f000000000000f37e78cce803e9030000d007d107d207";

  it("has the bytes that are written here", () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    expect(hex(encodeCameraMessage({ type: messageType.stop }))).toBe(stop);
    const seen = { widthPx: 3, heightPx: 2, mmPerUnit: 1, fx: 2.5, fy: 2.5, cx: 1, cy: 0.5, frameRateHz: 10 };
    const z16 = Uint16Array.of(1_000, 1_001, 0, 2_000, 2_001, 2_002);
    expect(hex(encodeCameraFrame({ ...seen, frame: 7, deviceUs: 1_234_567 }, z16))).toBe(picture);
    const page = readFileSync(new URL("../../docs/sensors-depth-camera.md", import.meta.url), "utf8");
    expect(page).toContain(`\`${picture}\``);
    expect(page).toContain("`51525a31030040` and 53 zeros, then `7f0717ba`");
  });
});

describe("the framer", () => {
  const one = encodeCameraFrame(camera(64, 48), new Uint16Array(64 * 48).fill(1_234));

  it("drops a picture with one changed byte, and has the next", () => {
    fc.assert(
      fc.property(fc.nat(one.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const framer = newCameraFramer();
        const wire = Uint8Array.from([...one, ...one]);
        wire[at]! ^= change;
        expect(framer.push(wire).length).toBe(1);
        expect(framer.counts).toMatchObject({ bytesSkipped: one.length, resyncs: 1 });
      }),
      { numRuns: 100 },
    );
  });

  it("takes the largest picture, and holds no more than it", () => {
    const large = encodeCameraFrame(camera(1_280, 720), new Uint16Array(1_280 * 720).fill(2_345));
    const framer = newCameraFramer();
    for (let round = 0; round < 3; round++) expect(framer.push(large).length).toBe(1);
    const tooLarge = encodeCameraMessage(
      { type: messageType.frame, widthPx: 1_281, heightPx: 1_024 },
      new Uint8Array(2 * 1_281 * 1_024),
    );
    expect(framer.push(tooLarge)).toEqual([]);
    expect(framer.push(large).length).toBe(1);
  });
});

describe("the conversation", () => {
  it("asks for ten pictures a second, and tells a clock that ran back as a gap", () => {
    const talk = newDepthCameraTalk();
    expect(newCameraFramer().push(talk.start())[0]?.head.type).toBe(messageType.hello);
    const [hello] = talk.framer.push(
      encodeCameraMessage({ type: messageType.helloAnswer }, Uint8Array.of(ownProtocolVersion)),
    );
    const heard = hello === undefined ? undefined : talk.hear(hello);
    if (heard?.heard !== "go-on") throw new Error("no start");
    expect(newCameraFramer().push(heard.write)[0]?.head.header).toMatchObject({
      type: messageType.start,
      frameRateHz: 10,
    });
    const gaps = [0, 100_000, 3_100_000, 3_000_000].map((deviceUs) => {
      const [framed] = talk.framer.push(encodeCameraFrame({ ...camera(8, 6), deviceUs }, new Uint16Array(48)));
      const decoded = framed === undefined ? undefined : talk.decode(framed, 0);
      return decoded?.ok === true && decoded.afterGap;
    });
    expect(gaps).toEqual([false, false, true, true]);
  });
});
