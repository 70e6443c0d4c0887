import { z } from "zod";

/** 0: any free port. */
export const TcpPort = z.int().min(0).max(65_535);

/** This release has no TLS: passwords, sensor data and what is known of a person would be readable on any other network. */
export const LoopbackHost = z.string().refine(isLoopback, {
  error: "only this machine itself (127.0.0.1, ::1, localhost): this release has no TLS yet",
});

export function isLoopback(host: string): boolean {
  // RFC 1122 3.2.1.3 (g): all of 127.0.0.0/8 is loopback.
  return host === "localhost" || host === "::1" || (z.ipv4().safeParse(host).success && host.startsWith("127."));
}

/** No port is named twice; "any free one" may be. */
export const differ = (...ports: readonly number[]): boolean => {
  const chosen = ports.filter((port) => port !== 0);
  return new Set(chosen).size === chosen.length;
};
