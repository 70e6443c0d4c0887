import { compileString } from "sass";
import { expect, test } from "vitest";
import { alarmSignals } from "../dashboard/web/alarm-signals/signal-table.ts";
import { signalStyles } from "./signal-styles.ts";

const css = (value: string): string =>
  compileString(`a { b: ${value} }`, { functions: signalStyles, style: "compressed" }).css;

test("styles take colours and flashes from the table", () => {
  const { lit, dark, flash } = alarmSignals.high;
  expect(css("signal(high, lit-ground)")).toBe(`a{b:${lit.ground}}`);
  expect(css("signal(high, dark-text)")).toBe(`a{b:${dark.text}}`);
  expect(css("signal(high, flash-period)")).toBe(`a{b:${flash?.periodMs}ms}`);
  expect(css("signal(high, lit-share)")).toBe(`a{b:${(flash?.litShare ?? 0) * 100}%}`);
});

test.each(["signal(low, flash-period)", "signal(high, shadow)", "signal(urgent, lit-ground)"])(
  "%s ends the build: the table has no such thing",
  (value) => {
    expect(() => css(value)).toThrow();
  },
);
