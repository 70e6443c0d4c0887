import { type RadarVitalsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import type { Decoded, Framed, Sample, Sensor, Talk } from "./sensor.ts";
import { newTiConversation, newTwoPortFramer } from "./ti-commands.ts";
import { newFrameClock } from "./ti-frame-time.ts";
import { encodeTiPacket, newTiFramer, type TiTlv, tlvsOf } from "./ti-packets.ts";
import { joinBytes } from "./wire-bytes.ts";

/*
 * TI IWR6843 with the demo "vital signs with people tracking": a packet every 90 ms; with every 15th, while it measures somebody, a
 * TLV 1040 of the last 15 samples of the breathing wave. Sources: `parseTLVs.py` and the display program of TI's Radar Toolbox, its
 * `vital_signs_ISK_2m.cfg` (of the ISK board: other boards need their own antenna geometry), and the description of the protocol by
 * a maker of such boards (uRAD). The demo comes without source code, no captured 1040 was found, and none of it is confirmed
 * on a device.
 *
 * TLV 1040, 136 bytes: id u16, range bin u16, then float32: breath deviation, heart rate, breath rate, 15 of the heart's wave, 15 of
 * the breathing wave, oldest first (the display program puts them one behind the other as they come). The wave has been
 * filtered by the demo and has no unit that anybody published. With several people one record for each; the configuration has
 * the tracker follow one, and only the first record is read.
 *
 * By the display program the deviation of the last breaths says: 0, nothing measured; below 0.02, the breath is held; else a rate.
 * There is no confidence on the wire: 1 stands for a rate that the display program shows, 0 for a measurement without one.
 *
 * Present: somebody, where a target is followed (TLV 1010), the presence TLV (1021) says so, or a chest is measured. Nobody, where
 * 1021 says so and neither of the others differs: the tracker's word, which is known to lose who lies quite still. The demo
 * goes on measuring the range bin of a person whom the tracker has lost.
 *
 * A demo of this family takes one configuration from power-up on: what was stopped is taken up again by `sensorStart 0`, and only
 * where that is an error is the configuration sent. (mmWave SDK 3, `CLISensorStart` of people tracking.)
 */

/** Of `frameCfg` below. */
const framePeriodUs = 90_000;
export const tiIwr6843FrameRateHz = 1e6 / framePeriodUs;
export const tiVitalsEveryFrames = 15;

export const tiIwr6843Lines = [
  "flushCfg",
  "pmicCfg 1 1",
  "dfeDataOutputMode 1",
  "channelCfg 15 7 0",
  "adcCfg 2 1",
  "adcbufCfg -1 0 1 1 1",
  "lowPower 0 0",
  "profileCfg 0 60.75 30.00 1.00 10.00 0 0 200.0 1 96 10785.00 2 1 36",
  "chirpCfg 0 0 0 0 0 0 0 5",
  "chirpCfg 1 1 0 0 0 0 0 2",
  "chirpCfg 2 2 0 0 0 0 0 5",
  "frameCfg 0 2 48 0 90.00 1 0",
  "dynamicRACfarCfg -1 4 4 2 2 8 12 4 12 5.00 8.00 0.40 1 1",
  "staticRACfarCfg -1 6 2 2 2 8 8 6 4 8.00 15.00 0.30 0 0",
  "dynamicRangeAngleCfg -1 0.75 0.0010 1 0",
  "dynamic2DAngleCfg -1 1.5 0.0300 1 0 1 0.30 0.85 8.00",
  "staticRangeAngleCfg -1 0 8 8",
  "fineMotionCfg -1 1",
  "bpmCfg -1 1 0 2",
  "antGeometry0 0 -1 -2 -3 -2 -3 -4 -5 -4 -5 -6 -7",
  "antGeometry1 -1 -1 -1 -1 0 0 0 0 -1 -1 -1 -1",
  "antPhaseRot 1 1 1 1 1 1 1 1 1 1 1 1",
  "fovCfg -1 70.0 20.0",
  "compRangeBiasAndRxChanPhase 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0",
  "staticBoundaryBox -1.5 1.5 0.3 1.75 0 3",
  "boundaryBox -1.5 1.5 0.5 2 0 3",
  "sensorPosition 2 0 15",
  "gatingParam 3 2 2 2 10",
  "stateParam 3 3 12 215 50 6000",
  "allocationParam 20 100 0.1 20 0.5 20",
  "trackingCfg 1 2 800 1 46 96 90",
  "presenceBoundaryBox -1.5 1.5 0.3 1.75 0 3",
  "maxAcceleration 0.1 0.1 0.1",
  "vitalsign 15 300",
  "VSRangeIdxCfg 0 21",
  "sensorStart",
] as const;
export const tiIwr6843Resume = "sensorStart 0";

/** Of `profileCfg`: 96 samples at 10.785 MS/s of a slope of 200 MHz/us (not confirmed on a device: the size of its spectrum). */
export const tiVitalsRangeBinMm = (299_792_458_000 * 10.785e6) / (2 * 200e12 * 96);

export const tiTlv = {
  points: 1020,
  targets: 1010,
  indexes: 1011,
  heights: 1012,
  presence: 1021,
  vitals: 1040,
} as const;
const targetBytes = 112;
export const tiVitalsBytes = 136;
const waveAt = 16 + 4 * tiVitalsEveryFrames;
const holdsBreathBelow = 0.02;
const rangeBins = 128;

const known: ReadonlySet<number> = new Set(Object.values(tiTlv));
function judge(type: number, bytes: number): "take" | "leave" | "strange" {
  switch (type) {
    case tiTlv.vitals:
      return bytes > 0 && bytes % tiVitalsBytes === 0 ? "take" : "strange";
    case tiTlv.presence:
      return bytes === 4 ? "take" : "strange";
    case tiTlv.targets:
      return bytes % targetBytes === 0 ? "take" : "strange";
    default:
      // Points and what belongs to them; other numbers are another demo.
      return known.has(type) ? "leave" : "strange";
  }
}

interface Vitals {
  readonly rangeBin: number;
  readonly deviation: number;
  readonly breathPerMin: number;
  readonly wave: Float32Array;
}

/** Undefined: no record of the demo says so. */
function readVitals(content: Uint8Array): Vitals | undefined {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const rangeBin = view.getUint16(2, true);
  const deviation = view.getFloat32(4, true);
  const breathPerMin = view.getFloat32(12, true);
  const wave = new Float32Array(tiVitalsEveryFrames);
  for (let i = 0; i < wave.length; i++) wave[i] = view.getFloat32(waveAt + 4 * i, true);
  const sound = rangeBin < rangeBins && deviation >= 0 && deviation < 1e6 && breathPerMin >= 0 && breathPerMin <= 200;
  return sound && wave.every((one) => Math.abs(one) < 1e6) ? { rangeBin, deviation, breathPerMin, wave } : undefined;
}

/** Undefined: no packet of the demo says so. */
function frameOf(payload: Uint8Array): RadarVitalsFrame | undefined {
  let targets = 0;
  let presence: number | undefined;
  let vitals: Vitals | undefined;
  for (const { type, content } of tlvsOf(payload)) {
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    switch (type) {
      case tiTlv.targets:
        targets += content.length / targetBytes;
        break;
      case tiTlv.presence:
        presence = view.getUint32(0, true);
        if (presence > 1) return undefined;
        break;
      case tiTlv.vitals:
        if (vitals !== undefined) break;
        vitals = readVitals(content);
        if (vitals === undefined) return undefined;
        break;
    }
  }
  const measured = vitals !== undefined && vitals.deviation > 0 ? vitals : undefined;
  const breathes = measured !== undefined && measured.deviation >= holdsBreathBelow;
  const somebody = targets > 0 || presence === 1 || measured !== undefined;
  return {
    ...saysNothing(tiIwr6843FrameRateHz),
    present: somebody ? true : presence === 0 ? false : null,
    distanceMm: measured === undefined ? null : measured.rangeBin * tiVitalsRangeBinMm,
    breathingPerMin: vitals === undefined ? null : breathes ? vitals.breathPerMin : 0,
    confidence: measured === undefined ? null : breathes ? 1 : 0,
    waveStepUs: measured === undefined ? null : framePeriodUs,
    wave: measured?.wave ?? new Float32Array(),
  };
}

export function newTiIwr6843Talk(): Talk<RadarVitalsFrame> {
  const conversation = newTiConversation({ resume: tiIwr6843Resume, lines: tiIwr6843Lines });
  const clock = newFrameClock(framePeriodUs);
  return {
    framer: newTwoPortFramer(newTiFramer({ tlv: judge, mayBeEmpty: true })),
    start() {
      clock.forget();
      return conversation.start();
    },
    stop: () => conversation.stop(),
    hear: ({ head }) => (typeof head.text === "string" ? conversation.hear(head.text) : { heard: "measurement" }),
    decode({ head, payload }: Framed): Decoded<RadarVitalsFrame> {
      if (typeof head.frameNumber !== "number") return { ok: false, why: "missing-field" };
      const frame = frameOf(payload);
      if (frame === undefined) return { ok: false, why: "field-out-of-range" };
      const time = clock.at(head.frameNumber);
      return time === undefined ? { ok: false, why: "field-out-of-range" } : { ok: true, frame, ...time };
    },
  };
}

export interface TiVitalsRecord {
  readonly id: number;
  readonly rangeBin: number;
  readonly deviation: number;
  readonly breathPerMin: number;
  /** 15 samples. */
  readonly breathWave: readonly number[];
}

/** A true TLV 1040. What is about the heart is 0. */
export function vitalsTlv({ id, rangeBin, deviation, breathPerMin, breathWave }: TiVitalsRecord): TiTlv {
  const content = new Uint8Array(tiVitalsBytes);
  const view = new DataView(content.buffer);
  view.setUint16(0, id, true);
  view.setUint16(2, rangeBin, true);
  view.setFloat32(4, deviation, true);
  view.setFloat32(12, breathPerMin, true);
  for (let i = 0; i < tiVitalsEveryFrames; i++) view.setFloat32(waveAt + 4 * i, breathWave[i] ?? 0, true);
  return { type: tiTlv.vitals, content };
}

/** @param metres where it is: across, ahead, up from the floor */
export function targetTlv(id: number, metres: readonly [number, number, number]): TiTlv {
  const content = new Uint8Array(targetBytes);
  const view = new DataView(content.buffer);
  view.setUint32(0, id, true);
  metres.forEach((value, i) => {
    view.setFloat32(4 + 4 * i, value, true);
  });
  return { type: tiTlv.targets, content };
}

export const presenceTlv = (somebody: boolean): TiTlv => ({
  type: tiTlv.presence,
  content: Uint8Array.of(somebody ? 1 : 0, 0, 0, 0),
});

/** @param count points, all at 0: nothing here reads them */
export const pointsTlv = (count: number): TiTlv => ({ type: tiTlv.points, content: new Uint8Array(20 + 8 * count) });

export const encodeTiTracking = (frameNumber: number, tlvs: readonly TiTlv[]): Uint8Array =>
  encodeTiPacket({ frameNumber, platform: 0xa6843, cycles: (frameNumber * 18_000_000) % 2 ** 32, objects: 0, tlvs });

const frame = (values: Partial<RadarVitalsFrame>, deviceUs?: number) => ({
  ok: true as const,
  frame: values,
  ...(deviceUs === undefined ? {} : { deviceUs }),
});
const refused = { ok: false as const, why: "field-out-of-range" as const };
const measured = (count: number) => Array.from({ length: count }, () => "measurement" as const);
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const waveOf = (from: number): number[] =>
  Array.from({ length: tiVitalsEveryFrames }, (_, i) => Math.fround(0.1 * Math.sin((from + i) / 8)));
const vitalsOf = (from: number, deviation: number): TiVitalsRecord => ({
  id: 0,
  rangeBin: 9,
  deviation,
  breathPerMin: 14.5,
  breathWave: waveOf(from),
});
const chest = targetTlv(0, [0.1, 0.8, 0.9]);
const distanceMm = 9 * tiVitalsRangeBinMm;

const samples: readonly Sample<RadarVitalsFrame>[] = [
  {
    name: "somebody asleep: packets with points and a target, and with every 15th a piece of the wave",
    wire: joinBytes(
      ...Array.from({ length: 30 }, (_, i) =>
        encodeTiTracking(700 + i, [
          pointsTlv(4),
          chest,
          { type: tiTlv.indexes, content: new Uint8Array(4) },
          presenceTlv(true),
          ...(i % 15 === 14 ? [vitalsTlv(vitalsOf(i, 0.11))] : []),
        ]),
      ),
    ),
    heard: measured(30),
    decodesTo: Array.from({ length: 30 }, (_, i) =>
      i % 15 === 14
        ? frame(
            {
              present: true,
              moving: null,
              distanceMm,
              breathingPerMin: 14.5,
              confidence: 1,
              waveStepUs: 90_000,
              wave: Float32Array.from(waveOf(i)),
            },
            90_000 * (700 + i),
          )
        : frame({ present: true, breathingPerMin: null, wave: new Float32Array() }, 90_000 * (700 + i)),
    ),
  },
  {
    name: "nobody, a held breath, nothing measured yet, a chest whose target was lost, nothing at all, two people",
    wire: joinBytes(
      encodeTiTracking(1, [pointsTlv(1), presenceTlv(false)]),
      encodeTiTracking(2, [chest, vitalsTlv(vitalsOf(0, 0.01))]),
      encodeTiTracking(3, [chest, vitalsTlv(vitalsOf(0, 0))]),
      encodeTiTracking(4, [presenceTlv(false), vitalsTlv(vitalsOf(0, 0.05))]),
      encodeTiTracking(5, []),
      encodeTiTracking(6, [
        {
          type: tiTlv.vitals,
          content: joinBytes(vitalsTlv(vitalsOf(0, 0.05)).content, vitalsTlv(vitalsOf(9, 0.3)).content),
        },
      ]),
    ),
    heard: measured(6),
    decodesTo: [
      frame({ present: false, breathingPerMin: null, confidence: null, waveStepUs: null }),
      frame({ present: true, breathingPerMin: 0, confidence: 0, wave: Float32Array.from(waveOf(0)) }),
      frame({ present: true, breathingPerMin: 0, confidence: null, distanceMm: null, wave: new Float32Array() }),
      frame({ present: true, breathingPerMin: 14.5 }),
      frame({ present: null, breathingPerMin: null }),
      frame({ present: true, wave: Float32Array.from(waveOf(0)) }),
    ],
  },
  {
    name: "impossible content, another length of 1040, another demo, a packet cut short",
    wire: joinBytes(
      encodeTiTracking(1, [vitalsTlv({ ...vitalsOf(0, 0.1), breathPerMin: -1 })]),
      encodeTiTracking(2, [vitalsTlv({ ...vitalsOf(0, 0.1), breathWave: [Number.NaN] })]),
      encodeTiTracking(3, [vitalsTlv({ ...vitalsOf(0, 0.1), rangeBin: 4_000 })]),
      encodeTiTracking(4, [{ type: tiTlv.presence, content: Uint8Array.of(9, 0, 0, 0) }]),
      encodeTiTracking(5, [{ type: tiTlv.vitals, content: new Uint8Array(128) }]),
      encodeTiTracking(6, [{ type: 315, content: new Uint8Array(8) }]),
      encodeTiTracking(7, [chest, pointsTlv(9)]).subarray(0, 100),
      encodeTiTracking(8, [chest]),
    ),
    heard: measured(5),
    decodesTo: [refused, refused, refused, refused, frame({ present: true }, 8 * 90_000)],
    counts: { bytesSkipped: 100, resyncs: 1, strange: 2 },
  },
  {
    name: "the command port: what was stopped is taken up again, and the chip begins anew by itself",
    link: "commands",
    wire: text(
      `${tiIwr6843Resume}\nDone\nmmwDemo:/>\n${"*".repeat(34)}\nVital Signs with People Tracking\n${"*".repeat(34)}\n`,
    ),
    heard: ["nothing", "started", "nothing", "stopped", "nothing", "nothing"],
    decodesTo: [],
  },
  {
    name: "the command port: a chip that has just got its power is configured",
    link: "commands",
    wire: text(
      "Error: Full configuration must be provided before sensor can be started the first time\nError -1\n\nmmwDemo:/>" +
        "Done\n\nmmwDemo:/>".repeat(tiIwr6843Lines.length),
    ),
    heard: [
      "nothing",
      "go-on",
      "nothing",
      ...tiIwr6843Lines.slice(1).flatMap(() => ["go-on", "nothing"] as const),
      "started",
      "nothing",
    ],
    decodesTo: [],
  },
];

export const tiIwr6843: Sensor<RadarVitalsFrame> = {
  name: "ti-iwr6843",
  dataSheet: "https://www.ti.com/lit/ds/symlink/iwr6843.pdf",
  kind: "radar-vitals",
  off: "stops",
  baudRate: { data: 921_600, commands: 115_200 },
  checksum: false,
  frameRateHz: tiIwr6843FrameRateHz,
  rangeMm: { from: 300, to: 2_000 },
  newTalk: newTiIwr6843Talk,
  samples,
};
