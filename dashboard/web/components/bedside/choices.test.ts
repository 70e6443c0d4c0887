import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BedsideView } from "../../../../edge-agent/contract/live.ts";
import { anyView } from "../../../../tests/any-bedside-view.ts";
import { english } from "../../../words/bedside-language.ts";
import { Saying } from "../../../words/saying.ts";
import { purposeCards, wholeChoices } from "./choices.ts";
import { bedsideFixtures, fixtureUtcMs } from "./fixtures.ts";
import { isAllowed, type Wishes } from "./wishes.ts";

const saying = new Saying(english);
const now = { nowMs: 0, utcMs: fixtureUtcMs, live: true };
const none: Wishes = new Map();
const cards = (view: BedsideView, live = true) => purposeCards(view, none, { ...now, live }, saying);
const whole = (view: BedsideView, live = true) => wholeChoices(view, none, { ...now, live }, saying);

describe("one touch", () => {
  test("stops everything whenever something is on or comes on by itself, whatever else is known", () => {
    fc.assert(
      fc.property(anyView, fc.boolean(), (view, live) => {
        const open = view.consents.some((one) => isAllowed(one) || one.state === "paused");
        expect(whole(view, live).stop?.acts ?? []).toEqual(open ? [{ do: "stop-everything" }] : []);
        expect(whole(view, live).stop?.busy ?? false).toBe(false);
        const minutes = whole(view, live).pauses.flatMap(({ acts }) => acts);
        expect(minutes.length).toBe(view.consents.some(isAllowed) ? 3 : 0);
      }),
    );
  });

  test("turns off each purpose that is on, paused or asked about, and turns on what is offered", () => {
    fc.assert(
      fc.property(anyView, fc.boolean(), (view, live) => {
        for (const one of view.consents) {
          const acts = cards(view, live)
            .find(({ purpose }) => purpose === one.purpose)
            ?.touches.flatMap((touch) => touch.acts.map((act) => act.do));
          const open = isAllowed(one) || one.state === "paused" || one.state === "offered";
          expect(acts?.includes("turn-off") ?? false).toBe(open);
          expect(acts?.includes("turn-on") ?? false).toBe(one.mayTurnOn);
        }
      }),
    );
  });

  test("a question has a yes and a no, and nothing else", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        for (const { question, touches } of cards(view)) {
          if (question === null) expect(touches.length).toBeLessThanOrEqual(1);
          else expect(touches.map(({ words }) => words.split(",")[0])).toEqual(["Yes", "No"]);
        }
      }),
    );
  });

  test("brings back what one touch stopped, and nothing that was stopped before", () => {
    const off = bedsideFixtures.off.view;
    const earlier = off.consents.map((one) =>
      one.purpose === "movement-alerts" ? { ...one, sinceUtcMs: (one.sinceUtcMs ?? 0) - 1 } : one,
    );
    const both = [
      { do: "turn-on", purpose: "movement-alerts" },
      { do: "turn-on", purpose: "breathing-rate" },
    ];
    expect(whole(off).again?.acts).toEqual(both);
    expect(whole({ ...off, consents: earlier }).again?.acts).toEqual(both.slice(1));
    expect(whole(bedsideFixtures.paused.view).again?.acts).toEqual([{ do: "resume" }]);
    for (const name of ["on", "never-offered", "offered"] as const)
      expect(whole(bedsideFixtures[name].view).again).toBeNull();
  });

  test("a refusal is told in the words of the agent, and the button can be touched again", () => {
    const act = { do: "stop-everything" } as const;
    const refused: Wishes = new Map([["everything", { act, askedAtMs: 0, refused: "The log cannot be written." }]]);
    const { stop, note } = wholeChoices(bedsideFixtures.on.view, refused, now, saying);
    expect([stop?.busy, note]).toEqual([false, "The log cannot be written."]);
    const asked: Wishes = new Map([["everything", { act, askedAtMs: 0, refused: null }]]);
    expect(wholeChoices(bedsideFixtures.on.view, asked, now, saying).stop?.busy).toBe(true);
  });
});

describe("how a purpose stands", () => {
  test("what was never offered is not asked about", () => {
    expect(cards(bedsideFixtures["never-offered"].view)).toEqual([]);
  });

  test("off is said only of a sensor that is confirmed to be off", () => {
    const stateIn = (sensor: BedsideView["sensor"], live = true) =>
      cards({ ...bedsideFixtures.off.view, sensor }, live)[0]?.state;
    expect(stateIn("off")).toBe("Off.");
    expect(stateIn("ignored")).toBe("Not read.");
    expect(stateIn("on")).toBe("Turning off…");
    expect(stateIn("lost")).toBe("You turned it off. Not confirmed yet.");
    expect(stateIn("off", false)).toBe("You turned it off. Not confirmed yet.");
  });

  test("what it senses is said of this room's sensors, and “not a camera” only where that is true", () => {
    const senses = (room: BedsideView["senses"]) =>
      cards({ ...bedsideFixtures.offered.view, senses: room })[0]?.sentences.senses ?? "";
    expect(senses(["radar"])).toContain("not a camera");
    expect(senses(["module"])).toContain("No camera.");
    for (const room of [["depth"], ["radar", "depth"]] as const) {
      expect(senses(room)).toContain("depth sensor");
      expect(senses(room)).not.toMatch(/not a camera|No camera|No pictures/);
    }
  });

  test("its hours, its pause and its end are told by the ward's clock", () => {
    const breathing = (view: BedsideView) => cards(view).find(({ purpose }) => purpose === "breathing-rate");
    expect(breathing(bedsideFixtures["out-of-hours"].view)?.state).toBe("You said yes. It is on from 22:00 to 07:00.");
    expect(breathing(bedsideFixtures.paused.view)?.state).toBe("Paused. On again at 21:18.");
    expect(breathing(bedsideFixtures.on.view)?.until).toBe("Ends by itself on Saturday 28 November.");
  });
});
