import type { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SensorConfig, type SensorModel, serialPorts } from "../edge-agent/contract/config.ts";
import type { EnvelopeHeader } from "../edge-agent/contract/frames.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { type Cable, haveSocat, newCable, standAt } from "../tests/pseudo-terminal.ts";
import type { SensorLine } from "./line-parts.ts";
import { readScene } from "./ports/scene-file.ts";
import { newSerialPort } from "./ports/serial.ts";
import { newSensorLine } from "./sensor-line.ts";
import { sensors } from "./sensors/index.ts";
import type { Sensor, SensorFrame } from "./sensors/sensor.ts";
import { standIns } from "./simulator/stand-ins.ts";
import { wireOf } from "./wire.ts";

type Model = keyof typeof standIns;
const models = Object.keys(standIns) as Model[];
const scenes = new Map(["asleep", "asleep-8x8", "demonstration"].map((name) => [name, readScene(name)]));
const sceneOf = (model: SensorModel): string =>
  model === "st-vl53l5cx" ? "asleep-8x8" : model === "depth-camera" ? "demonstration" : "asleep";

const lines: SensorLine[] = [];
const cables: Cable[] = [];
afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.stop()));
  for (const cable of cables.splice(0)) await cable.remove();
});

function configOf(model: Model, port: object): SensorConfig {
  const { depth, bed } = readScene(sceneOf(model));
  const { kind: _, ...size } = bed;
  return SensorConfig.parse({
    sensor: "one",
    model,
    port,
    source: "simulated",
    ...(sensors[model].kind === "depth" ? { placement: { at: depth?.at, towards: depth?.towards, bed: size } } : {}),
  });
}

function lineTo(config: SensorConfig) {
  const frames: { header: EnvelopeHeader; frame: SensorFrame }[] = [];
  const states: string[] = [];
  const line = newSensorLine({
    ...wireOf(config, { clock: systemClock, scenes }),
    clock: systemClock,
    mayPass: () => true,
    onFrame: (header, frame) => frames.push({ header, frame: structuredClone(frame) }),
    onChange: () => states.push(line.state),
    random: () => 0,
  });
  lines.push(line);
  line.start(new AbortController().signal);
  return { line, frames, states };
}

const until = (check: () => void, timeout = 5_000): Promise<void> => vi.waitFor(check, { timeout, interval: 10 });

describe.each(models)("%s", (model) => {
  const sensor: Sensor = sensors[model];

  it("has as many serial ports as the configuration says", () => {
    const { baudRate } = sensor;
    expect(serialPorts(model)).toBe(baudRate === null ? "none" : baudRate.commands === undefined ? "one" : "two");
  });

  it("streams its true bytes out of a simulated bedroom when it is wished on, and rests as it can", async () => {
    const port = { via: "simulated", scene: sceneOf(model), speed: 5 };
    const { line, frames } = lineTo(configOf(model, port));
    const resting = sensor.off === "ignored" ? "ignored" : "off";
    await until(() => expect(line.state).toBe(resting));
    expect(frames).toEqual([]);
    line.wish("on");
    await until(() => expect(frames.length).toBeGreaterThan(2), 10_000);
    expect(line.state).toBe("on");
    expect(frames.every(({ header }) => header.kind === sensor.kind && header.bootId === line.bootId)).toBe(true);
    line.wish("off");
    await until(() => expect(line.state).toBe(resting));
    const before = frames.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(frames.length).toBe(before);
    expect(line.counts).toMatchObject({ checksumErrors: 0, malformed: 0, bytesSkipped: 0, reconnects: 0 });
  });
});

