import type { Link } from "../sensors/sensor.ts";

/*
 * A way to a sensor: gives and takes bytes and knows nothing of them. One port is one connection: opened once, closed
 * once; who wants to try again makes another.
 */
export interface Port {
  /** Resolves when bytes can flow. Rejects with PortError; then the port is closed. */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Set before `open`. The bytes are the listener's to keep or overwrite. `link`: which of a sensor's two ports they came
   * from, where it has two.
   */
  onBytes(listener: (bytes: Uint8Array, link: Link) => void): void;
  /** Told once, after an open that succeeded, however the connection ended; not after our own `close`. */
  onClose(listener: (why: PortError) => void): void;
  /** To the port for commands, where there is one. Nothing happens where the connection is gone: `onClose` says so. */
  write(bytes: Uint8Array): void;
  /** Of the port that takes commands, from the next byte on, both ways. Left out: this way has no rate, or a fixed one. */
  setBaudRate?(baudRate: number): Promise<void>;
  close(): void;
}

export const portErrorCodes = [
  "refused",
  "unreachable",
  "missing", // no such device
  "wrong-device", // a file, but no serial port
  "not-allowed", // the system does not let this account
  "in-use", // another program has it
  "timeout",
  "closed-by-sensor",
  "failed",
  "aborted",
] as const;
export type PortErrorCode = (typeof portErrorCodes)[number];

export class PortError extends Error {
  override readonly name = "PortError";
  readonly code: PortErrorCode;
  /** @param words for an engineer, such as "connection refused at 127.0.0.1:6110" */
  constructor(code: PortErrorCode, words: string, cause?: unknown) {
    super(words, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** Why a port does not work, for an engineer: also where it threw what it should not have. */
export function portWords(cause: unknown): string {
  if (cause instanceof PortError) return cause.message;
  return `the port failed: ${cause instanceof Error ? cause.message : String(cause)}`;
}
