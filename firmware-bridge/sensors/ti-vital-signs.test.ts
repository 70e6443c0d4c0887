import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeRadarVitals, type RadarVitalsFrame, readRadarVitals } from "../../edge-agent/contract/module-frames.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import type { Decoded } from "./sensor.ts";
import { tlvHeaderBytes } from "./ti-packets.ts";
import {
  newTiVitalSignsTalk,
  readVitalSigns,
  type TiVitalSigns,
  tiMmPerRad,
  tiRangeBinMm,
  tiVitalSignsLines,
} from "./ti-vital-signs.ts";

const folder = `${recordingsPath}/ti-iwr6843`;

/** Which column of the vendor's own script is which field here. */
const columns: Readonly<Record<keyof TiVitalSigns, string>> = {
  rangeBinMax: "rangeBinIndexMax",
  rangeBinPhase: "rangeBinIndexPhase",
  maxVal: "maxVal",
  processingCycles: "processingCyclesOut",
  rangeBinStart: "rangeBinStartIndex",
  rangeBinEnd: "rangeBinEndIndex",
  unwrapPhasePeakRad: "unwrapPhasePeak_mm",
  filterBreathOut: "outputFilterBreathOut",
  breathingFftPerMin: "breathingRateEst_FFT",
  breathingXcorrPerMin: "breathingRateEst_xCorr",
  breathingPeakCountPerMin: "breathingRateEst_peakCount",
  confidenceBreath: "confidenceMetricBreathOut",
  confidenceBreathXcorr: "confidenceMetricBreathOut_xCorr",
  energyBreath: "sumEnergyBreathWfm",
  motionDetected: "motionDetectedFlag",
};

interface Read {
  readonly frameNumber: number;
  readonly said: TiVitalSigns;
  readonly decoded: Decoded<RadarVitalsFrame>;
}

function readAll(wire: Uint8Array, size: number) {
  const talk = newTiVitalSignsTalk();
  const read: Read[] = [];
  for (let at = 0; at < wire.length; at += size) {
    for (const framed of talk.framer.push(wire.slice(at, at + size))) {
      if (talk.hear(framed).heard !== "measurement") throw new Error("no measurement");
      const decoded = talk.decode(framed, 0);
      const said = readVitalSigns(framed.payload.subarray(tlvHeaderBytes));
      read.push({ frameNumber: Number(framed.head.frameNumber), said, decoded });
    }
  }
  return { read, counts: talk.framer.counts };
}

