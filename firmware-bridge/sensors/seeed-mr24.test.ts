import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RadarVitalsFrame } from "../../edge-agent/contract/module-frames.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { crc16Modbus, encodeMr24, mr24Address, readTruncatedMr24 } from "./mr24-frames.ts";
import { mr24Says, newMr24Talk } from "./seeed-mr24.ts";
import { bytesOfHex, joinBytes } from "./wire-bytes.ts";

interface Row {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

const folder = `${recordingsPath}/mr24fdb1-in-bed`;
const names = haveRecordings ? readdirSync(folder).sort() : [];
const rowsOf = (name: string): Row[] =>
  readFileSync(`${folder}/${name}`, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [millis = "", hex = ""] = line.split(",");
      return { atMs: Number(millis), bytes: bytesOfHex(hex.trim()) };
    });

/** A cut row as replay reads it. Undefined: it carries no reading. */
function readRow({ atMs, bytes }: Row, talk = newMr24Talk()): RadarVitalsFrame | undefined {
  const row = readTruncatedMr24(bytes);
  if (row === undefined || talk.hear(row.framed).heard !== "measurement") return undefined;
  const decoded = talk.decode(row.framed, 1_000 * atMs);
  if (!decoded.ok) throw new Error(decoded.why);
  return decoded.frame;
}

/** Written out by hand from the bytes: func and addresses, and the float where it is the score's. */
const addressOf = (bytes: Uint8Array): string => Buffer.from(bytes.slice(3, 6)).toString("hex");
const floatOf = (bytes: Uint8Array): number => Buffer.from(bytes).readFloatLE(6);

describe.skipIf(!haveRecordings)("recordings of 12 people in bed", () => {
  it("hold the rows that they are said to hold, by address", () => {
    const counts: Record<string, number> = {};
    let whole = 0;
    for (const { bytes } of names.flatMap(rowsOf)) {
      const row = readTruncatedMr24(bytes);
      const address = row === undefined ? addressOf(bytes) : row.address.toString(16).padStart(6, "0");
      counts[address] = (counts[address] ?? 0) + 1;
      whole += row?.checked === "whole" ? 1 : 0;
    }
    expect(names.length).toBe(12);
    expect(counts).toEqual({
      "040307": 3_151,
      "040306": 1_481,
      "040305": 36,
      "040502": 12,
      "040102": 12,
      "03040c": 12,
    });
    // Of the two short ones alone the whole CRC is there.
    expect(whole).toBe(24);
  });

  it.each(names)("%s: every score is its row's, and no row says that nobody is there", (name) => {
    const rows = rowsOf(name);
    expect(rows.length).toBeGreaterThanOrEqual(332);
    const talk = newMr24Talk();
    let scores = 0;
    let lowScores = 0;
    for (const row of rows) {
      const frame = readRow(row, talk);
      switch (addressOf(row.bytes)) {
        case "040306": {
          const score = floatOf(row.bytes);
          expect(frame?.movement).toBe(score);
          expect(score >= 1 && score <= 100).toBe(true);
          expect([frame?.present, frame?.moving, frame?.breathingPerMin]).toEqual([null, null, null]);
          scores += 1;
          lowScores += score <= 2 ? 1 : 0;
          break;
        }
        case "040305":
          expect(frame?.present).toBe(true);
          expect(frame?.moving).toBe(row.bytes[7] === 1);
          expect(frame?.movement).toBeNull();
          break;
        default:
          expect(frame).toBeUndefined();
      }
    }
    // They lie still for most of the time, and are there all the same.
    expect(scores).toBeGreaterThan(100);
    expect(lowScores / scores).toBeGreaterThan(0.5);
  });

  it("what is left of each CRC holds; of a frame whose data was cut there is nothing", () => {
    for (const { bytes } of names.flatMap(rowsOf)) {
      const row = readTruncatedMr24(bytes);
      if (addressOf(bytes) === "040102") {
        expect(row).toBeUndefined();
        continue;
      }
      const expected = { 1: "whole", 3: "low-byte", 4: "not-there" }[row?.dataBytes ?? 0];
      expect(row?.checked).toBe(expected);
      // One changed bit of what the rest of the CRC covers is seen.
      if (row?.checked === "not-there") continue;
      const changed = bytes.slice();
      changed[7]! ^= 0x10;
      expect(readTruncatedMr24(changed)).toBeUndefined();
    }
  });

  it("with their ends put back they pass through the wire's framer, and mean the same", () => {
    const rows = names.flatMap(rowsOf).filter(({ bytes }) => addressOf(bytes) !== "040102");
    const wire = joinBytes(
      ...rows.map(({ bytes }) => {
        const row = readTruncatedMr24(bytes);
        if (row === undefined) throw new Error("a row that cannot be read");
        return encodeMr24(row.address, bytes.slice(6, 6 + row.dataBytes));
      }),
    );
    const talk = newMr24Talk();
    const frames = talk.framer.push(wire).flatMap((framed) => {
      const decoded = talk.hear(framed).heard === "measurement" ? talk.decode(framed, 0) : undefined;
      return decoded?.ok ? [decoded.frame] : [];
    });
    expect(talk.framer.counts).toEqual({ bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 });
    expect(frames).toEqual(rows.flatMap((row) => readRow(row) ?? []));
    expect(frames.length).toBe(1_481 + 36);
  });

  it("cut as they are, no framer makes a reading of them that was not sent", () => {
    for (const name of names) {
      const rows = rowsOf(name);
      const talk = newMr24Talk();
      const movements = rows.map((row) => readRow(row)?.movement);
      for (const framed of talk.framer.push(joinBytes(...rows.map(({ bytes }) => bytes)))) {
        if (talk.hear(framed).heard !== "measurement") continue;
        const decoded = talk.decode(framed, 0);
        expect(decoded.ok && movements.includes(decoded.frame.movement)).toBe(true);
      }
      expect(talk.framer.counts.checksumErrors).toBeGreaterThan(100);
    }
  });
});

