import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitment, pad256 } from "./commitment.ts";

const salt = new Uint8Array(32).fill(7);

describe("commitment", () => {
  it.each([
    [0, 256],
    [1, 256],
    [255, 256],
    [256, 512],
    [257, 512],
    [511, 512],
  ])("pads %d bytes to %d: 0x80, then zeros", (length, padded) => {
    const out = pad256(new Uint8Array(length).fill(1));
    expect(out).toHaveLength(padded);
    expect(out[length]).toBe(0x80);
    expect(out.slice(length + 1).every((byte) => byte === 0)).toBe(true);
  });

  it("padding loses nothing: two values never pad to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const padded = pad256(bytes);
        const end = padded.lastIndexOf(0x80);
        expect(padded.slice(0, end)).toEqual(bytes);
      }),
    );
  });

  it("is the hash that the decision record writes down", () => {
    const text = Buffer.from('{"label":"A.B.","n":1}');
    const block = Buffer.alloc(256);
    text.copy(block);
    block[text.length] = 0x80;
    const expected = createHash("sha256")
      .update(Buffer.from([2]))
      .update(salt)
      .update(Buffer.from("0000000000000105", "hex"))
      .update(block)
      .digest("hex");
    expect(Buffer.from(commitment({ n: 1, label: "A.B." }, salt, 0x105)).toString("hex")).toBe(expected);
  });

  it("changes with the value, the salt and the entry number", () => {
    const base = commitment({ label: "a" }, salt, 5);
    expect(commitment({ label: "b" }, salt, 5)).not.toEqual(base);
    expect(
      commitment(
        { label: "a" },
        salt.map((byte) => byte + 1),
        5,
      ),
    ).not.toEqual(base);
    expect(commitment({ label: "a" }, salt, 6)).not.toEqual(base);
    expect(() => commitment({ label: "a" }, salt.slice(1), 5)).toThrow(RangeError);
  });
});
