import { readBridgeStatus } from "../contract/bridge-status.ts";
import type { SiteConfig } from "../contract/config.ts";
import { readSelfTest, SelfTested } from "../contract/self-test.ts";
import { readControlTopic, topics } from "../contract/topics.ts";
import type { BrokerLink } from "../platform/connect.ts";
import type { Log } from "../platform/log.ts";
import type { LeaseRefusals } from "./lease-refusals.ts";
import type { SitePlaces } from "./site-places.ts";
import { eventsOfLost, type SensorStatus } from "./unit-lost.ts";

interface Heard {
  readonly site: SiteConfig;
  readonly placeOf: SitePlaces["placeOf"];
  readonly refusals: Pick<LeaseRefusals, "hear">;
  readonly onStatus: (bed: string, status: SensorStatus) => void;
  readonly onTested: (tested: SelfTested) => void;
  readonly onAsk: (client: string, payload: Uint8Array) => void;
  readonly log: Log;
}

/** Everything that the agent hears on the control broker. Each device may speak only for its own sensors. */
export function hearControl(control: BrokerLink, heard: Heard): void {
  const { site, placeOf, refusals, onStatus, onTested, onAsk, log } = heard;
  const topic = topics(site);
  control.subscribe(topic.anyStatus, 1, (name, payload) => {
    const status = readBridgeStatus(payload);
    const place = readControlTopic(site, name);
    if (
      status === undefined ||
      place?.[0] !== status.device ||
      placeOf.get(`${status.device}/${status.sensor}`)?.bed !== status.bed
    ) {
      return log.warn({ topic: name }, "a status that does not parse, or speaks for another device, was dropped");
    }
    refusals.hear(status);
    const { sensor, state, health } = status;
    const detail = health.word === "ok" ? status.detail : `${health.word}: ${health.detail}; ${status.detail}`;
    onStatus(status.bed, { kind: "sensor-status", sensor, state, detail, health: health.word });
  });
  control.subscribe(topic.anyPresence, 1, (name, payload) => {
    const device = readControlTopic(site, name)?.[0];
    if (Buffer.from(payload).toString() !== "gone") return;
    log.warn({ device }, "a bedroom unit's bridge is gone");
    for (const { bed, event } of eventsOfLost(site, device)) onStatus(bed, event);
  });
  control.subscribe(topic.anySelfTested, 1, (name, payload) => {
    const tested = readSelfTest(SelfTested, payload);
    if (tested !== undefined && readControlTopic(site, name)?.[0] === tested.device) onTested(tested);
  });
  control.subscribe(topic.anyAsk, 1, (name, payload) => {
    const client = readControlTopic(site, name)?.[1];
    if (client !== undefined) onAsk(client, payload);
  });
}
