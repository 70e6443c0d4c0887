import { describe, expect, it } from "vitest";
import type { ReleaseState } from "../../edge-agent/contract/release-state.ts";
import { judge, type Seen } from "./judge.ts";

type Why = ReleaseState["rooms"][number]["notMonitored"];
const boot = "5f1f8a52-3b0c-4d0e-9b8e-0d6f3c9f2a11";
const state = (...rooms: Why[]): ReleaseState => ({
  ...{ release: 2, boot },
  rooms: rooms.map((notMonitored, n) => ({ bed: `room-${n + 1}`, notMonitored })),
});
const well: Seen = {
  ...{ service: "active", restarts: 0, pagesAnswer: true, endedByPeople: false },
  state: state(null, "no-consent"),
};
const before = state(null, "no-consent");

describe("a ward after an update", () => {
  it("is well where all is as it was", () => {
    expect(judge(before, 2, boot, well)).toEqual({ is: "well" });
    expect(judge(null, 2, undefined, { ...well, state: state("sensor-lost") })).toEqual({ is: "well" });
  });

  it.each([
    ["the service comes", { service: "activating" }, "the service is activating"],
    ["the agent is silent", { state: undefined }, "the agent does not answer"],
    ["a room comes", { state: state("sensor-starting", "no-consent") }, "room-1 was monitored before and is not now"],
    ["a sensor is lost", { state: state("sensor-lost", null) }, "room-1 was monitored before and is not now"],
    ["a yes is gone that nobody took back", { state: state("no-consent", null) }, "not now: no-consent"],
    ["the pages are silent", { pagesAnswer: false }, "the pages of the station do not answer"],
  ] as const)("is not well yet while %s", (_what, change, why) => {
    expect(judge(before, 2, boot, { ...well, ...change })).toMatchObject({
      is: "not-yet",
      why: expect.stringContaining(why),
    });
  });

  it("is well where a person said no meanwhile, and not where something else is the reason", () => {
    const ended = { ...well, endedByPeople: true };
    expect(judge(before, 2, boot, { ...ended, state: state("no-consent", null) })).toEqual({ is: "well" });
    expect(judge(before, 2, boot, { ...ended, state: state("stale", null) }).is).toBe("not-yet");
  });

  it.each([
    ["the service ends again and again", { restarts: 3 }, "ended 3 times"],
    ["another release runs", { state: { ...state(null), release: 1 } }, "release 1 runs instead"],
    ["the agent was started again", { state: { ...state(null), boot: boot.replace("5", "6") } }, "started again"],
  ] as const)("is ill where %s", (_what, change, why) => {
    expect(judge(before, 2, boot, { ...well, ...change })).toMatchObject({
      is: "ill",
      why: expect.stringContaining(why),
    });
  });

  it("may have a room less: the configuration that was signed says so", () => {
    expect(judge(before, 2, boot, { ...well, state: state() })).toEqual({ is: "well" });
  });
});
