import type { RadarVitalsFrame } from "../../edge-agent/contract/module-frames.ts";
import type { Decoded, Framed, Sample, Sensor, Talk } from "./sensor.ts";
import { newTiConversation, newTwoPortFramer } from "./ti-commands.ts";
import { newFrameClock } from "./ti-frame-time.ts";
import { encodeTiPacket, newTiFramer, tlvHeaderBytes } from "./ti-packets.ts";
import { joinBytes } from "./wire-bytes.ts";

/*
 * TI's older vital-signs demo (lab0026, xWR1642 and xWR6843; 20 packets a second of the strongest range bin between 0.3 and 0.9 m).
 * Sources: `VitalSignsDemo_OutputStats` and `dss_data_path.c` of the lab, the configuration and the display program that lie beside
 * the published capture; every field checked on the capture's 1,952 whole packets.
 *
 * Wave: `unwrapPhasePeak_mm`, one sample a packet. Of what the demo sends it is the one that nothing has filtered: the two filtered
 * waves are those of the phase's steps from packet to packet, cut to 0.1-0.5 Hz and squeezed where the demo thinks that it saw
 * movement. Against its name it is in radians: the demo puts the unwrapped phase in as it is, and in the capture it never steps by
 * more than 3.14. Millimetres are made of it with the wavelength in the middle of the configured chirp; its sign is that of the
 * distance, so breathing in lowers it. Where the demo turns to another range bin it jumps.
 *
 * Its own rate, by its display program: that of the spectrum where the confidence in it is above 1. Below it shows the peak count,
 * which says 12-14 wherever the capture breathes 20-24 times a minute; the autocorrelation's rate stands in its place here. 0, it
 * has none, where the energy of the breathing wave is below 10 or the confidence of the autocorrelation is at most 0.002.
 *
 * Confidence: the demo's is the power around the peak of the spectrum to the power of all the rest, c; so c / (1 + c) is the peak's
 * share of the power, and 0.5 is where the display program stops to believe the spectrum.
 *
 * Present: somebody, where it breathes or moves by those rules. Nobody, where nothing reflects by the display program's rule (an
 * amplitude below 500, here of one packet and not of the mean of some; not confirmed with an empty bed). Else nothing is said: a
 * held breath and a bed without anybody look the same to it.
 */

/** Of `frameCfg` below. */
const framePeriodUs = 50_000;
export const tiVitalSignsFrameRateHz = 1e6 / framePeriodUs;

/** As published beside the capture. Its start is always with the whole configuration, as its display program does it. */
export const tiVitalSignsLines = [
  "flushCfg",
  "dfeDataOutputMode 1",
  "channelCfg 15 3 0",
  "adcCfg 2 1",
  "adcbufCfg -1 0 0 1 0",
  "profileCfg 0 60.25 7 6 57 0 0 65 1 200 4000 0 0 40",
  "chirpCfg 0 0 0 0 0 0 0 1",
  "frameCfg 0 0 2 0 50 1 0",
  "lowPower 0 1",
  "guiMonitor 0 0 0 0 1",
  "calibDcRangeSig -1 0 0 0 0",
  "vitalSignsCfg 0.3 0.9 256 512 4 0.1 0.05 100000 300000",
  "motionDetection 1 20 2.0 0",
  "sensorStart",
] as const;

/** Of `profileCfg`: 200 samples at 4 MS/s from 6 us on, rising 65 MHz/us from 60.25 GHz; a spectrum of 256. */
const middleHz = 60.25e9 + 65e12 * (6e-6 + 25e-6);
const metresPerSec = 299_792_458;
const wavelengthMm = (1_000 * metresPerSec) / middleHz;
export const tiMmPerRad = wavelengthMm / (4 * Math.PI);
/** By the real slope; the demo itself reckons with that of the 77 GHz chips when it turns 0.3 m into bin 11. */
export const tiRangeBinMm = (1_000 * metresPerSec * 4e6) / (2 * 65e12 * 256);

const tlvType = 6;
const contentBytes = 128;
const breathingByFftAbove = 1;
const breathEnergyLeast = 10;
const xcorrConfidenceLeast = 0.002;
const amplitudeLeast = 500;

