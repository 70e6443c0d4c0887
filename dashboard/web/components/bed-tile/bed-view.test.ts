import { describe, expect, test } from "vitest";
import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import { NoRateReason } from "../../../../edge-agent/contract/words.ts";
import { type Bed, bedSilentAfterMs, bedView } from "./bed-view.ts";
import { movementWords, noRateWords } from "./bed-words.ts";
import { bedTileFixtures } from "./fixtures.ts";

const heard = (tile: Tile): Bed => ({ bed: tile.bed, name: tile.bedName, heard: { tile, heardAtMs: 0 } });
const calm: Tile = bedTileFixtures.calm;

describe("what a nurse may believe of a bed", () => {
  test("a rate comes with its interval, rounded outward, and the age of the data", () => {
    const view = bedView(heard(calm), 1_200, true);
    expect(view.rate).toEqual({ perMin: "15", interval: "13 to 16" });
    expect(view.age).toBe("2 s ago");
    expect(view).toMatchObject({ look: "monitored", state: "In bed", lines: ["In bed for 1 h 27 min. Still."] });
  });

  test("no number outlives its bed's silence", () => {
    expect(bedView(heard(calm), bedSilentAfterMs, true).rate).not.toBeNull();
    const silent = bedView(heard(calm), bedSilentAfterMs + 1, true);
    expect(silent).toMatchObject({ look: "not-monitored", state: "Not monitored", rate: null, age: null });
    expect(silent.lines).toContain("Check in person");
  });

  test("no number is shown while the screen is not live, whatever the fixture", () => {
    for (const tile of Object.values(bedTileFixtures)) {
      const view = bedView(heard(tile), 0, false);
      expect(view.rate).toBeNull();
      expect(view.look).toBe("not-monitored");
    }
  });

  test("a bed that nobody spoke of is not monitored, never calm", () => {
    expect(bedView({ bed: "room-9", name: "Room 9", heard: null }, 0, true).look).toBe("not-monitored");
  });

  test.each(NoRateReason.options)("without a rate because %s the words say so", (reason) => {
    const view = bedView(heard({ ...calm, breathing: { rate: null, reason } }), 0, true);
    expect(view.rate).toBeNull();
    expect(view.lines[0]).toBe(noRateWords[reason]);
  });

  test("consent off is neutral: no alarm look, no check-in-person shout", () => {
    const view = bedView(heard(bedTileFixtures.off), 0, true);
    expect(view).toMatchObject({ look: "in-person", state: "In-person checks only", alarm: null });
    expect(view.lines).toEqual(["Turned off. Offer it again when it helps", "The sensor is off"]);
  });

  test("a sensor that is not confirmed off is not called off", () => {
    const tile: Tile = { ...bedTileFixtures.off, sensor: { ...calm.sensor, state: "unknown" } };
    expect(bedView(heard(tile), 0, true).lines).toContain("Not confirmed that the sensor is off");
  });

  test("an alarm stays on a tile that is not live, and an acknowledged one does not flash", () => {
    expect(bedView(heard(bedTileFixtures.alarm), 60_000, false).alarm).toMatchObject({ sounding: true });
    expect(bedView(heard(bedTileFixtures.latched), 0, true).alarm).toMatchObject({ sounding: true });
    expect(bedView(heard(bedTileFixtures.acknowledged), 0, true).alarm).toMatchObject({ sounding: false });
  });

  test("without movement alerts neither shape nor state tells who is in the bed", () => {
    for (const reason of NoRateReason.options) {
      const view = bedView(heard({ ...calm, movement: null, breathing: { rate: null, reason } }), 0, true);
      expect([view.shape, view.state]).toEqual(["ring-on", "Sensor on"]);
    }
  });

  test("a withheld reason tells no movement by shape or state, even beside one", () => {
    const movement = { occupancy: "in-bed", movement: 90, inStateMs: 5_000, place: null } as const;
    const view = bedView(heard({ ...calm, movement, breathing: { rate: null, reason: "withheld" } }), 0, true);
    expect([view.shape, view.state]).toEqual(["ring-on", "Sensor on"]);
  });

  test("how long is said of the bed, not of keeping still", () => {
    expect(movementWords({ occupancy: "in-bed", movement: 3, inStateMs: 60_000, place: null })).toBe(
      "In bed for 1 min. Still.",
    );
    expect(movementWords({ occupancy: "in-bed", movement: 40, inStateMs: 720_000, place: null })).toBe(
      "In bed for 12 min. Moving a little.",
    );
    expect(movementWords({ occupancy: "in-bed", movement: 80, inStateMs: 0, place: null })).toBe("In bed. Moving.");
    expect(movementWords({ occupancy: "in-bed", movement: null, inStateMs: 3_000, place: null })).toBe(
      "In bed for 3 s",
    );
    expect(movementWords({ occupancy: "empty", movement: 3, inStateMs: 16_000, place: null })).toBe(
      "Bed empty for 16 s",
    );
  });

  test("an alarm says its limit where it was ordered", () => {
    expect(bedView(heard(bedTileFixtures.alarm), 0, true).alarm?.words).toBe("Breathing outside 8 to 24 a minute");
    expect(bedView(heard({ ...bedTileFixtures.alarm, order: null }), 0, true).alarm?.words).toBe(
      "Breathing outside the ordered range",
    );
    expect(bedView(heard(bedTileFixtures.latched), 0, true).alarm?.words).toBe("Out of bed longer than 10 min");
  });

  test("recordings and simulations are marked", () => {
    expect(bedView(heard({ ...calm, source: "recording" }), 0, true).marks).toEqual(["Recording"]);
    expect(bedView(heard({ ...calm, source: "simulated" }), 0, true).marks).toEqual(["Simulated"]);
  });
});
