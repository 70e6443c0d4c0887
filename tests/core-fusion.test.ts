import { describe, expect, it } from "vitest";
import type { Effect, Estimate } from "../edge-agent/contract/door.ts";
import type { Purpose } from "../edge-agent/contract/words.ts";
import type { DepthEstimate } from "../edge-agent/perception/depth-estimate.ts";
import { binPerMin, lowestPerMin, rateBins } from "../edge-agent/perception/radar-breathing.ts";
import { readRate } from "../edge-agent/perception/rate-distribution.ts";
import type { DepthSense } from "../edge-agent/perception/room-perception.ts";
import { activation, admission, Driver, nothing, person, setup, twoSensors } from "./core-driver.ts";
import { sureOutputs } from "./sure-radar.ts";

/* When the room's estimate is made of radar and depth, and of which of them. What they say together: perception/fusion.test.ts. */

/** Tells, each ten frames, what it was told to tell. */
function newTold(): DepthSense & { latest: DepthEstimate | null; says: Partial<DepthEstimate> } {
  let frames = 0;
  return {
    latest: null,
    says: {},
    outputsOf: {},
    take() {
      frames += 1;
      if (frames % 10 === 0) this.latest = { ...sleeping(frames / 10), ...this.says };
    },
    pending: () => undefined,
    accept: () => ({ is: "noted" }),
    drop() {},
    forgetBreathing() {},
    clear() {
      frames = 0;
      this.latest = null;
    },
  };
}

function rateAround(perMin: number): Float32Array {
  const rate = new Float32Array(rateBins);
  rate.set([0.25, 0.5, 0.25], (perMin - lowestPerMin) / binPerMin - 1);
  return rate;
}
function breathing(perMin: number): DepthEstimate["breathing"] {
  const rate = rateAround(perMin);
  const { lowPerMin, highPerMin } = readRate(rate)!;
  return { perMin, lowPerMin, highPerMin, quality: 0.95, windowMs: 30_000, rate };
}
const sleeping = (second: number): DepthEstimate => ({
  atMs: 1_000 * second,
  scene: "lying-still",
  posture: "lying",
  people: "one",
  bed: "in-bed",
  movement: 0,
  breathing: breathing(15),
  evidence: breathing(15),
  reason: null,
});
const empty: Partial<DepthEstimate> = {
  scene: "empty",
  posture: "unknown",
  people: "none",
  bed: "empty",
  breathing: null,
  evidence: null,
  reason: "nobody-in-bed",
};
const crowded: Partial<DepthEstimate> = { people: "more", breathing: null, reason: "more-than-one-person" };

const unstated = { ...twoSensors, statedOccupancy: null };

