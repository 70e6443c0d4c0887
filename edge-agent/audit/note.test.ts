import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { haveVectors, vectorsPath } from "../../tests/shared-material.ts";
import { openCheckpoint, readCheckpoint, signCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { sha256 } from "./merkle.ts";
import { openNote, readVkey, type Signer, signNote, vkeyOf, writeVkey } from "./note.ts";

const keys = generateKeyPairSync("ed25519");
const sign: Signer = (bytes) => new Uint8Array(signBytes(null, bytes, keys.privateKey));
const vkey = vkeyOf("w7.example.nhs.uk/audit/2026", keys.publicKey);
const stranger = vkeyOf("w7.example.nhs.uk/audit/2026", generateKeyPairSync("ed25519").publicKey);
const root = sha256(new Uint8Array([1]));

describe.skipIf(!haveVectors)("published note (C2SP signed-note)", () => {
  let file: { note: { vkey: string; text: string }; cosignedCheckpointShape: string };
  // Not in the body, which is run for a suite that is skipped too.
  beforeAll(() => {
    file = JSON.parse(readFileSync(`${vectorsPath}/signed-note.json`, "utf8"));
  });
  it("opens with its key, and the key is written as it was", () => {
    const known = readVkey(file.note.vkey) ?? expect.fail("the published key does not parse");
    expect(openNote(file.note.text, [known])).toEqual({
      ok: true,
      text: "This is an example message.\n",
      signedBy: ["example.com/foo"],
    });
    expect(writeVkey(known)).toBe(file.note.vkey);
  });
  it("a cosigned checkpoint parses, and is nobody's without its keys", () => {
    expect(openNote(file.cosignedCheckpointShape, [vkey])).toEqual({ ok: false, why: "no-known-key" });
    const text = file.cosignedCheckpointShape.split("\n\n")[0];
    expect(readCheckpoint(`${text}\n`)).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20852163 });
  });
});

describe("notes and checkpoints", () => {
  const note = signCheckpoint(1234, root, vkey, sign);

  it("opens what was signed", () => {
    expect(openCheckpoint(note, [stranger, vkey])).toEqual({
      ok: true,
      checkpoint: { origin: vkey.name, size: 1234, root },
    });
    expect(readVkey(writeVkey(vkey))).toEqual(vkey);
  });

  it("refuses every change of a single bit", () => {
    const bytes = Buffer.from(note);
    for (let at = 0; at < bytes.length * 8; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect(openCheckpoint(changed.toString("utf8"), [vkey]).ok, `bit ${at}`).toBe(false);
    }
  });

  it("refuses another key of the same name, no signature, and a second signature line that lies", () => {
    expect(openNote(note, [stranger])).toEqual({ ok: false, why: "no-known-key" });
    expect(openNote(note.split("\n\n")[0] ?? "", [vkey])).toEqual({ ok: false, why: "malformed" });
    const forged = signNote("other\n", vkey, sign).split("\n").at(-2) ?? "";
    expect(openNote(`${note}${forged}\n`, [vkey])).toEqual({ ok: false, why: "bad-signature" });
  });

  it("passes over the line of a witness that the reader does not know", () => {
    const witness = vkeyOf("witness", keys.publicKey);
    const line = signNote(writeCheckpoint({ origin: vkey.name, size: 1234, root }), witness, sign)
      .split("\n")
      .at(-2);
    expect(openNote(`${note}${line}\n`, [vkey])).toMatchObject({ ok: true, signedBy: [vkey.name] });
  });

  it("refuses a checkpoint signed for another origin", () => {
    const text = writeCheckpoint({ origin: "elsewhere", size: 1, root });
    expect(openCheckpoint(signNote(text, vkey, sign), [vkey])).toEqual({ ok: false, why: "other-origin" });
    expect(openCheckpoint(signNote("no checkpoint\n", vkey, sign), [vkey])).toEqual({
      ok: false,
      why: "not-a-checkpoint",
    });
  });

  it.each(["a\n01\n", "a\n-1\n", "a\n1e3\n", "\n1\n", "a\n99999999999999999\n"])("refuses the size of %j", (start) => {
    expect(readCheckpoint(`${start}${Buffer.from(root).toString("base64")}\n`)).toBeUndefined();
  });

  it("refuses extension lines", () => {
    expect(readCheckpoint(`${writeCheckpoint({ origin: "a", size: 1, root })}more\n`)).toBeUndefined();
  });

  it("signs only what a note can carry", () => {
    expect(() => signNote("no newline", vkey, sign)).toThrow(RangeError);
    expect(() => signNote("tab\there\n", vkey, sign)).toThrow(RangeError);
    expect(() => vkeyOf("a b", keys.publicKey)).toThrow(RangeError);
    expect(() => vkeyOf("a", generateKeyPairSync("x25519").publicKey)).toThrow(RangeError);
  });

  it("never throws, whatever it is given, and opens nothing that was not signed", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string()), (text) => {
        expect(openCheckpoint(text, [vkey]).ok).toBe(false);
        expect(openCheckpoint(`${text}\n\n${note}`, [vkey]).ok).toBe(false);
        expect(readVkey(text)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
