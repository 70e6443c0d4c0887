import { type DeviceUs, deviceUs, type UtcMs, utcMs } from "./units.ts";
import type { DropReason } from "./words.ts";

/*
 * The envelope in which a bridge publishes a sensor's frames, and the payload of kind `radar-iq`.
 * All numbers little-endian.
 *
 * offset size
 *      0    1 version (1)
 *      1    1 kind (1 = radar-iq, 2 = depth, 3 = radar-vitals, 4 = radar-targets; the last two in module-frames.ts)
 *      2    2 length of the header (48)
 *      4    4 length of the payload
 *      8   16 boot id: random, new at each start of streaming; a sequence is ordered only within one boot id
 *     24    8 sequence number, from 0
 *     32    8 device time, us, float64: the sensor's own clock, unwrapped
 *     40    8 capture time, ms since 1970 UTC, float64: when the bridge had the last byte of the frame
 *     48      payload
 *
 * radar-iq payload:
 *      0    2 sweeps
 *      2    2 points
 *      4    4 range of the first point, mm, float32
 *      8    4 distance between points, mm, float32
 *     12    4 nominal frame rate, Hz, float32
 *     16    1 flags: 1 saturated, 2 delayed, 4 calibration needed
 *     17    1 temperature, degrees C, int8
 *     18    2 zero
 *     20      int16 I,Q pairs, [sweep][point]
 *
 * depth payload:
 *      0    2 width, pixels
 *      2    2 height, pixels
 *      4    4 nominal frame rate, Hz, float32
 *      8    4 field of view across, degrees, float32
 *     12    4 field of view from top to bottom, degrees, float32
 *     16    4 packing: 0 = none, 1 = PNG (packed-depth.ts)
 *     20      uint16 distance along the optical axis, mm, row by row from the top left; 0 = not valid
 */
export const envelopeVersion = 1;
export const envelopeHeaderBytes = 48;
const radarHeaderBytes = 20;
export const depthHeaderBytes = 20;
/** 160 x 120 fits into one envelope. */
const depthPixelsMax = 160 * 120;
/** 35 years of microseconds: beyond it no sensor clock is honest, and sums would lose digits. */
const deviceUsMax = 2 ** 50;
/** Largest envelope any sensor of this release sends: 16 sweeps x 64 points with head room. Anything larger is refused unread. */
export const envelopeBytesMax = 65_536;

export const frameKinds = ["radar-iq", "depth", "radar-vitals", "radar-targets"] as const;
export type FrameKind = (typeof frameKinds)[number];
const kindCode: Record<FrameKind, number> = { "radar-iq": 1, depth: 2, "radar-vitals": 3, "radar-targets": 4 };

export interface EnvelopeHeader {
  readonly kind: FrameKind;
  /** 32 hex digits. */
  readonly bootId: string;
  readonly sequence: number;
  readonly deviceUs: DeviceUs;
  readonly capturedAt: UtcMs;
}

export interface RadarIqFrame {
  readonly sweeps: number;
  readonly points: number;
  readonly firstPointMm: number;
  readonly pointStepMm: number;
  readonly frameRateHz: number;
  readonly saturated: boolean;
  readonly delayed: boolean;
  readonly calibrationNeeded: boolean;
  readonly temperatureC: number;
  /** Interleaved I,Q, [sweep][point]; length 2 x sweeps x points. */
  readonly iq: Int16Array;
}

export interface DepthFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameRateHz: number;
  /** Full angles of a pinhole camera, across and from top to bottom. */
  readonly acrossDeg: number;
  readonly downDeg: number;
  /** Distance along the optical axis, mm, row by row from the top left; 0 = not valid. */
  readonly mm: Uint16Array;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: DropReason };

export function encodeEnvelope(header: EnvelopeHeader, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(envelopeHeaderBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, envelopeVersion);
  view.setUint8(1, kindCode[header.kind]);
  view.setUint16(2, envelopeHeaderBytes, true);
  view.setUint32(4, payload.length, true);
  for (let i = 0; i < 16; i++) bytes[8 + i] = Number.parseInt(header.bootId.slice(2 * i, 2 * i + 2), 16);
  view.setBigUint64(24, BigInt(header.sequence), true);
  view.setFloat64(32, header.deviceUs, true);
  view.setFloat64(40, header.capturedAt, true);
  bytes.set(payload, envelopeHeaderBytes);
  return bytes;
}

/** From a broker client, before any check. Reads the header only: the payload stays undecoded until consent was looked at. */
export function readEnvelope(bytes: Uint8Array): Parsed<{ header: EnvelopeHeader; payload: Uint8Array }> {
  if (bytes.length > envelopeBytesMax) return { ok: false, why: "too-large" };
  if (bytes.length < envelopeHeaderBytes) return { ok: false, why: "malformed" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== envelopeVersion) return { ok: false, why: "unknown-version" };
  const kind = frameKinds.find((name) => kindCode[name] === view.getUint8(1));
  if (kind === undefined) return { ok: false, why: "unknown-version" };
  if (view.getUint16(2, true) !== envelopeHeaderBytes) return { ok: false, why: "malformed" };
  if (view.getUint32(4, true) !== bytes.length - envelopeHeaderBytes) return { ok: false, why: "malformed" };
  const sequence = Number(view.getBigUint64(24, true));
  const device = view.getFloat64(32, true);
  const captured = view.getFloat64(40, true);
  if (!Number.isSafeInteger(sequence) || !(Math.abs(device) <= deviceUsMax) || !Number.isFinite(captured)) {
    return { ok: false, why: "malformed" };
  }
  let bootId = "";
  for (let i = 8; i < 24; i++) bootId += bytes[i]!.toString(16).padStart(2, "0");
  return {
    ok: true,
    value: {
      header: { kind, bootId, sequence, deviceUs: deviceUs(device), capturedAt: utcMs(captured) },
      payload: bytes.subarray(envelopeHeaderBytes),
    },
  };
}

