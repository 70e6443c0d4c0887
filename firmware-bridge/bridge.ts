import type { KeyObject } from "node:crypto";
import { type BridgeStatus, bridgeStatusEveryMs } from "../edge-agent/contract/bridge-status.ts";
import type { SensorConfig, SiteConfig } from "../edge-agent/contract/config.ts";
import { type EnvelopeHeader, encodeDepth, encodeEnvelope, encodeRadarIq } from "../edge-agent/contract/frames.ts";
import { encodeRadarTargets, encodeRadarVitals } from "../edge-agent/contract/module-frames.ts";
import type { Scene } from "../edge-agent/contract/scene.ts";
import { readSelfTest, SelfTest, type SelfTested } from "../edge-agent/contract/self-test.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import type { MonoMs } from "../edge-agent/contract/units.ts";
import type { BrokerLogin } from "../edge-agent/platform/broker-login.ts";
import type { Clock } from "../edge-agent/platform/clock.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { verifyCanonical } from "../edge-agent/platform/keys.ts";
import type { Log } from "../edge-agent/platform/log.ts";
import { newDepthPacking } from "./depth-codec.ts";
import { newLeaseGate } from "./lease-gate.ts";
import type { SensorLine } from "./line-parts.ts";
import { newPlacedHealth, type PlacedHealth } from "./placed-health.ts";
import { readsItsSamples } from "./sample-check.ts";
import { newSensorLine } from "./sensor-line.ts";
import { sensors } from "./sensors/index.ts";
import type { SensorFrame } from "./sensors/sensor.ts";
import { newSentFrames } from "./sent-frames.ts";
import { newStatusPace, type StatusPace } from "./status-pace.ts";
import { wireOf } from "./wire.ts";

/*
 * One bedroom unit's bridge: a line to each sensor, the lease gate, and two broker connections. It decides nothing: a
 * lease starts a sensor, a stop or the lease's end stops it.
 */

export interface BridgeParts {
  readonly site: SiteConfig;
  readonly device: string;
  /** How it reaches the broker at a port. */
  readonly login: (port: number) => BrokerLogin;
  readonly stationKey: KeyObject;
  readonly clock: Clock;
  readonly log: Log;
  /** Every scene that a simulated port of this device names. */
  readonly scenes: ReadonlyMap<string, Scene>;
}

export interface Bridge {
  start(signal: AbortSignal): void;
  /** Sensors first, then the word that they are off, then the brokers. At most about 3 s. */
  stop(): Promise<void>;
}

const confirmStatusWithinMs = 2_000;
const healthEveryMs = 1_000;

interface Bed {
  readonly bed: string;
  /** Every sensor of the bed is under the one lease. */
  readonly placed: readonly Placed[];
  leaseTimer: NodeJS.Timeout | undefined;
}

interface Placed {
  readonly bed: string;
  readonly sensor: string;
  readonly off: BridgeStatus["off"];
  readonly line: SensorLine;
  readonly health: PlacedHealth;
  readonly pace: StatusPace;
  readonly counts: { framesSent: number; publishesDropped: number; leasesRefused: number };
}

