import fc from "fast-check";
import mqttPacket from "mqtt-packet";
import { expect, test } from "vitest";
import {
  bytesBeforeLoginMax,
  type GateRefusal,
  gateStep,
  newPacketGate,
  type PacketGate,
  packetBytesMax,
} from "./packet-gate.ts";

const connect = mqttPacket.generate({
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 4,
  clean: true,
  clientId: "unit-1",
  keepalive: 5,
});
const publish = (payloadBytes: number): Buffer =>
  mqttPacket.generate({
    cmd: "publish",
    topic: "t",
    payload: Buffer.alloc(payloadBytes, 0xff),
    qos: 0,
    retain: false,
    dup: false,
  });

/** Fed in pieces, logged in after CONNECT; the refusal or the last gate. */
function feed(bytes: Uint8Array, pieces: readonly number[], loggedInFrom = connect.length): PacketGate | GateRefusal {
  let gate: PacketGate = newPacketGate;
  let at = 0;
  let turn = 0;
  while (at < bytes.length) {
    const size = Math.min(pieces[turn++ % pieces.length] ?? 1, bytes.length - at);
    const next = gateStep(gate, bytes.subarray(at, at + size), at >= loggedInFrom);
    if (typeof next === "string") return next;
    gate = next;
    at += size;
  }
  return gate;
}

test("packets below the limit pass however they are cut, and each is counted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: packetBytesMax - 3 }), { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 }),
      (payloads, pieces) => {
        const first = feed(connect, pieces);
        if (typeof first === "string") throw new Error(first);
        let gate = first;
        const rest = Buffer.concat(payloads.map(publish));
        for (let at = 0, turn = 0; at < rest.length; turn++) {
          const size = pieces[turn % pieces.length] ?? 1;
          const next = gateStep(gate, rest.subarray(at, at + size), true);
          if (typeof next === "string") throw new Error(next);
          gate = next;
          at += size;
        }
        expect(gate).toMatchObject({
          phase: "type",
          packets: 1 + payloads.length,
          bytesSeen: connect.length + rest.length,
        });
      },
    ),
    { numRuns: 50 },
  );
});

test("a claim above the limit is refused at its header, before any of its body", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: packetBytesMax + 1, max: 268_435_455 }),
      fc.integer({ min: 1, max: 5 }),
      (claimed, piece) => {
        const header = [0x30];
        for (let left = claimed; ; left = Math.floor(left / 128)) {
          header.push(left >= 128 ? (left % 128) | 0x80 : left);
          if (left < 128) break;
        }
        expect(feed(Buffer.concat([connect, Buffer.from(header)]), [connect.length, piece])).toBe("packet-too-large");
      },
    ),
  );
});

test("before the login a kilobyte is the most, in one packet or in many", () => {
  const never = Number.POSITIVE_INFINITY;
  const long = mqttPacket.generate({ ...connectFields, password: Buffer.alloc(bytesBeforeLoginMax) });
  expect(feed(long.subarray(0, 8), [8], never)).toBe("packet-too-large");
  const pings = Buffer.alloc(bytesBeforeLoginMax, Buffer.from([0xc0, 0x00]));
  expect(feed(Buffer.concat([connect, pings]), [100], never)).toBe("too-much-before-login");
});

const connectFields = {
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 4,
  clean: true,
  clientId: "unit-1",
  keepalive: 5,
  username: "unit-1",
} as const;

test("what does not begin with CONNECT, or connects twice, or has a length of five bytes is not MQTT", () => {
  expect(feed(Buffer.from("GET / HTTP/1.1\r\n"), [20])).toBe("not-mqtt");
  expect(feed(publish(1), [20])).toBe("not-mqtt");
  expect(feed(Buffer.concat([connect, connect]), [7])).toBe("not-mqtt");
  expect(feed(Buffer.concat([connect, Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])]), [64])).toBe("not-mqtt");
  expect(feed(Buffer.concat([connect, Buffer.from([0x00, 0x00])]), [64])).toBe("not-mqtt");
});

test("no bytes make it throw, and what it lets through never claims more than the limit", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), fc.boolean(), (chunks, loggedIn) => {
      let gate: PacketGate = newPacketGate;
      for (const chunk of chunks) {
        const next = gateStep(gate, chunk, loggedIn);
        if (typeof next === "string") return;
        gate = next;
        expect(gate.bodyBytes).toBeLessThanOrEqual(loggedIn ? packetBytesMax : bytesBeforeLoginMax);
      }
    }),
  );
});
