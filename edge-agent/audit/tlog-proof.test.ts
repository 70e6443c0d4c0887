import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signCheckpoint } from "./checkpoint.ts";
import { HashList } from "./hash-list.ts";
import { hashesToAppend, leafHash, rootOf } from "./merkle.ts";
import { vkeyOf } from "./note.ts";
import { inclusionProof } from "./proof.ts";
import { checkProof, writeProof } from "./tlog-proof.ts";

const keys = generateKeyPairSync("ed25519");
const vkey = vkeyOf("ward.example/audit/2026", keys.publicKey);
const entries = Array.from({ length: 13 }, (_, n) => new TextEncoder().encode(`entry ${n}`));
const tree = new HashList();
for (const [n, entry] of entries.entries()) {
  for (const hash of hashesToAppend(n, leafHash(entry), tree.read)) tree.push(hash);
}
const note = signCheckpoint(
  13,
  rootOf(13, tree.read),
  vkey,
  (bytes) => new Uint8Array(sign(null, bytes, keys.privateKey)),
);
const proofOf = (index: number): string => writeProof(index, inclusionProof(index, 13, tree.read), note);
const entryOf = (index: number): Uint8Array => entries[index] ?? new Uint8Array();

describe("one entry with its proof", () => {
  it("shows every entry of the log to be where it says, and no other", () => {
    for (let index = 0; index < 13; index++) {
      expect(checkProof(proofOf(index), entryOf(index), [vkey])).toEqual({
        ok: true,
        origin: vkey.name,
        index,
        size: 13,
      });
      expect(checkProof(proofOf(index), entryOf((index + 1) % 13), [vkey])).toMatchObject({ ok: false });
    }
  });
  it("is worth nothing with a changed byte, another key or another number", () => {
    const good = proofOf(5);
    for (let at = 0; at < good.length; at++) {
      const code = good.charCodeAt(at);
      const changed = good.slice(0, at) + String.fromCharCode(code === 0x41 ? 0x42 : 0x41) + good.slice(at + 1);
      if (changed === good) continue;
      expect(checkProof(changed, entryOf(5), [vkey]).ok, `byte ${at}`).toBe(false);
    }
    const other = vkeyOf(vkey.name, generateKeyPairSync("ed25519").publicKey);
    expect(checkProof(good, entryOf(5), [other])).toMatchObject({ ok: false });
    expect(checkProof(good.replace("index 5", "index 6"), entryOf(5), [vkey])).toMatchObject({ ok: false });
    expect(checkProof("", entryOf(5), [vkey])).toMatchObject({ ok: false });
  });
});
