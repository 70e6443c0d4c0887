import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Cable, haveSocat, newCable } from "../../tests/pseudo-terminal.ts";
import type { Link } from "../sensors/sensor.ts";
import type { Port, PortError } from "./port.ts";
import { newSerialPort } from "./serial.ts";
import { serialErrorOf } from "./serial-device.ts";
import { listSerialPorts } from "./serial-list.ts";

const never = new AbortController().signal;
const baudRate = 921_600;

const cables: Cable[] = [];
const ports: Port[] = [];
afterEach(async () => {
  for (const port of ports.splice(0)) port.close();
  for (const cable of cables.splice(0)) await cable.remove();
});

/** A plugged cable, and what its device heard. */
async function plugged(onBytes: (device: Socket, bytes: Buffer) => void = () => {}) {
  const heard: number[] = [];
  const cable = await newCable((device) => {
    device.on("data", (bytes: Buffer) => {
      heard.push(...bytes);
      onBytes(device, bytes);
    });
  });
  cables.push(cable);
  await cable.plug();
  return { cable, heard };
}

function portTo(path: string, commands?: string) {
  const own = newSerialPort({
    data: { path, baudRate },
    commands: commands === undefined ? undefined : { path: commands, baudRate: 115_200 },
  });
  ports.push(own);
  const got: { link: Link; bytes: number[] }[] = [];
  let closed: PortError | undefined;
  own.onBytes((bytes, link) => got.push({ link, bytes: [...bytes] }));
  own.onClose((why) => {
    closed = why;
  });
  return {
    port: own,
    got,
    bytesOf: (link: Link) => got.flatMap((one) => (one.link === link ? one.bytes : [])),
    closed: () => closed,
  };
}

