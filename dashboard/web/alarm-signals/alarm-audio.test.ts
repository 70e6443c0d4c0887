import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AlarmPriority } from "../../../edge-agent/contract/words.ts";
import {
  type AlarmAudio,
  type AudioInput,
  type AudioState,
  audioOn,
  audioPauseMsMax,
  quietAudio,
  stepAudio,
  type WaitingAlarm,
} from "./alarm-audio.ts";

const t0 = Date.UTC(2026, 10, 22, 2, 14);
const alarm = (id: string, priority: AlarmPriority = "medium", raisedAt = t0): WaitingAlarm => ({
  id,
  priority,
  raisedAt,
});
const pausedAt = (sinceUtcMs: number, forMs = 60_000): AudioState => ({
  paused: { sinceUtcMs, untilUtcMs: sinceUtcMs + forMs, by: "Sam Reed" },
  off: null,
});
const off: AudioState = { paused: null, off: { sinceUtcMs: t0, by: "Amina Khan", reason: "Pagers tonight" } };

/** A station that has been open for an hour, told one thing after another. */
function station(screenAgeMs = 3_600_000) {
  let state: AlarmAudio = quietAudio;
  return (waiting: readonly WaitingAlarm[], audio: AudioState = audioOn, nowUtcMs = t0) => {
    const input: AudioInput = { waiting, audio, nowUtcMs, pauseMsMax: audioPauseMsMax, screenAgeMs };
    const stepped = stepAudio(state, input);
    state = stepped.state;
    return stepped.sounding;
  };
}

describe("which sound is due", () => {
  test("the highest priority that nobody goes to, and none when calm or only to be read", () => {
    const tell = station();
    expect(tell([])).toEqual({ pattern: null, fresh: false, shown: { is: "on" } });
    expect(tell([alarm("a", "information")]).pattern).toBeNull();
    expect(tell([alarm("a", "low")])).toMatchObject({ pattern: "low", fresh: true });
    expect(tell([alarm("a", "low")])).toMatchObject({ pattern: "low", fresh: false });
    expect(tell([alarm("a", "low"), alarm("b", "high")])).toMatchObject({ pattern: "high", fresh: true });
    expect(tell([alarm("a", "low")])).toMatchObject({ pattern: "low", fresh: false });
  });

  test("an alarm that comes back is new to the ear", () => {
    const tell = station();
    tell([alarm("a", "low", t0)]);
    expect(tell([alarm("a", "low", t0 + 1)]).fresh).toBe(true);
  });

  test("a pause holds for what was heard before it, counts down, and ends", () => {
    const tell = station();
    const waiting = [alarm("a", "high")];
    tell(waiting);
    const paused = tell(waiting, pausedAt(t0));
    expect(paused).toEqual({
      pattern: null,
      fresh: false,
      shown: { is: "audio paused", leftMs: 60_000, by: "Sam Reed" },
    });
    expect(tell(waiting, pausedAt(t0), t0 + 45_000).shown).toMatchObject({ leftMs: 15_000 });
    expect(tell(waiting, pausedAt(t0), t0 + 60_000)).toMatchObject({ pattern: "high", shown: { is: "on" } });
  });

  test("a new alarm during a pause sounds; so does one that got worse, and one that comes with the news of the pause", () => {
    const tell = station();
    tell([alarm("a", "high")]);
    tell([alarm("a", "high")], pausedAt(t0));
    const later = [alarm("a", "high"), alarm("b", "low", t0 + 5_000)];
    expect(tell(later, pausedAt(t0), t0 + 5_000)).toMatchObject({ pattern: "low", fresh: true });

    const worse = station();
    worse([alarm("a", "low")]);
    worse([alarm("a", "low")], pausedAt(t0));
    expect(worse([alarm("a", "high")], pausedAt(t0)).pattern).toBe("high");

    const late = station();
    expect(late([alarm("c", "medium", t0 - 100)], pausedAt(t0)).pattern).toBe("medium");
  });

  test("a new pause holds for the alarms that came up during the first", () => {
    const tell = station();
    tell([alarm("a")], pausedAt(t0 - 1_000));
    expect(tell([alarm("a")], pausedAt(t0 - 1_000)).pattern).toBe("medium");
    expect(tell([alarm("a")], pausedAt(t0)).pattern).toBeNull();
  });

  test("a screen that is opened during a pause keeps quiet about what was raised before it, and about nothing else", () => {
    const tell = station(1_000);
    const pause = pausedAt(t0 - 30_000);
    expect(tell([alarm("a", "high", t0 - 40_000)], pause).pattern).toBeNull();
    expect(tell([alarm("a", "high", t0 - 40_000), alarm("b", "low", t0 - 20_000)], pause).pattern).toBe("low");
    expect(tell([alarm("a", "medium", t0 - 40_000)], pause).pattern).toBe("medium");
  });

  test("no pause is longer than its cap, and a clock that went back ends it", () => {
    const tell = station();
    tell([alarm("a")]);
    const long = pausedAt(t0, 24 * 3_600_000);
    expect(tell([alarm("a")], long).shown).toMatchObject({ leftMs: audioPauseMsMax });
    expect(tell([alarm("a")], long, t0 + audioPauseMsMax).pattern).toBe("medium");
    const back = station();
    back([alarm("a")]);
    expect(back([alarm("a")], pausedAt(t0), t0 - 60_000)).toMatchObject({ pattern: "medium", shown: { is: "on" } });
  });

  test("audio off says who and why, and its reminder sounds; on again, everything that waits sounds", () => {
    const tell = station();
    tell([alarm("a", "high")]);
    expect(tell([alarm("a", "high")], off)).toEqual({
      pattern: "reminder",
      fresh: false,
      shown: { is: "audio off", sinceUtcMs: t0, by: "Amina Khan", reason: "Pagers tonight" },
    });
    expect(tell([], off).pattern).toBe("reminder");
    expect(tell([alarm("a", "high")]).pattern).toBe("high");
  });
});