/** Every field as sent but those about the heart, which no purpose covers. */
export interface TiVitalSigns {
  readonly rangeBinMax: number;
  readonly rangeBinPhase: number;
  /** Square of the amplitude. */
  readonly maxVal: number;
  readonly processingCycles: number;
  readonly rangeBinStart: number;
  readonly rangeBinEnd: number;
  readonly unwrapPhasePeakRad: number;
  readonly filterBreathOut: number;
  readonly breathingFftPerMin: number;
  readonly breathingXcorrPerMin: number;
  readonly breathingPeakCountPerMin: number;
  readonly confidenceBreath: number;
  readonly confidenceBreathXcorr: number;
  readonly energyBreath: number;
  /** 0 or 1. */
  readonly motionDetected: number;
}

const floatNames = {
  unwrapPhasePeakRad: 16,
  filterBreathOut: 20,
  breathingFftPerMin: 44,
  breathingXcorrPerMin: 48,
  breathingPeakCountPerMin: 52,
  confidenceBreath: 56,
  confidenceBreathXcorr: 60,
  energyBreath: 76,
  motionDetected: 84,
} as const;

/** @param content of TLV 6, 128 bytes */
export function readVitalSigns(content: Uint8Array): TiVitalSigns {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const float = (at: number): number => view.getFloat32(at, true);
  return {
    rangeBinMax: view.getUint16(0, true),
    rangeBinPhase: view.getUint16(2, true),
    maxVal: float(4),
    processingCycles: view.getUint32(8, true),
    rangeBinStart: view.getUint16(12, true),
    rangeBinEnd: view.getUint16(14, true),
    unwrapPhasePeakRad: float(floatNames.unwrapPhasePeakRad),
    filterBreathOut: float(floatNames.filterBreathOut),
    breathingFftPerMin: float(floatNames.breathingFftPerMin),
    breathingXcorrPerMin: float(floatNames.breathingXcorrPerMin),
    breathingPeakCountPerMin: float(floatNames.breathingPeakCountPerMin),
    confidenceBreath: float(floatNames.confidenceBreath),
    confidenceBreathXcorr: float(floatNames.confidenceBreathXcorr),
    energyBreath: float(floatNames.energyBreath),
    motionDetected: float(floatNames.motionDetected),
  };
}

const isRate = (perMin: number): boolean => perMin >= 0 && perMin <= 200;

/** Undefined: no packet of the demo says so. */
function frameOf(said: TiVitalSigns): RadarVitalsFrame | undefined {
  const { breathingFftPerMin, breathingXcorrPerMin, confidenceBreath, motionDetected, rangeBinPhase } = said;
  if (!isRate(breathingFftPerMin) || !isRate(breathingXcorrPerMin)) return undefined;
  if (motionDetected !== 0 && motionDetected !== 1) return undefined;
  // A walk of 1 km: nobody did that in front of a bed.
  if (!(Math.abs(said.unwrapPhasePeakRad) < 2.5e6) || !(said.maxVal >= 0)) return undefined;
  if (said.rangeBinStart > said.rangeBinEnd || rangeBinPhase > 255) return undefined;
  const moving = motionDetected === 1;
  // The demo puts no number where it divided by nothing.
  const c = confidenceBreath >= 0 && Number.isFinite(confidenceBreath) ? confidenceBreath : null;
  const silent = said.energyBreath < breathEnergyLeast || !(said.confidenceBreathXcorr > xcorrConfidenceLeast);
  const reflects = Math.sqrt(said.maxVal) >= amplitudeLeast;
  const breathes = !silent && reflects;
  const byFft = c !== null && c > breathingByFftAbove;
  return {
    frameRateHz: tiVitalSignsFrameRateHz,
    present: !reflects ? false : breathes || moving ? true : null,
    moving,
    movement: null,
    distanceMm: reflects ? rangeBinPhase * tiRangeBinMm : null,
    breathingPerMin: !breathes ? 0 : byFft ? breathingFftPerMin : breathingXcorrPerMin,
    confidence: c === null ? null : c / (1 + c),
    waveStepUs: framePeriodUs,
    wave: Float32Array.of(said.unwrapPhasePeakRad * tiMmPerRad),
  };
}

