/*
 * One result of an ST VL53L5CX or VL53L8CX, as ST's driver (ULD) has it in memory after it swapped the bytes of each
 * 32-bit word: 16 bytes of header, blocks, 8 bytes of footer. A block has 4 bytes of header, little-endian {type: 4 bits,
 * size: 12, index: 16}; behind it come type x size bytes where 1 < type < 13, else size. The u16 at byte 8 comes again
 * 4 bytes before the end: another one there is a result that was read while the next was written.
 *
 * Source: published copies of ST's driver (`vl53l5cx_get_ranging_data`, `vl53l5cx_buffers.h`), none of it copied.
 * Indices differ between releases of the firmware; those of one target per zone are known here. Four targets per zone have
 * others again and are refused.
 */

export const zonesAcross = 8;
export const zones = zonesAcross * zonesAcross;

const headerBytes = 16;
const footerBytes = 8;
const idAt = 8;

type Block = "targets" | "distance" | "status";
/** Firmware of the driver's releases 1.3 and 2.0 (the latter the VL53L8CX's as well; not confirmed on a device). */
function blockOf(index: number): Block | undefined {
  switch (index) {
    case 0xcf7c:
    case 0xdb84:
      return "targets";
    case 0xd33c:
    case 0xdf44:
      return "distance";
    case 0xd47c:
    case 0xe084:
      return "status";
    default:
      return undefined;
  }
}
const bytesOf: Record<Block, number> = { targets: zones, distance: 2 * zones, status: zones };

export interface StZones {
  /** mm; below 0 for what lies before the sensor's own zero. */
  readonly distanceMm: Float64Array;
  /** Of the nearest target; 255 where there is none. */
  readonly status: Uint8Array;
}

export type StRefusal = "wrong-size" | "missing-field" | "field-out-of-range";

/** Where in a body the first byte of each block lies. */
export interface StPlaces {
  readonly targets: number;
  readonly distance: number;
  readonly status: number;
}

/** From the wire, before any check but the message's own. */
export function findStBlocks(
  body: Uint8Array,
): { readonly ok: true; readonly at: StPlaces } | { readonly ok: false; readonly why: StRefusal } {
  if (body.length < headerBytes + footerBytes || body.length % 4 !== 0) return { ok: false, why: "wrong-size" };
  const footerAt = body.length - 4;
  if (body[idAt] !== body[footerAt] || body[idAt + 1] !== body[footerAt + 1]) {
    return { ok: false, why: "field-out-of-range" };
  }
  let [targets, distance, status] = [0, 0, 0];
  const end = body.length - footerBytes;
  for (let at = headerBytes; at + 4 <= end; ) {
    const type = body[at]! & 0xf;
    const size = (body[at]! >>> 4) | (body[at + 1]! << 4);
    const bytes = type > 1 && type < 13 ? type * size : size;
    const data = at + 4;
    if (data + bytes > end) return { ok: false, why: "wrong-size" };
    const block = blockOf(body[at + 2]! | (body[at + 3]! << 8));
    // 4x4 zones have 16.
    if (block !== undefined && bytes !== bytesOf[block]) return { ok: false, why: "wrong-size" };
    if (block === "targets") targets = data;
    else if (block === "distance") distance = data;
    else if (block === "status") status = data;
    at = data + bytes;
  }
  if (targets === 0 || distance === 0 || status === 0) return { ok: false, why: "missing-field" };
  return { ok: true, at: { targets, distance, status } };
}

/** Quarters of a millimetre; below 0 for what lies before the sensor's own zero. */
export const quarterMmAt = (body: Uint8Array, { distance }: StPlaces, zone: number): number =>
  ((body[distance + 2 * zone]! | (body[distance + 2 * zone + 1]! << 8)) << 16) >> 16;

/** 255 for no target: what is left in the block of such a zone is old, and ST's driver does the same. */
export const statusAt = (body: Uint8Array, { targets, status }: StPlaces, zone: number): number =>
  body[targets + zone] === 0 ? 255 : body[status + zone]!;

const header = (index: number, type: number, size: number): number => (index << 16) | (size << 4) | type;
/** In the order in which the sensor sends them: index, type, size. The first is the start mark, of no size. */
const sent = [
  [0, 13, 0],
  [0x54b4, 0, 12],
  [0x54c0, 0, 4],
  [0xdb84, 1, zones],
  [0xdf44, 2, zones],
  [0xe084, 1, zones],
] as const;

/** True bytes of one result with the outputs that are needed here. @param id of the result: any u16 */
export function encodeStBlocks({ distanceMm, status }: StZones, id: number, temperatureC: number): Uint8Array {
  const blockBytes = sent.reduce((sum, [, type, size]) => sum + 4 + (type === 2 ? 2 * size : size), 0);
  const body = new Uint8Array(headerBytes + blockBytes + footerBytes);
  const view = new DataView(body.buffer);
  view.setUint16(idAt, id);
  view.setUint16(body.length - 4, id);
  let at = headerBytes;
  for (const [index, type, size] of sent) {
    view.setUint32(at, header(index, type, size), true);
    at += 4;
    switch (index) {
      case 0x54b4:
        view.setInt8(at + 8, temperatureC);
        break;
      case 0xdb84:
        for (let zone = 0; zone < zones; zone++) body[at + zone] = status[zone] === 255 ? 0 : 1;
        break;
      case 0xdf44:
        for (let zone = 0; zone < zones; zone++) view.setInt16(at + 2 * zone, Math.round(4 * distanceMm[zone]!), true);
        break;
      case 0xe084:
        body.set(status.subarray(0, zones), at);
        break;
    }
    at += type === 2 ? 2 * size : size;
  }
  return body;
}
