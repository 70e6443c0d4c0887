import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BedsideView } from "../../../../edge-agent/contract/live.ts";
import { sensingPurposes } from "../../../../edge-agent/contract/words.ts";
import { anyView } from "../../../../tests/any-bedside-view.ts";
import { english } from "../../../words/bedside-language.ts";
import { Saying } from "../../../words/saying.ts";
import { facts, openedWords } from "./facts.ts";
import { bedsideFixtures, fixtureUtcMs } from "./fixtures.ts";
import { glance } from "./glance.ts";
import { aboutOf, type BedsideAct, confirmWithinMs, isAllowed, settleWishes, type Wishes } from "./wishes.ts";

const saying = new Saying(english);
const now = { nowMs: 0, utcMs: fixtureUtcMs, live: true };
const none: Wishes = new Map();
const wishing = (...acts: readonly BedsideAct[]): Wishes =>
  new Map(acts.map((act) => [aboutOf(act), { act, askedAtMs: 0, refused: null }]));
const at = (view: BedsideView | null, wishes = none, moment = now) => glance(view, wishes, moment, saying);
const runs = ({ consents }: BedsideView): boolean =>
  consents.some((one) => sensingPurposes.includes(one.purpose) && isAllowed(one) && !one.outOfHours);

describe("what the person in the bed may believe", () => {
  test("a sensor that is not known or not reached is never said to be off or on", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        for (const sensor of ["unknown", "lost"] as const) {
          expect(at({ ...view, sensor }).headline).toBe("We can’t tell right now.");
        }
        const { headline, more } = at(view, none, { ...now, live: false });
        expect(headline).toBe("We can’t tell right now.");
        expect(more.join(" ")).toContain("Ask staff");
        expect(more.join(" ")).toContain("30 seconds");
      }),
    );
  });

  test("nothing is said to be off or paused while the sensor is on or stopping", () => {
    fc.assert(
      fc.property(anyView, fc.constantFrom("on" as const, "stopping" as const), (view, sensor) => {
        const { headline } = at({ ...view, sensor });
        if (sensor === "on") expect(headline).toBe(runs(view) ? "The sensor is on." : "Turning off…");
        else if (!runs(view)) expect(headline).toBe("Turning off…");
      }),
    );
  });

  test("a sensor that cannot be switched off is said to be ignored, and never to be off", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { headline, more } = at({ ...view, sensor: "ignored" });
        expect(headline).toBe("The sensor is ignored.");
        expect(more.join(" ")).not.toMatch(/sensor is off|nothing is on/i);
      }),
    );
  });

  test("the whole sentence of each named state", () => {
    const said = Object.fromEntries(
      Object.entries(bedsideFixtures).map(([name, { view, live, wishing: acts }]) => {
        const { headline, more } = at(view, wishing(...acts), { ...now, live });
        return [name, `${headline} ${more.join(" ")}`];
      }),
    );
    const cannotTell =
      "We can’t tell right now. Ask staff. They can turn it off for you. " +
      "If the ward computer stops, the sensor goes off too. That takes 30 seconds at most.";
    expect(said).toMatchObject({
      "never-offered": "Nothing is on. The sensor is off.",
      starting: "Turning on… One moment.",
      on: "The sensor is on. You said yes. You can stop it.",
      "best-interests": "The sensor is on. Staff decided this for you. You can stop it.",
      "out-of-hours": "Nothing is on right now. On again by itself at 22:00.",
      paused: "Paused. On again by itself at 21:18. In 15 min.",
      stopping: "Turning off… One moment.",
      off: "Nothing is on. The sensor is off.",
      ignored: "The sensor is ignored. The sensor cannot be switched off. We do not read it.",
      unknown: cannotTell,
      "not-live": cannotTell,
      "not-paired": cannotTell,
    });
  });

  test("a pause is counted down to the second at its end", () => {
    const left = (ms: number) => at(bedsideFixtures.paused.view, none, { ...now, utcMs: fixtureUtcMs + ms }).more[0];
    expect(left(10 * 60_000)).toBe("On again by itself at 21:18. In 5 min.");
    expect(left(14 * 60_000)).toBe("On again by itself at 21:18. In 24 s.");
    expect(left(20 * 60_000)).toBe("On again by itself at 21:18. In 0 s.");
  });
});