export function newTiVitalSignsTalk(): Talk<RadarVitalsFrame> {
  const conversation = newTiConversation({ resume: null, lines: tiVitalSignsLines });
  const clock = newFrameClock(framePeriodUs);
  const data = newTiFramer({
    // The range profile follows, and says more of itself than is sent.
    tlv: (type, bytes) => (type !== tlvType ? "leave" : bytes === contentBytes ? "last" : "strange"),
    mayBeEmpty: false,
  });
  return {
    framer: newTwoPortFramer(data),
    start() {
      clock.forget();
      return conversation.start();
    },
    stop: () => conversation.stop(),
    hear: ({ head }) => (typeof head.text === "string" ? conversation.hear(head.text) : { heard: "measurement" }),
    decode({ head, payload }: Framed): Decoded<RadarVitalsFrame> {
      if (payload.length !== tlvHeaderBytes + contentBytes) return { ok: false, why: "wrong-size" };
      if (typeof head.frameNumber !== "number") return { ok: false, why: "missing-field" };
      const frame = frameOf(readVitalSigns(payload.subarray(tlvHeaderBytes)));
      if (frame === undefined) return { ok: false, why: "field-out-of-range" };
      const time = clock.at(head.frameNumber);
      return time === undefined ? { ok: false, why: "field-out-of-range" } : { ok: true, frame, ...time };
    },
  };
}

/** True bytes of a packet, with a range profile behind. What is about the heart is 0. */
export function encodeTiVitalSigns(frameNumber: number, said: TiVitalSigns): Uint8Array {
  const content = new Uint8Array(contentBytes);
  const view = new DataView(content.buffer);
  view.setUint16(0, said.rangeBinMax, true);
  view.setUint16(2, said.rangeBinPhase, true);
  view.setFloat32(4, said.maxVal, true);
  view.setUint32(8, said.processingCycles, true);
  view.setUint16(12, said.rangeBinStart, true);
  view.setUint16(14, said.rangeBinEnd, true);
  for (const [name, at] of Object.entries(floatNames)) {
    view.setFloat32(at, said[name as keyof typeof floatNames], true);
  }
  const bins = Math.max(0, said.rangeBinEnd - said.rangeBinStart + 1);
  const profile = new Int16Array(2 * bins);
  const place = said.rangeBinPhase - said.rangeBinStart;
  if (place >= 0 && place < bins) profile[2 * place] = Math.min(32_767, Math.sqrt(said.maxVal));
  return encodeTiPacket({
    frameNumber,
    platform: 0xa1642,
    cycles: (frameNumber * 10_000_000) % 2 ** 32,
    objects: 4 * bins + 7,
    tlvs: [
      { type: tlvType, content },
      { type: 2, content: new Uint8Array(profile.buffer) },
    ],
  });
}

const asleep: TiVitalSigns = {
  rangeBinMax: 0,
  rangeBinPhase: 18,
  maxVal: 1.6e8,
  processingCycles: 8_760,
  rangeBinStart: 11,
  rangeBinEnd: 33,
  unwrapPhasePeakRad: 12.5,
  filterBreathOut: 0.25,
  breathingFftPerMin: 14.0625,
  breathingXcorrPerMin: 15,
  breathingPeakCountPerMin: 11.71875,
  confidenceBreath: 3,
  confidenceBreathXcorr: 4.5,
  energyBreath: 750,
  motionDetected: 0,
};
const frame = (values: Partial<RadarVitalsFrame>, deviceUs?: number) => ({
  ok: true as const,
  frame: values,
  ...(deviceUs === undefined ? {} : { deviceUs }),
});
const refused = { ok: false as const, why: "field-out-of-range" as const };
const measured = (count: number) => Array.from({ length: count }, () => "measurement" as const);
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const goesOn = tiVitalSignsLines.slice(1).map(() => "go-on" as const);