/** Both stream, or one; every question is answered at once. Returns the estimates. */
function stream(driver: Driver, fromMs: number, toMs: number, which = { radar: true, depth: true }): Estimate[] {
  const estimates: Estimate[] = [];
  const follow = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind === "estimate") estimates.push(effect.estimate);
      if (effect.kind !== "infer") continue;
      const { request, model } = effect;
      follow(driver.feed({ kind: "inferred", ...driver.stamp(), request, outputs: sureOutputs(model), tookMs: 1 }));
    }
  };
  for (let ms = fromMs; ms <= toMs; ms += 50) {
    driver.now = ms;
    if (which.depth && ms % 100 === 0) follow(driver.depthFrame(ms / 100));
    if (which.radar) follow(driver.frame(ms / 50));
    if (ms % 1_000 === 0) driver.feed({ kind: "tick", ...driver.stamp() });
  }
  return estimates;
}
const tileNow = (driver: Driver) => {
  const tile = driver.feed({ kind: "tick", ...driver.stamp() }).find((effect) => effect.kind === "publish");
  if (tile?.kind !== "publish") throw new Error("no tile");
  return tile.tile;
};
const seconds = (estimates: readonly Estimate[]): number[] => estimates.map(({ atMs }) => atMs / 1_000);
const count = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe("a room's estimate", () => {
  it("is made when the radar tells its second, joined with what depth told last", () => {
    const told = newTold();
    const driver = new Driver(unstated, told).granted();
    expect(seconds(stream(driver, 0, 15_000))).toEqual(count(1, 15));
    // No turn was seen: the breathing body in depth takes its place, or the radar would say that it could be a fan.
    expect(tileNow(driver)).toMatchObject({ movement: { occupancy: "in-bed" }, breathing: { reason: null } });
    expect(tileNow(driver).breathing.rate?.perMin).toBeCloseTo(15, 1);
    told.says = empty;
    stream(driver, 15_050, 17_000);
    expect(tileNow(driver)).toMatchObject({
      movement: { occupancy: "empty" },
      breathing: { rate: null, reason: "nobody-in-bed" },
    });
  });

  it("is no rate where both would show one and they differ", () => {
    const told = newTold();
    const driver = new Driver(twoSensors, told).granted();
    stream(driver, 0, 15_000);
    expect(tileNow(driver).breathing.rate?.perMin).toBeCloseTo(15, 1);
    told.says = { breathing: breathing(20), evidence: breathing(20) };
    stream(driver, 15_050, 17_000);
    expect(tileNow(driver).breathing).toMatchObject({ rate: null, reason: "sources-disagree" });
  });

  it("is the radar's own once depth fell silent, and one of depth alone once the radar did", () => {
    const told = newTold();
    told.says = empty;
    const driver = new Driver(unstated, told).granted();
    stream(driver, 0, 14_000);
    expect(tileNow(driver).breathing.reason).toBe("nobody-in-bed");
    stream(driver, 14_050, 15_000, { radar: true, depth: false });
    expect(tileNow(driver).breathing.reason).toBe("nobody-in-bed");
    stream(driver, 15_050, 18_000, { radar: true, depth: false });
    expect(tileNow(driver)).toMatchObject({
      movement: { occupancy: "in-bed" },
      breathing: { reason: "no-natural-movement" },
    });
    told.says = {};
    const alone = stream(driver, 18_100, 26_000, { radar: false, depth: true });
    expect(alone.length).toBeGreaterThanOrEqual(5);
    expect(tileNow(driver).breathing.rate).toMatchObject({ perMin: 15, windowMs: 30_000 });
  });

  it("of a room without a radar is made of depth, each second that depth tells", () => {
    const told = newTold();
    const [, depth] = unstated.sensors;
    const driver = new Driver({ ...unstated, sensors: depth === undefined ? [] : [depth] }, told).granted();
    expect(seconds(stream(driver, 0, 12_000, { radar: false, depth: true }))).toEqual(count(1, 12));
    expect(tileNow(driver).breathing.rate?.perMin).toBeCloseTo(15, 5);
    expect(tileNow(driver).engineering.windowEndMs).toBe(12_000);
  });

  it("is none of what was sensed before a withdrawal", () => {
    const driver = new Driver(unstated, newTold()).granted();
    stream(driver, 0, 12_000);
    for (const purpose of ["movement-alerts", "breathing-rate"] as const) {
      driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose });
    }
    expect(driver.core.perception.withoutRadar(driver.stamp().at)).toBeUndefined();
    expect(tileNow(driver)).toMatchObject({ movement: null, breathing: { rate: null, reason: "not-consented" } });
    expect(stream(driver, 12_100, 16_000)).toEqual([]);
  });
});

describe("what a tile says of it", () => {
  const granted = (purposes: readonly Purpose[], told: DepthSense): Driver => {
    const driver = new Driver(unstated, told);
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    driver.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission });
    for (const purpose of purposes) {
      driver.ask(setup, { do: "offer", bed: "room-1", stay: "stay1", purpose, activation });
      driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose });
    }
    return driver;
  };

  it.each([
    ["with movement alerts", ["movement-alerts", "breathing-rate"], "more-than-one-person"],
    ["without", ["breathing-rate"], "withheld"],
  ] as const)("that more than one person is there is told %s: %s", (_words, purposes, reason) => {
    const told = newTold();
    told.says = crowded;
    const driver = granted(purposes, told);
    stream(driver, 0, 14_000);
    expect(tileNow(driver).breathing).toEqual({ rate: null, reason });
    const rows = driver.effects.flatMap((effect) =>
      effect.kind === "store" && effect.row.table === "fact" ? [effect.row.reason] : [],
    );
    expect(rows.at(-1)).toBe(reason);
  });

  it("breathing that stopped is told to nobody in this release: it cannot be seen", () => {
    const told = newTold();
    told.says = { breathing: null, evidence: null, reason: "not-breathing" };
    const [, depth] = unstated.sensors;
    const driver = new Driver({ ...unstated, sensors: depth === undefined ? [] : [depth] }, told).granted();
    const estimates = stream(driver, 0, 5_000, { radar: false, depth: true });
    expect(estimates.at(-1)?.reason).toBe("not-breathing");
    expect(tileNow(driver).breathing).toEqual({ rate: null, reason: "cannot-see-breathing" });
  });
});
