import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RoomAsk } from "../contract/asks.ts";
import type { Actor } from "../contract/people.ts";
import { ConsentState, StaffRole } from "../contract/words.ts";
import { type ConsentAct, stepConsent } from "./consent.ts";
import { mayAsk } from "./rights.ts";

const acts: readonly ConsentAct[] = ["offer", "turn-on", "turn-off", "end"];

describe("consent of one purpose", () => {
  it("is granted only by turn-on, and only after an offer in this stay", () => {
    for (const from of ConsentState.options) {
      for (const act of acts) {
        const to = stepConsent(from, act);
        if (to.ok && to.to === "granted" && from !== "granted") expect(act).toBe("turn-on");
      }
    }
    expect(stepConsent("never-offered", "turn-on")).toEqual({ ok: false, why: "not-offered" });
  });
  it("is off after turn-off from wherever it was, and an ended stay never comes back", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...acts), { maxLength: 30 }), (history) => {
        let state: ConsentState = "never-offered";
        let ended = false;
        for (const act of history) {
          const step = stepConsent(state, act);
          if (step.ok) state = step.to;
          ended ||= act === "end";
          if (ended) expect(state).toBe("ended");
          if (act === "turn-off") expect(state).not.toBe("granted");
        }
      }),
    );
  });
});

describe("rights", () => {
  const turnOn: RoomAsk = { do: "turn-on", bed: "room-1", stay: "s1", purpose: "breathing-rate" };
  const bedside: Actor = { kind: "bedside", bed: "room-1", stay: "s1" };
  it("lets nobody turn on but the screen paired with this very stay", () => {
    expect(mayAsk(turnOn, bedside)).toBe(true);
    expect(mayAsk(turnOn, { ...bedside, stay: "s2" })).toBe(false);
    expect(mayAsk(turnOn, { ...bedside, bed: "room-2" })).toBe(false);
    expect(mayAsk(turnOn, { kind: "setup", name: "x" })).toBe(false);
    for (const role of StaffRole.options) {
      expect(mayAsk(turnOn, { kind: "staff", id: "n", name: "N", role })).toBe(false);
    }
  });
  it("lets any staff turn off, and only clinical staff acknowledge", () => {
    for (const role of StaffRole.options) {
      const actor: Actor = { kind: "staff", id: "n", name: "N", role };
      expect(mayAsk({ ...turnOn, do: "turn-off" }, actor)).toBe(true);
      const clinical = role === "nurse" || role === "nurse-in-charge";
      expect(mayAsk({ do: "acknowledge", bed: "room-1", alarm: "a", going: true }, actor)).toBe(clinical);
    }
    expect(mayAsk({ do: "acknowledge", bed: "room-1", alarm: "a", going: true }, bedside)).toBe(false);
  });
});