describe.skipIf(!haveRecordings)("the capture of a vital-signs demo", () => {
  let wire: Uint8Array;
  let rows: Record<string, number>[];
  let all: readonly Read[];
  const framesOf = (): { said: TiVitalSigns; frame: RadarVitalsFrame }[] =>
    all.flatMap(({ said, decoded }) => (decoded.ok ? [{ said, frame: decoded.frame }] : []));
  beforeAll(() => {
    wire = Uint8Array.from(readFileSync(`${folder}/vital-signs-uart.wire.bin`));
    const [names = "", ...lines] = readFileSync(`${folder}/vendor-parsed.csv`, "utf8").trim().split(/\r?\n/);
    rows = lines.map((line) => {
      const values = line.split(",").map(Number);
      return Object.fromEntries(names.split(",").map((name, i) => [name, values[i] ?? Number.NaN]));
    });
    all = readAll(wire, wire.length).read;
  });

  it("every whole packet equals what the vendor's own script read of it", () => {
    const whole = rows.filter(({ motionDetectedFlag }) => motionDetectedFlag !== -1);
    expect([rows.length, whole.length, all.length]).toEqual([1_956, 1_952, 1_952]);
    for (const [i, { frameNumber, said }] of all.entries()) {
      const row = whole[i]!;
      expect(frameNumber).toBe(row.frameNum);
      const vendor = Object.entries(columns).map(([field, column]) => [field, Math.fround(row[column] ?? Number.NaN)]);
      expect(said).toEqual(Object.fromEntries(vendor));
    }
  });

  it.each([1, 7, 255, 4_096])(
    "is the same in pieces of %i bytes, and both broken packets are skipped and counted",
    (size) => {
      const { read, counts } = readAll(wire, size);
      // Each of the two is 159 bytes of one packet and 97 of another.
      expect(counts).toEqual({ bytesSkipped: 512, resyncs: 2, checksumErrors: 0, strange: 0 });
      expect(read.map(({ frameNumber }) => frameNumber)).toEqual(all.map(({ frameNumber }) => frameNumber));
      expect(read.at(-1)).toEqual(all.at(-1));
    },
  );

  it("has the chip's time, over the packets that were lost, without a gap of 3 s", () => {
    const times = all.map(({ decoded }) => (decoded.ok ? decoded.deviceUs : Number.NaN));
    const steps = times.slice(1).map((time, i) => (time - times[i]!) / 50_000);
    expect(steps.every((step) => step >= 1)).toBe(true);
    // Five single ones, and two where packets broke: of the broken ones the whole neighbours are left.
    expect(steps.filter((step) => step > 1).sort((a, b) => a - b)).toEqual([2, 2, 2, 2, 2, 5, 42]);
    expect(all.some(({ decoded }) => decoded.ok && decoded.afterGap)).toBe(false);
    expect(times.at(-1)! - times[0]!).toBe(50_000 * (2_664 - 663));
  });

  it("is legal for whoever reads the bridge's frames", () => {
    expect(framesOf().length).toBe(1_952);
    for (const { frame } of framesOf()) expect(readRadarVitals(encodeRadarVitals(frame)).ok).toBe(true);
  });

  it("says in radians what it calls millimetres: no step goes beyond half a turn", () => {
    const frames = framesOf();
    const steps = frames
      .slice(1)
      .map(({ said }, i) => Math.abs(said.unwrapPhasePeakRad - frames[i]!.said.unwrapPhasePeakRad));
    expect(Math.max(...steps)).toBeLessThan(Math.PI + 1e-3);
    // In millimetres of a wave of 4.8 mm half a turn is 1.2.
    expect(steps.filter((step) => step > 1.25).length).toBeGreaterThan(50);
  });

  it("gives the wave in millimetres, the movement flag and the range bin as they are", () => {
    for (const { said, frame } of framesOf()) {
      expect(frame.wave).toEqual(Float32Array.of(said.unwrapPhasePeakRad * tiMmPerRad));
      expect(frame.moving).toBe(said.motionDetected === 1);
      expect(frame.distanceMm).toBe(said.rangeBinPhase * tiRangeBinMm);
      expect(frame.confidence! > 0.5).toBe(said.confidenceBreath > 1);
    }
    expect(framesOf().filter(({ frame }) => frame.moving).length).toBe(513);
    expect(framesOf().every(({ frame }) => frame.present !== false)).toBe(true);
  });

  it("takes the spectrum's rate where the confidence is above 1, else the autocorrelation's, never the peak count", () => {
    const ways = { fft: 0, xcorr: 0, none: 0 };
    for (const { said, frame } of framesOf()) {
      if (said.energyBreath < 10 || said.confidenceBreathXcorr <= 0.002) {
        ways.none += 1;
        expect(frame.breathingPerMin).toBe(0);
      } else if (said.confidenceBreath > 1) {
        ways.fft += 1;
        expect(frame.breathingPerMin).toBe(said.breathingFftPerMin);
      } else {
        ways.xcorr += 1;
        expect(frame.breathingPerMin).toBe(said.breathingXcorrPerMin);
      }
    }
    expect(Math.min(...Object.values(ways))).toBeGreaterThan(0);
    expect(ways.fft).toBeGreaterThan(1_800);
  });

  it("breathes in its calm end as its own spectrum and autocorrelation say, seen in the wave alone", () => {
    // The demo's own estimates are of its last 512 packets.
    const calm = framesOf().slice(-512);
    // Where it turns to another range bin the wave jumps; the distance tells where that is.
    let jumps = 0;
    const wave = calm.map(({ frame }, i) => {
      const before = calm[i - 1]?.frame;
      if (before !== undefined && before.distanceMm !== frame.distanceMm) jumps += frame.wave[0]! - before.wave[0]!;
      return frame.wave[0]! - jumps;
    });
    const own = calm.slice(-200).flatMap(({ said }) => [said.breathingFftPerMin, said.breathingXcorrPerMin]);
    const perMin = strongestPerMin(wave, 20);
    expect(perMin).toBeGreaterThan(Math.min(...own));
    expect(perMin).toBeLessThan(Math.max(...own));
    expect(Math.max(...calm.slice(-200).map(({ said }) => said.breathingPeakCountPerMin))).toBeLessThan(perMin - 5);
  });

  it("is told the configuration that the capture was made with", () => {
    const config = readFileSync(`${folder}/profile.cfg`, "utf8").trim().split(/\r?\n/);
    expect(["sensorStop", ...tiVitalSignsLines]).toEqual(config.map((line) => line.trim()));
  });
});

/** Of a wave without its line, between 6 and 40 /min. */
function strongestPerMin(wave: readonly number[], rateHz: number): number {
  const mean = wave.reduce((sum, one) => sum + one, 0) / wave.length;
  const middle = (wave.length - 1) / 2;
  const slope =
    wave.reduce((sum, one, i) => sum + (i - middle) * one, 0) / wave.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  let best = { perMin: 0, power: 0 };
  for (let perMin = 6; perMin <= 40; perMin += 0.1) {
    let [re, im] = [0, 0];
    for (const [i, one] of wave.entries()) {
      const angle = (2 * Math.PI * perMin * i) / (60 * rateHz);
      const value = (one - mean - slope * (i - middle)) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (wave.length - 1)));
      re += value * Math.cos(angle);
      im += value * Math.sin(angle);
    }
    if (re * re + im * im > best.power) best = { perMin, power: re * re + im * im };
  }
  return best.perMin;
}
