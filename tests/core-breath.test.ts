import { describe, expect, it } from "vitest";
import type { Tensor } from "../edge-agent/contract/door.ts";
import { nothingOrdered } from "../edge-agent/contract/people.ts";
import { Driver, setup } from "./core-driver.ts";
import { answerRadar, sureOutputs } from "./sure-radar.ts";

/** Answers about a chest that stands still since so many seconds, which spoils the rate as well. */
const still = (model: string, sec: number): readonly Tensor[] =>
  sureOutputs(model).map((output) => {
    if (output.name === "quality") return { ...output, data: new Float32Array(1).fill(0.2) };
    if (output.name !== "breathing") return output;
    const steps = Math.min(output.data.length, 5 * sec);
    return { ...output, data: output.data.map((chance, step) => (step >= output.data.length - steps ? 0.02 : chance)) };
  });

function lying(sec: number, stopsAtSec: number, order: { readonly afterMs: number } | null): Driver {
  const driver = new Driver().granted();
  driver.status("radar-1", "on");
  const asked = { ...nothingOrdered, cannotSeeBreathing: order, by: "Jo Lane", reason: "test" };
  driver.ask(setup, { do: "order", bed: "room-1", stay: "stay1", order: { ...asked, untilUtcMs: 9_000_000 } });
  for (let n = 0; n <= 20 * sec; n++) {
    driver.now = n * 50;
    const stillSec = Math.floor(n / 20 - stopsAtSec);
    answerRadar(driver, driver.frame(n), (model) => (stillSec > 0 ? still(model, stillSec) : sureOutputs(model)));
    if (n % 20 === 0) driver.feed({ kind: "tick", ...driver.stamp() });
  }
  return driver;
}
const alarms = (driver: Driver) => driver.core.room.alarms.map(({ condition, presence }) => `${condition} ${presence}`);

describe("a chest that is not seen to breathe any more", () => {
  it("is a prompt to look, where that was ordered: 19 s and the ordered time after the last breath", () => {
    expect(alarms(lying(60, 40, { afterMs: 20_000 }))).toEqual([]);
    expect(alarms(lying(85, 40, { afterMs: 20_000 }))).toEqual(["cannot-see-breathing on"]);
    expect(alarms(lying(85, 40, null))).toEqual([]);
  });
  it("never says that the person does not breathe, and shows no rate", () => {
    const { estimate } = lying(70, 40, null).core.room;
    expect(estimate?.estimate).toMatchObject({ reason: "cannot-see-breathing", breathingPerMin: null });
  });
  it("says nothing of a person who breathes behind a weak signal", () => {
    const driver = lying(60, 100, { afterMs: 20_000 });
    expect(driver.core.room.estimate?.estimate.reason).toBeNull();
  });
});
