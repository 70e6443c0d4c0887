import { crc32 } from "./crc.ts";
import { type MessageShape, newMessageFramer } from "./message-framer.ts";
import { messageType } from "./own-conversation.ts";
import type { Framer } from "./sensor.ts";

/*
 * The messages between the bridge and a program that has a depth camera (docs/sensors-depth-camera.md), both ways:
 *
 * offset size
 *      0    4 "QRZ1"
 *      4    1 type
 *      5    1 zero
 *      6    2 length of the header (64)
 *      8    4 length of the body, bytes
 *     12    4 number of the frame, from 0
 *     16    8 device time, us: when the picture was taken, on the camera's clock
 *     24    2 width, 26 2 height, pixels
 *     28    4 mm for one unit of depth, float32: 1000 x the depth scale of librealsense
 *     32   16 fx, fy, cx, cy, pixels, float32: of a pinhole camera, the middle of the top left pixel is 0, 0
 *     48    4 pictures per second, float32; of a start: as many are wanted
 *     52    4 sum of the body's u16 words, modulo 2^32
 *     56    4 zero
 *     60    4 CRC-32 of bytes 0 to 59
 *     64      body; of a frame: z16, u16 a pixel, row by row from the top left, 0 = no data
 *
 * All numbers little-endian. A sum, not a CRC, over the pixels: it finds every changed byte, and costs a bridge on a small
 * computer 0.3 ms for 640x480 where a CRC costs 1.5 ms.
 */

export const cameraWidthMax = 1_280;
export const cameraHeightMax = 1_024;
const magic = [0x51, 0x52, 0x5a, 0x31] as const;
const headerBytes = 64;
const bodyBytesMax = 2 * cameraWidthMax * cameraHeightMax;
const checkAt = 60;

export interface CameraHeader {
  readonly type: number;
  readonly frame: number;
  readonly deviceUs: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly mmPerUnit: number;
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly frameRateHz: number;
}

const knownTypes = new Set<number>(Object.values(messageType));

/** @param from first byte of an array of u16 words; an odd last byte is a word with it */
function sumOfWords(bytes: Uint8Array, from: number): number {
  let sum = 0;
  const whole = bytes.length - ((bytes.length - from) & 1);
  for (let at = from; at < whole; at += 2) sum = (sum + bytes[at]! + (bytes[at + 1]! << 8)) | 0;
  if (whole < bytes.length) sum += bytes[whole]!;
  return sum >>> 0;
}

const shape: MessageShape = {
  sync: magic,
  headerBytes,
  bytesMax: headerBytes + bodyBytesMax,
  lengthOf(bytes, view, at) {
    const bodyBytes = view.getUint32(at + 8, true);
    if (view.getUint16(at + 6, true) !== headerBytes || bodyBytes > bodyBytesMax) return 0;
    return crc32(bytes, at, at + checkAt) === view.getUint32(at + checkAt, true) ? headerBytes + bodyBytes : 0;
  },
  holds(message) {
    const view = new DataView(message.buffer, message.byteOffset, headerBytes);
    return sumOfWords(message, headerBytes) === view.getUint32(52, true);
  },
  frame(message) {
    const header = readHeader(new DataView(message.buffer, message.byteOffset, headerBytes));
    const isFrame = header.type === messageType.frame;
    if (!knownTypes.has(header.type)) return undefined;
    if (isFrame && message.length !== headerBytes + 2 * header.widthPx * header.heightPx) return undefined;
    return { head: { type: header.type, header }, payload: message.slice(headerBytes) };
  },
};

function readHeader(view: DataView): CameraHeader {
  return {
    type: view.getUint8(4),
    frame: view.getUint32(12, true),
    deviceUs: view.getUint32(16, true) + 2 ** 32 * view.getUint32(20, true),
    widthPx: view.getUint16(24, true),
    heightPx: view.getUint16(26, true),
    mmPerUnit: view.getFloat32(28, true),
    fx: view.getFloat32(32, true),
    fy: view.getFloat32(36, true),
    cx: view.getFloat32(40, true),
    cy: view.getFloat32(44, true),
    frameRateHz: view.getFloat32(48, true),
  };
}

/** A message as either end writes it; what is not given is 0. */
export function encodeCameraMessage(
  header: Partial<CameraHeader> & Pick<CameraHeader, "type">,
  body: Uint8Array = new Uint8Array(),
): Uint8Array {
  const bytes = new Uint8Array(headerBytes + body.length);
  const view = new DataView(bytes.buffer);
  const { type, frame = 0, deviceUs = 0, widthPx = 0, heightPx = 0, mmPerUnit = 0, frameRateHz = 0 } = header;
  bytes.set(magic);
  bytes[4] = type;
  view.setUint16(6, headerBytes, true);
  view.setUint32(8, body.length, true);
  view.setUint32(12, frame, true);
  view.setUint32(16, deviceUs % 2 ** 32, true);
  view.setUint32(20, Math.floor(deviceUs / 2 ** 32), true);
  view.setUint16(24, widthPx, true);
  view.setUint16(26, heightPx, true);
  view.setFloat32(28, mmPerUnit, true);
  for (const [i, value] of [header.fx, header.fy, header.cx, header.cy].entries()) {
    view.setFloat32(32 + 4 * i, value ?? 0, true);
  }
  view.setFloat32(48, frameRateHz, true);
  bytes.set(body, headerBytes);
  view.setUint32(52, sumOfWords(bytes, headerBytes), true);
  view.setUint32(checkAt, crc32(bytes, 0, checkAt), true);
  return bytes;
}

/** The true bytes of one picture. */
export function encodeCameraFrame(header: Omit<CameraHeader, "type">, z16: Uint16Array): Uint8Array {
  const body = new Uint8Array(2 * z16.length);
  const view = new DataView(body.buffer);
  for (let i = 0; i < z16.length; i++) view.setUint16(2 * i, z16[i]!, true);
  return encodeCameraMessage({ ...header, type: messageType.frame }, body);
}

export const newCameraFramer = (): Framer => newMessageFramer(shape);
