import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { BrokerError, startBrokers } from "./broker.ts";
import {
  at,
  client,
  connackOf,
  log,
  rawClient,
  undo,
  undoAll,
  until,
  ward,
  wardWithBrokers,
} from "./brokers-for-tests.ts";

afterEach(undoAll);

describe("clients that mean harm", () => {
  test("a CONNECT that claims 256 MB is cut before it is kept", async () => {
    const w = await wardWithBrokers();
    const before = process.memoryUsage().arrayBuffers;
    const socket = connectTcp(w.controlPort, "127.0.0.1");
    undo(() => socket.destroy());
    let closed = false;
    socket.on("close", () => {
      closed = true;
    });
    socket.on("error", () => {});
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    const mebibyte = Buffer.alloc(1_048_576);
    for (let sent = 0; sent < 200 && !closed; sent++) {
      socket.write(mebibyte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => closed, "the connection is cut");
    socket.destroy();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1_048_576);
  });

  test("a CONNECT with a long password is cut", async () => {
    const w = await wardWithBrokers();
    await expect(connackOf(w.controlPort, "unit-1", "x".repeat(2_000))).rejects.toThrow("ended");
  });

  test("a reader that froze does not stop what others hear", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.controlPort, [at.anyPresence]);
    const unit = await client("unit-1", w.controlPort, [at.lease("unit-1")]);
    const frozen = await rawClient(w.controlPort, "dashboard");
    frozen.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: at.anyLive, qos: 0 }] });
    await until(() => frozen.got.some(({ cmd }) => cmd === "suback"), "SUBACK");
    frozen.socket.pause();
    const tile = new Uint8Array(40_000);
    for (let n = 0; n < 60; n++) {
      for (let i = 0; i < 20; i++) await agent.link.publish(at.live("room-1"), tile, { qos: 0 });
      expect(await agent.link.publish(at.lease("unit-1"), `lease ${n}`, { qos: 1 })).toBe("sent");
    }
    await until(() => unit.heard.length === 60, "every lease");
    // 1200 tiles of 40 kB: more than any socket keeps. What the frozen reader cannot take is dropped and counted.
    await until(() => frozen.ended() || w.drops.includes("agent queue-full"), "the frozen reader shows");
    expect(unit.heard.at(-1)).toBe(`${at.lease("unit-1")} lease 59`);
  });
});

test("both ends of a connection have TCP_NODELAY", async () => {
  // Node does not tell the option of a socket, so what reaches the operating system is counted.
  const probe = connectTcp((await wardWithBrokers()).controlPort, "127.0.0.1");
  undo(() => probe.destroy());
  await new Promise((resolve) => probe.once("connect", resolve));
  const handle = Object.getPrototypeOf((probe as unknown as { _handle: object })._handle) as {
    setNoDelay: (on: boolean) => number;
  };
  const original = handle.setNoDelay;
  const asked: { on: boolean; handle: unknown }[] = [];
  handle.setNoDelay = function (this: unknown, on: boolean): number {
    asked.push({ on, handle: this });
    return original.call(this as typeof handle, on);
  };
  undo(() => {
    handle.setNoDelay = original;
  });
  await client("agent", (await wardWithBrokers()).framesPort);
  expect(asked.filter(({ on }) => on).length).toBe(2);
  expect(new Set(asked.map((one) => one.handle)).size).toBe(2);
});

test("a port in use says which, and leaves nothing running", async () => {
  const w = await wardWithBrokers();
  const options = {
    host: "127.0.0.1",
    ward,
    credentials: new Map<string, string>(),
    devices: [],
    admits: () => true,
    attended: () => true,
    onDrop: () => {},
    log,
  };
  const taken = startBrokers({ ...options, framesPort: 0, controlPort: w.controlPort });
  await expect(taken).rejects.toThrow(BrokerError);
  await expect(taken).rejects.toThrow(`port ${w.controlPort} for the control broker is in use`);
  await expect(
    startBrokers({ ...options, framesPort: 0, controlPort: 0, devices: [{ device: "live", sensors: [] }] }),
  ).rejects.toThrow("cannot be called");
});
