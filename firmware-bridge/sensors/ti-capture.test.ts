import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { encodeTiPacket } from "./ti-packets.ts";
import {
  encodeVitalSigns,
  newVitalSignsTalk,
  readVitalSigns,
  type VitalSigns,
  vitalSignsConfiguration,
  vitalSignsFloats,
} from "./ti-vital-signs.ts";
import { joinBytes } from "./wire-bytes.ts";

const folder = `${recordingsPath}/ti-iwr6843`;
/** The last packet of a stream is known to be whole when the next one begins. */
const beginning = encodeTiPacket(1, []).subarray(0, 8);

function hear(wire: Uint8Array, pieceBytes: number) {
  const talk = newVitalSignsTalk();
  talk.start();
  const told: { readonly frameNumber: number; readonly vitals: VitalSigns }[] = [];
  const decoded: ReturnType<typeof talk.decode>[] = [];
  for (let from = 0; from < wire.length; from += pieceBytes) {
    for (const framed of talk.framer.push(wire.subarray(from, from + pieceBytes))) {
      expect(talk.hear(framed)).toEqual({ heard: "measurement" });
      decoded.push(talk.decode(framed, 0));
      told.push({ frameNumber: Number(framed.head.frameNumber), vitals: readVitalSigns(framed.payload)! });
    }
  }
  return { told, decoded, counts: talk.framer.counts };
}

describe.skipIf(!haveRecordings)("the capture of a real IWR6843", () => {
  const wire = haveRecordings
    ? joinBytes(new Uint8Array(readFileSync(`${folder}/vital-signs-uart.wire.bin`)), beginning)
    : new Uint8Array();
  const rows = haveRecordings
    ? readFileSync(`${folder}/vendor-parsed.csv`, "utf8")
        .trim()
        .split(/\r?\n/)
        .map((line) => line.split(","))
    : [];
  const columns = rows[0] ?? [];
  const cell = (row: readonly string[], name: string): number => Number(row[columns.indexOf(name)]);
  // Of pieces of broken packets the vendor's parser writes -1.
  const whole = rows.slice(1).filter((row) => cell(row, "maxVal") !== -1);

  it("has 1,956 magic words, of which four begin a piece of a broken packet", () => {
    expect(rows.length - 1).toBe(1_956);
    expect(whole.length).toBe(1_952);
  });

  it.each([17, 256, 4_000, 1_000_000])("every whole packet is the vendor's, in pieces of %d bytes", (pieceBytes) => {
    const { told, counts } = hear(wire, pieceBytes);
    expect(told.length).toBe(whole.length);
    for (const [i, { frameNumber, vitals }] of told.entries()) {
      const row = whole[i]!;
      expect(frameNumber).toBe(cell(row, "frameNum"));
      for (const name of [
        "rangeBinIndexMax",
        "rangeBinIndexPhase",
        "processingCyclesOut",
        "rangeBinStartIndex",
        "rangeBinEndIndex",
      ] as const) {
        expect(vitals[name]).toBe(cell(row, name));
      }
      expect(vitals.maxVal).toBe(Math.fround(cell(row, "maxVal")));
      for (const name of vitalSignsFloats) expect(vitals.floats[name]).toBe(Math.fround(cell(row, name)));
    }
    // Both broken packets are skipped whole and the thread is found again behind each.
    expect(counts).toEqual({ bytesSkipped: 512, resyncs: 2, checksumErrors: 0, strange: 0 });
  });

  it("is in time: 20 packets a second by their numbers, lost ones included", () => {
    const { told, decoded } = hear(wire, 4_000);
    const first = told[0]!.frameNumber;
    for (const [i, one] of decoded.entries()) {
      if (!one.ok) throw new Error(one.why);
      expect(one.deviceUs).toBe(50_000 * (told[i]!.frameNumber - first));
      expect(one.frame.moving).toBe(told[i]!.vitals.floats.motionDetectedFlag !== 0);
      expect(one.afterGap).toBe(false);
    }
    expect(decoded.filter((one) => one.ok && one.frame.moving === true).length).toBe(513);
  });
});

describe("a packet of the vital-signs demo", () => {
  const said = { displacementMm: 3, breathingPerMin: 14, confidence: 2, breathEnergy: 100, moving: false };

  it("is 256 bytes and states 288, as the real ones", () => {
    const packet = encodeVitalSigns(7, said);
    expect(packet.length).toBe(256);
    expect(new DataView(packet.buffer).getUint32(12, true)).toBe(288);
  });

  it("cut anywhere never gives a reading, and the next one is found", () => {
    const packet = encodeVitalSigns(7, said);
    for (let length = 1; length < 176; length++) {
      const { told } = hear(joinBytes(packet.subarray(0, length), encodeVitalSigns(8, said), beginning), 1_000);
      expect(told.map(({ frameNumber }) => frameNumber)).toEqual([8]);
    }
  });

  it("says nobody where the demo's own screen would, and its rate by the estimator that it believes", () => {
    const frameOf = (over: Partial<typeof said>) => {
      const one = hear(joinBytes(encodeVitalSigns(7, { ...said, ...over }), beginning), 1_000).decoded[0];
      if (one?.ok !== true) throw new Error("no frame");
      return one.frame;
    };
    expect(frameOf({})).toMatchObject({ present: true, breathingPerMin: 14 });
    expect(frameOf({ breathEnergy: 1 })).toMatchObject({ present: false });
    expect(frameOf({ breathEnergy: 1, moving: true })).toMatchObject({ present: true, moving: true });
    expect(frameOf({ confidence: 0 })).toMatchObject({ breathingPerMin: 0, confidence: 0 });
  });

  it("a clock that runs back begins anew", () => {
    const { decoded } = hear(joinBytes(encodeVitalSigns(900, said), encodeVitalSigns(3, said), beginning), 1_000);
    expect(decoded.map((one) => one.ok && one.afterGap)).toEqual([false, true]);
  });

  it("is asked for line by line", () => {
    const talk = newVitalSignsTalk();
    const lines = [new TextDecoder().decode(talk.start())];
    for (const line of vitalSignsConfiguration) {
      for (const framed of talk.framer.push(new TextEncoder().encode(`${line}\r\nDone\r\n`), "commands")) {
        const heard = talk.hear(framed);
        if (heard.heard === "go-on") lines.push(new TextDecoder().decode(heard.write));
      }
    }
    expect(lines).toEqual(vitalSignsConfiguration.map((line) => `${line}\n`));
  });
});
