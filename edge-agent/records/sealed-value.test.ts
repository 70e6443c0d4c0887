import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataKeyOf, freshDataKey, keyLines, readKeyLines } from "./data-keys.ts";
import { cutEntry, wholeEntry } from "./sealed-entry.ts";
import { markOf, type Place, seal, sealedWith, unseal } from "./sealed-value.ts";

const keysOf = (...keys: ReturnType<typeof freshDataKey>[]) => readKeyLines(keyLines(keys)) ?? expect.fail("no keys");
const keys = keysOf(freshDataKey());
const place: Place = { table: "stay", column: "label", row: "s1" };

describe("a sealed value", () => {
  it("opens where it was sealed, as what it was, and looks different each time", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.uint8Array()), (value) => {
        const sealed = seal(keys, value, place);
        expect(typeof sealed).toBe(typeof value === "string" ? "string" : "object");
        expect(Buffer.from(unseal(keys, sealed, place))).toEqual(Buffer.from(value));
        expect(sealedWith(sealed)).toBe(keys.current.id);
        expect(seal(keys, value, place)).not.toEqual(sealed);
      }),
    );
  });

  it.each<[string, Place]>([
    ["another row", { ...place, row: "s2" }],
    ["another column", { ...place, column: "bed" }],
    ["another table", { ...place, table: "stays" }],
  ])("does not open in %s", (_name, other) => {
    expect(() => unseal(keys, seal(keys, "A.B.", place), other)).toThrow(/was changed, or belongs to another row/);
  });

  it("a place cannot be read as another", () => {
    const one = { table: "a", column: "b\nc", row: "d" };
    expect(() => unseal(keys, seal(keys, "x", one), { table: "a", column: "b", row: "c\nd" })).toThrow(/damaged/);
  });

  it("any changed byte, of text or of bytes, is an error and never another word", () => {
    const text = seal(keys, "A.B.", place);
    // Of each length, so that the last letter has bits that say nothing.
    for (const words of ["A.B.", "A.B.C", "A.B.C.", "A.B.C.D"]) {
      const one = seal(keys, words, place);
      for (let at = 0; at < one.length; at += 1) {
        for (const other of ["A", "B", "C", "_"].filter((letter) => letter !== one[at])) {
          const changed = one.slice(0, at) + other + one.slice(at + 1);
          expect(() => unseal(keys, changed, place)).toThrow(/damaged|wrong-key/);
        }
      }
    }
    const bytes = seal(keys, randomBytes(9), place);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => unseal(keys, changed, place)).toThrow(/damaged|wrong-key/);
    }
    for (const cut of ["", "A.B.", text.slice(0, 20), text.slice(0, -4)])
      expect(() => unseal(keys, cut, place)).toThrow(/damaged/);
  });

  it("opens with a key that came after, as long as its own is there too", () => {
    const old = freshDataKey();
    const sealed = seal(keysOf(old), "A.B.", place);
    expect(unseal(keysOf(freshDataKey(), old), sealed, place)).toBe("A.B.");
    expect(() => unseal(keysOf(freshDataKey()), sealed, place)).toThrow(
      `wrong-key: stay.label of row s1 was sealed with key ${old.id}`,
    );
  });

  it("is found by a mark that only the key makes", () => {
    expect(markOf(keys, "staff.name", "Sam")).toEqual(markOf(keys, "staff.name", "Sam"));
    expect(markOf(keys, "staff.name", "Sam")).not.toEqual(markOf(keys, "account.badge", "Sam"));
    expect(markOf(keys, "staff.name", "Sam")).not.toEqual(markOf(keysOf(freshDataKey()), "staff.name", "Sam"));
  });
});

describe("a key file", () => {
  it("is lines of keys, the one that seals first, and nothing else", () => {
    const [first, second] = [freshDataKey(), freshDataKey()];
    const text = keyLines([first, second]);
    expect(readKeyLines(text)).toMatchObject({ current: { id: first.id } });
    expect([...(readKeyLines(text)?.byId.keys() ?? [])]).toEqual([first.id, second.id]);
    for (const wrong of ["", "\n", "secret", text.slice(0, -3), `${text}x`, text.replaceAll("key-1", "key-2")])
      expect(readKeyLines(wrong)).toBeUndefined();
    expect(dataKeyOf(first.bytes).id).toBe(first.id);
    expect(first.bytes.toString("hex")).not.toContain(first.id);
  });
});

describe("an entry of the log", () => {
  const entryOf = (actor: object, detail: object): Buffer =>
    Buffer.from(JSON.stringify({ action: "page.open", actor, boot: "b", detail }));

  it("loses the names of whoever did and ordered it, is still JSON, and comes back byte for byte", () => {
    const word = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(word, fc.option(word), word, fc.nat(), (name, by, page, idx) => {
        const detail = by === null ? { bed: "room-1", page } : { bed: "room-1", by, page };
        const whole = entryOf({ id: "s1", kind: "staff", name, role: "nurse" }, detail);
        const cut = cutEntry(keys, whole, idx);
        expect(JSON.parse(Buffer.from(cut.data).toString())).toMatchObject({
          actor: { name: "", role: "nurse" },
          detail: by === null ? { page } : { page, by: "" },
        });
        expect(Buffer.from(wholeEntry(keys, cut, idx))).toEqual(whole);
        expect(() => wholeEntry(keys, cut, idx + 1)).toThrow(/damaged: entry.who of row/);
      }),
    );
  });

  it("without a name it stays as it is, also where a name stands elsewhere", () => {
    for (const actor of [
      { kind: "system", part: "x" },
      { bed: 'a}"name":"b', kind: "bedside", stay: "s" },
    ]) {
      const whole = entryOf(actor, { name: "of a file", part: '"by":"' });
      expect(cutEntry(keys, whole, 0)).toEqual({ data: whole, who: null });
    }
  });
});
