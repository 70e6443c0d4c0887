import type { KeyObject } from "node:crypto";
import { type BridgeStatus, bridgeStatusEveryMs } from "../edge-agent/contract/bridge-status.ts";
import type { BedConfig, SiteConfig } from "../edge-agent/contract/config.ts";
import {
  type EnvelopeHeader,
  encodeEnvelope,
  encodeRadarIq,
  type RadarIqFrame,
} from "../edge-agent/contract/frames.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { elapsedMs, type MonoMs } from "../edge-agent/contract/units.ts";
import type { Clock } from "../edge-agent/platform/clock.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { verifyCanonical } from "../edge-agent/platform/keys.ts";
import type { Log } from "../edge-agent/platform/log.ts";
import { newLeaseGate } from "./lease-gate.ts";
import type { Port } from "./ports/port.ts";
import { newSimulatedPort } from "./ports/simulated.ts";
import { newTcpPort } from "./ports/tcp.ts";
import { newSensorLine, type SensorLine } from "./sensor-line.ts";
import { sensors } from "./sensors/index.ts";
import { openBedroom } from "./simulator/bedroom.ts";

/*
 * One bedroom unit's bridge: a line to each sensor, the lease gate, and two broker connections. It decides nothing: a
 * lease starts a sensor, a stop or the lease's end stops it.
 */

