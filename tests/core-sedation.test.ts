import { describe, expect, it } from "vitest";
import type { CheckSeen, ObservationOrder } from "../edge-agent/contract/checks.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { admission, answerOf, auditActions, Driver, nothing, nurse, setup } from "./core-driver.ts";

const minute = 60_000;
const place = { bed: "room-1", stay: "stay1" };
const hourly: ObservationOrder = {
  level: "general",
  everyMinutes: 60,
  by: "Dr Ade",
  reason: "admission",
  reviewAfterHours: 24,
};
const inCharge: Actor = { kind: "staff", id: "c1", name: "Kim Lee", role: "nurse-in-charge" };
const seen: CheckSeen = { where: "in-bed", how: "asleep-breathing-seen", engagement: "asleep", concern: null };
const afterSedation = { alertness: "voice", breathsPerMin: 13 } as const;

function admitted(checks: ObservationOrder | null = hourly): Driver {
  const driver = new Driver();
  driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
  driver.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission });
  if (checks !== null) driver.ask(setup, { do: "observe", ...place, observation: checks });
  return driver;
}
const begin = (driver: Driver, who: Actor = nurse) =>
  driver.ask(who, { do: "sedation-watch", ...place, everyMinutes: 15, hours: 2, reason: "lorazepam 2 mg" });
const check = (driver: Driver, what: CheckSeen) =>
  driver.ask(nurse, { do: "check", ...place, seen: what, seenAtUtcMs: null, lateBecause: null, supersedes: null });
function tileAt(driver: Driver, minutes: number): Tile {
  driver.now = minutes * minute;
  const [tile] = driver
    .feed({ kind: "tick", ...driver.stamp() })
    .flatMap((effect) => (effect.kind === "publish" ? [effect.tile] : []));
  if (tile === undefined) throw new Error("no tile");
  return tile;
}

describe("a watch after sedation", () => {
  it("brings checks closer at once, ends by itself, and what was ordered before holds again", () => {
    const driver = admitted();
    expect(auditActions(begin(driver))).toEqual(["sedation.watch"]);
    expect(tileAt(driver, 1)).toMatchObject({ sedation: { everyMinutes: 15 }, checks: { everyMinutes: 15 } });
    expect(tileAt(driver, 119).sedation).not.toBeNull();
    expect(tileAt(driver, 120)).toMatchObject({ sedation: null, checks: { level: "general", everyMinutes: 60 } });
    expect(auditActions(driver.effects)).toContain("sedation.end");
  });
  it("a check says how awake the person is and counts the breathing, unless nobody was found", () => {
    const driver = admitted();
    begin(driver);
    driver.now = 5 * minute;
    expect(answerOf(check(driver, seen))).toMatchObject({ ok: false, why: "reason-missing" });
    expect(answerOf(check(driver, { ...seen, where: "not-found", how: null }))).toMatchObject({ ok: true });
    expect(answerOf(check(driver, { ...seen, afterSedation }))).toMatchObject({ ok: true });
    expect(tileAt(driver, 5).checks).toMatchObject({ state: "made" });
  });
  it("needs checks in person to go back to, a nurse to begin it, and the nurse in charge to end it early", () => {
    expect(answerOf(begin(admitted(null)))).toMatchObject({ ok: false, why: "policy" });
    const driver = admitted();
    const lead: Actor = { kind: "staff", id: "g1", name: "Ada", role: "governance-lead" };
    expect(answerOf(begin(driver, lead))).toMatchObject({ ok: false, why: "not-allowed" });
    begin(driver);
    const end = { do: "end-sedation-watch", ...place, reason: "seen by the doctor" } as const;
    expect(answerOf(driver.ask(nurse, end))).toMatchObject({ ok: false, why: "not-allowed" });
    expect(answerOf(driver.ask(inCharge, end))).toMatchObject({ ok: true });
    expect(tileAt(driver, 1)).toMatchObject({ sedation: null, checks: { everyMinutes: 60 } });
  });
  it("a new order of checks meanwhile holds afterwards, and makes the watch no looser", () => {
    const driver = admitted();
    begin(driver);
    driver.ask(setup, { do: "observe", ...place, observation: { ...hourly, everyMinutes: 120 } });
    expect(tileAt(driver, 1).checks).toMatchObject({ everyMinutes: 15 });
    expect(tileAt(driver, 121).checks).toMatchObject({ everyMinutes: 120 });
  });
  it("belongs to the person: the next one in the bed has none", () => {
    const driver = admitted();
    begin(driver);
    driver.ask(setup, { do: "admit", bed: "room-1", label: "Q", ...admission });
    expect(tileAt(driver, 1)).toMatchObject({ sedation: null, checks: null });
  });
});
