import { type CustomFunction, SassColor, SassNumber, type Value } from "sass";
import { alarmSignals } from "../dashboard/web/alarm-signals/signal-table.ts";
import { AlarmPriority } from "../edge-agent/contract/words.ts";

/**
 * `signal($priority, $part)` for the styles: colours and flash of an alarm come from the one table that the sounds come from too.
 * Throws on a priority or a part that the table does not have, so that a slip in a style sheet ends the build.
 */
export const signalStyles: Record<string, CustomFunction<"sync">> = {
  "signal($priority, $part)": ([priority, part]) =>
    signalPart(AlarmPriority.parse(priority?.assertString("priority").text), part?.assertString("part").text ?? ""),
};

function signalPart(priority: AlarmPriority, part: string): Value {
  const { lit, dark, flash } = alarmSignals[priority];
  switch (part) {
    case "lit-ground":
      return colour(lit.ground);
    case "lit-text":
      return colour(lit.text);
    case "dark-ground":
      return colour(dark.ground);
    case "dark-text":
      return colour(dark.text);
    case "flash-period":
      if (flash !== null) return new SassNumber(flash.periodMs, "ms");
      break;
    case "lit-share":
      if (flash !== null) return new SassNumber(flash.litShare * 100, "%");
      break;
  }
  throw new Error(`${part} of ${priority} is not in the table of alarm signals`);
}

function colour(hex: string): SassColor {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return new SassColor({ red, green, blue });
}
