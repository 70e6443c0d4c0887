import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readManifest, sha256Hex, signManifest } from "./manifest.ts";
import { vkeyOf } from "./note.ts";

const made = generateKeyPairSync("ed25519");
const vkey = vkeyOf("maker.example/release", made.publicKey);
const signer = { vkey, sign: (bytes: Uint8Array) => sign(null, bytes, made.privateKey) };
const file = (path: string, text: string) => ({ path, sha256: sha256Hex(text), bytes: text.length });
const files = [file("models/a/model.onnx", "model"), file("config/site.json", "{}"), file("Ärger/über.txt", "u")];
const good = signManifest("release", 7, files, signer);

describe("a signed list of files", () => {
  it("is read back as it was signed, in the order of paths", () => {
    const read = readManifest("release", good, [vkey]);
    expect(read).toMatchObject({ ok: true, number: 7 });
    expect(read.ok && read.files.map(({ path }) => path)).toEqual([
      "config/site.json",
      "models/a/model.onnx",
      "Ärger/über.txt",
    ]);
    expect(signManifest("release", 7, files.toReversed(), signer).list).toBe(good.list);
  });

  it("is refused with any one bit changed, cut short or lengthened", () => {
    const flips = (text: string): string[] =>
      Array.from(Buffer.from(text)).flatMap((_byte, at) =>
        [0, 3, 7].map((bit) => {
          const bytes = Buffer.from(text);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          return bytes.toString("latin1") === Buffer.from(text).toString("latin1") ? "" : bytes.toString("utf8");
        }),
      );
    for (const list of flips(good.list)) expect(readManifest("release", { ...good, list }, [vkey]).ok).toBe(false);
    for (const note of flips(good.note)) expect(readManifest("release", { ...good, note }, [vkey]).ok).toBe(false);
    for (const list of ["", good.list.slice(0, -1), `${good.list}\n`, good.list + good.list])
      expect(readManifest("release", { ...good, list }, [vkey]).ok).toBe(false);
  });

  it("is refused where another key signed it, or it is of another kind", () => {
    const other = vkeyOf("maker.example/release", generateKeyPairSync("ed25519").publicKey);
    expect(readManifest("release", good, [other])).toMatchObject({ ok: false });
    expect(readManifest("backup", good, [vkey])).toMatchObject({
      ok: false,
      words: "what is signed is about something else",
    });
  });

  it.each(["../etc/passwd", "/etc/passwd", "a//b", "a/./b", "a\nb", "", " a", "a\\b"])("never names %j", (path) => {
    expect(() => signManifest("release", 1, [file(path, "x")], signer)).toThrow(RangeError);
  });
  it.each([0, -1, 1.5, Number.NaN])("has no number %d", (number) => {
    expect(() => signManifest("release", number, files, signer)).toThrow(RangeError);
  });
});