export function encodeRadarIq(frame: RadarIqFrame): Uint8Array {
  const bytes = new Uint8Array(radarHeaderBytes + frame.iq.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, frame.sweeps, true);
  view.setUint16(2, frame.points, true);
  view.setFloat32(4, frame.firstPointMm, true);
  view.setFloat32(8, frame.pointStepMm, true);
  view.setFloat32(12, frame.frameRateHz, true);
  view.setUint8(16, (frame.saturated ? 1 : 0) | (frame.delayed ? 2 : 0) | (frame.calibrationNeeded ? 4 : 0));
  view.setInt8(17, Math.max(-128, Math.min(127, Math.round(frame.temperatureC))));
  for (let i = 0; i < frame.iq.length; i++) view.setInt16(radarHeaderBytes + 2 * i, frame.iq[i]!, true);
  return bytes;
}

/** From a bridge, after the consent gate. */
export function readRadarIq(payload: Uint8Array): Parsed<RadarIqFrame> {
  if (payload.length < radarHeaderBytes) return { ok: false, why: "malformed" };
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const sweeps = view.getUint16(0, true);
  const points = view.getUint16(2, true);
  const firstPointMm = view.getFloat32(4, true);
  const pointStepMm = view.getFloat32(8, true);
  const frameRateHz = view.getFloat32(12, true);
  const flags = view.getUint8(16);
  if (sweeps === 0 || points === 0 || payload.length !== radarHeaderBytes + 4 * sweeps * points) {
    return { ok: false, why: "malformed" };
  }
  const ranges = Number.isFinite(firstPointMm) && pointStepMm > 0 && Number.isFinite(pointStepMm);
  if (!(ranges && frameRateHz > 0 && frameRateHz <= 1_000 && flags <= 7)) {
    return { ok: false, why: "malformed" };
  }
  const iq = new Int16Array(2 * sweeps * points);
  for (let i = 0; i < iq.length; i++) iq[i] = view.getInt16(radarHeaderBytes + 2 * i, true);
  return {
    ok: true,
    value: {
      sweeps,
      points,
      firstPointMm,
      pointStepMm,
      frameRateHz,
      saturated: (flags & 1) !== 0,
      delayed: (flags & 2) !== 0,
      calibrationNeeded: (flags & 4) !== 0,
      temperatureC: view.getInt8(17),
      iq,
    },
  };
}

export function encodeDepth(frame: DepthFrame): Uint8Array {
  const bytes = encodeDepthHeader({ ...frame, packing: 0 }, frame.mm.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < frame.mm.length; i++) view.setUint16(depthHeaderBytes + 2 * i, frame.mm[i]!, true);
  return bytes;
}

/** A payload with room for so many bytes of distances. */
export function encodeDepthHeader(header: DepthHeader, distanceBytes: number): Uint8Array {
  const bytes = new Uint8Array(depthHeaderBytes + distanceBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, header.widthPx, true);
  view.setUint16(2, header.heightPx, true);
  view.setFloat32(4, header.frameRateHz, true);
  view.setFloat32(8, header.acrossDeg, true);
  view.setFloat32(12, header.downDeg, true);
  view.setUint32(16, header.packing, true);
  return bytes;
}

export interface DepthHeader extends Omit<DepthFrame, "mm"> {
  /** As on the wire. */
  readonly packing: number;
}

/** From a bridge, after the consent gate: all of a depth payload but its distances. */
export function readDepthHeader(payload: Uint8Array): Parsed<DepthHeader> {
  if (payload.length < depthHeaderBytes) return { ok: false, why: "malformed" };
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const widthPx = view.getUint16(0, true);
  const heightPx = view.getUint16(2, true);
  const frameRateHz = view.getFloat32(4, true);
  const acrossDeg = view.getFloat32(8, true);
  const downDeg = view.getFloat32(12, true);
  const pixels = widthPx * heightPx;
  const angle = (deg: number): boolean => deg > 0 && deg < 180;
  if (pixels === 0 || pixels > depthPixelsMax) return { ok: false, why: "malformed" };
  if (!(frameRateHz > 0 && frameRateHz <= 1_000 && angle(acrossDeg) && angle(downDeg))) {
    return { ok: false, why: "malformed" };
  }
  const packing = view.getUint32(16, true);
  return { ok: true, value: { widthPx, heightPx, frameRateHz, acrossDeg, downDeg, packing } };
}

/** From a bridge, after the consent gate. Distances as they are; packed ones are refused. */
export function readDepth(payload: Uint8Array): Parsed<DepthFrame> {
  const header = readDepthHeader(payload);
  if (!header.ok) return header;
  const { packing, ...geometry } = header.value;
  const pixels = geometry.widthPx * geometry.heightPx;
  if (packing !== 0 || payload.length !== depthHeaderBytes + 2 * pixels) return { ok: false, why: "malformed" };
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const mm = new Uint16Array(pixels);
  for (let i = 0; i < pixels; i++) mm[i] = view.getUint16(depthHeaderBytes + 2 * i, true);
  return { ok: true, value: { ...geometry, mm } };
}
