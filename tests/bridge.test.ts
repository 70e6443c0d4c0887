import { spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BridgeRig, prefix } from "./bridge-rig.ts";
import { haveRecordings, recordingsPath } from "./shared-material.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the bridge, between two real brokers and a stand-in sensor over TCP", () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = new BridgeRig();
    await rig.bridgeStarts(await rig.standInStarts());
  });
  afterEach(() => rig.stop());

  it("without a lease: told to stop, confirmed off, nothing published", async () => {
    await rig.untilState("off");
    await pause(500);
    expect(rig.commandsSent("stop_streaming")).toBe(1);
    expect(rig.commandsSent("start_streaming")).toBe(0);
    expect(rig.frames).toEqual([]);
    expect(rig.status?.bootId).toBeNull();
  });

  it("with a lease: really started; frames come in order with the sensor's time; a stop really stops it", async () => {
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(10);
    expect(rig.commandsSent("setup")).toBe(1);
    expect(rig.commandsSent("start_streaming")).toBe(1);
    expect(rig.status?.state).toBe("on");
    const bootId = rig.status?.bootId;
    for (const [index, { header, frame, topic, retain }] of rig.frames.entries()) {
      expect(topic).toBe(`${prefix}/unit-1/radar/radar-iq`);
      expect(retain).toBe(false);
      expect(header).toMatchObject({ bootId, sequence: index, deviceUs: 1_000_000 + (index + 1) * 50_000 });
      expect(Math.abs(header.capturedAt - Date.now())).toBeLessThan(20_000);
      expect([frame.sweeps, frame.points, frame.frameRateHz]).toEqual([16, 21, 20]);
      expect(frame.iq.every((sample) => sample === index + 1)).toBe(true);
    }

    await rig.stopOrder(2);
    await rig.untilState("off");
    // Once for the new connection, once for the stop.
    expect(rig.commandsSent("stop_streaming")).toBe(2);
    const before = rig.frames.length;
    await pause(500);
    expect(rig.frames.length).toBe(before);

    await rig.lease(2);
    await pause(300);
    expect(rig.status?.state).toBe("off");
    await rig.lease(3);
    await rig.untilFrames(before + 2);
    expect(rig.frames[before]?.header.sequence).toBe(0);
    expect(rig.frames[before]?.header.bootId).not.toBe(bootId);
  });

  it("refuses and counts a lease that is forged, old, another bed's, too long or ended", async () => {
    await rig.untilState("off");
    await rig.lease(5, 20_000, {}, generateKeyPairSync("ed25519").privateKey);
    await rig.lease(5, 20_000, { bed: "room-2" });
    await rig.lease(5, 20_000, { device: "unit-2" });
    await rig.lease(5, 60_000);
    await rig.lease(5, -1);
    await rig.lease(5, 20_000, { issuedAt: Date.now() - 30_000, endsAt: Date.now() - 30_000 + 29_000 });
    await rig.until(() => expect(rig.status?.counts.leasesRefused).toBe(6));
    expect(rig.status?.state).toBe("off");
    expect(rig.commandsSent("start_streaming")).toBe(0);
    await rig.lease(5);
    await rig.untilState("on");
    await rig.lease(5);
    await rig.until(() => expect(rig.status?.counts.leasesRefused).toBe(7));
  });

  it("stops by itself when the lease ends without renewal, and runs on through renewals", async () => {
    await rig.untilState("off");
    await rig.lease(1, 1_500);
    await rig.untilState("on");
    const bootId = rig.status?.bootId;
    await rig.lease(2, 2_500);
    await pause(1_700);
    expect(rig.status?.bootId).toBe(bootId);
    await rig.untilState("off");
    expect(rig.commandsSent("stop_streaming")).toBe(2);
    expect(rig.commandsSent("start_streaming")).toBe(1);
  });

  it("starts anew for another stay: frames of two people share no boot id", async () => {
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(3);
    const bootId = rig.status?.bootId;
    await rig.lease(2, 20_000, { stay: "stay-2" });
    await rig.until(() => expect(rig.frames.at(-1)?.header.bootId).not.toBe(bootId));
    expect(rig.commandsSent("stop_streaming")).toBe(2);
    expect(rig.commandsSent("start_streaming")).toBe(2);
  });

  it("says lost when the sensor goes, and recovers by itself with a new boot id", async () => {
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(3);
    const bootId = rig.status?.bootId;
    const port = rig.standIn?.port ?? 0;
    await rig.standIn?.stop();
    await rig.untilState("lost");
    expect(rig.status?.detail).toContain("next try in");
    rig.frames = [];
    await rig.standInStarts(port);
    await rig.untilFrames(3);
    expect(rig.frames[0]?.header.sequence).toBe(0);
    expect(rig.frames[0]?.header.bootId).not.toBe(bootId);
    await rig.until(() => expect(rig.status?.state).toBe("on"));
    expect(rig.status?.counts.reconnects).toBe(1);
  });

  it("says lost when the sensor falls silent with its connection open", async () => {
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(3);
    // As if the sensor had hung: what it writes goes nowhere.
    for (const client of rig.standIn?.clients ?? []) client.write = () => true;
    const bootId = rig.status?.bootId;
    const since = Date.now();
    await rig.untilState("lost");
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(rig.status?.detail).toContain("no frame for 3 s");
    await rig.untilState("on");
    expect(rig.status?.bootId).not.toBe(bootId);
  });

  it("finds the thread again after garbage, and counts it", async () => {
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(3);
    for (const client of rig.standIn?.clients ?? []) client.write(randomBytes(500).map((byte) => byte | 0x80));
    const before = rig.frames.length;
    await rig.untilFrames(before + 10);
    await rig.until(() => expect(rig.status?.counts.bytesSkipped).toBe(500));
    expect(rig.status?.counts.resyncs).toBe(1);
    expect(rig.status?.counts.malformed).toBe(0);
    const times = rig.frames.map(({ header }) => header.deviceUs);
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true);
  });

  it("throws frames away unread, and tells the sensor again, when it sends without a lease", async () => {
    await rig.untilState("off");
    const head = '{"status":"ok","result_info":[[{"tick":1,"temperature":20}]],"payload_size":1344}\n';
    for (const client of rig.standIn?.clients ?? [])
      client.write(Buffer.concat([Buffer.from(head), randomBytes(1_344)]));
    await rig.until(() => expect(rig.status?.counts.framesRefused).toBe(1));
    await rig.until(() => expect(rig.commandsSent("stop_streaming")).toBe(2));
    await rig.untilState("off");
    expect(rig.frames).toEqual([]);
  });

  it("drops and counts frames while the frames broker is away, keeps none for later, and still obeys a stop", async () => {
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(3);
    const port = await rig.framesBrokerStops();
    const seen = rig.frames.length;
    await rig.until(() => expect(rig.status?.counts.publishesDropped).toBeGreaterThan(5));
    expect(rig.status?.state).toBe("on");
    const dropped = rig.status?.counts.publishesDropped ?? 0;
    await rig.framesBrokerComesBack(port);
    await rig.untilFrames(seen + 3);
    expect(rig.frames[seen]?.header.sequence).toBeGreaterThanOrEqual(seen + dropped);
    await rig.stopOrder(2);
    await rig.untilState("off");
  });

  it("stops the sensor first when it ends", async () => {
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(3);
    await rig.stop();
    expect(rig.commandsSent("stop_streaming")).toBe(2);
    expect(rig.status?.detail).toBe("bridge ended; the sensor was confirmed off");
  });
});