describe("frames of the MR24", () => {
  it("have the checksum of Modbus", () => {
    expect(crc16Modbus(new TextEncoder().encode("123456789"), 0, 9)).toBe(0x4b37);
    expect(mr24Says.occupancy("still")).toEqual(bytesOfHex("55 0A 00 04 03 05 01 00 FF 1D 14"));
    expect(mr24Says.occupancy("moving")).toEqual(bytesOfHex("55 0A 00 04 03 05 01 01 01 9D 04"));
    expect(mr24Says.began().slice(0, 9)).toEqual(bytesOfHex("55 08 00 04 05 02 0F 4F 18"));
    expect(mr24Says.began().slice(-9)).toEqual(bytesOfHex("55 08 00 03 04 0C 03 1B C9"));
  });

  it("no changed byte of a score is a reading", () => {
    const wire = mr24Says.movement(37);
    for (let at = 0; at < wire.length; at++) {
      for (let change = 1; change < 256; change++) {
        const changed = wire.slice();
        changed[at]! ^= change;
        expect(newMr24Talk().framer.push(changed)).toEqual([]);
      }
    }
  });

  it("a row that ends before its data, begins elsewhere or claims too much is none", () => {
    const score = mr24Says.movement(37);
    expect(readTruncatedMr24(score.slice(0, 10))?.checked).toBe("not-there");
    expect(readTruncatedMr24(score.slice(0, 9))).toBeUndefined();
    expect(readTruncatedMr24(score.slice(1))).toBeUndefined();
    expect(readTruncatedMr24(score.map((byte, i) => (i === 2 ? 9 : byte)))).toBeUndefined();
    expect(readTruncatedMr24(new Uint8Array())).toBeUndefined();
    expect(readTruncatedMr24(encodeMr24(mr24Address.approach, Uint8Array.of(1, 1, 2)))?.framed.payload.length).toBe(0);
  });

  it("scores 5 s apart have no gap between them; 15 s without any is one", () => {
    const talk = newMr24Talk();
    const [framed] = talk.framer.push(mr24Says.movement(1));
    const gaps = [0, 5, 10, 24, 39].map((sec) => {
      const decoded = talk.decode(framed!, 1e6 * sec);
      return decoded.ok && decoded.afterGap;
    });
    expect(gaps).toEqual([false, false, false, false, true]);
  });
});
