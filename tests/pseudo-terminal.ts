import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../edge-agent/platform/clock.ts";
import type { StandIn } from "../firmware-bridge/simulator/stand-ins.ts";

/** Where pseudo-terminals can be had: `socat` gives them names that can vanish and come back. */
export const socat = "/usr/bin/socat";
export const haveSocat = existsSync(socat);

/** A serial cable with a device at its far end: a pseudo-terminal whose other side is a socket of this process. */
export interface Cable {
  /** The device's file, while it is plugged in. */
  readonly path: string;
  plug(): Promise<void>;
  /** The file goes away, as a USB adapter's does. */
  unplug(): Promise<void>;
  /** Unplugs, and leaves nothing behind. */
  remove(): Promise<void>;
}

/** @param power called at each plugging in, with the device's end of the wire */
export async function newCable(power: (device: Socket) => void): Promise<Cable> {
  const folder = mkdtempSync(join(tmpdir(), "quietround-cable-"));
  const path = join(folder, "serial");
  const server = createServer({ noDelay: true }, (device) => {
    // The cable was pulled: its close follows.
    device.on("error", () => {});
    power(device);
    // Heard or not, what comes is taken: or its end would never be seen.
    device.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  let child: ChildProcess | undefined;
  const cable: Cable = {
    path,
    async plug() {
      child = spawn(socat, [`pty,rawer,link=${path}`, `tcp:127.0.0.1:${address.port},nodelay`], { stdio: "ignore" });
      while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async unplug() {
      const was = child;
      child = undefined;
      if (was === undefined || was.exitCode !== null) return;
      await new Promise((resolve) => {
        was.once("exit", resolve);
        was.kill();
      });
    },
    async remove() {
      await cable.unplug();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return cable;
}

/** A sensor's stand-in at the far end of a wire, on this process's clock, until the wire ends. */
export function standAt(wire: Socket, standIn: StandIn): void {
  let timer: NodeJS.Timeout | undefined;
  const now = (): number => systemClock.monoMs();
  const wait = (): void => {
    clearTimeout(timer);
    const { nextDueMs } = standIn;
    if (nextDueMs === undefined || wire.destroyed) return;
    timer = setTimeout(
      () => {
        for (const bytes of standIn.due(now())) wire.write(bytes);
        wait();
      },
      Math.max(1, nextDueMs - now()),
    );
  };
  wire.on("data", (bytes) => {
    for (const answer of standIn.take(bytes, now())) wire.write(answer);
    wait();
  });
  wire.on("close", () => clearTimeout(timer));
  wait();
}