describe.skipIf(!haveSocat)("a serial port, over pseudo-terminals", () => {
  it("gives and takes every byte as it is", async () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const { cable, heard } = await plugged((device, bytes) => device.write(bytes));
    const { port, bytesOf } = portTo(cable.path);
    await port.open(never);
    port.write(all);
    await vi.waitFor(() => expect(bytesOf("data").length).toBe(256), { timeout: 5_000 });
    expect(bytesOf("data")).toEqual([...all]);
    expect(heard).toEqual([...all]);
  });

  it("says within a second that it was unplugged, and works at the same path once it is plugged in again", async () => {
    const { cable, heard } = await plugged();
    const first = portTo(cable.path);
    await first.port.open(never);
    await cable.unplug();
    await vi.waitFor(() => expect(first.closed()?.code).toBe("closed-by-sensor"), { timeout: 1_000 });
    expect(first.closed()?.message).toBe(`${cable.path} is gone: unplugged, or without power`);
    await expect(portTo(cable.path).port.open(never)).rejects.toMatchObject({ code: "missing" });
    await cable.plug();
    const again = portTo(cable.path);
    await again.port.open(never);
    again.port.write(Uint8Array.of(1, 2));
    await vi.waitFor(() => expect(heard).toEqual([1, 2]), { timeout: 2_000 });
  });

  it("has its device for itself, and gives it back", async () => {
    const { cable } = await plugged();
    const { port } = portTo(cable.path);
    await port.open(never);
    await expect(portTo(cable.path).port.open(never)).rejects.toMatchObject({
      code: "in-use",
      message: `${cable.path} is in use by another program`,
    });
    port.close();
    await portTo(cable.path).port.open(never);
  });

  it("lets out what was written before it closed, and hears nothing after", async () => {
    const command = Uint8Array.from({ length: 3_000 }, (_, at) => at & 0xff);
    const { cable, heard } = await plugged((device) => device.write(Uint8Array.of(9)));
    const { port, got, closed } = portTo(cable.path);
    await port.open(never);
    port.write(command);
    port.close();
    await vi.waitFor(() => expect(heard.length).toBe(3_000), { timeout: 2_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toEqual([...command]);
    expect(got).toEqual([]);
    expect(closed()).toBeUndefined();
  });

  it("writes to the second port where there is one, tells which port bytes came from, and needs both", async () => {
    const commands = await plugged((device) => device.write("Done"));
    const data = await plugged();
    const { port, bytesOf, closed } = portTo(data.cable.path, commands.cable.path);
    await port.open(never);
    port.write(Uint8Array.of(7));
    await vi.waitFor(() => expect(bytesOf("commands")).toEqual([...Buffer.from("Done")]), { timeout: 2_000 });
    expect([commands.heard, data.heard, bytesOf("data")]).toEqual([[7], [], []]);
    await commands.cable.unplug();
    await vi.waitFor(() => expect(closed()?.message).toContain(commands.cable.path), { timeout: 1_000 });
    // The other one is free again.
    await portTo(data.cable.path).port.open(never);
    await expect(portTo(data.cable.path, commands.cable.path).port.open(never)).rejects.toMatchObject({
      code: "missing",
    });
  });

  it("gives up when told to, and opens only once", async () => {
    const { cable } = await plugged();
    await expect(portTo(cable.path).port.open(AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    const ending = new AbortController();
    const opening = portTo(cable.path).port.open(ending.signal);
    ending.abort();
    await expect(opening).rejects.toMatchObject({ code: "aborted" });
    const { port } = portTo(cable.path);
    await port.open(never);
    await expect(port.open(never)).rejects.toMatchObject({ code: "aborted" });
  });

  it("is closed while it opens without leaving the device taken", async () => {
    const { cable } = await plugged();
    const { port } = portTo(cable.path);
    const opening = port.open(never);
    port.close();
    await Promise.race([opening.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 300))]);
    const other = new SerialPort({ path: cable.path, baudRate, autoOpen: false });
    await new Promise<void>((resolve, reject) => other.open((cause) => (cause ? reject(cause) : resolve())));
    await new Promise<void>((resolve) => other.close(() => resolve()));
    expect(other.isOpen).toBe(false);
  });
});

describe("what is no serial port", () => {
  it("says what it looked for and what there is", async () => {
    const there = await listSerialPorts();
    const path = "/dev/serial/by-id/usb-nobody-made-this-if00";
    const words = there.length === 0 ? "this machine has no serial port" : `there are: ${there.join(", ")}`;
    await expect(portTo(path).port.open(never)).rejects.toMatchObject({
      code: "missing",
      message: `no device at ${path}; ${words}`,
    });
  });

  it.each(["/etc/hostname", "/tmp", "/dev/null"])("%s is none", async (path) => {
    await expect(portTo(path).port.open(never)).rejects.toMatchObject({
      code: "wrong-device",
      message: `${path} is not a serial port`,
    });
  });

  it.each([
    [
      "Error: Permission denied, cannot open /dev/x",
      "not-allowed",
      "no right to /dev/x: add this account to the group",
    ],
    ["Error Resource temporarily unavailable Cannot lock port", "in-use", "/dev/x is in use by another program"],
    ["Error: Device or resource busy, cannot open /dev/x", "in-use", "/dev/x is in use"],
    ["Error: Inappropriate ioctl for device setting custom baud rate of 921600", "wrong-device", "/dev/x is not a"],
    ["Error: Input/output error, cannot open /dev/x", "failed", "/dev/x cannot be opened: Error: Input/output error"],
  ])("%s", (words, code, starts) => {
    const error = serialErrorOf(new Error(words), "/dev/x");
    expect(error.code).toBe(code);
    expect(error.message.startsWith(starts)).toBe(true);
  });
});

it("lists a port by its stable name where there is one, and not by its other name as well", async () => {
  const folder = mkdtempSync(join(tmpdir(), "quietround-dev-"));
  try {
    for (const name of ["ttyUSB0", "ttyUSB1", "ttyACM0", "ttyS0", "tty1", "null"])
      writeFileSync(join(folder, name), "");
    mkdirSync(join(folder, "serial/by-id"), { recursive: true });
    symlinkSync("../../ttyUSB1", join(folder, "serial/by-id/usb-Seeed-if00"));
    expect(await listSerialPorts(folder)).toEqual(
      ["serial/by-id/usb-Seeed-if00", "ttyACM0", "ttyUSB0"].map((name) => join(folder, name)),
    );
    expect(await listSerialPorts(join(folder, "nowhere"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
