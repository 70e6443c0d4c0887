/* The two checksums of this project's own protocols; both are in every microcontroller's and every language's library. */

const crc16Table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  return crc;
});
const crc32Table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-16/IBM-3740 (also called CCITT-FALSE): polynomial 0x1021, begins with 0xFFFF; of "123456789": 0x29B1. */
export function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffff;
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffff) ^ crc16Table[(crc >>> 8) ^ bytes[i]!]!;
  return crc;
}

/** CRC-32/ISO-HDLC, as of zlib; of "123456789": 0xCBF43926. */
export function crc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1;
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ crc32Table[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}