describe.skipIf(!haveSocat)("a sensor on a serial port", () => {
  /** A device that has power while it is plugged in. */
  async function cableOf(model: Model): Promise<{ cable: Cable; wires: Socket[] }> {
    const wires: Socket[] = [];
    const cable = await newCable((wire) => {
      wires.push(wire);
      standAt(wire, standIns[model](readScene(sceneOf(model)), 1));
    });
    cables.push(cable);
    return { cable, wires };
  }

  it("that can be stopped: comes by itself, is lost when pulled out, and back within 5 s", {
    timeout: 40_000,
  }, async () => {
    const { cable } = await cableOf("hilink-ld2450");
    const { line, frames } = lineTo(configOf("hilink-ld2450", { via: "serial", path: cable.path }));
    await until(() => expect(line.detail).toMatch(/^no device at .*; (there are|this machine has no)/));
    expect(line.state).toBe("unknown");
    await cable.plug();
    await until(() => expect(line.state).toBe("off"));
    line.wish("on");
    await until(() => expect(frames.length).toBeGreaterThan(3));
    for (let time = 0; time < 3; time++) {
      await cable.unplug();
      await until(() => expect(line.state).toBe("lost"), 5_000);
      const before = frames.length;
      const bootBefore = frames.at(-1)?.header.bootId;
      await new Promise((resolve) => setTimeout(resolve, 1_500 * time));
      await cable.plug();
      await until(() => expect(line.state).toBe("on"), 5_000);
      await until(() => expect(frames.length).toBeGreaterThan(before));
      expect(frames.at(-1)?.header.bootId).not.toBe(bootBefore);
    }
    expect(line.counts.reconnects).toBe(3);
  });

  it.each(models.filter((model) => serialPorts(model) === "two"))(
    "%s: is started and stopped on one port and heard on the other, over being pulled out",
    { timeout: 40_000 },
    async (model) => {
      let standIn = standIns[model](readScene(sceneOf(model)), 1);
      const data = await newCable((wire) => {
        const own = standIn;
        const timer = setInterval(() => {
          for (const bytes of own.due(systemClock.monoMs())) wire.write(bytes);
        }, 20);
        wire.on("close", () => clearInterval(timer));
      });
      const commands = await newCable((wire) => {
        const own = standIn;
        standAt(wire, { take: (bytes, nowMs) => own.take(bytes, nowMs), due: () => [], nextDueMs: undefined });
      });
      cables.push(data, commands);
      const plug = () => Promise.all([data.plug(), commands.plug()]);
      const port = { via: "serial", path: data.path, commandsPath: commands.path };
      const { line, frames } = lineTo(configOf(model, port));
      await plug();
      await until(() => expect(line.state).toBe("off"));
      line.wish("on");
      await until(() => expect(frames.length).toBeGreaterThan(3), 10_000);
      await Promise.all([data.unplug(), commands.unplug()]);
      await until(() => expect(line.state).toBe("lost"));
      const before = frames.length;
      standIn = standIns[model](readScene(sceneOf(model)), 1);
      await plug();
      await until(() => expect(frames.length).toBeGreaterThan(before), 5_000);
      line.wish("off");
      await until(() => expect(line.state).toBe("off"));
    },
  );

  it("that cannot be stopped: its port is open only while it is wished on", { timeout: 40_000 }, async () => {
    const model = "seeed-mr60bha2";
    const { cable, wires } = await cableOf(model);
    await cable.plug();
    const isFree = async (): Promise<boolean> => {
      const other = newSerialPort({ data: { path: cable.path, baudRate: 115_200 } });
      try {
        await other.open(new AbortController().signal);
        return true;
      } catch {
        return false;
      } finally {
        other.close();
      }
    };
    const written: number[] = [];
    wires[0]?.on("data", (bytes: Buffer) => written.push(...bytes));
    const { line, frames } = lineTo(configOf(model, { via: "serial", path: cable.path }));
    expect(line.state).toBe("ignored");
    expect(line.detail).toBe("not read: this sensor cannot be stopped");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([await isFree(), frames.length]).toEqual([true, 0]);
    line.wish("on");
    await until(() => expect(frames.length).toBeGreaterThan(3));
    expect([line.state, await isFree()]).toEqual(["on", false]);
    const boot = line.bootId;
    line.restart();
    await until(() => expect(line.state).toBe("on"));
    expect(line.bootId).not.toBe(boot);
    await cable.unplug();
    await until(() => expect(line.state).toBe("lost"));
    await cable.plug();
    await until(() => expect(line.state).toBe("on"));
    line.wish("off");
    expect([line.state, line.bootId]).toEqual(["ignored", null]);
    const before = frames.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([await isFree(), frames.length]).toEqual([true, before]);
    expect(written).toEqual([]);
    expect(line.counts.reconnects).toBe(1);
    await line.stop();
    expect([line.state, line.detail]).toEqual(["ignored", "bridge ended; the sensor is not read"]);
  });
});
