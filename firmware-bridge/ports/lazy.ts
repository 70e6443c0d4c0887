import type { Port } from "./port.ts";

/**
 * A port whose code is loaded when it first opens: a bridge does not pay for the serial stack, or for the simulator, where its
 * unit has neither.
 */
export function newLazyPort(load: () => Promise<Port>): Port {
  let inner: Port | undefined;
  let closed = false;
  let onBytes: Parameters<Port["onBytes"]>[0] = () => {};
  let onClose: Parameters<Port["onClose"]>[0] = () => {};
  return {
    async open(signal) {
      const loaded = await load();
      inner = loaded;
      loaded.onBytes(onBytes);
      loaded.onClose(onClose);
      // Given up meanwhile: its own `open` says so.
      if (closed) loaded.close();
      await loaded.open(signal);
      if (closed) loaded.close();
    },
    onBytes(listener) {
      onBytes = listener;
    },
    onClose(listener) {
      onClose = listener;
    },
    write(bytes) {
      inner?.write(bytes);
    },
    /** Where there is one inside; `open` has loaded it before anybody could ask. */
    get setBaudRate() {
      return inner?.setBaudRate;
    },
    close() {
      closed = true;
      inner?.close();
    },
  } as Port;
}
