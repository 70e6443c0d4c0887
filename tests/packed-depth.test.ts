import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { DepthFrame } from "../edge-agent/contract/frames.ts";
import { envelopeBytesMax, readDepth } from "../edge-agent/contract/frames.ts";
import { readPackedDepth, unpackedFrame } from "../edge-agent/contract/packed-depth.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { unpackDepth } from "../edge-agent/io/depth-unpack.ts";
import { newDepthPacking, packDepth, packedPixelsMin } from "../firmware-bridge/depth-codec.ts";

const frameOf = (widthPx: number, heightPx: number, at: (x: number, y: number) => number): DepthFrame => ({
  widthPx,
  heightPx,
  frameRateHz: 10,
  acrossDeg: 58,
  downDeg: 45,
  mm: Uint16Array.from({ length: widthPx * heightPx }, (_, i) => at(i % widthPx, Math.floor(i / widthPx))),
});
/** A bed's edge at 1.9 m over a floor at 2.6 m, and every eleventh pixel without a measurement. */
const edge = () => frameOf(80, 60, (x, y) => ((x + 80 * y) % 11 === 0 ? 0 : x < 40 ? 1_900 : 2_600));

/** As the agent reads it. */
async function unpack(payload: Uint8Array): Promise<DepthFrame | undefined> {
  const packed = readPackedDepth(payload);
  if (packed === undefined) {
    const plain = readDepth(payload);
    return plain.ok ? plain.value : undefined;
  }
  if (!packed.ok) return undefined;
  return unpackedFrame(packed.value, await unpackDepth(packed.value.png, packed.value.widthPx, packed.value.heightPx));
}

const headerOf = (sequence: number) =>
  ({ kind: "depth", bootId: "a".repeat(32), sequence, deviceUs: deviceUs(0), capturedAt: utcMs(0) }) as const;