describe.skipIf(!haveRecordings)("the stand-in process with a recording", () => {
  it("plays to its end, and the bridge says that the recording ended", async () => {
    const name = `${recordingsPath}/acconeer-a121/breathing-sitting`;
    const child = spawn(
      process.execPath,
      ["firmware-bridge/stand-in.ts", "--config", `${name}.json`, "--wire", `${name}.wire.bin`, "--speed", "20"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const rig = new BridgeRig();
    try {
      const line = await new Promise<string>((resolve, reject) => {
        createInterface({ input: child.stdout }).once("line", resolve);
        child.once("exit", (code) => reject(new Error(`stand-in ended with ${code}`)));
      });
      await rig.bridgeStarts(JSON.parse(line).port);
      await rig.untilState("off");
      await rig.lease(1);
      await rig.untilState("recording-ended");
      expect(rig.status?.counts.malformed).toBe(0);
      await rig.untilFrames(773);
      expect(rig.frames.length).toBe(773);
      expect(rig.frames.map(({ header }) => header.sequence)).toEqual(Array.from({ length: 773 }, (_, k) => k));
      expect(new Set(rig.frames.map(({ header }) => header.bootId)).size).toBe(1);
      expect(rig.frames[0]?.header.deviceUs).toBe(94_316_858);
    } finally {
      await rig.stop();
      child.kill();
    }
  });
});
