import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../edge-agent/platform/clock.ts";
import { acconeerA121 } from "../sensors/acconeer-a121.ts";
import { standIns } from "../simulator/stand-ins.ts";
import type { PortError } from "./port.ts";
import { readScene } from "./scene-file.ts";
import { newSimulatedPort } from "./simulated.ts";
import { newTcpPort } from "./tcp.ts";

const servers: Server[] = [];
const never = new AbortController().signal;

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer(onSocket);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return address.port;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(() => resolve()));
});

describe("a TCP port", () => {
  it("gives and takes bytes, and says when the other side closed", async () => {
    const port = newTcpPort({ host: "127.0.0.1", port: await listen((socket) => socket.pipe(socket)) });
    const got: number[] = [];
    let closed: PortError | undefined;
    port.onBytes((bytes) => {
      got.push(...bytes);
      if (got.length === 3) port.write(Uint8Array.of(4));
    });
    port.onClose((why) => {
      closed = why;
    });
    await port.open(never);
    port.write(Uint8Array.of(1, 2, 3));
    await vi.waitFor(() => expect(got).toEqual([1, 2, 3, 4]));
    port.close();
    expect(closed).toBeUndefined();

    const short = newTcpPort({ host: "127.0.0.1", port: await listen((socket) => socket.end()) });
    short.onClose((why) => {
      closed = why;
    });
    await short.open(never);
    await vi.waitFor(() => expect(closed?.code).toBe("closed-by-sensor"));
  });

  it("says that a connection was refused", async () => {
    const free = await listen(() => {});
    await new Promise<void>((resolve) => servers.pop()?.close(() => resolve()));
    await expect(newTcpPort({ host: "127.0.0.1", port: free }).open(never)).rejects.toMatchObject({ code: "refused" });
  });

  it("gives up when told to, and opens only once", async () => {
    const stopped = AbortSignal.abort();
    const port = newTcpPort({ host: "127.0.0.1", port: 9 });
    await expect(port.open(stopped)).rejects.toMatchObject({ code: "aborted" });
    await expect(port.open(never)).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("a TCP port that is closed while its sensor sends", () => {
  it("lets out what was written last, and hears nothing more", async () => {
    let heard = "";
    const server = await listen((socket) => {
      socket.on("error", () => {});
      const timer = setInterval(() => socket.write(new Uint8Array(20_000)), 1);
      socket.on("close", () => clearInterval(timer));
      // Busy for a while, as a slow microcontroller is.
      socket.pause();
      setTimeout(() => socket.resume(), 100);
      socket.on("data", (bytes) => {
        heard += bytes.toString();
      });
    });
    const port = newTcpPort({ host: "127.0.0.1", port: server });
    let bytes = 0;
    port.onBytes((some) => {
      bytes += some.length;
    });
    await port.open(never);
    await vi.waitFor(() => expect(bytes).toBeGreaterThan(100_000));
    port.write(new TextEncoder().encode("stop"));
    port.close();
    const before = bytes;
    await vi.waitFor(() => expect(heard).toBe("stop"));
    expect(bytes).toBe(before);
  });
});

describe("a simulated port", () => {
  it("that has nothing to play says so, and throws nothing", async () => {
    const port = newSimulatedPort(() => {
      throw new Error("ENOENT: no such file, open '/nowhere/night.bin'");
    }, systemClock);
    await expect(port.open(never)).rejects.toMatchObject({
      code: "missing",
      message: "what it should play cannot be had: ENOENT: no such file, open '/nowhere/night.bin'",
    });
  });

  it("sends a physical bedroom's frames once it was really started, and none after its close", async () => {
    const port = newSimulatedPort(() => standIns["acconeer-a121"](readScene("asleep"), 10), systemClock);
    const talk = acconeerA121.newTalk();
    let frames = 0;
    port.onBytes((bytes) => {
      for (const framed of talk.framer.push(bytes)) {
        const heard = talk.hear(framed);
        if (heard.heard === "go-on") port.write(heard.write);
        if (heard.heard === "measurement" && talk.decode(framed, 0).ok) frames += 1;
      }
    });
    await port.open(never);
    port.write(talk.start());
    await vi.waitFor(() => expect(frames).toBeGreaterThan(5), { timeout: 10_000 });
    port.close();
    const before = frames;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(frames).toBe(before);
  });
});
