import { afterEach, describe, expect, test } from "vitest";
import { encodeEnvelope } from "../contract/frames.ts";
import { deviceUs, utcMs } from "../contract/units.ts";
import {
  at,
  client,
  connackOf,
  fence,
  frameTopic,
  rawClient,
  undoAll,
  until,
  wardWithBrokers,
} from "./brokers-for-tests.ts";

afterEach(undoAll);

describe("rights on the frames broker", () => {
  test("a leased frame on the device's own topic arrives; others are dropped and the connection stays", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.framesPort, [at.anyFrame, at.anyLive]);
    const unit = await client("unit-1", w.framesPort);
    const states: string[] = [];
    unit.link.onState((state) => states.push(state));
    const header = {
      kind: "radar-iq",
      bootId: "0".repeat(32),
      sequence: 0,
      deviceUs: deviceUs(0),
      capturedAt: utcMs(0),
    };
    const frame = encodeEnvelope({ ...header, kind: "radar-iq" }, new Uint8Array(4_000).fill(7));
    await unit.link.publish(frameTopic, frame, { qos: 0 });
    await until(() => agent.heard.length === 1, "the frame");
    w.leased = false;
    await unit.link.publish(frameTopic, frame, { qos: 0 });
    await until(() => w.drops.length === 1, "the drop");
    w.leased = true;
    for (const topic of [
      at.frame("unit-2", "radar-1", "radar-iq"),
      at.frame("unit-1", "radar-9", "radar-iq"),
      `${at.frame("unit-1", "radar-1", "radar-iq")}x`,
      at.lease("unit-1"),
      "other/topic",
    ]) {
      await unit.link.publish(topic, frame, { qos: 0 });
    }
    await unit.link.publish(frameTopic, new Uint8Array(66_000), { qos: 0 });
    await unit.link.publish(frameTopic, "last", { qos: 0 });
    await until(() => agent.heard.length === 2, "the last frame");
    expect(agent.heard[0]).toBe(`${frameTopic} ${Buffer.from(frame).toString("latin1")}`);
    expect(agent.heard[1]).toBe(`${frameTopic} last`);
    expect(w.drops).toEqual(["unit-1 no-lease", ...Array(5).fill("unit-1 wrong-topic"), "unit-1 too-large"]);
    expect(states).toEqual([]);
  });

  test("until the agent listens nobody else gets in: an ask would be confirmed and heard by nobody", async () => {
    const w = await wardWithBrokers();
    w.attended = false;
    expect(await connackOf(w.controlPort, "dashboard", "secret of dashboard")).toBe(3);
    expect(await connackOf(w.framesPort, "unit-1", "secret of unit-1")).toBe(3);
    expect(await connackOf(w.controlPort, "dashboard", "wrong")).toBe(5);
    const early = client("admin", w.controlPort);
    const agent = await client("agent", w.controlPort, [at.anyAsk]);
    w.attended = true;
    await (await early).link.publish(at.ask("admin"), "heard", { qos: 1 });
    await until(() => agent.heard.includes(`${at.ask("admin")} heard`), "the ask");
  });

  test("dashboard and admin cannot connect, nor can a wrong or missing secret", async () => {
    const w = await wardWithBrokers();
    expect(await connackOf(w.framesPort, "dashboard", "secret of dashboard")).toBe(5);
    expect(await connackOf(w.framesPort, "admin", "secret of admin")).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", "secret of unit-2")).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", undefined)).toBe(5);
    expect(await connackOf(w.framesPort, "unit-9", "")).toBe(5);
    expect(await connackOf(w.framesPort, "__proto__", "x")).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", "secret of unit-1", { clean: false })).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", "secret of unit-1")).toBe(0);
  });
});

