import type { SerialPort } from "serialport";
import type { Link } from "../sensors/sensor.ts";
import { type Port, PortError } from "./port.ts";
import { closeSerialDevice, onceGone, openSerialDevice, type SerialDevice, setSerialRate } from "./serial-device.ts";

/** A device opens in milliseconds; a small computer that is busy may take seconds over it. */
const openTimeoutMs = 8_000;

export interface SerialDevices {
  readonly data: SerialDevice;
  /** Undefined: commands go to `data`. */
  readonly commands?: SerialDevice | undefined;
}

/** A sensor on one serial port, or on two where it takes its commands on another than its data come from. */
export function newSerialPort({ data, commands }: SerialDevices): Port {
  const names = [data.path, ...(commands === undefined ? [] : [commands.path])].join(" and ");
  const open: { readonly serial: SerialPort; readonly path: string }[] = [];
  let toWrite: SerialPort | undefined;
  let bytesListener: (bytes: Uint8Array, link: Link) => void = () => {};
  let closeListener: (why: PortError) => void = () => {};
  let state: "new" | "opening" | "open" | "closed" = "new";

  const shut = (): void => {
    state = "closed";
    for (const { serial, path } of open.splice(0)) closeSerialDevice(serial, path);
  };
  const lost = (path: string): void => {
    if (state !== "open") return;
    shut();
    closeListener(new PortError("closed-by-sensor", `${path} is gone: unplugged, or without power`));
  };
  const openOne = async (device: SerialDevice, link: Link): Promise<void> => {
    const serial = await openSerialDevice(device);
    open.push({ serial, path: device.path });
    // Given up meanwhile.
    if (state !== "opening") {
      shut();
      return;
    }
    if (link === "commands" || commands === undefined) toWrite = serial;
    onceGone(serial, () => lost(device.path));
    serial.on("data", (bytes: Buffer) => {
      if (state === "open") bytesListener(bytes, link);
      else bytes.fill(0);
    });
  };

  return {
    open(signal) {
      if (state !== "new" || signal.aborted) {
        state = "closed";
        return Promise.reject(new PortError("aborted", `not opened: ${names}`));
      }
      state = "opening";
      return new Promise<void>((resolve, reject) => {
        const end = (then: () => void): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
          then();
        };
        const fail = (why: PortError): void => {
          if (state === "opening") shut();
          end(() => reject(why));
        };
        const onAbort = (): void => fail(new PortError("aborted", `given up: ${names}`));
        const timer = setTimeout(
          () => fail(new PortError("timeout", `${names} did not open within ${openTimeoutMs} ms`)),
          openTimeoutMs,
        );
        signal.addEventListener("abort", onAbort, { once: true });
        const all = [openOne(data, "data"), ...(commands === undefined ? [] : [openOne(commands, "commands")])];
        Promise.all(all).then(
          () => {
            if (state === "opening") state = "open";
            end(resolve);
          },
          (cause: unknown) =>
            fail(cause instanceof PortError ? cause : new PortError("failed", `${names} cannot be opened`, cause)),
        );
      });
    },
    onBytes(listener) {
      bytesListener = listener;
    },
    onClose(listener) {
      closeListener = listener;
    },
    write(bytes) {
      if (state === "open") toWrite?.write(bytes);
    },
    setBaudRate: async (baudRate) => {
      const serial = state === "open" ? toWrite : undefined;
      if (serial === undefined) throw new PortError("failed", `${names} is not open`);
      await setSerialRate(serial, baudRate);
    },
    close: shut,
  };
}
