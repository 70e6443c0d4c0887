import { type RadarVitalsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { encodeMr24, mr24Address, newMr24Framer } from "./mr24-frames.ts";
import type { Decoded, DecodeRefusal, Sample, Sensor, Talk } from "./sensor.ts";
import { newArrivals } from "./short-frames.ts";
import { bytesOfFloats, bytesOfHex, float32At, joinBytes } from "./wire-bytes.ts";

/*
 * Seeed MR24FDB1 and MR24HPB1, 24 GHz, UART 9600: occupancy and a score of body movement, no breathing. They send by
 * themselves and have no command to stop them. Frames and sources in mr24-frames.ts.
 *
 * The score (manual, 6.2): 0 nobody, 1 only breathing, 2 to 30 head or a limb, 31 to 60 slow, 61 to 100 quick movements. It
 * becomes the movement of a frame as it is. It says nothing of presence: who lies still scores 1, and a module that has
 * lost somebody who lies very still scores 0. Only the occupancy says that nobody is there.
 */

/** The score comes every 5 s, occupancy at its changes. */
export const mr24FrameRateHz = 0.2;
/** Three scores missing. */
const silentUsMax = 15_000_000;

const nothing: RadarVitalsFrame = {
  ...saysNothing(mr24FrameRateHz),
  confidence: null,
  waveStepUs: null,
  wave: new Float32Array(),
};

/** Occupancy: none, still, moving. */
const nobody = 0x00ffff;
const still = 0x0100ff;
const moving = 0x010101;

/** From the wire, after its checksum. */
function readMessage(address: unknown, data: Uint8Array): RadarVitalsFrame | DecodeRefusal {
  switch (address) {
    case mr24Address.occupancy:
    case mr24Address.occupancyAsked:
    case mr24Address.alive:
      switch ((data[0]! << 16) | (data[1]! << 8) | data[2]!) {
        case nobody:
          return { ...nothing, present: false };
        case still:
          return { ...nothing, present: true, moving: false };
        case moving:
          return { ...nothing, present: true, moving: true };
        default:
          return "field-out-of-range";
      }
    case mr24Address.movement:
    case mr24Address.movementAsked: {
      const movement = float32At(data, 0);
      return movement >= 0 && movement <= 100 ? { ...nothing, movement } : "field-out-of-range";
    }
    default:
      return "missing-field";
  }
}

export function newMr24Talk(): Talk<RadarVitalsFrame> {
  const arrivals = newArrivals(silentUsMax);
  const silence = new Uint8Array();
  return {
    framer: newMr24Framer(),
    start() {
      arrivals.forget();
      return silence;
    },
    stop: () => silence,
    hear: ({ payload }) => ({ heard: payload.length === 0 ? "nothing" : "measurement" }),
    decode({ head, payload }, arrivedUs): Decoded<RadarVitalsFrame> {
      const frame = readMessage(head.address, payload);
      if (typeof frame === "string") return { ok: false, why: frame };
      return { ok: true, frame, deviceUs: deviceUs(arrivedUs), afterGap: arrivals.isAfterGap(arrivedUs) };
    },
  };
}

/** True bytes of what the module says. */
export const mr24Says = {
  occupancy: (word: "nobody" | "still" | "moving") =>
    encodeMr24(
      mr24Address.occupancy,
      word === "nobody"
        ? Uint8Array.of(0, 0xff, 0xff)
        : word === "still"
          ? Uint8Array.of(1, 0, 0xff)
          : Uint8Array.of(1, 1, 1),
    ),
  /** 0 to 100. */
  movement: (score: number) => encodeMr24(mr24Address.movement, bytesOfFloats(score)),
  approach: (word: "none" | "nearer" | "farther") =>
    encodeMr24(mr24Address.approach, Uint8Array.of(1, 1, { none: 1, nearer: 2, farther: 3 }[word])),
  /** What it says when its power comes. */
  began: () =>
    joinBytes(
      encodeMr24(0x040502, Uint8Array.of(0x0f)),
      encodeMr24(0x040102, new TextEncoder().encode("G24VD1SYV001000")),
      encodeMr24(0x03040c, Uint8Array.of(3)),
    ),
} as const;

const says = (frame: Partial<RadarVitalsFrame>) => ({ ok: true as const, frame });
const measured = (count: number) => Array.from({ length: count }, () => "measurement" as const);

const samples: readonly Sample<RadarVitalsFrame>[] = [
  {
    name: "power on, somebody lies down, lies still, turns over",
    wire: joinBytes(
      mr24Says.began(),
      mr24Says.occupancy("moving"),
      mr24Says.movement(55),
      mr24Says.approach("nearer"),
      mr24Says.movement(1),
      mr24Says.occupancy("still"),
      mr24Says.approach("none"),
      mr24Says.movement(100),
    ),
    heard: ["nothing", "nothing", "nothing", ...measured(2), "nothing", ...measured(2), "nothing", "measurement"],
    decodesTo: [
      says({ present: true, moving: true, movement: null, breathingPerMin: null, distanceMm: null, confidence: null }),
      says({ present: null, moving: null, movement: 55 }),
      // Lying still is not "nobody there".
      says({ present: null, movement: 1 }),
      says({ present: true, moving: false }),
      says({ movement: 100 }),
    ],
  },
  {
    name: "nobody there: by its word, by its answer, with its sign of life; a score of 0 does not say so",
    wire: joinBytes(
      mr24Says.occupancy("nobody"),
      encodeMr24(mr24Address.occupancyAsked, Uint8Array.of(0, 0xff, 0xff)),
      encodeMr24(mr24Address.alive, Uint8Array.of(0, 0xff, 0xff)),
      mr24Says.movement(0),
    ),
    heard: measured(4),
    decodesTo: [
      says({ present: false, moving: null }),
      says({ present: false }),
      says({ present: false }),
      says({ present: null, movement: 0 }),
    ],
  },
  {
    name: "frames with their published checksums",
    wire: joinBytes(
      bytesOfHex("55 0A 00 04 03 05 01 00 FF 1D 14"),
      bytesOfHex("55 0A 00 04 03 05 01 01 01 9D 04"),
      bytesOfHex("55 08 00 04 05 02 0F 4F 18"),
      bytesOfHex("55 08 00 03 04 0C 03 1B C9"),
    ),
    heard: ["measurement", "measurement", "nothing", "nothing"],
    decodesTo: [says({ present: true, moving: false }), says({ present: true, moving: true })],
  },
  {
    name: "impossible content, an unknown address, a known one of another length",
    wire: joinBytes(
      mr24Says.movement(Number.NaN),
      mr24Says.movement(101),
      encodeMr24(mr24Address.occupancy, Uint8Array.of(1, 2, 3)),
      encodeMr24(0x040309, Uint8Array.of(1)),
      encodeMr24(mr24Address.movement, Uint8Array.of(1)),
    ),
    heard: measured(3),
    decodesTo: Array.from({ length: 3 }, () => ({ ok: false as const, why: "field-out-of-range" as const })),
    counts: { strange: 2 },
  },
  {
    name: "a broken score between two sound ones",
    wire: joinBytes(
      mr24Says.movement(10),
      mr24Says.movement(20).map((byte, i) => (i === 9 ? byte ^ 0x40 : byte)),
      mr24Says.movement(30),
    ),
    heard: measured(2),
    decodesTo: [says({ movement: 10 }), says({ movement: 30 })],
    counts: { bytesSkipped: 12, resyncs: 1, checksumErrors: 1 },
  },
];

export const seeedMr24: Sensor<RadarVitalsFrame> = {
  name: "seeed-mr24",
  dataSheet: "https://wiki.seeedstudio.com/Radar_MR24FDB1/",
  kind: "radar-vitals",
  off: "ignored",
  baudRate: { data: 9_600 },
  checksum: true,
  frameRateHz: mr24FrameRateHz,
  rangeMm: { from: 300, to: 3_500 },
  newTalk: newMr24Talk,
  samples,
};
