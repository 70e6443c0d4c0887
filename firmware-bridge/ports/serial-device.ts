import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { SerialPort } from "serialport";
import { PortError } from "./port.ts";
import { listSerialPorts } from "./serial-list.ts";

/*
 * One device of the serial stack, 8 data bits, no parity, 1 stop bit: opened for this process alone, and closed with what
 * was written to it gone out.
 */

export interface SerialDevice {
  /** Of the device, or of a link to it such as in /dev/serial/by-id. */
  readonly path: string;
  readonly baudRate: number;
  /** A break tells the sensor to go back to this rate, where an earlier conversation had changed it. */
  readonly breakFirst?: boolean;
}

/** How long the line is held low, and how long the sensor then has to begin anew, as its maker's program does it. */
const breakMs = 250;
const afterBreakMs = 1_000;

const lockTriesMax = 6;
const lockAgainMs = 100;
/** A command that was just written has this long to leave. */
const drainMsMax = 300;
const aliveEveryMs = 500;
/** What is being opened or closed holds the device's lock: the next to open the same path waits for it. */
const moving = new Map<string, Promise<void>>();

/** Bytes that had come before are thrown away. @throws PortError, in words that say what was looked for and what there is */
export async function openSerialDevice(device: SerialDevice): Promise<SerialPort> {
  for (let held = moving.get(device.path); held !== undefined; held = moving.get(device.path)) await held;
  const opening = openNow(device);
  hold(device.path, opening);
  return opening;
}

function hold(path: string, work: Promise<unknown>): void {
  const done = work
    .catch(() => {})
    // Whoever opened it may close it at once, and that holds it too.
    .then(() => new Promise<void>((resolve) => setImmediate(resolve)))
    .then(() => {
      if (moving.get(path) === done) moving.delete(path);
    });
  moving.set(path, done);
}

async function openNow({ path, baudRate, breakFirst }: SerialDevice): Promise<SerialPort> {
  await checkDevice(path);
  const serial = new SerialPort({ path, baudRate, autoOpen: false });
  // Told by the callback that it belongs to, or by `close`.
  serial.on("error", () => {});
  const open = (): Promise<Error | null> => new Promise((resolve) => serial.open(resolve));
  let cause = await open();
  // A child process that was just started holds our own closed device until its program runs: a lock is tried for a while.
  for (let tries = 1; tries < lockTriesMax && cause !== null && isHeld(cause); tries++) {
    await new Promise((resolve) => setTimeout(resolve, lockAgainMs));
    cause = await open();
  }
  if (cause !== null) throw serialErrorOf(cause, path);
  if (breakFirst === true) await sendBreak(serial);
  await new Promise<void>((resolve) => serial.flush(() => resolve()));
  return serial;
}

/** A port without a line to hold, such as a pseudo-terminal, has nothing to go back from. */
async function sendBreak(serial: SerialPort): Promise<void> {
  const hold = (brk: boolean): Promise<boolean> =>
    new Promise((resolve) => serial.set({ brk }, (cause) => resolve(cause === null || cause === undefined)));
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  if (!(await hold(true))) return;
  await wait(breakMs);
  await hold(false);
  await wait(afterBreakMs);
}

/** What was written before goes out at the old rate. @throws PortError */
export async function setSerialRate(serial: SerialPort, baudRate: number): Promise<void> {
  await written(serial);
  await new Promise<void>((resolve, reject) => {
    serial.update({ baudRate }, (cause) => (cause ? reject(serialErrorOf(cause, serial.path)) : resolve()));
  });
}

export function closeSerialDevice(serial: SerialPort, path: string): void {
  hold(path, closeDrained(serial));
}

/**
 * Tells once when the device has gone, until it is closed. Asks as well: on Linux a read from a device that was pulled out
 * gives 0 bytes, upon which the serial stack reads again for ever.
 */
export function onceGone(serial: SerialPort, gone: () => void): void {
  // A device that sends is there: to ask it costs as much as to read from it.
  let sent = false;
  const timer = setInterval(() => {
    if (!sent) serial.port?.getBaudRate().catch(end);
    sent = false;
  }, aliveEveryMs);
  serial.on("data", () => {
    sent = true;
  });
  const end = (): void => {
    clearInterval(timer);
    gone();
  };
  serial.once("close", end);
}

async function closeDrained(serial: SerialPort): Promise<void> {
  if (!serial.isOpen) return;
  // Of a device that has gone nothing leaves any more.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, drainMsMax);
  });
  await Promise.race([late, written(serial)]);
  clearTimeout(timer);
  if (serial.isOpen) await new Promise<void>((resolve) => serial.close(() => resolve()));
}

async function written(serial: SerialPort): Promise<void> {
  if (serial.writableLength === 0) return;
  // Called once what was written before has gone to the system.
  await new Promise<void>((resolve) => {
    serial.write(new Uint8Array(), () => resolve());
  });
  await new Promise<void>((resolve) => serial.drain(() => resolve()));
}

/** Before it is opened, in words of our own. */
async function checkDevice(path: string): Promise<void> {
  let isDevice: boolean;
  try {
    isDevice = (await stat(path)).isCharacterDevice();
  } catch (cause) {
    const there = await listSerialPorts();
    const words = there.length === 0 ? "this machine has no serial port" : `there are: ${there.join(", ")}`;
    throw new PortError("missing", `no device at ${path}; ${words}`, cause);
  }
  if (!isDevice) throw new PortError("wrong-device", `${path} is not a serial port`);
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw notAllowed(path, cause);
  }
}

const notAllowed = (path: string, cause: unknown): PortError =>
  new PortError("not-allowed", `no right to ${path}: add this account to the group that owns it (dialout)`, cause);

const isHeld = ({ message }: Error): boolean => /cannot lock port|resource busy/i.test(message);

/** The serial stack says it in English only. */
export function serialErrorOf(cause: Error, path: string): PortError {
  const { message } = cause;
  if (isHeld(cause)) {
    return new PortError("in-use", `${path} is in use by another program`, cause);
  }
  if (/permission denied/i.test(message)) return notAllowed(path, cause);
  if (/inappropriate ioctl/i.test(message)) return new PortError("wrong-device", `${path} is not a serial port`, cause);
  return new PortError("failed", `${path} cannot be opened: ${message}`, cause);
}