describe("a touch", () => {
  const on = bedsideFixtures.on.view;

  test("shows at once, says what stays on, and says when nobody confirms it", () => {
    const one = wishing({ do: "turn-off", purpose: "breathing-rate" });
    expect(at(on, one).headline).toBe("Turning off “Breathing rate”…");
    expect(at(on, wishing({ do: "stop-everything" })).headline).toBe("Turning off…");
    expect(at(on, wishing({ do: "pause", minutes: 15 })).headline).toBe("Pausing…");
    const late = { ...now, nowMs: confirmWithinMs + 1 };
    expect(at(on, wishing({ do: "stop-everything" }), late).more).toEqual(["Not confirmed yet. Ask staff."]);
  });

  test("is over once the agent says that it is so, and not before", () => {
    const settled = (view: BedsideView, act: BedsideAct) => settleWishes(view, wishing(act)).size === 0;
    const { off, paused, offered } = bedsideFixtures;
    for (const act of [{ do: "stop-everything" }, { do: "turn-off", purpose: "breathing-rate" }] as const) {
      expect([settled(on, act), settled(paused.view, act), settled(off.view, act)]).toEqual([false, false, true]);
    }
    expect(settled(offered.view, { do: "turn-off", purpose: "breathing-rate" })).toBe(false);
    const pause = { do: "pause", minutes: 30 } as const;
    expect([settled(on, pause), settled(paused.view, pause)]).toEqual([false, true]);
    expect([settled(paused.view, { do: "resume" }), settled(on, { do: "resume" })]).toEqual([false, true]);
    const still = { do: "still-yes", purpose: "breathing-rate" } as const;
    expect([settled(bedsideFixtures["ask-again"].view, still), settled(on, still)]).toEqual([false, true]);
  });
});

describe("what the room can and cannot see", () => {
  const words = (senses: BedsideView["senses"]) =>
    facts(senses, saying)
      .map((fact) => fact.words)
      .join(" ");

  test("“no camera, no pictures” is said where no sensor measures shapes, and nowhere else", () => {
    for (const senses of [["radar"], ["module"], ["radar", "module"]] as const) {
      expect(words(senses)).toContain("No camera. No pictures. No sound.");
    }
    for (const senses of [["depth"], ["radar", "depth"], []] as const) {
      expect(words(senses)).not.toMatch(/No camera|No pictures/);
      expect(words(senses)).toContain("No sound.");
    }
    expect(words(["depth"])).toContain("depth sensor");
    expect(words(["radar"])).not.toContain("depth");
  });

  test("staff still check, and who looks is said, whatever the room has", () => {
    for (const senses of [["radar"], ["depth"], []] as const) {
      expect(words(senses)).toContain("Staff still check on you in person.");
      expect(words(senses)).toContain("Nurses on this ward can see it.");
    }
  });

  test("who has the page open is told by role, or by name where the site says so", () => {
    const { on } = bedsideFixtures;
    const opened = (name: string | null) =>
      openedWords({ ...on.view, openedBy: [{ role: "nurse", name, sinceUtcMs: 0 }] }, saying);
    expect(opened(null)).toEqual(["A nurse has opened your breathing page."]);
    expect(opened("Sam Reed")).toEqual(["Sam Reed (nurse) has opened your breathing page."]);
    const without = bedsideFixtures["never-offered"].view;
    expect(
      openedWords({ ...without, openedBy: [{ role: "nurse-in-charge", name: null, sinceUtcMs: 0 }] }, saying),
    ).toEqual(["The nurse in charge has your page open now."]);
    expect(openedWords(on.view, saying)).toEqual([]);
  });
});
