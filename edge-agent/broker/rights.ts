import { reservedDeviceNames } from "../contract/config.ts";
import { envelopeBytesMax } from "../contract/frames.ts";
import { prefixOf, readControlTopic, readFrameTopic, type WardAddress } from "../contract/topics.ts";
import type { DropReason } from "../contract/words.ts";

export type BrokerName = "frames" | "control";

export interface Device {
  readonly device: string;
  readonly sensors: readonly string[];
}

export interface Rights {
  /** Whether this client may connect to this broker at all. */
  mayConnect(broker: BrokerName, client: string): boolean;
  /** Undefined: forward it. Otherwise it is dropped and counted; the connection stays. */
  refusePublish(broker: BrokerName, client: string, topic: string, payloadBytes: number): DropReason | undefined;
  maySubscribe(broker: BrokerName, client: string, filter: string): boolean;
}

/**
 * Who may say and hear what. Nothing is allowed that is not listed in `contract/topics.ts`.
 *
 * @param admits whether a valid lease covers this sensor now; asked for every frame.
 */
export function wardRights(
  ward: WardAddress,
  devices: readonly Device[],
  admits: (device: string, sensor: string) => boolean,
): Rights {
  const sensorsOf = new Map(devices.map(({ device, sensors }) => [device, new Set(sensors)]));
  for (const { device } of devices) {
    if (reservedDeviceNames.includes(device)) throw new Error(`a device cannot be called "${device}"`);
  }
  const prefix = prefixOf(ward);

  const refuseFrame = (client: string, topic: string, payloadBytes: number): DropReason | undefined => {
    const named = readFrameTopic(ward, topic);
    if (named === undefined || named.device !== client) return "wrong-topic";
    if (sensorsOf.get(client)?.has(named.sensor) !== true) return "wrong-topic";
    if (payloadBytes > envelopeBytesMax) return "too-large";
    return admits(named.device, named.sensor) ? undefined : "no-lease";
  };

  const mayTell = (client: string, topic: string): boolean => {
    const [first, second] = readControlTopic(ward, topic) ?? ["", ""];
    if (sensorsOf.has(client)) return first === client && ["status", "presence", "self-tested"].includes(second);
    return (client === "dashboard" || client === "admin") && first === "ask" && second === client;
  };

  return {
    mayConnect(broker, client) {
      if (client === "agent" || sensorsOf.has(client)) return true;
      return broker === "control" && (client === "dashboard" || client === "admin");
    },
    refusePublish(broker, client, topic, payloadBytes) {
      if (client === "agent") return topic.startsWith(`${prefix}/`) ? undefined : "wrong-topic";
      switch (broker) {
        case "frames":
          return refuseFrame(client, topic, payloadBytes);
        case "control":
          return mayTell(client, topic) ? undefined : "wrong-topic";
      }
    },
    maySubscribe(broker, client, filter) {
      if (client === "agent") return filter.startsWith(`${prefix}/`);
      if (broker === "frames") return false;
      if (sensorsOf.has(client)) return [`${prefix}/${client}/lease`, `${prefix}/${client}/self-test`].includes(filter);
      // A status is of a sensor, never of a person: who starts the ward waits for it.
      if (client === "admin") return filter === `${prefix}/answer/admin` || filter === `${prefix}/+/status`;
      if (client !== "dashboard") return false;
      if (filter === `${prefix}/answer/dashboard` || filter === `${prefix}/live/+`) return true;
      if (filter === `${prefix}/ward/state`) return true;
      return readControlTopic(ward, filter)?.[0] === "live";
    },
  };
}
