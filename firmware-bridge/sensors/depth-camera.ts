import type { DepthFrame } from "../../edge-agent/contract/frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";
import { newBlockMedian, type Reduction } from "./block-median.ts";
import {
  type CameraHeader,
  cameraHeightMax,
  cameraWidthMax,
  encodeCameraFrame,
  encodeCameraMessage,
  newCameraFramer,
} from "./depth-camera-message.ts";
import { messageType, newConversation, ownProtocolVersion } from "./own-conversation.ts";
import type { Decoded, Framed, Sample, Sensor, Talk } from "./sensor.ts";

/*
 * A depth camera (Intel RealSense, Orbbec: z16, one u16 a pixel, 0 = no data; not confirmed on a device) through a small
 * program beside it that speaks the messages of depth-camera-message.ts on a local socket.
 *
 * A picture is reduced to 80x60, which is what perception has a model for, over valid pixels only (block-median.ts). The
 * blocks are as many whole pixels as fit, about the principal point; what is left over at the rim is cut off, and the
 * angles are those of what is kept. 640x480: blocks of 8x8; 848x480: 10x8; 1280x720: 16x12. Smaller ones stay as they are.
 */

/** What is asked for: perception's rate. A camera at 30 sends every third picture. */
export const cameraFrameRateHz = 10;
const reducedWidthPx = 80;
const reducedHeightPx = 60;
/** Frames say two angles about the middle of the picture: a principal point further out than this share would not fit them. */
const offCentreMax = 0.05;
const deviceUsMax = 2 ** 50;

export function newDepthCameraTalk(): Talk<DepthFrame> {
  const framer = newCameraFramer();
  const median = newBlockMedian(
    Math.ceil(cameraWidthMax / reducedWidthPx) * Math.ceil(cameraHeightMax / reducedHeightPx),
  );
  let lastUs: number | undefined;
  const command = (type: number): Uint8Array =>
    encodeCameraMessage({ type, frameRateHz: type === messageType.start ? cameraFrameRateHz : 0 });
  const conversation = newConversation(command, () => {
    lastUs = undefined;
  });

  return {
    framer,
    ...conversation,
    decode({ head, payload }: Framed): Decoded<DepthFrame> {
      const header = head.header as CameraHeader;
      const seen = geometryOf(header);
      if (seen === undefined) return { ok: false, why: "field-out-of-range" };
      const { widthPx, heightPx, deviceUs: us, frameRateHz, mmPerUnit } = header;
      // The payload is a copy of its own, so it begins at an even address.
      const values = new Uint16Array(payload.buffer, payload.byteOffset, widthPx * heightPx);
      const { reduction, acrossDeg, downDeg } = seen;
      const mm = median({ widthPx, heightPx, values }, reduction);
      if (mmPerUnit !== 1) scale(mm, mmPerUnit);
      const forward = lastUs === undefined ? 0 : us - lastUs;
      lastUs = us;
      return {
        ok: true,
        deviceUs: deviceUs(us),
        // A clock that runs back is another one.
        afterGap: forward >= gapUs || forward < 0,
        frame: { widthPx: reduction.widthPx, heightPx: reduction.heightPx, frameRateHz, acrossDeg, downDeg, mm },
      };
    },
  };
}

/** What a reading is too far for 16 bits of mm is not valid. */
function scale(mm: Uint16Array, mmPerUnit: number): void {
  for (let i = 0; i < mm.length; i++) {
    const value = Math.round(mm[i]! * mmPerUnit);
    mm[i] = value > 65_535 ? 0 : value;
  }
}

interface Seen {
  readonly reduction: Reduction;
  readonly acrossDeg: number;
  readonly downDeg: number;
}

/** From the sender, before any check. Undefined: no picture of a camera. */
function geometryOf(header: CameraHeader): Seen | undefined {
  const { widthPx, heightPx, mmPerUnit, frameRateHz } = header;
  if (!(widthPx >= 1 && widthPx <= cameraWidthMax && heightPx >= 1 && heightPx <= cameraHeightMax)) return undefined;
  if (!(mmPerUnit >= 0.001 && mmPerUnit <= 100 && frameRateHz > 0 && frameRateHz <= 1_000)) return undefined;
  if (header.deviceUs > deviceUsMax) return undefined;
  const across = axisOf(widthPx, reducedWidthPx, header.fx, header.cx);
  const down = axisOf(heightPx, reducedHeightPx, header.fy, header.cy);
  if (across === undefined || down === undefined) return undefined;
  return {
    acrossDeg: across.deg,
    downDeg: down.deg,
    reduction: {
      leftPx: across.first,
      topPx: down.first,
      blockWidthPx: across.block,
      blockHeightPx: down.block,
      widthPx: across.count,
      heightPx: down.count,
    },
  };
}

