import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { passwordFault, pinFault } from "./secret-rules.ts";

const whose = { name: "Sam Reed", badge: "RN-104" };

describe("a password", () => {
  test.each(["teapot lantern gravel", "cat tin sky", "teapot-lantern-gravel", "k3vZq0xWp7Lm", "süß Äpfel Zimt"])(
    "may be %s",
    (password) => expect(passwordFault(password, whose)).toBeNull(),
  );
  test.each([
    ["short", "longer"],
    ["two words", "longer"],
    ["cat cat cat", "longer"],
    ["aaaaaaaaaaaaaaaa", "easy to guess"],
    ["abcdefghijklmnop", "easy to guess"],
    ["Password12345678", "first that is tried"],
    ["quietround quietround ward", "first that is tried"],
    ["Sam Reed RN-104 2026", "first that is tried"],
    ["Summer2026 Winter2026", "first that is tried"],
  ])("may not be %s", (password, words) => expect(passwordFault(password, whose)).toContain(words));

  test("is the same however it was composed, and no text whatever makes the rule fail", () => {
    expect(passwordFault("cafe\u0301 tin sky", whose)).toBe(passwordFault("café tin sky", whose));
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const fault = passwordFault(text, whose);
        expect(fault === null || fault.length > 20).toBe(true);
      }),
    );
  });
});

describe("a PIN", () => {
  test.each(["802739", "519204"])("may be %s", (pin) => expect(pinFault(pin, whose)).toBeNull());
  test.each(["80273", "8027391", "80273a", "", "123456", "987654", "111111", "121212", "123123", "112211"])(
    "may not be %s",
    (pin) => expect(pinFault(pin, whose)).not.toBeNull(),
  );
  test("is not the badge number", () => expect(pinFault("802739", { badge: "RN-802739" })).toContain("easy"));
});
