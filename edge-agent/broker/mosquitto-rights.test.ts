import { describe, expect, it } from "vitest";
import { topics } from "../contract/topics.ts";
import { topicMatches } from "../platform/topic-filter.ts";
import { clientRights } from "./mosquitto-rights.ts";
import { wardRights } from "./rights.ts";

const ward = { trust: "rxx", site: "test", ward: "willow" };
const devices = [
  { device: "unit-1", sensors: ["radar-1"] },
  { device: "unit-2", sensors: ["radar-2"] },
];
const topic = topics(ward);
const clients = ["agent", "dashboard", "admin", "unit-1", "unit-2"];
/** Each control topic that there is, for one bed, one unit and one asker; and one that is none. */
const control = [
  ...[topic.live("room-1"), topic.wardState, topic.ask("dashboard"), topic.answer("dashboard")],
  ...[topic.ask("admin"), topic.answer("admin"), topic.lease("unit-1"), topic.status("unit-1")],
  ...[topic.presence("unit-1"), topic.selfTest("unit-1"), topic.selfTested("unit-1"), "v1/rxx/test/willow/else"],
];

describe("the rights of a mosquitto are those of our own broker", () => {
  const own = wardRights(ward, devices, () => true);
  const theirs = clientRights("control", ward, devices);
  const allows = (client: string, kind: RegExp, name: string): boolean =>
    (theirs.get(client) ?? []).some(({ acltype, topic: filter }) => kind.test(acltype) && topicMatches(filter, name));

  it.each(clients)("what %s may say on the control broker", (client) => {
    for (const name of control) {
      const ours = own.refusePublish("control", client, name, 10) === undefined;
      expect({ name, may: allows(client, /^publishClientSend$/, name) }).toEqual({ name, may: ours });
    }
  });

  it.each(clients)("what %s may hear on the control broker", (client) => {
    for (const name of control) {
      const filters = [name, topic.anyLive, topic.anyStatus].filter((filter) => topicMatches(filter, name));
      const ours = filters.some((filter) => own.maySubscribe("control", client, filter));
      expect({ name, may: allows(client, /^subscribe/, name) }).toEqual({ name, may: ours });
    }
  });

  it("nobody but the agent hears a frame, and nobody else may be there", () => {
    const frames = clientRights("frames", ward, devices);
    expect(
      [...frames]
        .filter(([, acls]) => acls.some(({ acltype }) => acltype.startsWith("subscribe")))
        .map(([name]) => name),
    ).toEqual(["agent"]);
    for (const client of clients) expect(frames.has(client)).toBe(own.mayConnect("frames", client));
  });
});
