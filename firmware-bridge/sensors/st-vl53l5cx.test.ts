import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeDepth, readDepth } from "../../edge-agent/contract/frames.ts";
import {
  depthPaceFits,
  newDepthIntake,
  noteDepthFrame,
  statedDepthFit,
} from "../../edge-agent/perception/depth-intake.ts";
import {
  acceptDepthFrame,
  dropDepthAnswer,
  newDepthPerception,
  pendingDepthQuestion,
} from "../../edge-agent/perception/depth-room.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { crc16, crc32 } from "./crc.ts";
import { messageType, ownProtocolVersion } from "./own-conversation.ts";
import { encodeStBlocks, findStBlocks, quarterMmAt, type StZones, statusAt, zones } from "./st-blocks.ts";
import { encodeResult, encodeSmallMessage, newSmallFramer, newVl53l5cxTalk } from "./st-vl53l5cx.ts";

const flat = (mm: number): StZones => ({
  distanceMm: new Float64Array(zones).fill(mm),
  status: new Uint8Array(zones).fill(5),
});

/** What a driver of the other known firmware, with all of its outputs switched on, has in memory: built by hand. */
function fullBody(): Uint8Array {
  const blocks: [number, number, Uint8Array][] = [
    [0x0000_000d, 0, new Uint8Array()],
    [0x54b4_00c0, 12, new Uint8Array(12)],
    [0x54c0_0040, 4, new Uint8Array(4)],
    [0x54d0_0404, 256, new Uint8Array(256).fill(0xa5)],
    [0x55d0_0404, 256, new Uint8Array(256).fill(0x5a)],
    [0xcf7c_0401, 64, new Uint8Array(64).fill(1)],
    [0xcfbc_0404, 256, new Uint8Array(256)],
    [0xd2bc_0402, 128, new Uint8Array(128)],
    [0xd33c_0402, 128, new Uint8Array(Int16Array.from({ length: 64 }, (_, zone) => 4_000 + 4 * zone).buffer)],
    [0xd43c_0401, 64, new Uint8Array(64)],
    [0xd47c_0401, 64, new Uint8Array(64).fill(5)],
    [0xcc50_08c0, 140, new Uint8Array(140)],
  ];
  const body: number[] = Array.from({ length: 16 }, (_, i) => (i === 8 ? 0x12 : i === 9 ? 0x34 : 0));
  for (const [head, bytes, data] of blocks) {
    expect(data.length).toBe(bytes);
    body.push(head & 255, (head >>> 8) & 255, (head >>> 16) & 255, head >>> 24, ...data);
  }
  return Uint8Array.from([...body, 0, 0, 0, 0, 0x12, 0x34, 0, 0]);
}

describe("the check of the small framing", () => {
  it("is the published CRC-16 and CRC-32", () => {
    const digits = new TextEncoder().encode("123456789");
    expect(crc16(digits, 0, 9)).toBe(0x29b1);
    expect(crc32(digits, 0, 9)).toBe(0xcbf43926);
  });

  it("makes the bytes that the page tells firmware writers to expect", () => {
    // Made by Python's struct and binascii.crc_hqx, not by this code.
    const hello = "a55a0100000000000000ed76ffff";
    const start = "a55a0201020000000000b98d0a08cc73";
    const stop = "a55a0302000000000000a899ffff";
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    const talk = newVl53l5cxTalk();
    expect(hex(talk.start())).toBe(hello);
    const answer = { type: messageType.helloAnswer, body: Uint8Array.of(ownProtocolVersion) };
    const [heard] = talk.framer.push(encodeSmallMessage(answer)).map((framed) => talk.hear(framed));
    expect(heard?.heard === "go-on" && hex(heard.write)).toBe(start);
    expect(hex(talk.stop())).toBe(stop);
    const page = readFileSync(new URL("../../docs/sensors-vl53l5cx.md", import.meta.url), "utf8");
    for (const bytes of [hello, start, stop]) expect(page).toContain(`\`${bytes}\``);
  });
});

function readStBlocks(body: Uint8Array) {
  const found = findStBlocks(body);
  if (!found.ok) return found;
  const each = Array.from({ length: zones }, (_, zone) => zone);
  return {
    ok: true as const,
    zones: {
      distanceMm: Float64Array.from(each, (zone) => quarterMmAt(body, found.at, zone) / 4),
      status: Uint8Array.from(each, (zone) => statusAt(body, found.at, zone)),
    },
  };
}

