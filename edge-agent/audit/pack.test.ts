import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { vkeyOf } from "./note.ts";
import { checkPack, manifestHash, manifestOf, manifestPath, notePath, signManifest } from "./pack.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const vkey = vkeyOf("w7.example/audit/2026", publicKey);
const other = vkeyOf("w7.example/audit/2026", generateKeyPairSync("ed25519").publicKey);
const bytes = (text: string) => new TextEncoder().encode(text);
const data = new Map([
  ["data/ward-audit.json", bytes("{}")],
  ["log/ward.checkpoint", bytes("a checkpoint")],
]);
const packed = () => {
  const manifest = manifestOf(data);
  const note = bytes(signManifest(manifest, vkey, (text) => new Uint8Array(signBytes(null, text, privateKey))));
  return new Map([...data, [manifestPath, manifest], [notePath, note], ["report.pdf", bytes("%PDF")]]);
};
const faultsOf = (change: (pack: Map<string, Uint8Array>) => void, keys = [vkey]) => {
  const pack = packed();
  change(pack);
  return checkPack(pack, keys).faults.map(({ fault, what }) => `${fault} ${what}`);
};

describe("an inspection pack", () => {
  it("is sound as it was made, says who signed it, and has the same manifest for the same data in any order", () => {
    expect(checkPack(packed(), [vkey])).toMatchObject({ faults: [], signedBy: [vkey.name], files: 2 });
    const turned = new Map([...data].reverse());
    expect(manifestHash(manifestOf(turned))).toBe(manifestHash(manifestOf(data)));
  });

  it("names what was changed, taken away, put in, or signed by somebody else", () => {
    expect(faultsOf((pack) => pack.set("data/ward-audit.json", bytes("{ }")))).toEqual([
      "changed data/ward-audit.json",
    ]);
    expect(faultsOf((pack) => pack.delete("log/ward.checkpoint"))).toEqual(["missing log/ward.checkpoint"]);
    expect(faultsOf((pack) => pack.set("data/more.csv", bytes("x")))).toEqual(["extra data/more.csv"]);
    expect(faultsOf(() => {}, [other])).toEqual(["signature no-known-key"]);
    expect(faultsOf((pack) => pack.delete(notePath))).toEqual(["signature malformed"]);
    expect(faultsOf((pack) => pack.delete(manifestPath))).toEqual(["no-manifest manifest.json"]);
    const less = manifestOf(new Map([...data].slice(0, 1)));
    expect(faultsOf((pack) => pack.set(manifestPath, less))).toEqual([
      "other-manifest manifest.note",
      "extra log/ward.checkpoint",
    ]);
  });

  it("takes no path that leads elsewhere, and no manifest that is none", () => {
    expect(() => manifestOf(new Map([["data/../../etc/passwd", bytes("")]]))).toThrow(RangeError);
    for (const none of ["", "[]", '{"files":1}', '{"files":[{"path":"../x","sha256":"0"}]}', '{"files":[null]}'])
      expect(faultsOf((pack) => pack.set(manifestPath, bytes(none)))).toEqual(["no-manifest manifest.json"]);
  });
});
