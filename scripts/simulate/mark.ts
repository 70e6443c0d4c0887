import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FrameKind } from "../../edge-agent/contract/frames.ts";

/** Samples that no sensor sends by chance: whoever finds them somewhere has found what could be looked at. */
const mark = Uint8Array.from([0x51, 0x75, 0x13, 0xe7, 0x52, 0x4f, 0x55, 0x17, 0xee, 0x64, 0x57, 0x8d]);
const headerBytes = 48;
/** Behind the words about the frame, in the middle of the first sweep. */
const radarSamplesAt = headerBytes + 64;

export function markedBytes(bytes: Uint8Array, kind: FrameKind): Uint8Array {
  if (kind === "radar-iq") bytes.set(mark, radarSamplesAt);
  return bytes;
}

const needles: readonly Buffer[] = [
  Buffer.from(mark),
  Buffer.from(Buffer.from(mark).toString("hex")),
  // base64 at each of the three places within a group, without the letters that depend on neighbours.
  ...[0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), Buffer.from(mark)]).toString("base64");
    return Buffer.from(text.slice(pad === 0 ? 0 : 4, text.length - 4));
  }),
];

export const hasMark = (bytes: Buffer): boolean => needles.some((needle) => bytes.includes(needle));

/** Every file beside this one that holds the mark. */
export function filesWithMark(file: string): readonly string[] {
  const folder = dirname(file);
  return readdirSync(folder).filter((name) => hasMark(readFileSync(join(folder, name))));
}
