import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BedsideView } from "../../../../edge-agent/contract/live.ts";
import { ConsentState, type Purpose, SensorState } from "../../../../edge-agent/contract/words.ts";
import { bedsideScreen, confirmWithinMs, settleWishes, type Wish } from "./bedside-screen.ts";
import { bedsideFixtures } from "./fixtures.ts";
import { offerSentences } from "./sentences.ts";

const none: ReadonlyMap<Purpose, Wish> = new Map();
const anyView = fc.record({
  bedName: fc.constant("Room 1"),
  stay: fc.constant("stay-1"),
  demonstration: fc.boolean(),
  source: fc.constantFrom(null, "recording" as const, "simulated" as const),
  sensor: fc.constantFrom(...SensorState.options),
  consents: fc
    .tuple(fc.constantFrom(...ConsentState.options), fc.constantFrom(...ConsentState.options))
    .map(([movement, breathing]) => [
      { purpose: "movement-alerts" as const, state: movement },
      { purpose: "breathing-rate" as const, state: breathing },
    ]),
});

describe("what the person in the bed may believe", () => {
  test("a sensor that is not known or not reached is never said to be off or on", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        for (const sensor of ["unknown", "lost"] as const) {
          expect(bedsideScreen({ ...view, sensor }, true, none, 0).headline).toBe("We can’t tell right now.");
        }
        expect(bedsideScreen(view, false, none, 0).headline).toBe("We can’t tell right now.");
      }),
    );
  });

  test("nothing is said to be off while the sensor is on or stopping", () => {
    fc.assert(
      fc.property(anyView, fc.constantFrom("on" as const, "stopping" as const), (view, sensor) => {
        const granted = view.consents.some(({ state }) => state === "granted");
        const { headline } = bedsideScreen({ ...view, sensor }, true, none, 0);
        if (sensor === "on") expect(headline).toBe(granted ? "The sensor is on." : "Turning off…");
        else if (!granted) expect(headline).toBe("Turning off…");
      }),
    );
  });

  test("a sensor that cannot be switched off is said to be ignored, and never to be off", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { headline, more, cards } = bedsideScreen({ ...view, sensor: "ignored" }, true, none, 0);
        expect(headline).toBe("The sensor is ignored.");
        expect(more).toContain("read");
        expect(`${more} ${cards.map(({ state }) => state).join(" ")}`).not.toMatch(/sensor is off|nothing is on/i);
        const granted = view.consents.some(({ state }) => state === "granted");
        if (granted) return;
        for (const { purpose, state } of view.consents) {
          if (state !== "withdrawn") continue;
          expect(cards.find((card) => card.purpose === purpose)?.state).toBe("Not read.");
        }
      }),
    );
  });

  test("what is on can be turned off with one touch, whatever else holds", () => {
    fc.assert(
      fc.property(anyView, fc.boolean(), (view, live) => {
        const screen = bedsideScreen(view, live, none, 0);
        for (const { purpose, state } of view.consents) {
          const card = screen.cards.find((one) => one.purpose === purpose);
          const offButtons = card?.buttons.filter(({ want, busy }) => want === "off" && !busy) ?? [];
          const canBeOff = ["granted", "best-interests", "paused", "offered"].includes(state);
          expect(offButtons.length).toBe(canBeOff ? 1 : 0);
        }
      }),
    );
  });

  test("never offered: nothing to choose, and no word of alarm", () => {
    const screen = bedsideScreen(bedsideFixtures["never-offered"].view, true, none, 0);
    expect(screen).toMatchObject({ headline: "Nothing is on.", cards: [] });
  });

  test("a touch shows at once, is over when the agent confirms, and says so when it does not", () => {
    const on = bedsideFixtures.on.view as BedsideView;
    const wishes = new Map<Purpose, Wish>([["breathing-rate", { want: "off", askedAtMs: 0, refused: null }]]);
    const asked = bedsideScreen(on, true, wishes, 100);
    expect(asked.headline).toBe("Turning off breathing rate…");
    const both = new Map(wishes).set("movement-alerts", { want: "off", askedAtMs: 0, refused: null });
    expect(bedsideScreen(on, true, both, 100).headline).toBe("Turning off…");
    expect(asked.cards.find(({ purpose }) => purpose === "breathing-rate")?.state).toBe("Turning off…");
    expect(settleWishes(on, wishes).size).toBe(1);
    const late = bedsideScreen(on, true, wishes, confirmWithinMs + 1);
    expect(late.cards.find(({ purpose }) => purpose === "breathing-rate")?.note).toBe("Not confirmed yet. Ask staff.");
    expect(settleWishes(bedsideFixtures.off.view as BedsideView, wishes).size).toBe(0);
  });

  test("“not now” to an offer is over only once the agent took it back", () => {
    const wishes = new Map<Purpose, Wish>([["breathing-rate", { want: "off", askedAtMs: 0, refused: null }]]);
    expect(settleWishes(bedsideFixtures.offered.view as BedsideView, wishes).size).toBe(1);
    expect(settleWishes(bedsideFixtures.off.view as BedsideView, wishes).size).toBe(0);
  });

  test("the sentences of an offer are short (at most 15 words each)", () => {
    const sentences = Object.values(offerSentences).flatMap(({ senses, whoSees, howToStop }) =>
      [senses, whoSees, howToStop].flatMap((words) => words.split(/(?<=\.)\s+/)),
    );
    expect(sentences.length).toBeGreaterThan(8);
    for (const sentence of sentences) expect(sentence.split(/\s+/).length, sentence).toBeLessThanOrEqual(15);
  });
});
