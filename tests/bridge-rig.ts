import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { expect, vi } from "vitest";
import { BridgeStatus } from "../edge-agent/contract/bridge-status.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import {
  type DepthFrame,
  type EnvelopeHeader,
  type FrameKind,
  type Parsed,
  type RadarIqFrame,
  readDepth,
  readEnvelope,
  readRadarIq,
} from "../edge-agent/contract/frames.ts";
import type { Lease } from "../edge-agent/contract/lease.ts";
import { type RadarVitalsFrame, readRadarVitals } from "../edge-agent/contract/module-frames.ts";
import { readPackedDepth, unpackedFrame } from "../edge-agent/contract/packed-depth.ts";
import type { Scene } from "../edge-agent/contract/scene.ts";
import { unpackDepth } from "../edge-agent/io/depth-unpack.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { signCanonical } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { type Bridge, newBridge } from "../firmware-bridge/bridge.ts";
import { bedroomMetadata } from "../firmware-bridge/simulator/bedroom.ts";
import type { RadarFrameSource } from "../firmware-bridge/simulator/frame-source.ts";
import { type StandIn, serveStandIn } from "../firmware-bridge/stand-in-server.ts";

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

function depthSensor(scene: Scene): object {
  if (scene.depth === null) throw new Error("the scene has no depth sensor");
  const { at, towards, model } = scene.depth;
  const { lengthMm, widthMm, topMm } = scene.bed;
  return {
    sensor: "depth",
    model: `sim-depth-${model}`,
    port: { via: "simulated", scene: scene.name },
    packed: true,
    source: "simulated",
    placement: { at, towards, bed: { lengthMm, widthMm, topMm } },
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

const read = (kind: FrameKind, payload: Uint8Array): Parsed<DepthFrame | RadarIqFrame | RadarVitalsFrame> =>
  kind === "depth" ? readDepth(payload) : kind === "radar-vitals" ? readRadarVitals(payload) : readRadarIq(payload);

export const prefix = "v1/trust/site/ward";
const bed = "room-1";

/** A bridge between two real brokers and a stand-in sensor over TCP, all in this process, and what each has seen. */
export class BridgeRig {
  frames: { header: EnvelopeHeader; frame: RadarIqFrame; topic: string; retain: boolean }[] = [];
  /** How many of the depth frames came packed. */
  packedFrames = 0;
  private unpacked: Promise<void> = Promise.resolve();
  depthFrames: { header: EnvelopeHeader; frame: DepthFrame; topic: string; retain: boolean }[] = [];
  moduleFrames: { header: EnvelopeHeader; frame: RadarVitalsFrame; topic: string }[] = [];
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

  /** `depth`: a scene whose depth sensor hangs beside the radar. `more`: other sensors of the bed, as the configuration has them. */
  async bridgeStarts(sensorPort: number, depth?: Scene, more: readonly object[] = []): Promise<void> {
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
          sensors: [
            { sensor: "radar", model: "acconeer-a121", port: { via: "tcp", port: sensorPort }, source: "recording" },
            ...(depth === undefined ? [] : [depthSensor(depth)]),
            ...more,
          ],
        },
      ],
      brokers: { framesPort: frames.port, controlPort: control.port },
    });
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    this.key = privateKey;
    this.bridge = newBridge({
      site,
      device: "unit-1",
      login: (port) => ({
        url: `mqtt://127.0.0.1:${port}`,
        clientId: "unit-1",
        username: "unit-1",
        password: "secret",
      }),
      stationKey: publicKey,
      clock: systemClock,
      log: newLog("bridge", () => {}),
      scenes: new Map(depth === undefined ? [] : [[depth.name, depth]]),
    });
    this.bridge.start(new AbortController().signal);
    await vi.waitFor(() => expect(this.statuses.length).toBeGreaterThan(0), { timeout: 10_000, interval: 20 });
  }

  private readFramesOf(frames: Broker): void {
    frames.aedes.on("publish", ({ topic, payload, retain }, client) => {
      if (client === null) return;
      const envelope = readEnvelope(Uint8Array.from(payload as Buffer));
      if (!envelope.ok) throw new Error(`bad envelope: ${envelope.why}`);
      const { header, payload: inside } = envelope.value;
      const packed = header.kind === "depth" ? readPackedDepth(inside) : undefined;
      if (packed?.ok === true) {
        this.packedFrames += 1;
        const { png, widthPx, heightPx } = packed.value;
        // In their order, as the agent takes them.
        this.unpacked = this.unpacked.then(async () => {
          const frame = unpackedFrame(packed.value, await unpackDepth(png, widthPx, heightPx));
          if (frame === undefined) throw new Error("another number of pixels came out than announced");
          this.depthFrames.push({ header, frame, topic, retain });
        });
        return;
      }
      const frame = read(header.kind, inside);
      if (!frame.ok) throw new Error(`bad frame: ${frame.why}`);
      if ("wave" in frame.value) this.moduleFrames.push({ header, frame: frame.value, topic });
      else if ("mm" in frame.value) this.depthFrames.push({ header, frame: frame.value, topic, retain });
      else this.frames.push({ header, frame: frame.value, topic, retain });
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
  /** In order, with its brokers still there. */
  async bridgeStops(): Promise<void> {
    await this.bridge?.stop();
    this.bridge = undefined;
  }
  async stop(): Promise<void> {
    await this.bridgeStops();
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
    return this.statusOf("radar");
  }
  statusOf(sensor: string): BridgeStatus | undefined {
    return this.statuses.findLast((status) => status.sensor === sensor);
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
