import { wordlist } from "@scure/bip39/wordlists/english.js";
import { create } from "qrcode";
import type { DayRoot } from "../../edge-agent/contract/who-looked.ts";

const bitsPerWord = 11;
const wordCount = 4;
/** ISO/IEC 18004: the quiet zone around the code, in modules. */
const quietModules = 4;

export interface Proof {
  readonly words: readonly string[];
  /** The signed note, as a square code. */
  readonly qr: { readonly side: number; readonly path: string };
}

export const proofOf = ({ rootSha256, note }: DayRoot): Proof => ({ words: fourWords(rootSha256), qr: squareOf(note) });

/** The first 44 bits of a root, 11 a word, from the English word list of BIP-39. @param rootSha256 lower-case hex. */
export function fourWords(rootSha256: string): string[] {
  const bits = BigInt(`0x${rootSha256}`) >> BigInt(256 - wordCount * bitsPerWord);
  return Array.from({ length: wordCount }, (_, index) => {
    const shift = BigInt((wordCount - 1 - index) * bitsPerWord);
    return wordlist[Number((bits >> shift) & 0x7ffn)] ?? "";
  });
}

/** A path of one square for each dark module, in units of a module. */
function squareOf(text: string): Proof["qr"] {
  const { modules } = create(text, { errorCorrectionLevel: "L" });
  const dark: string[] = [];
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column)) dark.push(`M${column + quietModules} ${row + quietModules}h1v1h-1z`);
    }
  }
  return { side: modules.size + 2 * quietModules, path: dark.join("") };
}