export interface BridgeParts {
  readonly site: SiteConfig;
  readonly device: string;
  readonly credential: string;
  readonly stationKey: KeyObject;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Bridge {
  start(signal: AbortSignal): void;
  /** Sensors first, then the word that they are off, then the brokers. At most about 3 s. */
  stop(): Promise<void>;
}

/**
 * How long a sent frame's bytes stay before they are overwritten: the broker connection holds the same memory until the
 * kernel has taken it. A frame that waited longer goes out as zeros, which no reader accepts as an envelope.
 */
const overwriteAfterMs = 10_000;
const confirmStatusWithinMs = 2_000;

interface Bed {
  readonly bed: string;
  readonly sensor: string;
  readonly line: SensorLine;
  readonly counts: { framesSent: number; publishesDropped: number; leasesRefused: number };
  leaseTimer: NodeJS.Timeout | undefined;
}

export function newBridge(parts: BridgeParts): Bridge {
  const { site, device, clock, log } = parts;
  const topic = topics(site);
  const beds = new Map<string, Bed>();
  const sent: { readonly at: MonoMs; readonly bytes: Uint8Array }[] = [];
  let frames: BrokerLink | undefined;
  let control: BrokerLink | undefined;
  let pulse: NodeJS.Timeout | undefined;

  const ours = site.beds.filter((bed) => bed.device === device);
  const gate = newLeaseGate(
    device,
    ours.map(({ bed }) => bed),
    clock.utcMs(),
    (lease, signature) => verifyCanonical(parts.stationKey, lease, signature),
  );

  const overwriteSent = (olderThanMs: number): void => {
    const at = clock.monoMs();
    while (sent[0] !== undefined && elapsedMs(sent[0].at, at) >= olderThanMs) sent.shift()?.bytes.fill(0);
  };

  const publishFrame = (bed: Bed, header: EnvelopeHeader, frame: RadarIqFrame): void => {
    const payload = encodeRadarIq(frame);
    const bytes = encodeEnvelope(header, payload);
    payload.fill(0);
    sent.push({ at: clock.monoMs(), bytes });
    overwriteSent(overwriteAfterMs);
    const dropped = Promise.resolve("dropped" as const);
    (frames?.publish(topic.frame(device, bed.sensor, header.kind), bytes, { qos: 0, dropWhenOffline: true }) ?? dropped)
      .then((result) => {
        if (result === "sent") bed.counts.framesSent += 1;
        else bed.counts.publishesDropped += 1;
      })
      .catch((cause: unknown) => log.error({ cause }, "publishing a frame failed"));
  };

  const publishStatus = async (bed: Bed): Promise<void> => {
    const { line } = bed;
    const status: BridgeStatus = {
      v: 1,
      device,
      sensor: bed.sensor,
      bed: bed.bed,
      state: line.state,
      detail: line.detail,
      at: clock.utcMs(),
      bootId: line.bootId,
      counts: { ...line.counts, ...bed.counts },
    };
    await control?.publish(topic.status(device), JSON.stringify(status), {
      qos: 1,
      dropWhenOffline: true,
      timeoutMs: confirmStatusWithinMs,
    });
  };
  const sayStatus = (bed: Bed): void => {
    publishStatus(bed).catch((cause: unknown) => log.error({ cause }, "publishing a status failed"));
  };

  const shut = (bed: Bed, why: string): void => {
    clearTimeout(bed.leaseTimer);
    bed.leaseTimer = undefined;
    log.info({ bed: bed.bed, why }, "sensor told to stop");
    bed.line.wish("off");
  };

  const hearLease = (payload: Uint8Array): void => {
    const answer = gate.hear(payload, { monoMs: clock.monoMs(), utcMs: clock.utcMs() });
    switch (answer.gate) {
      case "refused": {
        // Where it names no bed of ours, the whole device counts it.
        const named = answer.bed === undefined ? undefined : beds.get(answer.bed);
        for (const bed of named === undefined ? beds.values() : [named]) bed.counts.leasesRefused += 1;
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
        // Another person's stay inherits nothing, not even a boot id.
        if (answer.newStay) bed.line.restart();
        bed.line.wish("on");
        return;
      }
    }
  };

  const addBed = (config: BedConfig): void => {
    const sensor = config.sensors[0];
    if (sensor === undefined) return;
    const bed: Bed = {
      bed: config.bed,
      sensor: sensor.sensor,
      counts: { framesSent: 0, publishesDropped: 0, leasesRefused: 0 },
      leaseTimer: undefined,
      line: newSensorLine({
        sensor: sensors[sensor.model],
        newPort: () => portOf(sensor.port, clock),
        clock,
        mayPass: (at) => gate.allows(config.bed, at),
        onFrame: (header, frame) => publishFrame(bed, header, frame),
        onChange: () => {
          log.info({ bed: bed.bed, sensor: bed.sensor, state: bed.line.state }, bed.line.detail);
          sayStatus(bed);
        },
        random: Math.random,
      }),
    };
    beds.set(bed.bed, bed);
  };

  return {
    start(signal) {
      if (signal.aborted) return;
      const common = { clientId: device, username: device, password: parts.credential, log };
      const { host, framesPort, controlPort } = site.brokers;
      frames = connectBroker({ ...common, url: `mqtt://${host}:${framesPort}` });
      control = connectBroker({
        ...common,
        url: `mqtt://${host}:${controlPort}`,
        will: { topic: topic.presence(device), payload: "gone" },
      });
      for (const config of ours) addBed(config);
      control.subscribe(topic.lease(device), 1, (_topic, payload) => hearLease(payload));
      control.onState((state) => {
        if (state === "connected") for (const bed of beds.values()) sayStatus(bed);
      });
      for (const bed of beds.values()) bed.line.start(signal);
      pulse = setInterval(() => {
        overwriteSent(overwriteAfterMs);
        for (const bed of beds.values()) sayStatus(bed);
      }, bridgeStatusEveryMs);
    },
    async stop() {
      clearInterval(pulse);
      for (const bed of beds.values()) clearTimeout(bed.leaseTimer);
      await Promise.all([...beds.values()].map((bed) => bed.line.stop()));
      await Promise.race([
        Promise.all([...beds.values()].map(publishStatus)),
        new Promise((resolve) => setTimeout(resolve, 500)),
      ]);
      await Promise.all([frames?.stop(), control?.stop()]);
      overwriteSent(0);
    },
  };
}

function portOf(port: BedConfig["sensors"][number]["port"], clock: Clock): Port {
  switch (port.via) {
    case "tcp":
      return newTcpPort({ host: port.host, port: port.port });
    case "simulated":
      return newSimulatedPort(openBedroom(port.scene, port.seed), port.speed, clock);
  }
}
