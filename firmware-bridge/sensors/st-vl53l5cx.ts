import type { DepthFrame } from "../../edge-agent/contract/frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";
import { crc16 } from "./crc.ts";
import { type MessageShape, newMessageFramer } from "./message-framer.ts";
import { messageType, newConversation, ownProtocolVersion } from "./own-conversation.ts";
import type { Decoded, Framed, Sample, Sensor, Talk } from "./sensor.ts";
import {
  encodeStBlocks,
  findStBlocks,
  quarterMmAt,
  type StPlaces,
  type StRefusal,
  type StZones,
  statusAt,
  zones,
  zonesAcross,
} from "./st-blocks.ts";

/*
 * ST VL53L5CX or VL53L8CX, 8x8 zones of time of flight, through a small microcontroller on a UART of 921600 baud. The
 * microcontroller runs ST's driver and sends each result as it lies in the driver's memory, in a framing of our own
 * (docs/sensors-vl53l5cx.md is for those who write its firmware):
 *
 * offset size
 *      0    2 A5 5A
 *      2    1 type
 *      3    1 sequence: counts the sender's messages
 *      4    2 length of the body, at most 2,048
 *      6    4 microsecond clock, u32 that wraps; of a frame: when the sensor said that it was ready
 *     10    2 CRC-16 of bytes 2 to 9
 *     12      body
 *            2 CRC-16 of the body
 *
 * All numbers little-endian. A zone counts only with status 5. ST gives 6 (no check for wrapped ranges) and 9 (two merged
 * targets) half the confidence (not confirmed on a device): a frame has no room for half, a wrapped or merged distance was
 * measured nowhere, and in the 500 recorded frames they are 0.6 % of the zones.
 *
 * The sensor's own distances are along the optical axis: it corrects the slant of its outer zones itself (an ST engineer's
 * answer in community.st.com, "what does distance_mm exactly mean"; not confirmed on a device). So they go on as they are.
 */

export const vl53l5cxFrameRateHz = 10;
/** Of the whole picture, each way (data sheet: 45 degrees, 65 over the diagonal). */
const fieldDeg = 45;
const sync = [0xa5, 0x5a] as const;
const headerBytes = 12;
const checkBytes = 2;
const bodyBytesMax = 2_048;
const statusValid = 5;
const clockRange = 2 ** 32;

const knownTypes = new Set<number>(Object.values(messageType));

const shape: MessageShape = {
  sync,
  headerBytes,
  bytesMax: headerBytes + bodyBytesMax + checkBytes,
  lengthOf(bytes, view, at) {
    const bodyBytes = view.getUint16(at + 4, true);
    if (bodyBytes > bodyBytesMax || crc16(bytes, at + 2, at + 10) !== view.getUint16(at + 10, true)) return 0;
    return headerBytes + bodyBytes + checkBytes;
  },
  holds(message) {
    const to = message.length - checkBytes;
    return crc16(message, headerBytes, to) === (message[to]! | (message[to + 1]! << 8));
  },
  frame(message) {
    const type = message[2]!;
    if (!knownTypes.has(type)) return undefined;
    const clockUs = (message[6]! | (message[7]! << 8) | (message[8]! << 16) | (message[9]! << 24)) >>> 0;
    return {
      head: { type, sequence: message[3]!, clockUs },
      payload: message.slice(headerBytes, message.length - checkBytes),
    };
  },
};

export interface SmallMessage {
  readonly type: number;
  readonly sequence?: number;
  readonly clockUs?: number;
  readonly body?: Uint8Array;
}