describe("rights on the control broker", () => {
  test("each client says and hears only its own", async () => {
    const w = await wardWithBrokers();
    const everything = [at.anyStatus, at.anyPresence, at.anyAsk, at.anyLive, at.lease("+")];
    const agent = await client("agent", w.controlPort, everything);
    const unit1 = await client("unit-1", w.controlPort, [at.lease("unit-1"), at.lease("unit-2"), at.anyLive]);
    const dashboard = await client("dashboard", w.controlPort, [
      at.anyLive,
      at.answer("dashboard"),
      at.answer("admin"),
    ]);
    const admin = await client("admin", w.controlPort, [at.answer("admin"), at.anyLive]);
    await agent.link.publish(at.lease("unit-1"), "lease 1", { qos: 1 });
    await agent.link.publish(at.lease("unit-2"), "lease 2", { qos: 1 });
    await agent.link.publish(at.live("room-1"), "tile", { qos: 0 });
    await agent.link.publish(at.answer("dashboard"), "to dashboard", { qos: 1 });
    await agent.link.publish(at.answer("admin"), "to admin", { qos: 1 });
    await fence(agent);
    await until(() => dashboard.heard.length >= 3 && admin.heard.length >= 1 && unit1.heard.length >= 1, "deliveries");
    expect(unit1.heard).toEqual([`${at.lease("unit-1")} lease 1`]);
    expect(admin.heard).toEqual([`${at.answer("admin")} to admin`]);
    expect(dashboard.heard.filter((line) => !line.endsWith("fence"))).toEqual([
      `${at.live("room-1")} tile`,
      `${at.answer("dashboard")} to dashboard`,
    ]);
    agent.heard.length = 0;
    for (const topic of [
      at.status("unit-1"),
      at.status("unit-2"),
      at.presence("unit-1"),
      at.lease("unit-1"),
      at.live("x"),
    ]) {
      expect(await unit1.link.publish(topic, "unit-1", { qos: 1 })).toBe("sent");
    }
    for (const topic of [at.ask("dashboard"), at.ask("admin"), at.lease("unit-1")]) {
      expect(await dashboard.link.publish(topic, "dashboard", { qos: 1 })).toBe("sent");
    }
    for (const topic of [at.ask("dashboard"), at.ask("admin")]) await admin.link.publish(topic, "admin", { qos: 1 });
    await fence(agent);
    expect(agent.heard.filter((line) => !line.endsWith("fence")).sort()).toEqual(
      [
        `${at.status("unit-1")} unit-1`,
        `${at.presence("unit-1")} unit-1`,
        `${at.ask("dashboard")} dashboard`,
        `${at.ask("admin")} admin`,
      ].sort(),
    );
    expect(w.drops.sort()).toEqual(
      [...Array(3).fill("unit-1 wrong-topic"), ...Array(2).fill("dashboard wrong-topic"), "admin wrong-topic"].sort(),
    );
  });

  test("what was dropped is in the log: whose, why, where to and how often; not a frame whose lease has ended", async () => {
    const w = await wardWithBrokers();
    const [agent, unit, dashboard, admin] = [
      await client("agent", w.controlPort, [at.anyLive]),
      await client("unit-1", w.framesPort),
      await client("dashboard", w.controlPort),
      await client("admin", w.controlPort),
    ];
    w.leased = false;
    await unit.link.publish(frameTopic, "late", { qos: 0 });
    await until(() => w.drops.length === 1, "the late frame");
    for (let n = 0; n < 3; n++) await dashboard.link.publish(`${at.ask("admin")}${n}`, "x", { qos: 1 });
    await admin.link.publish(`${at.lease("unit-1")}/${"long".repeat(100)}`, "x", { qos: 1 });
    await fence(agent);
    expect(w.drops).toHaveLength(5);
    const lines = w.said.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "a message was dropped");
    expect(lines).toMatchObject([
      { client: "dashboard", why: "wrong-topic", topic: `${at.ask("admin")}0`, dropped: 1 },
      { client: "admin", why: "wrong-topic", dropped: 1 },
    ]);
    expect(lines[1].topic).toHaveLength(120);
  });

  test("admin hears how sensors are, and nothing of a person", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.controlPort, [at.anyLive]);
    const unit = await client("unit-1", w.controlPort);
    const admin = await client("admin", w.controlPort, [at.anyStatus, at.anyLive, at.anyPresence, at.live("room-1")]);
    await agent.link.publish(at.live("room-1"), "tile", { qos: 1 });
    await unit.link.publish(at.presence("unit-1"), "gone", { qos: 1 });
    await unit.link.publish(at.status("unit-1"), "off", { qos: 1 });
    await until(() => admin.heard.length > 0, "the status");
    expect(admin.heard).toEqual([`${at.status("unit-1")} off`]);
  });

  test("nothing is retained", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.controlPort, [at.anyLive]);
    const raw = await rawClient(w.controlPort, "unit-1");
    raw.send({ cmd: "publish", topic: at.status("unit-1"), payload: "kept?", qos: 0, retain: true, dup: false });
    raw.send({ cmd: "pingreq" });
    await until(() => raw.got.some(({ cmd }) => cmd === "pingresp"), "the ping");
    const late: string[] = [];
    agent.link.subscribe(at.anyStatus, 1, (_topic, payload) => late.push(Buffer.from(payload).toString()));
    await fence(agent);
    raw.send({ cmd: "publish", topic: at.status("unit-1"), payload: "now", qos: 0, retain: false, dup: false });
    await until(() => late.length > 0, "a status");
    expect(late).toEqual(["now"]);
  });

  test("the will of a bridge that was cut says that it is gone", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.controlPort, [at.anyPresence]);
    const raw = await rawClient(w.controlPort, "unit-1", {
      topic: at.presence("unit-1"),
      payload: Buffer.from("gone"),
    });
    raw.socket.destroy();
    await until(() => agent.heard.length === 1, "the will");
    expect(agent.heard).toEqual([`${at.presence("unit-1")} gone`]);
  });

  test.each(["#", "+/+/+/+/#", "$SYS/#", at.anyAsk, at.anyStatus, at.lease("unit-1"), `${at.anyLive}/#`])(
    "the dashboard may not subscribe to %s",
    async (topic) => {
      const w = await wardWithBrokers();
      const raw = await rawClient(w.controlPort, "dashboard");
      const subscriptions = [
        { topic, qos: 0 as const },
        { topic: at.anyLive, qos: 0 as const },
      ];
      raw.send({ cmd: "subscribe", messageId: 1, subscriptions });
      await until(() => raw.got.some(({ cmd }) => cmd === "suback"), "SUBACK");
      expect(raw.got.find(({ cmd }) => cmd === "suback")).toMatchObject({ granted: [128, 0] });
    },
  );

  test("QoS 2 is refused, as a publish and as a subscription", async () => {
    const w = await wardWithBrokers();
    const raw = await rawClient(w.controlPort, "unit-1");
    raw.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: at.lease("unit-1"), qos: 2 }] });
    await until(() => raw.got.some(({ cmd }) => cmd === "suback"), "SUBACK");
    expect(raw.got.find(({ cmd }) => cmd === "suback")).toMatchObject({ granted: [128] });
    raw.send({
      cmd: "publish",
      messageId: 2,
      topic: at.status("unit-1"),
      payload: "x",
      qos: 2,
      retain: false,
      dup: false,
    });
    await until(() => raw.ended(), "the end");
    expect(raw.got.some(({ cmd }) => cmd === "pubrec")).toBe(false);
  });

  test("a second session of one id ends the first", async () => {
    const w = await wardWithBrokers();
    const first = await rawClient(w.controlPort, "unit-1");
    const second = await rawClient(w.controlPort, "unit-1");
    await until(() => first.ended(), "the first ends");
    expect(second.ended()).toBe(false);
  });
});
