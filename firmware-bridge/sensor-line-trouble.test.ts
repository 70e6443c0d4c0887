import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { EnvelopeHeader } from "../edge-agent/contract/frames.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import type { LineParts, SensorLine } from "./line-parts.ts";
import { newPlacedHealth, type PlacedHealth } from "./placed-health.ts";
import type { Port } from "./ports/port.ts";
import { newTcpPort } from "./ports/tcp.ts";
import { newSensorLine } from "./sensor-line.ts";
import { depthCamera } from "./sensors/depth-camera.ts";
import { encodeCameraFrame, encodeCameraMessage, newCameraFramer } from "./sensors/depth-camera-message.ts";
import { encodeHilinkAnswer } from "./sensors/hilink-commands.ts";
import { encodeLd2410, hilinkLd2410 } from "./sensors/hilink-ld2410.ts";
import { messageType } from "./sensors/own-conversation.ts";
import { encodeMr60bha1, seeedMr60bha1 } from "./sensors/seeed-mr60bha1.ts";
import { seeedMr60bha2 } from "./sensors/seeed-mr60bha2.ts";
import type { LineSensor, SensorFrame } from "./sensors/sensor.ts";
import { encodeTinyFrame, tinyType } from "./sensors/tiny-frame.ts";

/* Sensors that do what none should, each behind a real socket. */

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