describe("a packed depth frame", () => {
  it("brings back every distance, every hole and a sharp edge: no value that was not measured", async () => {
    const payload = await packDepth(edge());
    expect(payload.length).toBeLessThan(2 * 80 * 60);
    expect(readPackedDepth(payload)?.ok).toBe(true);
    const back = await unpack(payload);
    expect(back).toEqual(edge());
    expect([...new Set(back?.mm)].sort((a, b) => a - b)).toEqual([0, 1_900, 2_600]);
  });

  it("brings back any picture, whatever its size and values", async () => {
    const pictures = fc
      .record({
        w: fc.integer({ min: 1, max: 160 }),
        h: fc.integer({ min: 1, max: 120 }),
        seed: fc.nat(),
        step: fc.nat(700),
      })
      .map(({ w, h, seed, step }) => frameOf(w, h, (x, y) => ((x * 31 + y * 17 + seed) * step) & 0xffff));
    await fc.assert(
      fc.asyncProperty(pictures, async (frame) => {
        const before = { ...frame, mm: frame.mm.slice() };
        const payload = await packDepth(frame);
        expect(payload.length).toBeLessThanOrEqual(envelopeBytesMax);
        expect(await unpack(payload)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it("goes as it is where packing saves nothing: few pixels, or noise", async () => {
    const small = await packDepth(frameOf(8, 8, (x) => 1_000 + x));
    expect(readDepth(small).ok).toBe(true);
    expect(8 * 8).toBeLessThan(packedPixelsMin);
    let seed = 1;
    const noise = frameOf(80, 60, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed >>> 16;
    });
    expect(readDepth(await packDepth(noise)).ok).toBe(true);
  });

  it("leaves no distance behind in the frame that was packed, nor in the PNG that was unpacked", async () => {
    const frame = edge();
    const payload = await packDepth(frame);
    expect(frame.mm.every((mm) => mm === 0)).toBe(true);
    const packed = readPackedDepth(payload);
    if (packed?.ok !== true) throw new Error("not packed");
    await unpackDepth(packed.value.png, 80, 60);
    expect(packed.value.png.every((byte) => byte === 0)).toBe(true);
  });
});

describe("what is not a picture of distances", () => {
  const grey = { raw: { width: 80, height: 60, channels: 1 as const } };
  const deep = () => sharp(edge().mm, grey).toColourspace("grey16");
  const chunk = (png: Buffer, name: string, body: Buffer): Buffer => {
    const added = Buffer.concat([Buffer.alloc(4), Buffer.from(name, "latin1"), body, Buffer.alloc(4)]);
    added.writeUInt32BE(body.length, 0);
    return Buffer.concat([png.subarray(0, 33), added, png.subarray(33)]);
  };
  const refused: readonly [string, () => Promise<Uint8Array>, RegExp][] = [
    ["no bytes", async () => new Uint8Array(), /no PNG signature/],
    ["a JPEG", () => sharp(new Uint8Array(4_800), grey).jpeg().toBuffer(), /no PNG signature/],
    ["8-bit grey", () => sharp(new Uint8Array(4_800), grey).toColourspace("b-w").png().toBuffer(), /not 16-bit grey/],
    [
      "16-bit colour",
      () =>
        sharp(new Uint16Array(14_400), { raw: { width: 80, height: 60, channels: 3 } })
          .toColourspace("rgb16")
          .png()
          .toBuffer(),
      /not 16-bit grey/,
    ],
    ["interlaced", () => deep().png({ progressive: true }).toBuffer(), /not 16-bit grey/],
    ["cut off", async () => (await deep().png().toBuffer()).subarray(0, -20), /cut off|no end/],
    [
      "bytes after its end",
      async () => Buffer.concat([await deep().png().toBuffer(), Buffer.alloc(9)]),
      /after its end/,
    ],
    [
      "a text in it",
      async () => chunk(await deep().png().toBuffer(), "zTXt", Buffer.from("x\0\0bomb")),
      /chunk that is not needed/,
    ],
    [
      "another size: a bomb of 20,000 x 20,000",
      async () => {
        const png = await deep().png().toBuffer();
        png.writeUInt32BE(20_000, 16);
        png.writeUInt32BE(20_000, 20);
        return png;
      },
      /20000x20000 where 80x60/,
    ],
    [
      "damaged within",
      async () => {
        const png = await deep().png().toBuffer();
        png.fill(0x55, Math.floor(png.length / 2), Math.floor(png.length / 2) + 40);
        return png;
      },
      /./,
    ],
  ];
  it.each(refused)("is refused: %s", async (_name, make, why) => {
    await expect(unpackDepth(Uint8Array.from(await make()), 80, 60)).rejects.toThrow(why);
  });
  it("never throws anything but an error, nor answers another picture's size, for damaged bytes", async () => {
    const good = await deep().png().toBuffer();
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(damage, async (places) => {
        const png = Uint8Array.from(good);
        for (const [at, byte] of places) png[at] = byte;
        const answer = await unpackDepth(png, 80, 60).catch((cause: unknown) => cause);
        expect(answer instanceof Error || (answer instanceof Uint16Array && answer.length === 4_800)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe("packing in order", () => {
  const collect = (mayPass: (sequence: number) => boolean) => {
    const out: number[] = [];
    let dropped = 0;
    const packing = newDepthPacking({
      mayPass: ({ sequence }) => mayPass(sequence),
      onPacked: ({ sequence }) => out.push(sequence),
      onDropped: () => {
        dropped += 1;
      },
    });
    return { out, packing, dropped: () => dropped };
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it("keeps the order of frames of any size, and lets the oldest fall when too many wait", async () => {
    const { out, packing, dropped } = collect(() => true);
    for (let i = 0; i < 10; i++) packing.offer(headerOf(i), i % 2 === 0 ? edge() : frameOf(8, 8, () => 1));
    await until(() => out.includes(9));
    expect(out).toEqual([0, 6, 7, 8, 9]);
    expect(dropped()).toBe(5);
  });

  it("publishes nothing that was packed, or waited, while consent ended", async () => {
    let open = true;
    let asked = 0;
    const { out, packing } = collect(() => {
      asked += 1;
      return open;
    });
    packing.offer(headerOf(0), edge());
    packing.offer(headerOf(1), edge());
    open = false;
    // Before and after the first was packed, and before the second.
    await until(() => asked === 3);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(out).toEqual([]);
  });

  it("keeps its own copy: the line that gave the frame overwrites it at once", async () => {
    const payloads: Uint8Array[] = [];
    const packing = newDepthPacking({
      mayPass: () => true,
      onPacked: (_, payload) => payloads.push(payload),
      onDropped: () => {},
    });
    const frame = edge();
    packing.offer(headerOf(0), frame);
    frame.mm.fill(0);
    await until(() => payloads.length === 1);
    expect(await unpack(payloads[0]!)).toEqual(edge());
  });
});