describe("blocks of ST's driver", () => {
  it("are read with every output switched on, and by the indices of either firmware", () => {
    const read = readStBlocks(fullBody());
    expect(read.ok && [...read.zones.distanceMm]).toEqual(Array.from({ length: 64 }, (_, zone) => 1_000 + zone));
    const again = readStBlocks(encodeStBlocks(flat(1_234.25), 7, 25));
    expect(again.ok && again.zones).toEqual(flat(1_234.25));
  });

  it("are refused where the footer's mark is another, a block is cut, or zones are 4x4", () => {
    const torn = fullBody();
    torn[9] = 0x35;
    expect(readStBlocks(torn)).toEqual({ ok: false, why: "field-out-of-range" });
    expect(readStBlocks(fullBody().slice(0, -8))).toMatchObject({ ok: false });
    const coarse = fullBody();
    const at = Buffer.from(coarse.buffer).indexOf(Buffer.from("02043cd3", "hex"));
    coarse[at + 1] = 1;
    expect(readStBlocks(coarse)).toEqual({ ok: false, why: "wrong-size" });
  });

  it("throw on no bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const read = readStBlocks(Uint8Array.from([...noise, ...new Uint8Array((4 - (noise.length % 4)) % 4)]));
        expect(read.ok ? read.zones.distanceMm.length : read.why).toBeTruthy();
      }),
    );
  });
});