const anyAlarm = fc.record({
  id: fc.constantFrom("a", "b", "c", "d"),
  priority: fc.constantFrom(...AlarmPriority.options),
  raisedAt: fc.integer({ min: t0 - 60_000, max: t0 + 60_000 }),
});
const anyPause = fc.option(
  fc.record({
    sinceUtcMs: fc.integer({ min: t0 - 60_000, max: t0 + 60_000 }),
    untilUtcMs: fc.integer({ min: t0 - 60_000, max: t0 + 900_000 }),
    by: fc.constant("Sam Reed"),
  }),
  { nil: null },
);
const anyStep = fc.record({
  waiting: fc.uniqueArray(anyAlarm, { selector: ({ id }) => id, maxLength: 4 }),
  paused: anyPause,
  off: fc.boolean(),
  stepMs: fc.integer({ min: -5_000, max: 60_000 }),
});
const rank = { high: 0, medium: 1, low: 2 } as const;

test("whatever comes in whatever order: what may not be held back sounds, and the screen says what is held back", () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 7_200_000 }),
      (steps, screenAgeMs) => {
        const tell = station(screenAgeMs);
        let nowUtcMs = t0;
        let known: readonly string[] = [];
        for (const { waiting, paused, off: isOff, stepMs } of steps) {
          nowUtcMs += stepMs;
          const { pattern, fresh, shown } = tell(waiting, { paused, off: isOff ? off.off : null }, nowUtcMs);
          const name = ({ id, priority, raisedAt }: WaitingAlarm) => `${id} ${priority} ${raisedAt}`;
          if (isOff) {
            expect([pattern, shown.is]).toEqual(["reminder", "audio off"]);
          } else {
            // An alarm that this station did not know, raised after the pause began, always sounds or something worse does.
            for (const one of waiting) {
              const isNew = !known.includes(name(one)) && (paused === null || one.raisedAt >= paused.sinceUtcMs);
              if (one.priority === "information" || !(isNew || shown.is === "on")) continue;
              expect(
                pattern === null || pattern === "reminder" ? 9 : rank[pattern as keyof typeof rank],
              ).toBeLessThanOrEqual(rank[one.priority]);
              if (isNew && pattern === one.priority) expect(fresh).toBe(true);
            }
            if (pattern !== null) expect(waiting.map(({ priority }) => priority)).toContain(pattern);
            if (shown.is === "audio paused") {
              expect(shown.leftMs).toBeGreaterThan(0);
              expect(shown.leftMs).toBeLessThanOrEqual(audioPauseMsMax);
              expect(nowUtcMs).toBeLessThan((paused?.sinceUtcMs ?? 0) + audioPauseMsMax);
            }
          }
          known = waiting.map(name);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
