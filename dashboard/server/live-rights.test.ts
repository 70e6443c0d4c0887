import { describe, expect, test } from "vitest";
import { StaffRole } from "../../edge-agent/contract/words.ts";
import { isStill, type Listening, listeningOf, mayHear, maySay } from "./live-rights.ts";
import type { Who } from "./sessions.ts";

const staff = (role: StaffRole, id = "s1"): Who => ({ is: "staff", id, name: "Sam Reed", role });
const bedside: Who = { is: "bedside", bed: "room-1", stay: "stay-1" };
const all: readonly Listening[] = ["ward", "opening", "bedside"];
const messages = ["feed", "alarms", "snapshot", "tile", "shown-taken", "bedside", "heartbeat", "signed-out"] as const;

describe("rights on the live connection", () => {
  test("the ward is told to its nurses, a bed's own screen hears of itself, and nobody else is connected", () => {
    for (const role of StaffRole.options) {
      const clinical = role === "nurse" || role === "nurse-in-charge";
      expect(listeningOf(staff(role), "staff", false)).toBe(clinical ? "ward" : undefined);
      expect(listeningOf(staff(role), "staff", true)).toBe(clinical ? "opening" : undefined);
      expect(listeningOf(staff(role), "bedside", false)).toBeUndefined();
    }
    expect(listeningOf(bedside, "bedside", false)).toBe("bedside");
    expect(listeningOf(bedside, "staff", false)).toBeUndefined();
    expect(listeningOf({ is: "nobody" }, "staff", false)).toBeUndefined();
  });

  test("each message goes to one kind of connection, and only a nurse station says what it shows", () => {
    const heard = messages.map((is) => [is, all.filter((listening) => mayHear(listening, is)).join(" ")]);
    expect(Object.fromEntries(heard)).toEqual({
      feed: "ward",
      alarms: "ward",
      snapshot: "ward",
      tile: "ward",
      "shown-taken": "ward",
      bedside: "bedside",
      heartbeat: "ward opening bedside",
      "signed-out": "ward opening bedside",
    });
    expect(all.filter((listening) => maySay(listening, "shown"))).toEqual(["ward"]);
  });

  test("a session that became another one, or lost its role, has no right to the old one's connection", () => {
    expect(isStill(staff("nurse"), staff("nurse-in-charge"))).toBe(true);
    expect(isStill(staff("nurse"), staff("engineer"))).toBe(false);
    expect(isStill(staff("nurse"), staff("nurse", "s2"))).toBe(false);
    expect(isStill(staff("nurse"), { is: "nobody" })).toBe(false);
    expect(isStill(bedside, bedside)).toBe(true);
    expect(isStill(bedside, { is: "bedside", bed: "room-1", stay: "stay-2" })).toBe(false);
    expect(isStill(bedside, { is: "bedside", bed: "room-2", stay: "stay-1" })).toBe(false);
  });
});
