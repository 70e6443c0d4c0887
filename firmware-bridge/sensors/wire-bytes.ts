/* Bytes of modules' messages to numbers and back. Little-endian. */

/** One word of memory, so that reading a float makes no view for each message. */
const scratch = new DataView(new ArrayBuffer(4));

export function float32At(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 4; i++) scratch.setUint8(i, bytes[at + i]!);
  return scratch.getFloat32(0, true);
}

export const uint16At = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

export const bytesOfUint16 = (value: number): readonly [number, number] => [value & 0xff, (value >> 8) & 0xff];

export function bytesOfFloats(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}

export const bytesOfHex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

export const joinBytes = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
