import { describe, expect, it } from "vitest";
import type { Effect, Tensor } from "../edge-agent/contract/door.ts";
import type { DepthSense } from "../edge-agent/perception/room-perception.ts";
import { auditActions, Driver, nothing, person, twoSensors } from "./core-driver.ts";
import { answerRadar, sureOutputs } from "./sure-radar.ts";

const depthModel = "depth-scene-8x8";
const scene: Tensor = { name: "scene", dims: [1, 7], data: new Float32Array(7).fill(1 / 7) };

/** Keeps the pixels of the last frames, and asks its model once every ten. */
function newWatchedSense(): DepthSense & { readonly ring: Uint16Array; readonly tensor: Float32Array; heard: number } {
  const ring = new Uint16Array(16 * 64);
  const tensor = new Float32Array(64);
  let frames = 0;
  let waits = false;
  return {
    ring,
    tensor,
    heard: 0,
    latest: null,
    outputsOf: { [depthModel]: [{ name: "scene", dims: [1, 7], unit: "probability", meaning: "what is seen" }] },
    take(frame) {
      ring.set(frame.mm, (frames % 16) * 64);
      frames += 1;
      waits ||= frames % 10 === 0;
    },
    pending() {
      if (!waits) return undefined;
      waits = false;
      tensor.set(ring.subarray(0, 64));
      return { model: depthModel, tensors: [{ name: "depth", dims: [1, 8, 8], data: tensor }] };
    },
    accept() {
      this.heard += 1;
      return { is: "noted" };
    },
    drop: () => void tensor.fill(0),
    forgetBreathing() {},
    clear() {
      ring.fill(0);
      tensor.fill(0);
      frames = 0;
      waits = false;
    },
  };
}

type Asked = Extract<Effect, { kind: "infer" }>;
const outputsOf = (model: string): readonly Tensor[] => (model === depthModel ? [scene] : sureOutputs(model));
const give = (driver: Driver, { request, model }: Asked, outputs = outputsOf(model)) =>
  driver.feed({ kind: "inferred", ...driver.stamp(), request, outputs, tookMs: 1 });

/** Both stream, or one where the other is silent; every question is answered at once, the questions after it too. */
function stream(driver: Driver, fromMs: number, toMs: number, which = { radar: true, depth: true }): Asked[] {
  const asked: Asked[] = [];
  const answerAll = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind !== "infer") continue;
      asked.push(effect);
      answerAll(give(driver, effect));
    }
  };
  for (let ms = fromMs; ms <= toMs; ms += 50) {
    driver.now = ms;
    if (which.radar) answerAll(driver.frame(ms / 50));
    if (which.depth && ms % 100 === 0) answerAll(driver.depthFrame(ms / 100));
    if (ms % 1_000 === 0) driver.feed({ kind: "tick", ...driver.stamp() });
  }
  return asked;
}
const tileNow = (driver: Driver) => {
  const tile = driver.feed({ kind: "tick", ...driver.stamp() }).find((effect) => effect.kind === "publish");
  if (tile?.kind !== "publish") throw new Error("no tile");
  return tile.tile;
};
const turnOff = (driver: Driver) =>
  (["movement-alerts", "breathing-rate"] as const).flatMap((purpose) => [
    ...driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose }),
  ]);

