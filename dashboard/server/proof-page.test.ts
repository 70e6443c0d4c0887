import { mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { expect, test } from "vitest";
import { fourWords, proofOf } from "./proof-page.ts";

test("four words are the first 44 bits of the root, as BIP-39 counts them", () => {
  // BIP-39's own vectors: 0x00.. and 0x7f.. begin with "abandon abandon" and "legal winner".
  expect(fourWords("0".repeat(64))).toEqual(["abandon", "abandon", "abandon", "abandon"]);
  expect(fourWords("7f".repeat(32))).toEqual(["legal", "winner", "thank", "year"]);
  expect(fourWords("f".repeat(64))).toEqual(["zoo", "zoo", "zoo", "zoo"]);
  const entropy = mnemonicToEntropy(
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    wordlist,
  );
  expect(fourWords(Buffer.from(entropy).toString("hex").padEnd(64, "0"))).toEqual(["legal", "winner", "thank", "year"]);
});

test("the square holds the whole note, with its quiet zone", () => {
  const note = `ward.example/audit\n12\n${"A".repeat(43)}=\n\n— ward.example/audit ${"B".repeat(92)}\n`;
  const { qr } = proofOf({ rootSha256: "0".repeat(64), entries: 12, note, lastEntryUtcMs: 0 });
  expect(qr.side).toBeGreaterThan(40);
  expect(qr.path.startsWith("M4 4h1v1h-1z")).toBe(true);
  expect(qr.path).not.toMatch(/M[0-3] |M\d+ [0-3]h/);
});
