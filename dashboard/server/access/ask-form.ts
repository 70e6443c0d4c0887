import { AccessAsk, type AccessKind, breakGlassMsMax } from "../../../edge-agent/contract/access.ts";
import { dayMs } from "../../../edge-agent/contract/consent.ts";
import { wallClock, wallClockMoment } from "../../../edge-agent/contract/local-hour.ts";
import { type Body, choices, type Read, readAs, textOf, wordsOf } from "../person/form-body.ts";

const minuteMs = 60_000;

const lengths: Readonly<Record<AccessKind, Readonly<Record<string, string>>>> = {
  "break-glass": {
    [15 * minuteMs]: "15 minutes",
    [30 * minuteMs]: "30 minutes",
    [breakGlassMsMax]: "60 minutes",
  },
  hold: { [30 * dayMs]: "30 days", [90 * dayMs]: "90 days", [365 * dayMs]: "A year" },
};
const usual: Readonly<Record<AccessKind, number>> = { "break-glass": breakGlassMsMax, hold: 90 * dayMs };

const faults = {
  bed: "Choose the bed.",
  fromUtcMs: "Write down from when.",
  untilUtcMs: "Write down until when.",
  reason: "Say in a few words why the records are needed.",
  forMs: "Choose how long.",
  lawful: "Name the law, in up to 300 characters, or leave it empty.",
  untold: "Name the law, in up to 300 characters, or leave it empty.",
} as const;

interface Site {
  readonly beds: readonly { readonly bed: string; readonly name: string }[];
  readonly nowUtcMs: number;
  readonly timeZone: string;
}

/** The last day, until something else is written. */
export function askFormView(body: Body, kind: AccessKind, { beds, nowUtcMs, timeZone }: Site) {
  const places = Object.fromEntries([["", "Choose"], ...beds.map(({ bed, name }) => [bed, name])]);
  return {
    kind,
    beds: choices(places, [textOf(body, "bed")]),
    fromUtcMs: textOf(body, "fromUtcMs") || wallClock(nowUtcMs - dayMs, timeZone),
    untilUtcMs: textOf(body, "untilUtcMs") || wallClock(nowUtcMs, timeZone),
    reason: textOf(body, "reason"),
    lawful: textOf(body, "lawful"),
    untold: textOf(body, "untold"),
    lengths: choices(lengths[kind], [textOf(body, "forMs") || String(usual[kind])]),
  };
}

export function readAskForm(body: Body, kind: AccessKind, timeZone: string): Read<AccessAsk> {
  const moment = (name: string): number => wallClockMoment(textOf(body, name), timeZone) ?? Number.NaN;
  const ask = {
    do: "ask-access",
    kind,
    bed: textOf(body, "bed"),
    fromUtcMs: moment("fromUtcMs"),
    // To the end of that minute.
    untilUtcMs: moment("untilUtcMs") + minuteMs - 1,
    reason: textOf(body, "reason"),
    forMs: textOf(body, "forMs") in lengths[kind] ? Number(textOf(body, "forMs")) : Number.NaN,
    lawful: kind === "hold" ? wordsOf(body, "lawful") : null,
    untold: kind === "hold" ? wordsOf(body, "untold") : null,
  };
  return readAs(AccessAsk, ask, faults);
}
