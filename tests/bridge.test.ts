import { spawn } from "node:child_process";
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { Aedes } from "aedes";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BridgeStatus } from "../edge-agent/contract/bridge-status.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { type EnvelopeHeader, type RadarIqFrame, readEnvelope, readRadarIq } from "../edge-agent/contract/frames.ts";
import type { Lease } from "../edge-agent/contract/lease.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { signCanonical } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { type Bridge, newBridge } from "../firmware-bridge/bridge.ts";
import { bedroomMetadata } from "../firmware-bridge/simulator/bedroom.ts";
import type { RadarFrameSource } from "../firmware-bridge/simulator/frame-source.ts";
import { type StandIn, serveStandIn } from "../firmware-bridge/stand-in-server.ts";
import { haveRecordings, recordingsPath } from "./shared-material.ts";

/** Frames that carry their own number in every sample, 50 ms apart on the sensor's clock. */
function numberedSource(): RadarFrameSource {
  let at = 0;
  return {
    metadata: bedroomMetadata,
    frameRateHz: 20,
    restart() {
      at = 0;
    },
    next() {
      at += 1;
      const samples = new Int16Array(2 * bedroomMetadata.frame_data_length).fill(at);
      return {
        tick: 1_000_000 + at * 50_000,
        temperature: 20,
        data_saturated: false,
        frame_delayed: false,
        calibration_needed: false,
        payload: new Uint8Array(samples.buffer),
      };
    },
  };
}

interface Broker {
  readonly port: number;
  readonly aedes: Aedes;
  stop(): Promise<void>;
}

async function startBroker(port = 0): Promise<Broker> {
  const aedes = await Aedes.createBroker({ drainTimeout: 2_000 });
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    aedes.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return {
    port: address.port,
    aedes,
    stop: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const prefix = "v1/trust/site/ward";
const bed = "room-1";

class Rig {
  frames: { header: EnvelopeHeader; frame: RadarIqFrame; topic: string; retain: boolean }[] = [];
  statuses: BridgeStatus[] = [];
  commands = "";
  private brokers: Broker[] = [];
  private bridge: Bridge | undefined;
  private key: KeyObject | undefined;
  standIn: StandIn | undefined;

  async standInStarts(port = 0): Promise<number> {
    this.standIn = await serveStandIn({
      newSource: numberedSource,
      speed: 1,
      clock: systemClock,
      port,
      onBytes: (bytes) => {
        this.commands += Buffer.from(bytes).toString();
      },
    });
    return this.standIn.port;
  }

  async bridgeStarts(sensorPort: number): Promise<void> {
    const [frames, control] = await Promise.all([startBroker(), startBroker()]);
    this.brokers = [frames, control];
    this.readFramesOf(frames);
    control.aedes.on("publish", ({ topic, payload }, client) => {
      if (client !== null && topic === `${prefix}/unit-1/status`) {
        this.statuses.push(BridgeStatus.parse(JSON.parse(payload.toString())));
      }
    });
    const site = SiteConfig.parse({
      v: 1,
      trust: "trust",
      site: "site",
      ward: "ward",
      wardName: "Ward",
      auditDomain: "ward.example",
      beds: [
        {
          bed,
          name: "Room 1",
          device: "unit-1",
          sensors: [{ sensor: "radar", model: "acconeer-a121", port: { via: "tcp", port: sensorPort } }],
        },
      ],
      brokers: { framesPort: frames.port, controlPort: control.port },
    });
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    this.key = privateKey;
    this.bridge = newBridge({
      site,
      device: "unit-1",
      credential: "secret",
      stationKey: publicKey,
      clock: systemClock,
      log: newLog("bridge", () => {}),
    });
    this.bridge.start(new AbortController().signal);
    await vi.waitFor(() => expect(this.statuses.length).toBeGreaterThan(0), { timeout: 10_000, interval: 20 });
  }

  private readFramesOf(frames: Broker): void {
    frames.aedes.on("publish", ({ topic, payload, retain }, client) => {
      if (client === null) return;
      const envelope = readEnvelope(Uint8Array.from(payload as Buffer));
      if (!envelope.ok) throw new Error(`bad envelope: ${envelope.why}`);
      const frame = readRadarIq(envelope.value.payload);
      if (!frame.ok) throw new Error(`bad frame: ${frame.why}`);
      this.frames.push({ header: envelope.value.header, frame: frame.value, topic, retain });
    });
  }
  /** The frames broker goes away; the control broker stays. Gives its port. */
  async framesBrokerStops(): Promise<number> {
    const [frames, ...rest] = this.brokers;
    this.brokers = rest;
    await frames?.stop();
    return frames?.port ?? 0;
  }
  async framesBrokerComesBack(port: number): Promise<void> {
    const frames = await startBroker(port);
    this.readFramesOf(frames);
    this.brokers = [frames, ...this.brokers];
  }
  async stop(): Promise<void> {
    await this.bridge?.stop();
    await this.standIn?.stop();
    for (const broker of this.brokers) await broker.stop();
  }

  private publish(value: unknown): Promise<void> {
    const packet = {
      cmd: "publish",
      topic: `${prefix}/unit-1/lease`,
      payload: Buffer.from(JSON.stringify(value)),
      qos: 1,
      retain: false,
      dup: false,
    } as const;
    return new Promise((resolve, reject) =>
      this.brokers.at(-1)?.aedes.publish(packet, (error) => (error ? reject(error) : resolve())),
    );
  }
  lease(number: number, forMs = 20_000, changes: Partial<Lease> = {}, key = this.key): Promise<void> {
    if (key === undefined) throw new Error("no key yet");
    const issuedAt = Date.now();
    const lease: Lease = {
      v: 1,
      bed,
      device: "unit-1",
      stay: "stay-1",
      purposes: ["breathing-rate"],
      number,
      issuedAt,
      endsAt: issuedAt + forMs,
      ...changes,
    };
    return this.publish({ kind: "lease", lease, signature: signCanonical(key, lease) });
  }
  stopOrder(number: number): Promise<void> {
    return this.publish({ kind: "stop", bed, number });
  }

  get status(): BridgeStatus | undefined {
    return this.statuses.at(-1);
  }
  until(check: () => void): Promise<void> {
    return vi.waitFor(check, { timeout: 12_000, interval: 20 });
  }
  untilState(state: BridgeStatus["state"]): Promise<void> {
    return this.until(() => expect(this.status?.state).toBe(state));
  }
  untilFrames(count: number): Promise<void> {
    return this.until(() => expect(this.frames.length).toBeGreaterThanOrEqual(count));
  }
  commandsSent(command: string): number {
    return this.commands.split(`"cmd":"${command}"`).length - 1;
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the bridge, between two real brokers and a stand-in sensor over TCP", () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = new Rig();
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
    const rig = new Rig();
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
