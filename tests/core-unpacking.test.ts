import { describe, expect, it } from "vitest";
import type { Effect } from "../edge-agent/contract/door.ts";
import { encodeEnvelope } from "../edge-agent/contract/frames.ts";
import { encodePackedDepth } from "../edge-agent/contract/packed-depth.ts";
import { readSessionEvent, writeEffect, writeSessionEvent } from "../edge-agent/contract/session.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { purposes } from "../edge-agent/contract/words.ts";
import type { DepthSense } from "../edge-agent/perception/room-perception.ts";
import { Driver, person, twoSensors } from "./core-driver.ts";

type Unpack = Extract<Effect, { kind: "unpack" }>;

function newSense(): DepthSense & { readonly seen: number[] } {
  const seen: number[] = [];
  return {
    seen,
    latest: null,
    outputsOf: {},
    take: (frame) => void seen.push(frame.mm[0]!),
    pending: () => undefined,
    accept: () => ({ is: "unusable" }),
    drop() {},
    forgetBreathing() {},
    clear() {},
  };
}

const room = () => {
  const sense = newSense();
  const driver = new Driver(twoSensors, sense).granted();
  const packed = (sequence: number, boot = "d") =>
    driver.feed({
      kind: "frame",
      ...driver.stamp(),
      sensor: "depth-1",
      bytes: encodeEnvelope(
        {
          kind: "depth",
          bootId: boot.repeat(32),
          sequence,
          deviceUs: deviceUs(sequence * 100_000),
          capturedAt: utcMs(driver.stamp().utcMs),
        },
        encodePackedDepth(
          { widthPx: 8, heightPx: 8, frameRateHz: 10, acrossDeg: 45, downDeg: 45 },
          new Uint8Array(200).fill(7),
        ),
      ),
    });
  const answer = (request: number, mm = 1_000, pixels = 64) =>
    driver.feed({ kind: "unpacked", ...driver.stamp(), request, mm: new Uint16Array(pixels).fill(mm) });
  const refuse = (request: number) => driver.feed({ kind: "unpack-failed", ...driver.stamp(), request });
  const dropped = () => driver.core.room.dropped;
  return { driver, sense, packed, answer, refuse, dropped };
};
const turnOff = (driver: Driver): void => {
  for (const purpose of purposes) driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose });
};
const asked = (effects: readonly Effect[]): Unpack[] => effects.filter((effect) => effect.kind === "unpack");

describe("a packed depth frame in the core", () => {
  it("is unpacked by the shell, one at a time and in order", () => {
    const { sense, packed, answer, driver } = room();
    const [first] = asked(packed(0));
    expect(first).toMatchObject({ widthPx: 8, heightPx: 8 });
    expect(first?.png).toHaveLength(200);
    expect(asked(packed(1))).toEqual([]);
    const [second] = asked(answer(first!.request, 1_111));
    expect(asked(answer(second!.request, 2_222))).toEqual([]);
    expect(sense.seen).toEqual([1_111, 2_222]);
    expect(driver.core.room.framesAccepted).toBe(2);
  });

  it("is refused before it is unpacked where no lease is held", () => {
    const { driver, packed, dropped } = room();
    turnOff(driver);
    expect(asked(packed(0))).toEqual([]);
    expect(dropped()["no-lease"]).toBe(1);
  });

  it("is forgotten where consent ended while it was unpacked, and what came out is overwritten", () => {
    const { driver, sense, packed } = room();
    const [first] = asked(packed(0));
    packed(1);
    const waiting = driver.core.unpacking.frames[1]!.depth.png;
    turnOff(driver);
    expect(waiting.every((byte) => byte === 0)).toBe(true);
    const mm = new Uint16Array(64).fill(1_500);
    const effects = driver.feed({ kind: "unpacked", ...driver.stamp(), request: first!.request, mm });
    expect(effects).toEqual([]);
    expect(mm.every((value) => value === 0)).toBe(true);
    expect(sense.seen).toEqual([]);
  });

  it("of an earlier stay is not taken for one of the next", () => {
    const { driver, sense, packed, answer } = room();
    const [first] = asked(packed(0));
    turnOff(driver);
    for (const purpose of purposes) {
      driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose });
    }
    const [second] = asked(packed(0, "e"));
    answer(first!.request, 1_111);
    expect(sense.seen).toEqual([]);
    answer(second!.request, 2_222);
    expect(sense.seen).toEqual([2_222]);
  });

  it("from before the sensor began anew is dropped; the new one is asked for", () => {
    const { sense, packed, answer } = room();
    const [first] = asked(packed(5));
    const [second] = asked(packed(0, "e"));
    expect(second).toBeDefined();
    answer(first!.request, 1_111);
    answer(second!.request, 2_222);
    expect(sense.seen).toEqual([2_222]);
  });

  it("is counted where it could not be unpacked, or holds another number of pixels; the next one goes on", () => {
    const { sense, packed, answer, refuse, dropped } = room();
    const [first] = asked(packed(0));
    packed(1);
    packed(2);
    const [second] = asked(refuse(first!.request));
    const [third] = asked(answer(second!.request, 1, 63));
    answer(third!.request, 3_333);
    expect(dropped()["not-unpacked"]).toBe(2);
    expect(sense.seen).toEqual([3_333]);
  });

  it("is refused and counted where five wait", () => {
    const { packed, dropped, driver } = room();
    for (let i = 0; i < 6; i++) packed(i);
    expect(dropped()["queue-full"]).toBe(2);
    expect(driver.core.unpacking.frames).toHaveLength(4);
  });

  it("is recorded in a session as what came out of it", () => {
    const mm = Uint16Array.from([0, 1, 65_535, 2_000]);
    const event = { kind: "unpacked", ...room().driver.stamp(), request: 3, mm } as const;
    expect(readSessionEvent(writeSessionEvent(event))).toEqual(event);
    const effect = { kind: "unpack", request: 3, png: new Uint8Array(9), widthPx: 2, heightPx: 2 } as const;
    expect(JSON.parse(writeEffect(effect))).toEqual({ ...effect, png: 9 });
  });
});
