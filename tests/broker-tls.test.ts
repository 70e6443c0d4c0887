import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topics } from "../edge-agent/contract/topics.ts";
import type { BrokerLink } from "../edge-agent/platform/connect.ts";
import { revoke } from "../scripts/provision/authority.ts";
import { reloadBrokers } from "../scripts/provision/reload-brokers.ts";
import { dynamicSecurity, markRevoked, provisionLocalUnit, publishList } from "../scripts/provision/ward-folder.ts";
import { type Certificate, type Kind, openRaw, pause, SecureWard } from "./secure-ward.ts";

/* Whoever means harm, on a network of real TLS: the same on the embedded brokers and on a mosquitto. */

const kinds: readonly Kind[] = dynamicSecurity() === undefined ? ["embedded"] : ["embedded", "mosquitto"];

describe.each(kinds)("the %s brokers behind TLS", (kind) => {
  const ward = new SecureWard(kind);
  let unit2: BrokerLink;
  let unit2Frames: BrokerLink;
  const at = topics({ trust: "rxx", site: "test", ward: "willow" });
  const frame = (unit: string) => at.frame(unit, "radar-1", "radar-iq");
  const leaseHeard: string[] = [];
  beforeAll(async () => {
    await ward.start();
    unit2 = await ward.link("unit-2", ward.brokers.controlPort, [at.lease("unit-2")], leaseHeard);
    unit2Frames = await ward.link("unit-2", ward.brokers.framesPort);
  }, 60_000);
  afterAll(() => ward.stop());

  /** Frames that were sent before this one came through, or were dropped. */
  const framesSettled = async (word: string): Promise<void> => {
    await ward.until(`a frame of unit-2: ${word}`, () => {
      void unit2Frames.publish(frame("unit-2"), word, { qos: 0 });
      return ward.heard.includes(`${frame("unit-2")} ${word}`);
    });
  };
  const unit1 = (port: number, more: object = {}) =>
    ward.raw(port, ward.certificateOf("unit-1"), { clientId: "unit-1", ...login, ...more });
  const login = {
    username: "unit-1",
    get password() {
      return secretOf(ward, "unit-1");
    },
  };

  it("carries a frame under a lease and a lease to its unit", async () => {
    await framesSettled("the first");
    expect(await ward.agent.control.publish(at.lease("unit-2"), "a lease", { qos: 1 })).toBe("sent");
    await ward.until("the lease", () => leaseHeard.includes(`${at.lease("unit-2")} a lease`));
  });

  /** Of an address of their own: the cap is for each address. */
  const idle = { sockets: [] as Socket[], ended: 0 };
  // First of all: mosquitto 2.0.11 miscounts once a client has taken the place of its own older connection.
  it("takes only so many connections that do not log in", async () => {
    const from = { host: "127.0.0.1", localAddress: "127.0.0.9", port: ward.brokers.controlPort };
    idle.sockets = Array.from({ length: 120 }, () => connect(from));
    for (const socket of idle.sockets) {
      socket.on("error", () => {});
      socket.resume();
      socket.on("close", () => {
        idle.ended += 1;
      });
    }
    await ward.until("those too many are cut", () => idle.ended >= (kind === "embedded" ? 80 : 20));
    // A mosquitto waits a minute and a half for what never comes.
    if (kind === "mosquitto") for (const socket of idle.sockets) socket.destroy();
    expect([unit2.state, ward.agent.control.state]).toEqual(["connected", "connected"]);
  });

  describe.each(["framesPort", "controlPort"] as const)("at its %s", (which) => {
    it.each([
      ["no certificate", (): Certificate => ({ ca: ward.certificateOf("agent").ca })],
      ["the certificate of another authority", () => ward.foreign("unit-1")],
      [
        "an expired certificate",
        () => {
          const between = ["20250101000000Z", "20250401000000Z"] as const;
          return ward.issued(ward.folder.authority, { name: "unit-1", use: "client", between });
        },
      ],
      ["the broker's own certificate", () => ward.certificateOf("broker")],
    ])("refuses %s before anything is asked", async (_name, certificate) => {
      const raw = await ward.raw(ward.brokers[which], certificate(), { clientId: "unit-1", ...login });
      expect(raw.connack()).toBeUndefined();
      await ward.until("its end", raw.ended);
    });
  });

  it("lets nobody be another: a spoofed id neither speaks for it nor takes its place", async () => {
    for (const id of ["unit-2", "agent", "broker-admin"]) {
      const raw = await ward.raw(ward.brokers.controlPort, ward.certificateOf("unit-1"), {
        clientId: id,
        username: id,
        password: Buffer.from(secretOf(ward, id)),
      } as never);
      const publish = { cmd: "publish", qos: 0, dup: false, retain: false } as const;
      raw.send({ ...publish, topic: at.presence("unit-2"), payload: `as ${id}` });
      raw.send({ ...publish, topic: at.live("room-1"), payload: `as ${id}` });
      raw.send({
        ...publish,
        topic: "$CONTROL/dynamic-security/v1",
        payload: '{"commands":[{"command":"deleteClient","username":"unit-2"}]}',
      });
      await ward.fence();
    }
    expect(ward.heard.filter((line) => line.includes(" as "))).toEqual([]);
    expect([unit2.state, unit2Frames.state, ward.agent.control.state]).toEqual(["connected", "connected", "connected"]);
    await framesSettled("still unit-2");
  });

  it("takes no frame of another room, none without a lease, and none with a word for the control broker", async () => {
    const raw = await unit1(ward.brokers.framesPort);
    expect(raw.connack()).toBe(0);
    const publish = { cmd: "publish", qos: 0, dup: false, retain: false } as const;
    raw.send({ ...publish, topic: frame("unit-2"), payload: "wrong room" });
    raw.send({ ...publish, topic: at.frame("unit-1", "radar-2", "radar-iq"), payload: "wrong sensor" });
    raw.send({ ...publish, topic: at.status("unit-1"), payload: "wrong broker" });
    raw.send({ ...publish, topic: frame("unit-1"), payload: "its own" });
    await ward.until("its own", () => ward.heard.includes(`${frame("unit-1")} its own`));
    expect(raw.ended()).toBe(false);
    ward.leased = false;
    ward.brokers.leasesChanged();
    // A mosquitto is told by the agent, and cuts the frames' connections of those whose rights change.
    if (kind === "mosquitto") await ward.until("the door is shut", raw.ended);
    const later = await unit1(ward.brokers.framesPort);
    later.send({ ...publish, topic: frame("unit-1"), payload: "no lease" });
    later.send({ cmd: "pingreq" });
    await ward.until("it was heard", () => later.got.some(({ cmd }) => cmd === "pingresp"));
    ward.leased = true;
    ward.brokers.leasesChanged();
    await framesSettled("leased again");
    expect(ward.heard.filter((line) => / (wrong (room|sensor|broker)|no lease)$/.test(line))).toEqual([]);
    for (const one of [raw, later]) one.socket.destroy();
  });

  it("sends a will only where its client may speak", async () => {
    for (const [topic, payload] of [
      [at.presence("unit-2"), "will of another"],
      [at.lease("unit-1"), "will of the agent"],
      [at.presence("unit-1"), "will of its own"],
    ] as const) {
      const will = { topic, payload: Buffer.from(payload), qos: 1 as const, retain: true };
      const raw = await unit1(ward.brokers.controlPort, { will: { ...will, retain: false } });
      await ward.until("it is in", () => raw.connack() !== undefined || raw.ended());
      raw.socket.destroy();
    }
    await ward.until("its own", () => ward.heard.includes(`${at.presence("unit-1")} will of its own`));
    await ward.fence();
    expect(ward.heard.filter((line) => /will of (another|the agent)/.test(line))).toEqual([]);
  });

  it("keeps nothing for who comes later", async () => {
    const raw = await unit1(ward.brokers.controlPort);
    raw.send({ cmd: "publish", qos: 0, dup: false, retain: true, topic: at.status("unit-1"), payload: "retained" });
    await ward.agent.control.publish(at.live("room-1"), "a tile", { qos: 1 });
    await ward.fence();
    const later: string[] = [];
    const dashboard = await ward.link("dashboard", ward.brokers.controlPort, [at.anyLive], later);
    const admin = await ward.link("admin", ward.brokers.controlPort, [at.anyStatus], later);
    await ward.agent.control.publish(at.live("room-2"), "now", { qos: 1 });
    await ward.until("what is said now", () => later.includes(`${at.live("room-2")} now`));
    expect(later).toEqual([`${at.live("room-2")} now`]);
    await Promise.all([dashboard.stop(), admin.stop()]);
    raw.socket.destroy();
  });

  it("delivers nothing of another bed, whatever was subscribed", async () => {
    const raw = await unit1(ward.brokers.controlPort);
    const onFrames = await unit1(ward.brokers.framesPort);
    const wishes = ["#", "+/#", "$SYS/#", "$CONTROL/#", at.lease("unit-2"), at.anyLive, at.status("unit-2"), at.anyAsk];
    for (const [n, topic] of [...wishes, at.lease("unit-1")].entries()) {
      for (const one of [raw, onFrames])
        one.send({ cmd: "subscribe", messageId: n + 1, subscriptions: [{ topic, qos: 0 }] });
    }
    await ward.until("every answer", () => raw.got.filter(({ cmd }) => cmd === "suback").length === wishes.length + 1);
    await ward.agent.control.publish(at.lease("unit-2"), "another's lease", { qos: 1 });
    await ward.agent.control.publish(at.live("room-2"), "another's tile", { qos: 1 });
    await unit2.publish(at.status("unit-2"), "another's status", { qos: 1 });
    await framesSettled("for the agent alone");
    await ward.agent.control.publish(at.lease("unit-1"), "its own lease", { qos: 1 });
    await ward.until("its own lease", () => raw.got.some(({ cmd }) => cmd === "publish"));
    const told = [...raw.got, ...onFrames.got].filter(({ cmd }) => cmd === "publish");
    expect(told.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual([`${at.lease("unit-1")} its own lease`]);
    for (const one of [raw, onFrames]) one.socket.destroy();
  });

  it("a CONNECT that claims 256 MB ends before it is kept, with a certificate and without", async () => {
    const before = kind === "embedded" ? process.memoryUsage().arrayBuffers : 0;
    const huge = openRaw(ward.brokers.controlPort, ward.certificateOf("unit-1"));
    huge.socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await flood(huge.socket, huge.ended);
    const plain = connect(ward.brokers.controlPort, "127.0.0.1");
    let gone = false;
    plain.on("error", () => {});
    plain.on("close", () => {
      gone = true;
    });
    plain.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await flood(plain, () => gone);
    expect([huge.ended(), gone]).toEqual([true, true]);
    const bytes = kind === "embedded" ? process.memoryUsage().arrayBuffers - before : ward.peakBytes("control");
    expect(bytes).toBeLessThan(32 * 1_048_576);
  });

  it("throws out who is revoked, keeps it out, and lets it in again with a new certificate", async () => {
    const raw = await unit1(ward.brokers.controlPort);
    const old = ward.certificateOf("unit-1");
    const session = await new Promise<Buffer | undefined>((resolve) => {
      raw.socket.once("session", resolve);
      setTimeout(() => resolve(raw.socket.getSession()), 300);
    });
    expect(raw.connack()).toBe(0);
    const begun = performance.now();
    expect(revoke(ward.folder.authority, "unit-1")).toBe(1);
    publishList(ward.folder.authority, ward.folder.station);
    const told = reloadBrokers(ward.folder.station).filter(({ is }) => is === "told");
    expect(told.map(({ broker }) => broker)).toEqual(kind === "mosquitto" ? ["frames", "control"] : []);
    markRevoked(ward.folder.station, "unit-1", "revoked");
    await ward.until("it is thrown out", raw.ended, 10_000);
    const tookMs = performance.now() - begun;
    expect(tookMs).toBeLessThan(5_000);
    for (const certificate of [old, { ...old, session }]) {
      const again = await ward.raw(ward.brokers.controlPort, certificate, { clientId: "unit-1", ...login });
      expect(again.connack()).toBeUndefined();
    }
    // The others did not notice.
    expect([unit2.state, ward.agent.control.state]).toEqual(["connected", "connected"]);

    provisionLocalUnit(ward.folder, "unit-1");
    const heard: string[] = [];
    const renewed = await ward.link("unit-1", ward.brokers.controlPort, [at.lease("unit-1")], heard);
    await ward.until("a lease for the unit that came back", () => {
      void ward.agent.control.publish(at.lease("unit-1"), "welcome", { qos: 1 });
      return heard.length > 0;
    });
    await renewed.stop();
  }, 60_000);

  it("cuts in time who never logs in", async () => {
    await ward.until("every connection is cut", () => idle.ended === idle.sockets.length, 15_000);
    expect(idle.sockets.length).toBe(120);
  });

  if (kind === "embedded") return;
  it("what was confirmed survives kill -9, and rights and doors come back by themselves", async () => {
    const kept = await unit1(ward.brokers.controlPort, { clean: false });
    kept.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: at.lease("unit-1"), qos: 1 }] });
    await ward.until("its SUBACK", () => kept.got.some(({ cmd }) => cmd === "suback"));
    kept.socket.destroy();
    await ward.until("it is gone", kept.ended);
    for (let n = 0; n < 50; n++)
      expect(await ward.agent.control.publish(at.lease("unit-1"), `kept ${n}`, { qos: 1 })).toBe("sent");
    await ward.killMosquitto("control");
    ward.startMosquitto("control");
    await ward.until("the agent is back", () => ward.agent.control.state === "connected");
    await ward.fence();
    const back = await unit1(ward.brokers.controlPort, { clean: false });
    await ward.until("all that was confirmed", () => back.got.filter(({ cmd }) => cmd === "publish").length >= 49);
    back.socket.destroy();
    await unit1(ward.brokers.controlPort);
  });
});

function secretOf(ward: SecureWard, client: string): string {
  return ward.secret(client);
}

async function flood(
  socket: { write(bytes: Buffer): boolean; destroy(): unknown },
  ended: () => boolean,
): Promise<void> {
  const mebibyte = Buffer.alloc(1_048_576);
  for (let sent = 0; sent < 256 && !ended(); sent++) {
    if (!socket.write(mebibyte)) await pause(5);
  }
  for (let tries = 0; tries < 500 && !ended(); tries++) await pause(20);
  socket.destroy();
}
