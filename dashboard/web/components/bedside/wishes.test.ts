import { describe, expect, test } from "vitest";
import type { BedsideAct } from "./wishes.ts";
import { mayComeLate, wantsOn } from "./wishes.ts";

const minuteMs = 60_000;
const acts: readonly BedsideAct[] = [
  { do: "turn-on", purpose: "breathing-rate" },
  { do: "still-yes", purpose: "breathing-rate" },
  { do: "resume" },
  { do: "turn-off", purpose: "breathing-rate" },
  { do: "stop-everything" },
  { do: "pause", minutes: 15 },
];

describe("a touch that nobody heard", () => {
  test("is done later only where it makes less, and a pause only while it would last", () => {
    const late = (sinceMs: number) => acts.filter((act) => mayComeLate(act, sinceMs)).map((act) => act.do);
    expect(late(2_000)).toEqual(["turn-off", "stop-everything", "pause"]);
    expect(late(16 * minuteMs)).toEqual(["turn-off", "stop-everything"]);
    expect(late(10 * 60 * minuteMs)).toEqual(["turn-off", "stop-everything"]);
  });

  test("is given up for one that wants it on, and for no other", () => {
    expect(acts.filter(wantsOn).map((act) => act.do)).toEqual(["turn-on", "still-yes", "resume"]);
    for (const act of acts) expect(wantsOn(act) && mayComeLate(act, 0)).toBe(false);
  });
});