async function served(onClient: (socket: Socket) => void): Promise<number> {
  const clients = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    clients.add(socket);
    socket.on("error", () => {});
    onClient(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(async () => {
    for (const client of clients) client.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return address.port;
}

interface Watched {
  readonly line: SensorLine;
  readonly health: PlacedHealth;
  /** Every change, as the bridge would tell it. */
  readonly told: string[];
  readonly headers: EnvelopeHeader[];
  opened: number;
}

function lineTo(sensor: LineSensor, newPort: () => Port, more: Partial<LineParts<SensorFrame>> = {}): Watched {
  const told: string[] = [];
  const headers: EnvelopeHeader[] = [];
  const line: SensorLine = newSensorLine({
    sensor,
    newPort: () => {
      watched.opened += 1;
      return newPort();
    },
    clock: systemClock,
    mayPass: () => true,
    onFrame: (header, frame) => {
      headers.push(header);
      health.note(header, frame);
    },
    onChange: () => told.push(`${line.state}: ${line.detail}`),
    random: () => 0,
    ...more,
  });
  const health = newPlacedHealth({
    frameRateHz: sensor.frameRateHz,
    clock: systemClock,
    speed: 1,
    counts: () => line.counts,
    clockJumps: () => line.clockJumps,
    bootId: () => line.bootId,
    onChange: () => {},
  });
  const looks = setInterval(() => health.look(), 200);
  const watched: Watched = { line, health, told, headers, opened: 0 };
  undo.push(async () => {
    clearInterval(looks);
    await line.stop();
  });
  line.start(new AbortController().signal);
  return watched;
}
const within = (ms: number, check: () => void): Promise<void> => vi.waitFor(check, { timeout: ms, interval: 20 });
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const target = encodeLd2410({
  moving: false,
  still: true,
  movingCm: 0,
  movingEnergy: 0,
  stillCm: 80,
  stillEnergy: 60,
  detectionCm: 80,
});

describe("a sensor that confirms that it is off and goes on sending", () => {
  /** @param heeds which stop it obeys at last; each is confirmed */
  const restless = (heeds: number) => {
    let stops = 0;
    return served((socket) => {
      const timer = setInterval(() => stops < heeds && socket.write(target), 100);
      socket.on("close", () => clearInterval(timer));
      socket.on("data", (bytes) => {
        for (let at = 0; at + 8 <= bytes.length; at++) {
          if (bytes.readUInt32LE(at) !== 0xfafbfcfd) continue;
          const command = bytes.readUInt16LE(at + 6);
          socket.write(encodeHilinkAnswer(command, true, 1, 0, 0x40, 0));
        }
        stops += 1;
      });
    });
  };

  it("is called ignored and not read any more, with few words", { timeout: 20_000 }, async () => {
    const port = await restless(Number.POSITIVE_INFINITY);
    const { line, told } = lineTo(hilinkLd2410, () => newTcpPort({ host: "127.0.0.1", port }));
    await within(8_000, () => expect(line.state).toBe("ignored"));
    expect(line.detail).toBe("not read: it confirms that it is off and goes on sending");
    expect(told.length).toBeLessThanOrEqual(6);
    const [words, frames] = [told.length, line.counts.framesRefused];
    await pass(1_500);
    expect([told.length, line.counts.framesRefused]).toEqual([words, frames]);
  });

  it("is off once it has been silent, where it only took its time", { timeout: 20_000 }, async () => {
    const port = await restless(3);
    const { line, told } = lineTo(hilinkLd2410, () => newTcpPort({ host: "127.0.0.1", port }));
    await within(4_000, () => expect(line.state).toBe("stopping"));
    await within(10_000, () => expect([line.state, line.detail]).toEqual(["off", "confirmed off"]));
    expect(told.length).toBeLessThanOrEqual(6);
  });
});

describe("a sensor of which nothing can be read", () => {
  it("of another firmware is called so, with back-off", { timeout: 30_000 }, async () => {
    const port = await served((socket) => {
      const timer = setInterval(() => {
        socket.write(encodeMr60bha1(0x80, 1, 1, 0));
        socket.write(encodeMr60bha1(0x81, 2, 15, 0));
      }, 100);
      socket.on("close", () => clearInterval(timer));
    });
    const watched = lineTo(seeedMr60bha1, () => newTcpPort({ host: "127.0.0.1", port }));
    watched.line.wish("on");
    await within(14_000, () => expect(watched.health.told.word).toBe("other-firmware"));
    expect(watched.health.told.detail).toMatch(/^\d+ unknown frames in \d+ s$/);
    expect(watched.line.state).toBe("lost");
    expect(watched.told.join()).toMatch(
      /but \d+ frames of a kind or length that this driver does not know; next try in/,
    );
  });

  it("that sends what cannot be is never called on again, and tried slower and slower", {
    timeout: 30_000,
  }, async () => {
    const port = await served((socket) => {
      const timer = setInterval(() => {
        socket.write(encodeTinyFrame(tinyType.phases, 1, new Uint8Array(12).fill(0xff)));
      }, 50);
      socket.on("close", () => clearInterval(timer));
    });
    const watched = lineTo(seeedMr60bha2, () => newTcpPort({ host: "127.0.0.1", port }));
    watched.line.wish("on");
    await within(14_000, () => expect(watched.told.join()).toContain("next try in 1.0 s"));
    expect(watched.told.filter((words) => words.startsWith("on"))).toEqual([]);
    expect(watched.health.told.word).toBe("other-firmware");
    expect(watched.health.told.detail).toContain("content that cannot be");
  });

  it("at another baud rate is called another firmware too: bytes, and no frame", { timeout: 30_000 }, async () => {
    const port = await served((socket) => {
      const timer = setInterval(() => socket.write(new Uint8Array(100).fill(0xf7)), 50);
      socket.on("close", () => clearInterval(timer));
    });
    const { line, health } = lineTo(depthCamera, () => newTcpPort({ host: "127.0.0.1", port }));
    line.wish("on");
    await within(14_000, () => expect(health.told.word).toBe("other-firmware"));
    expect(health.told.detail).toMatch(/bytes and no frame in \d+ s: another baud rate, sensor or firmware$/);
    expect(line.state).toBe("lost");
  });
});

describe("a camera whose clock", () => {
  const camera = (clockOf: (frame: number) => number) =>
    served((socket) => {
      const framer = newCameraFramer();
      let timer: NodeJS.Timeout | undefined;
      const shape = { widthPx: 8, heightPx: 8, mmPerUnit: 1, fx: 8, fy: 8, cx: 3.5, cy: 3.5, frameRateHz: 10 };
      let frame = 0;
      const send = (): void => {
        const z16 = Uint16Array.from({ length: 64 }, (_, k) => 2_000 + ((k * 7 + frame * 13) % 11));
        socket.write(encodeCameraFrame({ ...shape, frame, deviceUs: clockOf(frame) }, z16));
        frame += 1;
      };
      socket.on("close", () => clearInterval(timer));
      socket.on("data", (bytes) => {
        for (const { head } of framer.push(bytes)) {
          if (head.type === messageType.hello) {
            socket.write(encodeCameraMessage({ type: messageType.helloAnswer }, Uint8Array.of(1)));
          } else if (head.type === messageType.stop) {
            clearInterval(timer);
            socket.write(encodeCameraMessage({ type: messageType.stopped }));
          } else {
            socket.write(encodeCameraMessage({ type: messageType.started }));
            timer = setInterval(send, 100);
          }
        }
      });
    });

  it.each([
    ["runs backwards", (frame: number) => 1e12 - frame * 100_000],
    ["has another unit", (frame: number) => 1e9 + frame * 100_000_000],
    ["jumps there and back", (frame: number) => 1e9 + frame * 100_000 + (frame % 2) * 5e6],
  ])("%s is told, and makes no stream of each frame", { timeout: 20_000 }, async (_, clockOf) => {
    const port = await camera(clockOf);
    const { line, health, told, headers } = lineTo(depthCamera, () => newTcpPort({ host: "127.0.0.1", port }));
    line.wish("on");
    await within(6_000, () => expect(health.told.word).toBe("clock-stuck"));
    expect(health.told.detail).toMatch(/^its clock jumped \d+ times in 10 s$/);
    await pass(1_500);
    expect(new Set(headers.map(({ bootId }) => bootId)).size).toBeLessThanOrEqual(4);
    expect(told.length).toBeLessThan(12);
    expect([line.state, health.told.word]).toEqual(["on", "clock-stuck"]);
  });

  it("jumps once goes on under another boot id", { timeout: 20_000 }, async () => {
    const port = await camera((frame) => 1e9 + frame * 100_000 + (frame > 5 ? 9e6 : 0));
    const { line, health, headers } = lineTo(depthCamera, () => newTcpPort({ host: "127.0.0.1", port }));
    line.wish("on");
    await within(6_000, () => expect(headers.length).toBeGreaterThan(12));
    expect(new Set(headers.map(({ bootId }) => bootId)).size).toBe(2);
    expect(health.told.word).toBe("ok");
  });
});

describe("a port", () => {
  it.each([
    ["throws while it opens", (): Port => ({ ...newTcpPort({ host: "127.0.0.1", port: 1 }), open: thrower })],
    ["cannot even be made", thrower],
  ])("that %s is a lost sensor with words", async (_, newPort) => {
    const watched = lineTo(depthCamera, newPort);
    watched.line.wish("on");
    await within(3_000, () => expect(watched.opened).toBeGreaterThan(2));
    expect(watched.line.state).toBe("lost");
    expect(watched.line.detail).toMatch(/^the port failed: ENOENT: no such file; next try in/);
  });

  it("that never opens is given up after 10 s", { timeout: 20_000 }, async () => {
    const hanging = (): Port => ({
      ...newTcpPort({ host: "127.0.0.1", port: 1 }),
      open: () => new Promise(() => {}),
    });
    const watched = lineTo(depthCamera, hanging);
    watched.line.wish("on");
    await within(13_000, () => expect(watched.told.join()).toContain("lost: did not open within 10 s; next try in"));
    await within(3_000, () => expect(watched.opened).toBe(2));
  });
});

function thrower(): never {
  throw new Error("ENOENT: no such file");
}
