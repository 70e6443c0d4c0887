import fc from "fast-check";
import { canonicalize } from "json-canonicalize";
import { describe, expect, it } from "vitest";
import { canonical, canonicalBytes, isCanonicalOf, NotCanonical } from "./canonical.ts";

const wellFormed = fc.string({ unit: "binary", maxLength: 12 });
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    wellFormed,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(wellFormed, tie("value"), { maxKeys: 5 }),
  ),
})).value;

describe("canonical", () => {
  it("prints the example of RFC 8785 3.2.3", () => {
    const value: unknown = JSON.parse(
      `{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],` +
        String.raw`"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    expect(canonical(value)).toBe(
      `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it("sorts keys by UTF-16 code units (RFC 8785 3.2.3: the smiley comes before the Hebrew letter of the presentation forms)", () => {
    const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
    const order = [...canonical(value).matchAll(/:(\d)/g)].map((match) => match[1]).join("");
    expect(order).toBe("2467153");
  });

  it.each([
    [-0, "0"],
    [1e21, "1e+21"],
    [1e-7, "1e-7"],
    [Number.MAX_SAFE_INTEGER + 2, "9007199254740992"],
    [5e-324, "5e-324"],
  ])("prints %d as ECMAScript does", (value, text) => expect(canonical(value)).toBe(text));

  it.each([
    ["undefined", undefined],
    ["a member that is undefined", { a: undefined }],
    ["NaN", [Number.NaN]],
    ["infinity", Number.POSITIVE_INFINITY],
    ["bigint", 1n],
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a hole", new Array(2)],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["bytes", new Uint8Array(2)],
    ["a lone surrogate", "a\ud800"],
    ["a key with a lone surrogate", { "\udc00": 1 }],
  ])("refuses %s", (_name, value) => expect(() => canonical(value)).toThrow(NotCanonical));

  it("refuses what would nest for ever", () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => canonical(loop)).toThrow(NotCanonical);
  });

  it("agrees with json-canonicalize, and reading it back changes nothing", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonical(value);
        expect(text).toBe(canonicalize(value));
        expect(canonical(JSON.parse(text))).toBe(text);
        expect(new TextDecoder().decode(canonicalBytes(value))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

describe("whether a text is the canonical one of its value", () => {
  const slowly = (value: unknown, text: string): boolean => {
    try {
      return canonical(value) === text;
    } catch {
      return false;
    }
  };
  /** Texts that are nearly right: keys in another order, spaces, other spellings of numbers and letters, members twice. */
  const nearly = fc
    .tuple(
      fc.json({ maxDepth: 4 }),
      fc.constantFrom("", "space", "escape", "number", "twice", "canonical", "surrogate"),
    )
    .map(([json, how]) => {
      const value: unknown = JSON.parse(json);
      const right = slowly(value, canonicalOr(value)) ? canonicalOr(value) : json;
      if (how === "space") return right.replace(/[,:]/, "$& ");
      if (how === "escape") return right.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
      if (how === "number") return right.replace(/\d+/, "$&.0");
      if (how === "twice") return `{"a":1,"a":${right}}`;
      if (how === "surrogate") return `["\\ud800",${right}]`;
      return how === "canonical" ? right : json;
    });
  const canonicalOr = (value: unknown): string => {
    try {
      return canonical(value);
    } catch {
      return "";
    }
  };

  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  it("is told the same as by writing it anew", () => {
    let yes = 0;
    let no = 0;
    fc.assert(
      fc.property(nearly, (text) => {
        fc.pre(isJson(text));
        const value: unknown = JSON.parse(text);
        const told = isCanonicalOf(value, text);
        if (told) yes += 1;
        else no += 1;
        expect(told).toBe(slowly(value, text));
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(yes, no)).toBeGreaterThan(200);
  });

  it("is no for what is nested too deeply, for keys out of order and for a lone surrogate", () => {
    const deep = `${"[".repeat(66)}${"]".repeat(66)}`;
    for (const text of [deep, '{"b":1,"a":2}', '["\\ud800"]', '{"a":1,"a":1}', "1.0", '{"a": 1}']) {
      expect(isCanonicalOf(JSON.parse(text), text), text).toBe(false);
    }
    for (const text of ['{"10":1,"9":2}', '{"a":"\\\\ud800"}', `${"[".repeat(65)}${"]".repeat(65)}`]) {
      expect(isCanonicalOf(JSON.parse(text), text), text).toBe(true);
    }
  });
});
