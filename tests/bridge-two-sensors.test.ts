import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { BridgeRig, prefix } from "./bridge-rig.ts";

let rig: BridgeRig;

describe.each(["asleep", "asleep-8x8"])("a bridge with a radar and the depth sensor of the scene %s", (name) => {
  const scene = readScene(name);
  beforeEach(async () => {
    rig = new BridgeRig();
    await rig.bridgeStarts(await rig.standInStarts(), scene);
  });
  afterEach(() => rig.stop());

  const untilBoth = (state: "on" | "off"): Promise<void> =>
    rig.until(() => expect(["radar", "depth"].map((sensor) => rig.statusOf(sensor)?.state)).toEqual([state, state]));

  it("starts and stops both under one lease, each with its own word, boot id and topic", async () => {
    await untilBoth("off");
    expect(rig.frames.length + rig.depthFrames.length).toBe(0);
    await rig.lease(1);
    await rig.untilFrames(10);
    await rig.until(() => expect(rig.depthFrames.length).toBeGreaterThanOrEqual(10));
    const [wide, high] = name === "asleep" ? [80, 60] : [8, 8];
    // On a machine that cannot keep up the oldest that waits to be packed falls: what comes keeps its number and its time.
    const numbers = rig.depthFrames.map(({ header }) => header.sequence);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers[0]).toBe(0);
    for (const { header, frame, topic, retain } of rig.depthFrames) {
      expect({ ...header, topic, retain }).toMatchObject({
        kind: "depth",
        deviceUs: header.sequence * 100_000,
        bootId: rig.statusOf("depth")?.bootId,
        topic: `${prefix}/unit-1/depth/depth`,
        retain: false,
      });
      expect(frame).toMatchObject({ widthPx: wide, heightPx: high, frameRateHz: 10 });
      // A bedroom: most of it can be seen, nearer than the far wall.
      const seen = frame.mm.filter((mm) => mm > 300 && mm < 6_000);
      expect(seen.length).toBeGreaterThan(0.7 * frame.mm.length);
    }
    // 80x60 travels packed; 8x8 is too small to gain from it.
    expect(rig.packedFrames > 0).toBe(name === "asleep");
    expect(rig.statusOf("radar")?.bootId).not.toBe(rig.statusOf("depth")?.bootId);
    await rig.stopOrder(2);
    await untilBoth("off");
    const before = rig.depthFrames.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(rig.depthFrames.length).toBe(before);
  });

  it("goes on with the depth sensor when the radar is lost, and stops it when the lease ends", async () => {
    await untilBoth("off");
    await rig.lease(1, 3_000);
    await rig.untilFrames(2);
    await rig.standIn?.stop();
    await rig.untilState("lost");
    const before = rig.depthFrames.length;
    await rig.until(() => expect(rig.depthFrames.length).toBeGreaterThan(before + 3));
    expect(rig.statusOf("depth")?.state).toBe("on");
    await rig.until(() => expect(rig.statusOf("depth")?.state).toBe("off"));
  });
});
