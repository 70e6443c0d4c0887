import { describe, expect, it } from "vitest";
import { newLazyPort } from "./lazy.ts";
import type { Port } from "./port.ts";

const never = new AbortController().signal;

function inner(log: string[]): Port {
  let bytes: Parameters<Port["onBytes"]>[0] = () => {};
  let closed = false;
  return {
    open: async () => {
      if (closed) throw new Error("closed before it opened");
      log.push("open");
      bytes(Uint8Array.of(1), "data");
    },
    onBytes: (listener) => {
      bytes = listener;
    },
    onClose: () => {},
    write: (written) => log.push(`write ${written.join()}`),
    setBaudRate: async (baudRate) => void log.push(`rate ${baudRate}`),
    close: () => {
      closed = true;
      log.push("close");
    },
  };
}

describe("a port whose code is loaded when it opens", () => {
  it("is the one inside from then on", async () => {
    const log: string[] = [];
    const port = newLazyPort(async () => inner(log));
    port.onBytes((bytes) => log.push(`heard ${bytes.join()}`));
    expect(port.setBaudRate).toBeUndefined();
    await port.open(never);
    port.write(Uint8Array.of(2));
    await port.setBaudRate?.(921_600);
    port.close();
    expect(log).toEqual(["open", "heard 1", "write 2", "rate 921600", "close"]);
  });

  it("that is closed while it loads never opens", async () => {
    const log: string[] = [];
    const port = newLazyPort(async () => inner(log));
    const opened = port.open(never);
    port.close();
    await expect(opened).rejects.toThrow("closed before it opened");
    expect(log).toEqual(["close"]);
  });

  it("that cannot be loaded rejects", async () => {
    const port = newLazyPort(() => Promise.reject(new Error("no such module")));
    await expect(port.open(never)).rejects.toThrow("no such module");
  });
});