const samples: readonly Sample<RadarVitalsFrame>[] = [
  {
    name: "a second of somebody asleep, with what follows from each rule",
    wire: joinBytes(
      ...Array.from({ length: 20 }, (_, i) =>
        encodeTiVitalSigns(101 + i, { ...asleep, unwrapPhasePeakRad: Math.sin(i / 10) }),
      ),
      encodeTiVitalSigns(121, { ...asleep, confidenceBreath: 0.5, motionDetected: 1 }),
      encodeTiVitalSigns(122, { ...asleep, confidenceBreathXcorr: 0 }),
      encodeTiVitalSigns(123, { ...asleep, energyBreath: 9, motionDetected: 1 }),
      encodeTiVitalSigns(124, { ...asleep, maxVal: 200_000 }),
      encodeTiVitalSigns(125, { ...asleep, confidenceBreath: Number.NaN }),
    ),
    heard: measured(25),
    decodesTo: [
      ...Array.from({ length: 20 }, (_, i) =>
        frame(
          {
            present: true,
            moving: false,
            distanceMm: 18 * tiRangeBinMm,
            breathingPerMin: 14.0625,
            confidence: 0.75,
            waveStepUs: 50_000,
            wave: Float32Array.of(Math.fround(Math.sin(i / 10)) * tiMmPerRad),
          },
          50_000 * (101 + i),
        ),
      ),
      frame({ present: true, moving: true, breathingPerMin: 15, confidence: 0.5 / 1.5 }),
      frame({ present: null, moving: false, breathingPerMin: 0 }),
      frame({ present: true, moving: true, breathingPerMin: 0 }),
      frame({ present: false, distanceMm: null, breathingPerMin: 0 }),
      frame({ present: true, breathingPerMin: 15, confidence: null }),
    ],
  },
  {
    name: "a packet cut short, a packet of another demo, impossible content, a packet that comes twice",
    wire: joinBytes(
      encodeTiVitalSigns(1, asleep).subarray(0, 159),
      encodeTiVitalSigns(2, asleep),
      encodeTiPacket({
        frameNumber: 3,
        platform: 0xa6843,
        cycles: 0,
        objects: 0,
        tlvs: [{ type: 7, content: new Uint8Array(4) }],
      }),
      encodeTiVitalSigns(4, { ...asleep, motionDetected: 0.5 }),
      encodeTiVitalSigns(5, { ...asleep, breathingFftPerMin: Number.NaN }),
      encodeTiVitalSigns(6, asleep),
      encodeTiVitalSigns(6, asleep),
    ),
    heard: measured(5),
    decodesTo: [frame({ present: true }), refused, refused, frame({}, 300_000), refused],
    counts: { bytesSkipped: 159, resyncs: 1, strange: 1 },
  },
  {
    name: "the command port: a start, and a chip that begins anew by itself",
    link: "commands",
    wire: joinBytes(
      ...tiVitalSignsLines.map((line) => text(`${line}\r\nDone\r\n\r\nmmwDemo:/>`)),
      text(`\r\n${"*".repeat(42)}\r\nIWR68xx Vital Signs Demo 01:01\r\n${"*".repeat(42)}\r\n\r\nmmwDemo:/>`),
    ),
    heard: [
      ...[...goesOn, "started" as const].flatMap((one) => ["nothing" as const, one, "nothing" as const]),
      "stopped",
      "nothing",
      "nothing",
      "nothing",
    ],
    decodesTo: [],
  },
  {
    name: "the command port: a line that it refuses",
    link: "commands",
    wire: text(
      "Done\nmmwDemo:/>'?a' is not recognized as a CLI command\nError: Invalid usage of the CLI command\nError -1\n",
    ),
    heard: ["go-on", "nothing", "nothing", "nothing", "refused"],
    decodesTo: [],
  },
];

export const tiVitalSigns: Sensor<RadarVitalsFrame> = {
  name: "ti-vital-signs",
  dataSheet: "https://www.ti.com/tool/IWR6843ISK",
  kind: "radar-vitals",
  off: "stops",
  baudRate: { data: 921_600, commands: 115_200 },
  checksum: false,
  frameRateHz: tiVitalSignsFrameRateHz,
  rangeMm: { from: 300, to: 900 },
  newTalk: newTiVitalSignsTalk,
  samples,
};
