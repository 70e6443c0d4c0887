import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { standIns } from "../firmware-bridge/simulator/stand-ins.ts";
import { BridgeRig, prefix } from "./bridge-rig.ts";
import { type Cable, haveSocat, newCable, standAt } from "./pseudo-terminal.ts";

let rig: BridgeRig;
let cable: Cable;

describe.skipIf(!haveSocat)("a bridge with a radar, a depth sensor and a module on a serial port", () => {
  const scene = readScene("asleep");
  beforeEach(async () => {
    cable = await newCable((wire) => standAt(wire, standIns["seeed-mr60bha2"](scene, 1)));
    rig = new BridgeRig();
    const port = { via: "serial", path: cable.path };
    const module = { sensor: "module", model: "seeed-mr60bha2", port, source: "simulated" };
    await rig.bridgeStarts(await rig.standInStarts(), scene, [module]);
  });
  afterEach(async () => {
    await rig.stop();
    await cable.remove();
  });

  const states = () => ["radar", "depth", "module"].map((sensor) => rig.statusOf(sensor)?.state);

  it("runs all three under one lease; the module is ignored before and after it", { timeout: 40_000 }, async () => {
    await rig.until(() => expect(states()).toEqual(["off", "off", "ignored"]));
    expect(rig.statuses.map(({ sensor, off }) => `${sensor} ${off}`)).toEqual(
      expect.arrayContaining(["radar stops", "depth stops", "module ignored"]),
    );
    await rig.lease(1);
    await rig.untilFrames(10);
    await rig.until(() => expect(states()).toEqual(["on", "on", "lost"]));
    expect(rig.statusOf("module")?.detail).toContain(`no device at ${cable.path}`);
    await cable.plug();
    await rig.until(() => expect(rig.moduleFrames.length).toBeGreaterThan(20));
    expect(states()).toEqual(["on", "on", "on"]);
    for (const [sequence, { header, topic }] of rig.moduleFrames.entries()) {
      expect(header).toMatchObject({ kind: "radar-vitals", sequence, bootId: rig.statusOf("module")?.bootId });
      expect(topic).toBe(`${prefix}/unit-1/module/radar-vitals`);
    }
    expect(rig.moduleFrames.some(({ frame }) => frame.wave.length === 1)).toBe(true);
    // 20 phases a second and little else.
    const [first, last] = [rig.moduleFrames[0], rig.moduleFrames.at(-1)];
    expect((last?.header.deviceUs ?? 0) - (first?.header.deviceUs ?? 0)).toBeGreaterThan(500_000);
    await rig.stopOrder(2);
    await rig.until(() => expect(states()).toEqual(["off", "off", "ignored"]));
    const before = rig.moduleFrames.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(rig.moduleFrames.length).toBe(before);
    expect(rig.statusOf("module")?.counts).toMatchObject({ checksumErrors: 0, strange: 0, malformed: 0 });
  });
});