/** A message as either end writes it. */
export function encodeSmallMessage({
  type,
  sequence = 0,
  clockUs = 0,
  body = new Uint8Array(),
}: SmallMessage): Uint8Array {
  const bytes = new Uint8Array(headerBytes + body.length + checkBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(sync);
  bytes[2] = type;
  bytes[3] = sequence;
  view.setUint16(4, body.length, true);
  view.setUint32(6, clockUs % clockRange, true);
  view.setUint16(10, crc16(bytes, 2, 10), true);
  bytes.set(body, headerBytes);
  view.setUint16(bytes.length - checkBytes, crc16(bytes, headerBytes, bytes.length - checkBytes), true);
  return bytes;
}

/** What the sensor would send of these zones. */
export const encodeResult = (seen: StZones, clockUs: number, sequence: number): Uint8Array =>
  encodeSmallMessage({
    type: messageType.frame,
    sequence: sequence & 0xff,
    clockUs,
    body: encodeStBlocks(seen, sequence & 0xffff, 30),
  });

/** Commands of the host to the microcontroller, cut out of a stream: for its stand-in. */
export const newSmallFramer = () => newMessageFramer(shape);

export function newVl53l5cxTalk(): Talk<DepthFrame> {
  const framer = newSmallFramer();
  let sequence = 0;
  let lastClock: number | undefined;
  let clock = 0;
  const command = (type: number): Uint8Array => {
    const body = type === messageType.start ? Uint8Array.of(vl53l5cxFrameRateHz, zonesAcross) : new Uint8Array();
    const bytes = encodeSmallMessage({ type, sequence, body });
    sequence = (sequence + 1) & 0xff;
    return bytes;
  };
  const conversation = newConversation(command, () => {
    lastClock = undefined;
  });

  return {
    framer,
    ...conversation,
    decode({ head, payload }: Framed): Decoded<DepthFrame> {
      const read = findStBlocks(payload);
      if (!read.ok) return read;
      // The framer made it a number of 32 bits.
      const now = head.clockUs as number;
      const forward = lastClock === undefined ? 0 : (now - lastClock + clockRange) % clockRange;
      clock = lastClock === undefined ? now : clock + forward;
      lastClock = now;
      return { ok: true, deviceUs: deviceUs(clock), afterGap: forward >= gapUs, frame: depthOf(payload, read.at) };
    },
  };
}

function depthOf(body: Uint8Array, at: StPlaces): DepthFrame {
  const mm = new Uint16Array(zones);
  for (let zone = 0; zone < zones; zone++) {
    if (statusAt(body, at, zone) !== statusValid) continue;
    const quarters = quarterMmAt(body, at, zone);
    // A target at nothing is none; the recordings have two.
    if (quarters >= 4) mm[zone] = (quarters + 2) >> 2;
  }
  return {
    widthPx: zonesAcross,
    heightPx: zonesAcross,
    frameRateHz: vl53l5cxFrameRateHz,
    acrossDeg: fieldDeg,
    downDeg: fieldDeg,
    mm,
  };
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const everywhere = (mm: number, status: number): StZones => ({
  distanceMm: new Float64Array(zones).fill(mm),
  status: new Uint8Array(zones).fill(status),
});
const hello = encodeSmallMessage({
  type: messageType.helloAnswer,
  body: Uint8Array.of(ownProtocolVersion, ...new TextEncoder().encode("VL53L5CX")),
});
const started = encodeSmallMessage({ type: messageType.started, sequence: 1 });
const stopped = encodeSmallMessage({ type: messageType.stopped, sequence: 9 });
const zone = (at: number, value: number, elsewhere: number): Uint16Array =>
  Uint16Array.from({ length: zones }, (_, i) => (i === at ? value : elsewhere));

const oneOff = everywhere(1_500.25, statusValid);
oneOff.status[9] = 255;
const corrupt = encodeStBlocks(everywhere(900, statusValid), 0x1234, 30);
corrupt[corrupt.length - 4] = 0xff;
const refusal = (why: StRefusal) => ({ ok: false, why }) as const;

const samples: readonly Sample<DepthFrame>[] = [
  {
    name: "a start, three frames over the wrap of the clock and a silence of 4 s, a stop",
    wire: join(
      hello,
      started,
      encodeResult(everywhere(1_234, statusValid), 4_294_942_296, 2),
      encodeResult(oneOff, 75_000, 3),
      encodeResult(everywhere(800, statusValid), 4_075_000, 4),
      stopped,
    ),
    heard: ["go-on", "started", "measurement", "measurement", "measurement", "stopped"],
    decodesTo: [
      { ok: true, deviceUs: 4_294_942_296, frame: { mm: zone(0, 1_234, 1_234), acrossDeg: 45 } },
      { ok: true, deviceUs: 4_295_042_296, frame: { mm: zone(9, 0, 1_500) } },
      { ok: true, deviceUs: 4_299_042_296, frame: { mm: zone(0, 800, 800) } },
    ],
  },
  {
    name: "zones of less confidence, without a target, and before the sensor's zero are not valid",
    wire: join(
      ...[6, 9, 10, 255].map((status, i) => encodeResult(everywhere(1_000, status), 100_000 * i, i)),
      encodeResult(everywhere(-3, statusValid), 500_000, 5),
    ),
    heard: Array.from({ length: 5 }, () => "measurement" as const),
    decodesTo: Array.from({ length: 5 }, () => ({ ok: true as const, frame: { mm: new Uint16Array(zones) } })),
  },
  {
    name: "a result that was torn inside the sensor, one without blocks, one of no size, a message of no known type",
    wire: join(
      encodeSmallMessage({ type: messageType.frame, body: corrupt }),
      encodeSmallMessage({ type: messageType.frame, body: new Uint8Array(24) }),
      encodeSmallMessage({ type: messageType.frame }),
      encodeSmallMessage({ type: 0x55, body: Uint8Array.of(1) }),
    ),
    heard: ["measurement", "measurement", "measurement"],
    decodesTo: [refusal("field-out-of-range"), refusal("missing-field"), refusal("wrong-size")],
    counts: { strange: 1 },
  },
  {
    name: "another version of the protocol, a sensor that does not answer its microcontroller",
    wire: join(
      encodeSmallMessage({ type: messageType.helloAnswer, body: Uint8Array.of(2) }),
      encodeSmallMessage({ type: messageType.refused, body: new TextEncoder().encode("no sensor on the bus") }),
    ),
    heard: ["refused", "refused"],
    decodesTo: [],
  },
  {
    name: "a frame with a changed byte between two good ones",
    wire: join(
      encodeResult(everywhere(700, statusValid), 0, 0),
      encodeResult(everywhere(701, statusValid), 100_000, 1).map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
      encodeResult(everywhere(702, statusValid), 200_000, 2),
    ),
    heard: ["measurement", "measurement"],
    decodesTo: [
      { ok: true, frame: { mm: zone(0, 700, 700) } },
      { ok: true, frame: { mm: zone(0, 702, 702) } },
    ],
    counts: { bytesSkipped: 334, resyncs: 1, checksumErrors: 1 },
  },
];

export const stVl53l5cx: Sensor<DepthFrame> = {
  name: "st-vl53l5cx",
  dataSheet: "https://www.st.com/resource/en/datasheet/vl53l5cx.pdf",
  kind: "depth",
  off: "stops",
  baudRate: { data: 921_600 },
  checksum: true,
  frameRateHz: vl53l5cxFrameRateHz,
  rangeMm: { from: 20, to: 4_000 },
  newTalk: newVl53l5cxTalk,
  samples,
};
