import { expect, test } from "vitest";
import { ScreenCodes, screenCodeMs } from "./screen-codes.ts";

test("a screen keeps its code, is paired by whoever types it, once, and by no other", () => {
  const codes = new ScreenCodes();
  const one = codes.show(undefined, 0);
  const two = codes.show("made up", 0);
  expect(one.code).toMatch(/^\d{6}$/);
  expect(two.code).not.toBe(one.code);
  expect(codes.show(one.secret, 1_000)).toEqual(one);
  expect(codes.take(one.secret, 1_000)).toBeUndefined();
  expect(codes.isShown(`${one.code.slice(0, 3)} ${one.code.slice(3)}`, 1_000)).toBe(true);
  expect(codes.approve(one.code, "invite-1", 1_000)).toBe(true);
  // The code is used: nobody can point the screen at another bed.
  expect(codes.approve(one.code, "invite-2", 1_000)).toBe(false);
  expect(codes.take(two.secret, 1_000)).toBeUndefined();
  expect(codes.take(one.secret, 1_000)).toBe("invite-1");
  expect(codes.take(one.secret, 1_000)).toBeUndefined();
});

test("a code is over after ten minutes, and a flood of screens leaves room for a new one", () => {
  const codes = new ScreenCodes();
  const early = codes.show(undefined, 0);
  expect(codes.isShown(early.code, screenCodeMs - 1)).toBe(true);
  expect(codes.isShown(early.code, screenCodeMs)).toBe(false);
  expect(codes.approve(early.code, "invite", screenCodeMs)).toBe(false);
  const many = Array.from({ length: 200 }, () => codes.show(undefined, screenCodeMs));
  const last = many.at(-1);
  expect(many.filter(({ code }) => codes.isShown(code, screenCodeMs))).toHaveLength(50);
  expect(last !== undefined && codes.isShown(last.code, screenCodeMs)).toBe(true);
});
