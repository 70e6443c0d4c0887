import { type RadarVitalsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import type { Sample, Sensor, Talk } from "./sensor.ts";
import { newFrameClock, newTiConversation, tiLine } from "./ti-conversation.ts";
import { encodeTiPacket, newTiFramer, type PacketWord, tlvsOf, uint32At } from "./ti-packets.ts";
import { float32At, joinBytes, uint16At } from "./wire-bytes.ts";

/*
 * TI's older vital-signs demo (lab0026) on an IWR6843, IWR1843 or AWR1642: 20 packets a second, each with TLV 6, the demo's own
 * numbers, and TLV 2, a range profile that is not read. Layout: `src/mss` of the lab, `VitalSignsDemo_OutputStats`; equal
 * to the vendor's own parser on every whole packet of the recorded capture.
 *
 * The wave is `unwrapPhasePeak_mm`, the displacement before any filter: the model that reads it was trained on waves that
 * nobody had filtered. Heart rates are not read.
 */

export const vitalSignsFrameMs = 50;
const statsType = 6;
export const statsBytes = 128;
const gapUs = 3_000_000;

/** The demo's numbers by the names of the vendor's parser, in order of the wire; rates /min. */
export interface VitalSigns {
  readonly rangeBinIndexMax: number;
  readonly rangeBinIndexPhase: number;
  readonly maxVal: number;
  readonly processingCyclesOut: number;
  readonly rangeBinStartIndex: number;
  readonly rangeBinEndIndex: number;
  readonly floats: Readonly<Record<VitalSignsFloat, number>>;
}

export const vitalSignsFloats = [
  "unwrapPhasePeak_mm",
  "outputFilterBreathOut",
  "outputFilterHeartOut",
  "heartRateEst_FFT",
  "heartRateEst_FFT_4Hz",
  "heartRateEst_xCorr",
  "heartRateEst_peakCount",
  "breathingRateEst_FFT",
  "breathingRateEst_xCorr",
  "breathingRateEst_peakCount",
  "confidenceMetricBreathOut",
  "confidenceMetricBreathOut_xCorr",
  "confidenceMetricHeartOut",
  "confidenceMetricHeartOut_4Hz",
  "confidenceMetricHeartOut_xCorr",
  "sumEnergyBreathWfm",
  "sumEnergyHeartWfm",
  "motionDetectedFlag",
] as const;
export type VitalSignsFloat = (typeof vitalSignsFloats)[number];
const floatsAt = 16;

const statsOf = (packet: Uint8Array) => tlvsOf(packet).tlvs.find(({ type }) => type === statsType);

/** All of the demo's numbers, for plots and for comparing parsers; undefined: the packet has none. */
export function readVitalSigns(packet: Uint8Array): VitalSigns | undefined {
  const stats = statsOf(packet);
  if (stats === undefined || stats.length !== statsBytes) return undefined;
  const { at } = stats;
  return {
    rangeBinIndexMax: uint16At(packet, at),
    rangeBinIndexPhase: uint16At(packet, at + 2),
    maxVal: float32At(packet, at + 4),
    processingCyclesOut: uint32At(packet, at + 8),
    rangeBinStartIndex: uint16At(packet, at + 12),
    rangeBinEndIndex: uint16At(packet, at + 14),
    floats: Object.fromEntries(
      vitalSignsFloats.map((name, i) => [name, float32At(packet, at + floatsAt + 4 * i)]),
    ) as Record<VitalSignsFloat, number>,
  };
}

/** From here on the demo's own screen believes its FFT; else its autocorrelation, down to the second limit. */
const fftConfidenceMin = 1;
const xcorrConfidenceMin = 0.002;
/** Below this energy of the breathing wave its screen says that nobody breathes (front of the body). */
const breathEnergyMin = 10;

const wordOf = (packet: Uint8Array): PacketWord => {
  const stats = statsOf(packet);
  // Cut in the middle of its numbers, or another firmware's.
  if (stats === undefined) return tlvsOf(packet).all ? "strange" : "broken";
  return stats.length === statsBytes ? "whole" : "strange";
};

/** As the lab's own profile for 20 frames a second, person in front at 0.3 to 0.9 m. */
export const vitalSignsConfiguration: readonly string[] = [
  "sensorStop",
  "flushCfg",
  "dfeDataOutputMode 1",
  "channelCfg 15 3 0",
  "adcCfg 2 1",
  "adcbufCfg -1 0 0 1 0",
  "profileCfg 0 60.25 7 6 57 0 0 65 1 200 4000 0 0 40",
  "chirpCfg 0 0 0 0 0 0 0 1",
  `frameCfg 0 0 2 0 ${vitalSignsFrameMs} 1 0`,
  "lowPower 0 1",
  "guiMonitor 0 0 0 0 1",
  "calibDcRangeSig -1 0 0 0 0",
  "vitalSignsCfg 0.3 0.9 256 512 4 0.1 0.05 100000 300000",
  "motionDetection 1 20 2.0 0",
  "sensorStart",
];

export function newVitalSignsTalk(): Talk<RadarVitalsFrame> {
  const conversation = newTiConversation(vitalSignsConfiguration);
  const clock = newFrameClock(1_000 * vitalSignsFrameMs, gapUs);
  return {
    ...conversation,
    framer: newTiFramer(wordOf),
    start() {
      clock.forget();
      return conversation.start();
    },
    decode({ head, payload }) {
      const told = readVitalSigns(payload);
      if (told === undefined) return { ok: false, why: "wrong-size" };
      if (typeof head.frameNumber !== "number") return { ok: false, why: "missing-field" };
      const { floats } = told;
      const rates = [floats.breathingRateEst_FFT, floats.breathingRateEst_xCorr];
      const numbers = [
        ...rates,
        floats.unwrapPhasePeak_mm,
        floats.confidenceMetricBreathOut,
        floats.sumEnergyBreathWfm,
      ];
      if (!numbers.every(Number.isFinite) || rates.some((rate) => rate < 0 || rate > 200)) {
        return { ok: false, why: "field-out-of-range" };
      }
      const { us, afterGap } = clock.at(head.frameNumber);
      const moving = floats.motionDetectedFlag !== 0;
      return {
        ok: true,
        deviceUs: deviceUs(us),
        afterGap,
        frame: {
          ...saysNothing(1_000 / vitalSignsFrameMs),
          present: moving || floats.sumEnergyBreathWfm >= breathEnergyMin,
          moving,
          breathingPerMin: ownRate(floats),
          confidence: confidenceOf(floats.confidenceMetricBreathOut),
          waveStepUs: 1_000 * vitalSignsFrameMs,
          wave: Float32Array.of(floats.unwrapPhasePeak_mm),
        },
      };
    },
  };
}

/** The demo counts peaks as well; that number is 7 to 16 in the capture whatever the two others say, and is not read. */
function ownRate(floats: VitalSigns["floats"]): number {
  if (floats.confidenceMetricBreathOut > fftConfidenceMin) return floats.breathingRateEst_FFT;
  return floats.confidenceMetricBreathOut_xCorr > xcorrConfidenceMin ? floats.breathingRateEst_xCorr : 0;
}

/** Ratio of energies, 0 and up, to 0..1 so that the demo's own limit is a half. */
const confidenceOf = (ratio: number): number => Math.max(0, ratio) / (fftConfidenceMin + Math.max(0, ratio));

export interface VitalSignsSaid {
  readonly displacementMm: number;
  readonly breathingPerMin: number;
  readonly confidence: number;
  readonly breathEnergy: number;
  readonly moving: boolean;
}

const profileBins = 18;

/** A packet as the demo sends it: 256 bytes that state 288, with a range profile that claims 20 bytes more than it has. */
export function encodeVitalSigns(frameNumber: number, said: VitalSignsSaid): Uint8Array {
  const stats = new Uint8Array(statsBytes);
  const view = new DataView(stats.buffer);
  const float = (name: VitalSignsFloat, value: number): void =>
    view.setFloat32(floatsAt + 4 * vitalSignsFloats.indexOf(name), value, true);
  view.setUint16(2, 15, true);
  view.setFloat32(4, 1.5e8, true);
  view.setUint16(12, 11, true);
  view.setUint16(14, 33, true);
  float("unwrapPhasePeak_mm", said.displacementMm);
  float("breathingRateEst_FFT", said.breathingPerMin);
  float("breathingRateEst_xCorr", said.breathingPerMin);
  float("confidenceMetricBreathOut", said.confidence);
  float("confidenceMetricBreathOut_xCorr", said.confidence / 4);
  float("sumEnergyBreathWfm", said.breathEnergy);
  float("motionDetectedFlag", said.moving ? 1 : 0);
  const profile = { type: 2, payload: new Uint8Array(4 * profileBins), stated: 4 * profileBins + 20 };
  return encodeTiPacket(frameNumber, [{ type: statsType, payload: stats }, profile], 288);
}

const asleep = { displacementMm: 12.5, breathingPerMin: 15, confidence: 3, breathEnergy: 40_000, moving: false };
const frameOf = (frame: Partial<RadarVitalsFrame>) => ({ ok: true as const, frame });

const samples: readonly Sample<RadarVitalsFrame>[] = [
  {
    name: "four packets, each ended by the next, the last by a beginning",
    wire: joinBytes(
      encodeVitalSigns(663, asleep),
      encodeVitalSigns(664, { ...asleep, displacementMm: 12.75, moving: true }),
      encodeVitalSigns(666, { ...asleep, confidence: 0, breathEnergy: 0 }),
      encodeVitalSigns(667, asleep).subarray(0, 8),
    ),
    heard: ["measurement", "measurement", "measurement"],
    decodesTo: [
      {
        ...frameOf({
          present: true,
          moving: false,
          breathingPerMin: 15,
          confidence: 0.75,
          wave: Float32Array.of(12.5),
        }),
        deviceUs: 0,
      },
      { ...frameOf({ moving: true, wave: Float32Array.of(12.75) }), deviceUs: 50_000 },
      { ...frameOf({ present: false, breathingPerMin: 0, confidence: 0 }), deviceUs: 150_000 },
    ],
  },
  {
    name: "the command port: echo, Done and prompt for each line of the configuration, and a stop",
    link: "commands",
    wire: joinBytes(
      ...[...vitalSignsConfiguration, "sensorStop"].map((line) => tiLine(`${line}\r\nDone\r\n\r\nmmwDemo:/>\r`)),
    ),
    heard: [
      ...vitalSignsConfiguration.flatMap((_, i) => [
        "nothing" as const,
        i + 1 < vitalSignsConfiguration.length ? ("go-on" as const) : ("started" as const),
        "nothing" as const,
      ]),
      "nothing",
      "stopped",
      "nothing",
    ],
    decodesTo: [],
  },
  {
    name: "a line that the sensor refuses",
    link: "commands",
    wire: tiLine("Error -1\r"),
    heard: ["refused"],
    decodesTo: [],
  },
];

export const tiVitalSigns: Sensor<RadarVitalsFrame> = {
  name: "ti-vital-signs",
  dataSheet: "https://www.ti.com/lit/ds/symlink/iwr6843.pdf",
  kind: "radar-vitals",
  off: "stops",
  baudRate: { data: 921_600, commands: 115_200 },
  checksum: false,
  frameRateHz: 1_000 / vitalSignsFrameMs,
  rangeMm: { from: 300, to: 900 },
  newTalk: newVitalSignsTalk,
  samples,
};
