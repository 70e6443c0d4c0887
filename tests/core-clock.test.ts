import { describe, expect, it } from "vitest";
import { monoMs } from "../edge-agent/contract/units.ts";
import { purposes } from "../edge-agent/contract/words.ts";
import { activation, admission, Driver, nothing, person, setup } from "./core-driver.ts";

const hourMs = 3_600_000;
const place = { bed: "room-1", stay: "stay1" };

/** A ward whose clock on the wall can be put forward and back. */
function ward() {
  const driver = new Driver().granted();
  const startUtcMs = driver.stamp().utcMs;
  let beyondMs = 0;
  const moment = () => ({ at: monoMs(driver.now), utcMs: startUtcMs + driver.now + beyondMs });
  const tickAt = (elapsedMs: number): string => {
    driver.now = elapsedMs;
    driver.feed({ kind: "tick", ...moment() });
    return driver.core.room.consents["breathing-rate"].state;
  };
  return {
    driver,
    tickAt,
    moment,
    step: (byMs: number): void => {
      beyondMs += byMs;
      driver.feed({ kind: "clock", ...moment(), steppedMs: byMs });
    },
  };
}

describe("a clock that is put forward or back", () => {
  it("makes no consent last longer, and no lease reach beyond its end", () => {
    const { driver, tickAt, step } = ward();
    const endsMs = activation.reviewAfterHours * hourMs;
    expect(tickAt(endsMs - 60 * hourMs)).toBe("granted");
    step(-50 * hourMs);
    expect(tickAt(endsMs - 4_000)).toBe("granted");
    expect(driver.core.room.lease).toMatchObject({ phase: "held", heldUntil: endsMs });
    expect(tickAt(endsMs)).toBe("expired");
    expect(driver.core.room.lease.phase).toBe("none");
  });

  it("makes no pause shorter", () => {
    const { driver, tickAt, step, moment } = ward();
    driver.feed({
      kind: "ask",
      ...moment(),
      request: "r",
      actor: person,
      ask: { do: "pause", ...place, minutes: 60 },
      freshId: "x",
      touchedAtUtcMs: null,
    });
    step(5 * hourMs);
    expect(tickAt(30 * 60_000)).toBe("paused");
    expect(tickAt(60 * 60_000 - 1)).toBe("paused");
    expect(tickAt(60 * 60_000)).toBe("granted");
  });

  it("put forward, ends what is over by then; put right again, brings nothing back", () => {
    const { driver, tickAt, step } = ward();
    step(activation.reviewAfterHours * hourMs);
    expect(tickAt(20_000)).toBe("expired");
    step(-activation.reviewAfterHours * hourMs);
    expect(tickAt(40_000)).toBe("expired");
    expect(driver.core.room.lease.phase).not.toBe("held");
  });

  it("set back while the agent was down, starts nothing before the time that was recorded last; a new person is not held to it", () => {
    const { stay, consents } = ward().driver.core.room;
    const held = purposes.map((purpose) => ({ ...consents[purpose], purpose }));
    const driver = new Driver();
    const recordedUtcMs = driver.stamp().utcMs + 3 * 24 * hourMs;
    driver.feed({ kind: "restore", ...driver.stamp(), room: { ...nothing, stay, consents: held, recordedUtcMs } });
    expect(driver.core.room).toMatchObject({ clockBehind: true, lease: { phase: "none" } });
    driver.now = 3 * 24 * hourMs - 2_001;
    driver.feed({ kind: "tick", ...driver.stamp() });
    expect(driver.core.room.lease.phase).toBe("none");
    driver.now += 1;
    driver.feed({ kind: "tick", ...driver.stamp() });
    expect(driver.core.room.lease.phase).toBe("held");

    const other = new Driver();
    other.feed({ kind: "restore", ...other.stamp(), room: { ...nothing, stay, consents: held, recordedUtcMs } });
    other.ask(setup, { do: "admit", bed: "room-1", label: "Q", ...admission });
    other.ask(setup, { do: "offer", ...place, purpose: "breathing-rate", activation });
    other.ask(person, { do: "turn-on", ...place, purpose: "breathing-rate" });
    expect(other.core.room.lease.phase).toBe("held");
  });
});