describe("a radar and a depth sensor at one bed", () => {
  it("without a record: no inference, no row, no frame decoded, of either", () => {
    const sense = newWatchedSense();
    const driver = new Driver(twoSensors, sense);
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    expect(stream(driver, 0, 20_000)).toEqual([]);
    expect(driver.kinds().filter((kind) => kind !== "publish")).toEqual([]);
    expect(driver.core.room.dropped).toEqual({ "no-lease": 401 + 201 });
    expect(sense.ring.every((mm) => mm === 0)).toBe(true);
  });

  it("each has its own stream, and their models take turns", () => {
    const sense = newWatchedSense();
    const driver = new Driver(twoSensors, sense).granted();
    const asked = stream(driver, 0, 15_000).map(({ model }) => model);
    expect(asked.filter((model) => model === "radar-breathing-30s")).toHaveLength(15);
    expect(asked.filter((model) => model === "radar-breathing")).toHaveLength(15);
    expect(asked.filter((model) => model === depthModel)).toHaveLength(15);
    expect(sense.heard).toBe(15);
    expect(driver.core.room.framesAccepted).toBe(301 + 151);
    expect(driver.core.room.dropped).toEqual({});
    expect(tileNow(driver).breathing.rate?.perMin).toBeCloseTo(15, 5);
  });

  it("a withdrawal overwrites both at once and throws a late answer away", () => {
    const sense = newWatchedSense();
    const driver = new Driver(twoSensors, sense).granted();
    stream(driver, 0, 9_850);
    let open: Asked | undefined;
    for (let n = 99; open?.model !== depthModel; n++) {
      driver.now = n * 100;
      open = driver.depthFrame(n).find((effect) => effect.kind === "infer");
    }
    expect(sense.ring.some((mm) => mm !== 0)).toBe(true);
    expect(driver.core.perception.radar.long.ring.re.some((value) => value !== 0)).toBe(true);
    expect(auditActions(turnOff(driver))).toContain("sensor.stop");
    expect(sense.ring.every((mm) => mm === 0)).toBe(true);
    expect(sense.tensor.every((mm) => mm === 0)).toBe(true);
    expect(driver.core.perception.radar.long.ring.re.every((value) => value === 0)).toBe(true);
    const heard = sense.heard;
    expect(give(driver, open)).toEqual([]);
    expect(sense.heard).toBe(heard);
    expect(driver.depthFrame(200)).toEqual([]);
    expect(driver.core.room.dropped["no-lease"]).toBe(1);
  });

  it("one that is lost is told and does not stop the other", () => {
    const driver = new Driver(twoSensors, newWatchedSense()).granted();
    driver.status("radar-1", "on", "streaming");
    driver.status("depth-1", "on", "streaming");
    stream(driver, 0, 12_000);
    expect(tileNow(driver).alarms).toEqual([]);
    driver.status("depth-1", "lost", "connection closed");
    const tile = tileNow(driver);
    expect(tile).toMatchObject({ notMonitored: null, sensor: { state: "on" }, breathing: { reason: null } });
    expect(tile.sensor.detail).toBe("radar-1 on: streaming; depth-1 lost: connection closed");
    expect(tile.alarms).toMatchObject([{ condition: "sensor-lost", presence: "on", technical: true }]);
    const entries = driver.effects.flatMap((effect) => (effect.kind === "audit" ? [effect.intent] : []));
    expect(entries.findLast(({ action }) => action === "sensor.state")?.detail).toMatchObject({
      sensor: "lost",
      which: "depth-1",
    });
    expect(stream(driver, 12_050, 20_000, { radar: true, depth: false }).length).toBeGreaterThan(5);
    expect(tileNow(driver).breathing.rate?.perMin).toBeCloseTo(15, 5);
    driver.status("depth-1", "on", "streaming");
    stream(driver, 20_050, 21_000);
    expect(tileNow(driver).alarms.filter(({ presence }) => presence === "on")).toEqual([]);
  });

  it("one that falls silent without a word is lost as well", () => {
    const driver = new Driver(twoSensors, newWatchedSense()).granted();
    stream(driver, 0, 4_000);
    stream(driver, 4_050, 9_100, { radar: true, depth: false });
    expect(tileNow(driver)).toMatchObject({ notMonitored: null, alarms: [{ condition: "sensor-lost" }] });
    stream(driver, 9_150, 20_000, { radar: false, depth: true });
    expect(tileNow(driver).notMonitored).toBeNull();
    driver.now += 6_000;
    expect(tileNow(driver).notMonitored).toBe("sensor-lost");
  });

  it("one that begins anew forgets its own window and not the other's", () => {
    const sense = newWatchedSense();
    const driver = new Driver(twoSensors, sense).granted();
    stream(driver, 0, 12_000);
    driver.depthFrame(0, 1_500, "depth-1", "e".repeat(32));
    expect([...new Set(sense.ring)].sort()).toEqual([0, 1_500]);
    expect(driver.core.perception.radar.long.newestSlot).toBe(240);
    stream(driver, 12_050, 13_050, { radar: true, depth: false });
    expect(tileNow(driver).breathing.rate?.perMin).toBeCloseTo(15, 5);
  });

  it("drops and counts what is not a frame of the sensor that it came from", () => {
    const driver = new Driver(twoSensors, newWatchedSense()).granted();
    driver.depthFrame(0, 2_000, "radar-1");
    driver.depthFrame(0, 2_000, "nobody");
    expect(driver.core.room.dropped).toEqual({ "wrong-topic": 2 });
    const unknown = new Uint8Array(68);
    unknown.set([1, 77, 48]);
    driver.frame(0, undefined, unknown);
    expect(driver.core.room.dropped).toEqual({ "wrong-topic": 2, "unknown-version": 1 });
    expect(driver.core.room.framesAccepted).toBe(0);
    driver.depthFrame(1);
    driver.depthFrame(1);
    expect(driver.core.room.dropped.repeated).toBe(1);
    expect(driver.core.room.framesAccepted).toBe(1);
  });
});

