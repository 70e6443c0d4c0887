import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type RunningWard, runWard } from "./running-ward.ts";

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

async function ward(): Promise<RunningWard> {
  const running = await runWard({ sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }] });
  undo.push(() => running.stop());
  return running;
}
const newest = (running: RunningWard) => running.wardStates.at(-1)?.chainTest ?? undefined;

describe("the alarm chain, over the true wire", () => {
  it("a made-up reading comes from the bedroom unit within two seconds; a unit that is gone is told by name", async () => {
    const running = await ward();
    const nurse = await running.signInNurse();
    // Its status is heard: its connection stands.
    await running.until("the unit", () => running.tiles.get("room-1")?.sensor.state === "off");
    const onDuty = () => running.wardStates.at(-1)?.onDuty ?? [];
    await running.until("a word of the ward since the sign-in", () => onDuty().length > 0);
    expect(onDuty()).toEqual([{ name: "Sam Reed", role: "nurse" }]);
    await running.ask({ do: "test-chain" }, nurse);
    const answered = await running.until("an answer", () => {
      const [unit] = newest(running)?.units ?? [];
      return unit?.answeredAfterMs != null && unit;
    });
    expect(answered).toMatchObject({ device: "unit-1", decoded: true });
    expect(answered.answeredAfterMs).toBeLessThan(2_000);
    expect((await running.ask({ do: "sound-heard", heard: true }, nurse)).ok).toBe(true);
    await running.until("what was heard", () => running.wardStates.at(-1)?.soundTest?.heard === true);
    await running.kill("bridge");
    const before = newest(running)?.nonce;
    await running.ask({ do: "test-chain" }, nurse);
    const silent = await running.until("the next test", () => {
      const test = newest(running);
      return test?.nonce !== before && test;
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(newest(running)?.units).toEqual([{ device: "unit-1", answeredAfterMs: null, decoded: false }]);
    expect(silent.by).toBe("Sam Reed");
  }, 60_000);

  it("an alarm that no station shows is an alarm on the agent's own box, and its relay closes", async () => {
    const running = await runWard({
      sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }],
      relay: true,
    });
    undo.push(() => running.stop());
    const relay = (): string => readFileSync(join(running.dataDir, "relay"), "utf8");
    const { stay, bedside } = await running.admit("room-1");
    await running.turnOn("room-1", stay, bedside);
    await running.until("monitoring", () => running.tiles.get("room-1")?.notMonitored === null);
    expect(relay()).toBe("0\n");
    await running.kill("bridge");
    const tile = await running.until("undelivered", () => {
      const told = running.tiles.get("room-1");
      return told?.alarms.some(({ condition }) => condition === "delivery-unconfirmed") && told;
    });
    expect(tile.alarms.map(({ condition }) => condition)).toContain("sensor-lost");
    expect(running.log("agent")).toContain("an alarm reached no screen");
    await running.until("the relay", () => relay() === "1\n");
    await running.end("agent");
    expect(relay()).toBe("0\n");
  }, 60_000);
});