describe("the framer", () => {
  const one = encodeResult(flat(700), 0, 0);
  const two = encodeResult(flat(800), 100_000, 1);

  it("finds a good frame that begins inside a broken one", () => {
    const framer = newSmallFramer();
    const wire = Uint8Array.from([...one.slice(0, 100), ...two]);
    expect(framer.push(wire).map(({ head }) => head.clockUs)).toEqual([100_000]);
    expect(framer.counts).toMatchObject({ bytesSkipped: 100, resyncs: 1, checksumErrors: 1 });
  });

  it("believes no length whose header is broken: the next frame is out at once", () => {
    const framer = newSmallFramer();
    const wire = Uint8Array.from([...one, ...two]);
    wire[5] = 0x07;
    expect(framer.push(wire).length).toBe(1);
  });

  it("hands out copies, and forgets what is cleared", () => {
    const framer = newSmallFramer();
    const [framed] = framer.push(one);
    framed?.payload.fill(0);
    expect(framer.push(two)[0]?.payload.some((byte) => byte !== 0)).toBe(true);
    framer.push(one.slice(0, 200));
    framer.clear();
    expect(framer.push(one.slice(200))).toEqual([]);
  });

  it("stays quick where somebody sends headers of messages that never come", () => {
    const framer = newSmallFramer();
    // A sound header that claims 2,046 bytes of body, over and over.
    const head = encodeSmallMessage({ type: messageType.frame, body: new Uint8Array(2_046) }).slice(0, 12);
    const wire = new Uint8Array(12 * 100_000);
    for (let at = 0; at < wire.length; at += 12) wire.set(head, at);
    const before = performance.now();
    expect(framer.push(wire)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(framer.push(Uint8Array.from([...new Uint8Array(4_096), ...one])).length).toBe(1);
  });
});

describe("the conversation", () => {
  const heardOf = (message: Uint8Array, talk = newVl53l5cxTalk()) =>
    talk.framer.push(message).map((framed) => talk.hear(framed).heard);
  const hello = encodeSmallMessage({ type: messageType.helloAnswer, body: Uint8Array.of(ownProtocolVersion) });

  it("asks for ten frames a second of 8x8 once it knows the version", () => {
    const talk = newVl53l5cxTalk();
    expect(newSmallFramer().push(talk.start())[0]?.head.type).toBe(messageType.hello);
    const [framed] = talk.framer.push(hello);
    const heard = framed === undefined ? undefined : talk.hear(framed);
    if (heard?.heard !== "go-on") throw new Error("no start");
    const [start] = newSmallFramer().push(heard.write);
    expect([start?.head.type, ...(start?.payload ?? [])]).toEqual([messageType.start, 10, 8]);
  });

  it("answers nothing that it did not ask for", () => {
    expect(heardOf(hello)).toEqual(["nothing"]);
    expect(heardOf(encodeSmallMessage({ type: messageType.started }))).toEqual(["nothing"]);
    expect(heardOf(encodeSmallMessage({ type: messageType.stopped }))).toEqual(["nothing"]);
  });

  it("takes a refused start after the stop for no answer to the stop", () => {
    const talk = newVl53l5cxTalk();
    talk.stop();
    expect(heardOf(encodeSmallMessage({ type: messageType.refused }), talk)).toEqual(["nothing"]);
    expect(heardOf(encodeSmallMessage({ type: messageType.stopped }), talk)).toEqual(["stopped"]);
  });

  it("tells a silence of 3 s and a microcontroller that began anew as a gap", () => {
    const talk = newVl53l5cxTalk();
    talk.start();
    const gaps = [1_000_000, 1_100_000, 4_100_000, 50_000, 150_000].flatMap((clockUs, i) =>
      talk.framer.push(encodeResult(flat(900), clockUs, i)).map((framed) => {
        const decoded = talk.decode(framed, 0);
        return decoded.ok && decoded.afterGap;
      }),
    );
    expect(gaps).toEqual([false, false, true, true, false]);
  });
});

describe.skipIf(!haveRecordings)("the 500 recorded frames of a VL53L5CX", () => {
  const { tof } = haveRecordings
    ? JSON.parse(readFileSync(`${recordingsPath}/vl53l5cx-8x8/frames.json`, "utf8"))
    : { tof: { distances: [], targestNum: [], status: [] } };

  it("pass through the wire with their invalid zones", () => {
    expect(tof.distances.length).toBe(500);
    const talk = newVl53l5cxTalk();
    talk.start();
    let valid = 0;
    for (const [index, distances] of tof.distances.entries()) {
      const status = Uint8Array.from(tof.status[index]);
      const wire = encodeResult({ distanceMm: Float64Array.from(distances), status }, 100_000 * index, index);
      const [framed] = talk.framer.push(wire);
      const decoded = framed === undefined ? undefined : talk.decode(framed, 0);
      if (decoded?.ok !== true) throw new Error(`frame ${index}`);
      const expected = distances.map((mm: number, zone: number) => (status[zone] === 5 ? mm : 0));
      expect([...decoded.frame.mm]).toEqual(expected);
      expect(decoded.deviceUs).toBe(100_000 * index);
      for (const [zone, mm] of decoded.frame.mm.entries()) {
        if (mm === 0) continue;
        valid += 1;
        expect(tof.targestNum[index][zone]).toBe(1);
      }
    }
    // 36 % of the zones have status 5; two of them say 0 mm.
    expect(valid).toBe(11_577);
    expect(talk.framer.counts).toEqual({ bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 });
  });

  it("go on through the envelope into perception, which asks its model only with finite numbers and knows the poor ones", () => {
    const talk = newVl53l5cxTalk();
    talk.start();
    const bed = { lengthMm: 2_000, widthMm: 900, topMm: 500 };
    const placement = { at: { xMm: 0, yMm: 0, zMm: 1_900 }, towards: { xMm: 0, yMm: 100, zMm: 500 }, bed };
    const perception = newDepthPerception(placement, { intervalScale: [], qualityMin: 1, halfWidthPerMinMax: 1 });
    const intake = newDepthIntake();
    let poor = 0;
    let poorAsRecorded = 0;
    let questions = 0;
    for (const [index, distances] of tof.distances.entries()) {
      const status = Uint8Array.from(tof.status[index]);
      const wire = encodeResult({ distanceMm: Float64Array.from(distances), status }, 100_000 * index, index);
      const decoded = talk.framer.push(wire).map((framed) => talk.decode(framed, 0))[0];
      const read = decoded?.ok ? readDepth(encodeDepth(decoded.frame)) : undefined;
      if (!decoded?.ok || !read?.ok) throw new Error(`frame ${index}`);
      expect(read.value).toEqual(decoded.frame);
      expect(statedDepthFit(read.value)).toBe("right");
      if (noteDepthFrame(intake, read.value, index, decoded.deviceUs) === "poor") poor += 1;
      const valid = distances.filter((mm: number, zone: number) => status[zone] === 5 && mm > 0);
      if (valid.length < 0.3 * zones) poorAsRecorded += 1;
      acceptDepthFrame(perception, read.value, decoded.deviceUs);
      const question = pendingDepthQuestion(perception);
      if (question === undefined) continue;
      questions += 1;
      expect(question.tensors.every(({ data }) => data.every(Number.isFinite))).toBe(true);
      dropDepthAnswer(perception);
    }
    expect(poorAsRecorded).toBeGreaterThan(50);
    expect(poor).toBe(poorAsRecorded);
    expect(depthPaceFits(intake)).toBe(true);
    expect(questions).toBeGreaterThan(5);
  });
});