describe("a model that answers what its card does not promise", () => {
  const spoiled: readonly (readonly [string, readonly Tensor[]])[] = [
    ["nothing", []],
    [
      "another shape",
      sureOutputs("radar-breathing-30s").map((output) => ({ ...output, data: new Float32Array(3), dims: [1, 3] })),
    ],
    [
      "no numbers",
      sureOutputs("radar-breathing-30s").map((output) => ({ ...output, data: output.data.map(() => Number.NaN) })),
    ],
  ];

  it.each(spoiled)("%s: this room says model-failed at once, another goes on", (_name, outputs) => {
    const ill = new Driver().granted();
    const well = new Driver().granted();
    for (const driver of [ill, well]) stream(driver, 0, 14_950, { radar: true, depth: false });
    const asked = [ill, well].map((driver) => {
      driver.now = 15_000;
      return driver.frame(300).find((effect) => effect.kind === "infer");
    });
    const [first, second] = asked;
    if (first === undefined || second === undefined) throw new Error("nothing was asked");
    give(ill, first, outputs);
    answerRadar(well, [second]);
    expect(tileNow(ill)).toMatchObject({ notMonitored: "model", breathing: { rate: null, reason: "model-failed" } });
    expect(tileNow(well)).toMatchObject({ notMonitored: null, breathing: { reason: null } });
    // It is asked again, and a good answer mends it.
    stream(ill, 15_050, 16_050, { radar: true, depth: false });
    expect(tileNow(ill).notMonitored).toBeNull();
  });

  it("a depth model that fails again and again is told, although the radar's answers", () => {
    const driver = new Driver(twoSensors, newWatchedSense()).granted();
    for (let ms = 0; ms <= 8_000; ms += 50) {
      driver.now = ms;
      const effects = [...driver.frame(ms / 50), ...(ms % 100 === 0 ? driver.depthFrame(ms / 100) : [])];
      for (let queue = effects; queue.length > 0; ) {
        const asked = queue.find((effect) => effect.kind === "infer");
        if (asked === undefined) break;
        queue =
          asked.model === depthModel
            ? [...driver.feed({ kind: "inference-failed", ...driver.stamp(), request: asked.request })]
            : [...give(driver, asked)];
      }
    }
    expect(tileNow(driver)).toMatchObject({ notMonitored: "model", breathing: { reason: "model-failed" } });
  });
});
