import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { messageType } from "../firmware-bridge/sensors/own-conversation.ts";
import { newSmallFramer } from "../firmware-bridge/sensors/st-vl53l5cx.ts";
import { standIns } from "../firmware-bridge/simulator/stand-ins.ts";
import { BridgeRig } from "./bridge-rig.ts";

/** An 8x8 sensor that answers its stop this late, and what it was told. */
class SlowSensor {
  readonly heard: number[] = [];
  streaming = false;
  private server: Server | undefined;

  async starts(stopAnsweredAfterMs: number): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      const standIn = standIns["st-vl53l5cx"](readScene("asleep-8x8"), 1);
      const framer = newSmallFramer();
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        const types = framer.push(bytes).map(({ head }) => Number(head.type));
        this.heard.push(...types);
        const wait = types.includes(messageType.stop) && this.streaming ? stopAnsweredAfterMs : 0;
        setTimeout(() => {
          for (const answer of standIn.take(bytes, performance.now())) socket.write(answer);
          this.streaming = standIn.nextDueMs !== undefined;
        }, wait);
      });
      const timer = setInterval(() => {
        for (const bytes of standIn.due(performance.now())) socket.write(bytes);
      }, 20);
      socket.on("close", () => clearInterval(timer));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }
  stops(): Promise<void> {
    return new Promise((resolve) => {
      if (this.server === undefined) resolve();
      else this.server.close(() => resolve());
    });
  }
}

describe("a bridge that ends while the station renews its lease", () => {
  let rig: BridgeRig;
  let slow: SlowSensor;
  beforeEach(() => {
    rig = new BridgeRig();
    slow = new SlowSensor();
  });
  afterEach(async () => {
    await rig.stop();
    await slow.stops();
  });

  const streaming = async (stopAnsweredAfterMs: number): Promise<void> => {
    const port = { via: "tcp", port: await slow.starts(stopAnsweredAfterMs) };
    const { depth, bed } = readScene("asleep-8x8");
    if (depth === null) throw new Error("the scene has no depth sensor");
    const { kind: _, ...size } = bed;
    const placement = { at: depth.at, towards: depth.towards, bed: size };
    const sensor = { sensor: "depth", model: "st-vl53l5cx", port, placement, source: "simulated" };
    await rig.bridgeStarts(await rig.standInStarts(), undefined, [sensor]);
    await rig.until(() => expect([rig.status?.state, rig.statusOf("depth")?.state]).toEqual(["off", "off"]));
    await rig.lease(1);
    await rig.until(() => expect([rig.status?.state, rig.statusOf("depth")?.state]).toEqual(["on", "on"]));
  };

  it("starts no sensor again, also where one is slow", { timeout: 30_000 }, async () => {
    await streaming(300);
    const [starts, hellos] = [rig.commandsSent("start_streaming"), slow.heard.length];
    const ended = rig.bridgeStops();
    await rig.untilState("off");
    // As the station does as soon as one sensor of a bed says that it is off.
    await rig.lease(2);
    await ended;
    expect(rig.commandsSent("start_streaming")).toBe(starts);
    expect(slow.heard.slice(hellos)).toEqual([messageType.stop]);
    expect(slow.streaming).toBe(false);
    expect([rig.status?.state, rig.statusOf("depth")?.state]).toEqual(["unknown", "unknown"]);
    expect(rig.statusOf("depth")?.detail).toBe("bridge ended; the sensor was confirmed off");
  });

  it("tells a sensor that never answered once more to stop, before it closes the port", {
    timeout: 30_000,
  }, async () => {
    await streaming(60_000);
    const told = slow.heard.length;
    await rig.bridgeStops();
    await rig.until(() => expect(slow.heard.slice(told)).toEqual([messageType.stop, messageType.stop]));
    expect(rig.statusOf("depth")?.detail).toBe("bridge ended without the sensor's word that it is off");
  });
});