function axisOf(sizePx: number, wantedPx: number, focalPx: number, principalPx: number) {
  const count = Math.min(sizePx, wantedPx);
  const block = Math.floor(sizePx / count);
  const kept = count * block;
  // The middle of the first pixel is 0, its outer edge -0.5.
  const middle = principalPx + 0.5;
  const first = Math.min(sizePx - kept, Math.max(0, Math.round(middle - kept / 2)));
  const off = Math.abs(middle - (first + kept / 2));
  const deg = (2 * Math.atan(kept / 2 / focalPx) * 180) / Math.PI;
  return focalPx > 0 && deg >= 1 && deg <= 170 && off <= offCentreMax * kept ? { count, block, first, deg } : undefined;
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const words = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A camera of 58 degrees across whose principal point is in the middle. */
const cameraOf = (
  widthPx: number,
  heightPx: number,
  mmPerUnit = 1,
): Omit<CameraHeader, "type" | "frame" | "deviceUs"> => ({
  widthPx,
  heightPx,
  mmPerUnit,
  fx: 0.902 * widthPx,
  fy: 0.902 * widthPx,
  cx: (widthPx - 1) / 2,
  cy: (heightPx - 1) / 2,
  frameRateHz: cameraFrameRateHz,
});
const small = cameraOf(16, 12);
const picture = (pixels: number, at: (i: number) => number): Uint16Array =>
  Uint16Array.from({ length: pixels }, (_, i) => at(i));
const ramp = (first: number): Uint16Array => picture(192, (i) => (i % 7 === 0 ? 0 : first + i));

/** 160x120 in blocks of 2x2: three valid and a hole, one valid and three holes, holes only, the rim of two surfaces, else 3 m. */
const blocks: readonly (readonly number[])[] = [
  [900, 0, 800, 1_000],
  [0, 0, 0, 1_200],
  [0, 0, 0, 0],
  [700, 700, 2_500, 2_500],
];
const blocked = picture(160 * 120, (i) => {
  const [row, column] = [Math.floor(i / 160), i % 160];
  return blocks[row < 2 ? column >> 1 : -1]?.[2 * row + (column & 1)] ?? 3_000;
});
const reduced = picture(80 * 60, (i) => [900, 1_200, 0, 700][i] ?? 3_000);

const hello = encodeCameraMessage(
  { type: messageType.helloAnswer },
  Uint8Array.of(ownProtocolVersion, ...words("RealSense D435i")),
);
const started = encodeCameraMessage({ type: messageType.started });
const stopped = encodeCameraMessage({ type: messageType.stopped });

const samples: readonly Sample<DepthFrame>[] = [
  {
    name: "a start, two small pictures with holes, a stop",
    wire: join(
      hello,
      started,
      encodeCameraFrame({ ...small, frame: 0, deviceUs: 5_000_000_000 }, ramp(1_000)),
      encodeCameraFrame({ ...small, frame: 1, deviceUs: 5_000_100_000 }, ramp(2_000)),
      stopped,
    ),
    heard: ["go-on", "started", "measurement", "measurement", "stopped"],
    decodesTo: [
      { ok: true, deviceUs: 5_000_000_000, frame: { widthPx: 16, heightPx: 12, frameRateHz: 10, mm: ramp(1_000) } },
      { ok: true, deviceUs: 5_000_100_000, frame: { mm: ramp(2_000) } },
    ],
  },
  {
    name: "a picture of 160x120 becomes 80x60: no hole and no edge is drawn into a distance",
    wire: encodeCameraFrame({ ...cameraOf(160, 120), frame: 0, deviceUs: 0 }, blocked),
    heard: ["measurement"],
    decodesTo: [{ ok: true, frame: { widthPx: 80, heightPx: 60, mm: reduced } }],
  },
  {
    name: "units of 0.25 mm, and units of 10 mm of which the furthest do not fit",
    wire: join(
      encodeCameraFrame(
        { ...cameraOf(16, 12, 0.25), frame: 0, deviceUs: 0 },
        picture(192, () => 6_002),
      ),
      encodeCameraFrame(
        { ...cameraOf(16, 12, 10), frame: 1, deviceUs: 1 },
        picture(192, (i) => (i < 96 ? 150 : 6_554)),
      ),
    ),
    heard: ["measurement", "measurement"],
    decodesTo: [
      { ok: true, frame: { mm: picture(192, () => 1_501) } },
      { ok: true, frame: { mm: picture(192, (i) => (i < 96 ? 1_500 : 0)) } },
    ],
  },
  {
    name: "intrinsics that are none, a principal point outside, a size that is not the body's, an unknown type",
    wire: join(
      encodeCameraFrame({ ...small, fx: 0, frame: 0, deviceUs: 0 }, ramp(1)),
      encodeCameraFrame({ ...small, cx: 40, frame: 0, deviceUs: 0 }, ramp(1)),
      encodeCameraFrame({ ...small, mmPerUnit: Number.NaN, frame: 0, deviceUs: 0 }, ramp(1)),
      encodeCameraFrame({ ...small, widthPx: 17, frame: 0, deviceUs: 0 }, ramp(1)),
      encodeCameraMessage({ type: 0x40 }),
    ),
    heard: ["measurement", "measurement", "measurement"],
    decodesTo: Array.from({ length: 3 }, () => ({ ok: false, why: "field-out-of-range" }) as const),
    counts: { strange: 2 },
  },
  {
    name: "another version of the protocol, a program without a camera",
    wire: join(
      encodeCameraMessage({ type: messageType.helloAnswer }, Uint8Array.of(9)),
      encodeCameraMessage({ type: messageType.refused }, words("no camera on USB")),
    ),
    heard: ["refused", "refused"],
    decodesTo: [],
  },
];

export const depthCamera: Sensor<DepthFrame> = {
  name: "depth-camera",
  dataSheet: "https://dev.intelrealsense.com/docs/projection-in-intel-realsense-sdk-20",
  kind: "depth",
  off: "stops",
  baudRate: null,
  checksum: true,
  frameRateHz: cameraFrameRateHz,
  rangeMm: { from: 150, to: 10_000 },
  newTalk: newDepthCameraTalk,
  samples,
};
