import { describe, expect, it } from "vitest";
import type { DepthFrame } from "../../edge-agent/contract/frames.ts";
import { sensors } from "../sensors/index.ts";
import { openDepthCamera } from "./depth-camera.ts";
import { openDepthCameraStandIn } from "./depth-camera-stand-in.ts";
import { wallDepth } from "./depth-settings.ts";
import { scenes } from "./scenes.ts";
import { openVl53l5cxStandIn } from "./vl53l5cx-stand-in.ts";

const sceneWith = (model: "8x8" | "80x60") => ({ ...Object.values(scenes)[0]!, depth: wallDepth(model) });

const standIns = [
  { name: "st-vl53l5cx", open: openVl53l5cxStandIn, scene: sceneWith("8x8") },
  { name: "depth-camera", open: openDepthCameraStandIn, scene: sceneWith("80x60") },
] as const;

describe.each(standIns)("the stand-in of $name", ({ name, open, scene }) => {
  /** Speaks to it as the bridge does, until so many frames came. */
  function converse(frames: number) {
    const standIn = open(scene, 1);
    const talk = sensors[name].newTalk();
    const heard: string[] = [];
    const decoded: { readonly frame: DepthFrame; readonly deviceUs: number; readonly afterGap: boolean }[] = [];
    let toSensor = [talk.start()];
    for (let nowMs = 0; decoded.length < frames && nowMs < 60_000; nowMs += 20) {
      const bytes = [...toSensor.flatMap((one) => standIn.take(one, nowMs)), ...standIn.due(nowMs)];
      toSensor = [];
      for (const framed of bytes.flatMap((one) => talk.framer.push(one))) {
        const one = talk.hear(framed);
        heard.push(one.heard);
        if (one.heard === "go-on") toSensor.push(one.write);
        if (one.heard !== "measurement") continue;
        const reading = talk.decode(framed, 0);
        if (!reading.ok || !("mm" in reading.frame)) throw new Error("no depth");
        decoded.push({ ...reading, frame: reading.frame });
      }
    }
    return { standIn, talk, heard, decoded };
  }

  it("sends what the simulated camera sees, to the millimetre and the pixel, with its angles", () => {
    const { heard, decoded, talk } = converse(30);
    expect(heard.slice(0, 3)).toEqual(["go-on", "started", "measurement"]);
    const camera = openDepthCamera(scene);
    for (const { frame } of decoded) {
      const seen = camera.next();
      expect(frame.mm).toEqual(seen.mm);
      expect([frame.widthPx, frame.heightPx, frame.frameRateHz]).toEqual([seen.widthPx, seen.heightPx, 10]);
      expect(frame.acrossDeg).toBeCloseTo(seen.acrossDeg, 3);
      expect(frame.downDeg).toBeCloseTo(seen.downDeg, 3);
    }
    expect(talk.framer.counts).toEqual({ bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 });
    const stepsUs = decoded.slice(1).map(({ deviceUs }, i) => deviceUs - (decoded[i]?.deviceUs ?? 0));
    expect(stepsUs.every((us) => us === 100_000)).toBe(true);
    expect(decoded.some(({ afterGap }) => afterGap)).toBe(false);
  });

  it("stops when told, says so, and begins anew", () => {
    const { standIn, talk, decoded } = converse(3);
    const answers = standIn.take(talk.stop(), 1_000);
    expect(answers.flatMap((one) => talk.framer.push(one)).map((framed) => talk.hear(framed).heard)).toEqual([
      "stopped",
    ]);
    expect(standIn.nextDueMs).toBeUndefined();
    expect(standIn.due(9_000)).toEqual([]);
    expect(converse(1).decoded[0]?.frame.mm).toEqual(decoded[0]?.frame.mm);
  });

  it("slips rather than bursts after a stall, and answers no noise", () => {
    const { standIn } = converse(1);
    expect(standIn.due(1e6).length).toBeLessThanOrEqual(8);
    expect(standIn.take(new Uint8Array(1_000).fill(0x41), 1e6)).toEqual([]);
  });
});

it("a stand-in is opened only in a room with its sensor", () => {
  expect(() => openVl53l5cxStandIn(sceneWith("80x60"), 1)).toThrow("8x8");
  expect(() => openDepthCameraStandIn(sceneWith("8x8"), 1)).toThrow("no depth camera");
});
