import { type RadarVitalsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import type { Sample, Sensor, Talk } from "./sensor.ts";
import { newFrameClock, newTiConversation, tiLine } from "./ti-conversation.ts";
import { encodeTiPacket, newTiFramer, type PacketWord, tlvsOf } from "./ti-packets.ts";
import { bytesOfFloats, float32At, joinBytes, uint16At } from "./wire-bytes.ts";

/*
 * TI's vital signs with people tracking on an IWR6843 (Radar Toolbox): a packet every 90 ms with the tracked people, and every
 * 15 frames TLV 1040 with the vital signs of the one that it follows:
 *
 *   id u16 | range bin u16 | breath deviation f32 | heart rate f32 | breath rate f32 | heart wave 15 f32 | breath wave 15 f32
 *
 * Source: TI's `parseTLVs.py`, `tlv_defines.py`; no captured 1040 bytes were found, so nothing of it is confirmed on a device.
 * Heart rate and wave are not read.
 */

export const trackingFrameMs = 90;
const targetsType = 1010;
const targetBytes = 112;
const presenceType = 1021;
const vitalsType = 1040;
const vitalsBytes = 136;
const waveSamples = 15;
const breathWaveAt = 76;
const gapUs = 3_000_000;
const peopleMax = 20;
/** TI's own screen: 0 is nobody, less than 0.02 a held breath (not confirmed on a device). */
const deviationMax = 10;

const wordOf = (packet: Uint8Array): PacketWord => {
  const { tlvs, all } = tlvsOf(packet);
  if (!all) return "broken";
  const odd = tlvs.some(
    ({ type, length }) =>
      (type === vitalsType && length % vitalsBytes !== 0) || (type === targetsType && length % targetBytes !== 0),
  );
  return odd ? "strange" : "whole";
};

/** TI's `vital_signs_ISK_2m.cfg`: one bed in front, 2 m. */
export const trackingConfiguration: readonly string[] = [
  "sensorStop",
  "flushCfg",
  "dfeDataOutputMode 1",
  "channelCfg 15 7 0",
  "adcCfg 2 1",
  "adcbufCfg -1 0 1 1 1",
  "lowPower 0 0",
  "profileCfg 0 60.75 30.00 25.00 59.10 657930 0 54.71 1 96 2950.00 2 1 36",
  "chirpCfg 0 0 0 0 0 0 0 1",
  "chirpCfg 1 1 0 0 0 0 0 2",
  "chirpCfg 2 2 0 0 0 0 0 4",
  `frameCfg 0 2 48 0 ${trackingFrameMs}.00 1 0`,
  "dynamicRACfarCfg -1 4 4 2 2 8 12 4 12 5.00 8.00 0.40 1 1",
  "staticRACfarCfg -1 6 2 2 2 8 8 6 4 8.00 15.00 0.30 0 0",
  "dynamicRangeAngleCfg -1 0.75 0.0010 1 0",
  "dynamic2DAngleCfg -1 1.5 0.0300 1 0 1 0.30 0.85 8.00",
  "staticRangeAngleCfg -1 0 8 8",
  "fineMotionCfg -1 1",
  "antGeometry0 0 -1 -2 -3 -2 -3 -4 -5 -4 -5 -6 -7",
  "antGeometry1 -1 -1 -1 -1 0 0 0 0 -1 -1 -1 -1",
  "antPhaseRot 1 1 1 1 1 1 1 1 1 1 1 1",
  "fovCfg -1 70.0 20.0",
  "compRangeBiasAndRxChanPhase 0.0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0",
  "staticBoundaryBox -1.5 1.5 0.3 1.75 0 3",
  "boundaryBox -1.5 1.5 0.5 2 0 3",
  "sensorPosition 2 0 15",
  "gatingParam 3 2 2 2 10",
  "stateParam 3 3 80 215 50 6000",
  "allocationParam 20 100 0.1 20 0.5 20",
  "maxAcceleration 2.0 2.0 2.0",
  "trackingCfg 1 2 800 1 46 96 90",
  "presenceBoundaryBox -1.5 1.5 0.3 2 0 3",
  `vitalsign ${waveSamples} 300`,
  "VSRangeIdxCfg 0 21",
  "sensorStart",
];

export function newTrackingTalk(): Talk<RadarVitalsFrame> {
  const conversation = newTiConversation(trackingConfiguration);
  const clock = newFrameClock(1_000 * trackingFrameMs, gapUs);
  return {
    ...conversation,
    framer: newTiFramer(wordOf),
    start() {
      clock.forget();
      return conversation.start();
    },
    decode({ head, payload }) {
      if (typeof head.frameNumber !== "number") return { ok: false, why: "missing-field" };
      const { tlvs } = tlvsOf(payload);
      const targets = tlvs.find(({ type }) => type === targetsType);
      const presence = tlvs.find(({ type, length }) => type === presenceType && length >= 4);
      const vitals = tlvs.find(({ type, length }) => type === vitalsType && length >= vitalsBytes);
      const people = targets === undefined ? undefined : Math.min(peopleMax, targets.length / targetBytes);
      const told = vitals === undefined ? undefined : readVitals(payload, vitals.at);
      if (told === "field-out-of-range") return { ok: false, why: told };
      // Zero words of presence beside a list of people: the list knows better.
      const present =
        people === undefined || people === 0
          ? told !== undefined
            ? told.somebody
            : presence === undefined
              ? (people ?? null) === null
                ? null
                : false
              : uint16At(payload, presence.at) !== 0
          : true;
      const first = targets === undefined || people === 0 ? undefined : targets.at;
      const { us, afterGap } = clock.at(head.frameNumber);
      return {
        ok: true,
        deviceUs: deviceUs(us),
        afterGap,
        frame: {
          ...saysNothing(1_000 / trackingFrameMs),
          present,
          distanceMm: first === undefined ? null : distanceMmOf(payload, first),
          moving: first === undefined ? null : speedOf(payload, first) >= movingMPerSec,
          breathingPerMin: told?.breathingPerMin ?? null,
          confidence: null,
          waveStepUs: told === undefined ? null : 1_000 * trackingFrameMs,
          wave: told?.wave ?? new Float32Array(0),
        },
      };
    },
  };
}

function readVitals(packet: Uint8Array, at: number) {
  const deviation = float32At(packet, at + 4);
  const breathingPerMin = float32At(packet, at + 12);
  const wave = Float32Array.from({ length: waveSamples }, (_, i) => float32At(packet, at + breathWaveAt + 4 * i));
  const sound = deviation >= 0 && deviation <= deviationMax && breathingPerMin >= 0 && breathingPerMin <= 200;
  if (!sound || !wave.every(Number.isFinite)) return "field-out-of-range" as const;
  const somebody = deviation > 0;
  return { somebody, breathingPerMin: somebody ? breathingPerMin : 0, wave: somebody ? wave : new Float32Array(0) };
}

/** A tracked person who goes this fast does not lie still. */
const movingMPerSec = 0.25;
/** Target: id u32, then position, velocity and acceleration, m, each x y z. */
function distanceMmOf(packet: Uint8Array, at: number): number | null {
  const away = 1_000 * Math.hypot(...[0, 1, 2].map((i) => float32At(packet, at + 4 + 4 * i)));
  return away <= 100_000 ? away : null;
}
const speedOf = (packet: Uint8Array, at: number): number =>
  Math.hypot(...[3, 4, 5].map((i) => float32At(packet, at + 4 + 4 * i)));

export interface TrackedPerson {
  readonly distanceMm: number;
  readonly speedMPerSec: number;
}

/** Of one frame; `vitals` only in every fifteenth. */
export function encodeTracking(
  frameNumber: number,
  person: TrackedPerson | null,
  vitals?: { readonly deviation: number; readonly breathingPerMin: number; readonly wave: readonly number[] },
): Uint8Array {
  const target = person && {
    type: targetsType,
    payload: joinBytes(
      Uint8Array.of(0, 0, 0, 0),
      bytesOfFloats(0, person.distanceMm / 1_000, 0, 0, person.speedMPerSec, 0, ...Array.from({ length: 21 }, () => 0)),
    ),
  };
  const presence = { type: presenceType, payload: Uint8Array.of(person === null ? 0 : 1, 0, 0, 0) };
  const told = vitals && {
    type: vitalsType,
    payload: joinBytes(
      Uint8Array.of(0, 0, 21, 0),
      bytesOfFloats(vitals.deviation, 0, vitals.breathingPerMin),
      bytesOfFloats(...Array.from({ length: waveSamples }, () => 0)),
      bytesOfFloats(...vitals.wave),
    ),
  };
  return encodeTiPacket(frameNumber, [...(target ? [target] : []), presence, ...(told ? [told] : [])]);
}

const wave = Array.from({ length: waveSamples }, (_, i) => Math.fround(Math.sin(i / 3)));
const frameOf = (frame: Partial<RadarVitalsFrame>) => ({ ok: true as const, frame });
const still = { distanceMm: 1_500, speedMPerSec: 0 };

const samples: readonly Sample<RadarVitalsFrame>[] = [
  {
    name: "somebody tracked, the same with vital signs, a held breath, nobody",
    wire: joinBytes(
      encodeTracking(1, { distanceMm: 1_500, speedMPerSec: 0.5 }),
      encodeTracking(2, still, { deviation: 0.05, breathingPerMin: 14.5, wave }),
      encodeTracking(3, still, { deviation: 0.01, breathingPerMin: 0, wave }),
      encodeTracking(40, null),
    ),
    heard: ["measurement", "measurement", "measurement", "measurement"],
    decodesTo: [
      { ...frameOf({ present: true, moving: true, distanceMm: 1_500, breathingPerMin: null }), deviceUs: 0 },
      {
        ...frameOf({ present: true, moving: false, breathingPerMin: 14.5, wave: Float32Array.from(wave) }),
        deviceUs: 90_000,
      },
      { ...frameOf({ present: true, breathingPerMin: 0 }), deviceUs: 180_000 },
      {
        ...frameOf({ present: false, moving: null, distanceMm: null, wave: new Float32Array(0) }),
        deviceUs: 3_510_000,
      },
    ],
  },
  {
    name: "a vital-signs record of another firmware",
    wire: encodeTiPacket(1, [{ type: vitalsType, payload: new Uint8Array(100) }]),
    heard: [],
    decodesTo: [],
    counts: { strange: 1 },
  },
  {
    name: "the command port",
    link: "commands",
    wire: joinBytes(...trackingConfiguration.map(() => tiLine("Done")), tiLine("mmwDemo:/>sensorStop"), tiLine("Done")),
    heard: [
      ...trackingConfiguration.map((_, i) => (i + 1 < trackingConfiguration.length ? "go-on" : "started")),
      "nothing",
      "stopped",
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
  frameRateHz: 1_000 / trackingFrameMs,
  rangeMm: { from: 300, to: 2_000 },
  newTalk: newTrackingTalk,
  samples,
};