export function newBridge(parts: BridgeParts): Bridge {
  const { site, device, clock, log } = parts;
  const topic = topics(site);
  const beds = new Map<string, Bed>();
  const sent = newSentFrames();
  let frames: BrokerLink | undefined;
  let control: BrokerLink | undefined;
  let pulse: NodeJS.Timeout | undefined;
  let lookAfter: NodeJS.Timeout | undefined;
  /** Set first when it ends. A station renews its leases as soon as one sensor of a bed says that it is off. */
  let ending = false;

  const ours = site.beds.filter((bed) => bed.device === device);
  const gate = newLeaseGate(
    device,
    ours.map(({ bed }) => bed),
    clock.utcMs(),
    (lease, signature) => verifyCanonical(parts.stationKey, lease, signature),
  );

  const publishFrame = (from: Placed, header: EnvelopeHeader, payload: Uint8Array): void => {
    const bytes = encodeEnvelope(header, payload);
    payload.fill(0);
    sent.note(bytes, clock.monoMs());
    const dropped = Promise.resolve("dropped" as const);
    (
      frames?.publish(topic.frame(device, from.sensor, header.kind), bytes, { qos: 0, dropWhenOffline: true }) ??
      dropped
    )
      .then((result) => {
        if (result === "sent") from.counts.framesSent += 1;
        else from.counts.publishesDropped += 1;
      })
      .catch((cause: unknown) => log.error({ cause }, "publishing a frame failed"));
  };

  const everySensor = (): readonly Placed[] => [...beds.values()].flatMap(({ placed }) => placed);
  const publishStatus = async ({ bed, sensor, off, line, health, counts }: Placed): Promise<void> => {
    const status: BridgeStatus = {
      v: 1,
      device,
      sensor,
      bed,
      state: line.state,
      off,
      detail: line.detail,
      health: { word: health.told.word, detail: health.told.detail.slice(0, 120) },
      at: clock.utcMs(),
      bootId: line.bootId,
      counts: { ...line.counts, ...counts },
    };
    await control?.publish(topic.status(device), JSON.stringify(status), {
      qos: 1,
      dropWhenOffline: true,
      timeoutMs: confirmStatusWithinMs,
    });
  };
  const sayStatus = (placed: Placed): void => {
    publishStatus(placed).catch((cause: unknown) => log.error({ cause }, "publishing a status failed"));
  };

  const shut = (bed: Bed, why: string): void => {
    clearTimeout(bed.leaseTimer);
    bed.leaseTimer = undefined;
    log.info({ bed: bed.bed, why }, "sensors told to stop");
    for (const { line } of bed.placed) line.wish("off");
  };

  const hearLease = (payload: Uint8Array): void => {
    if (ending) return;
    const answer = gate.hear(payload, { monoMs: clock.monoMs(), utcMs: clock.utcMs() });
    switch (answer.gate) {
      case "refused": {
        // Where it names no bed of ours, the whole device counts it.
        const named = answer.bed === undefined ? undefined : beds.get(answer.bed);
        for (const { counts } of named?.placed ?? everySensor()) counts.leasesRefused += 1;
        log.warn({ bed: answer.bed, why: answer.why }, "lease refused");
        return;
      }
      case "shut": {
        const bed = beds.get(answer.bed);
        if (bed !== undefined) shut(bed, "stop");
        return;
      }
      case "open": {
        const bed = beds.get(answer.bed);
        if (bed === undefined) return;
        clearTimeout(bed.leaseTimer);
        bed.leaseTimer = setTimeout(() => shut(bed, "lease ended"), Math.max(0, answer.untilMs - clock.monoMs()));
        for (const { line } of bed.placed) {
          // Another person's stay inherits nothing, not even a boot id.
          if (answer.newStay) line.restart();
          line.wish("on");
        }
        return;
      }
    }
  };

  const hearSelfTest = (payload: Uint8Array): void => {
    const test = readSelfTest(SelfTest, payload);
    if (test === undefined || ending) return;
    const models = ours.flatMap((bed) => bed.sensors.map(({ model }) => model));
    const tested: SelfTested = { v: 1, device, nonce: test.nonce, decoded: models.every(readsSamplesOf) };
    const text = JSON.stringify(tested);
    control
      ?.publish(topic.selfTested(device), text, { qos: 1, dropWhenOffline: true, timeoutMs: confirmStatusWithinMs })
      .catch((cause: unknown) => log.error({ cause }, "the answer to a self-test could not be sent"));
  };

  const place = (bed: string, config: SensorConfig): Placed => {
    const { sensor, newPort, retryMsMax } = wireOf(config, parts);
    const health = newPlacedHealth({
      frameRateHz: sensor.frameRateHz,
      clock,
      speed: speedOf(config, site),
      counts: () => placed.line.counts,
      bootId: () => placed.line.bootId,
      clockJumps: () => placed.line.clockJumps,
      onChange: ({ word, detail }) => {
        if (word === "ok") log.info({ bed, sensor: config.sensor }, "sensor sound again");
        else log.warn({ bed, sensor: config.sensor, health: word }, detail);
        placed.pace.ask();
      },
    });
    const packing = newDepthPacking({
      // Of this stay and this start of streaming.
      mayPass: ({ bootId }) => bootId === placed.line.bootId && gate.allows(bed, clock.monoMs()),
      onPacked: (header, payload) => publishFrame(placed, header, payload),
      onDropped: (cause) => {
        placed.counts.publishesDropped += 1;
        log.warn({ bed, sensor: config.sensor, cause: String(cause) }, "a depth frame was not packed");
      },
    });
    const placed: Placed = {
      bed,
      sensor: config.sensor,
      off: sensor.off,
      health,
      pace: newStatusPace(
        () => clock.monoMs(),
        () => {
          const { line } = placed;
          log.info({ bed, sensor: config.sensor, state: line.state }, line.detail);
          sayStatus(placed);
        },
      ),
      counts: { framesSent: 0, publishesDropped: 0, leasesRefused: 0 },
      line: newSensorLine({
        sensor,
        newPort,
        clock,
        mayPass: (at: MonoMs) => gate.allows(bed, at),
        onChange: () => placed.pace.ask(),
        speed: speedOf(config, site),
        random: Math.random,
        ...(retryMsMax === undefined ? {} : { retryMsMax }),
        onFrame: (header, frame) => {
          health.note(header, frame);
          if ("mm" in frame && config.packed === true) packing.offer(header, frame);
          else publishFrame(placed, header, encodeFrame(frame));
        },
      }),
    };
    return placed;
  };

  return {
    start(signal) {
      if (signal.aborted) return;
      const { framesPort, controlPort } = site.brokers;
      frames = connectBroker({ ...parts.login(framesPort), log });
      control = connectBroker({
        ...parts.login(controlPort),
        log,
        will: { topic: topic.presence(device), payload: "gone" },
      });
      for (const { bed, sensors: configs } of ours) {
        beds.set(bed, { bed, placed: configs.map((config) => place(bed, config)), leaseTimer: undefined });
      }
      control.subscribe(topic.lease(device), 1, (_topic, payload) => hearLease(payload));
      control.subscribe(topic.selfTest(device), 1, (_topic, payload) => hearSelfTest(payload));
      control.onState((state) => {
        if (state === "connected") for (const placed of everySensor()) sayStatus(placed);
      });
      for (const { line } of everySensor()) line.start(signal);
      lookAfter = setInterval(() => {
        for (const placed of everySensor()) placed.health.look();
      }, healthEveryMs);
      pulse = setInterval(() => {
        sent.look(clock.monoMs());
        for (const placed of everySensor()) sayStatus(placed);
      }, bridgeStatusEveryMs);
    },
    async stop() {
      ending = true;
      clearInterval(pulse);
      clearInterval(lookAfter);
      for (const bed of beds.values()) clearTimeout(bed.leaseTimer);
      await Promise.all(everySensor().map(({ line }) => line.stop()));
      for (const { pace } of everySensor()) pace.stop();
      await Promise.race([
        Promise.all(everySensor().map(publishStatus)),
        new Promise((resolve) => setTimeout(resolve, 500)),
      ]);
      await Promise.all([frames?.stop(), control?.stop()]);
      sent.overwriteAll();
    },
  };
}

/** The simulated cameras of tests have no wire of their own. */
const readsSamplesOf = (model: SensorConfig["model"]): boolean =>
  model === "sim-depth-80x60" || model === "sim-depth-8x8" || readsItsSamples(sensors[model]);

/** Of what is played; a recording behind a stand-in keeps the pace of the site's clock. */
function speedOf({ port, source }: SensorConfig, { clockSpeed }: SiteConfig): number {
  if (port.via === "simulated" || port.via === "replay") return port.speed;
  return source === null ? 1 : clockSpeed;
}

function encodeFrame(frame: SensorFrame): Uint8Array {
  if ("iq" in frame) return encodeRadarIq(frame);
  if ("mm" in frame) return encodeDepth(frame);
  return "wave" in frame ? encodeRadarVitals(frame) : encodeRadarTargets(frame);
}
