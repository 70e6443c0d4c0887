import { createServer } from "node:http";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Log } from "./log.ts";

/** Seconds: a pause of 50 ms is one that a ward must not have. */
const pauseBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** What every process measures of itself: processor, memory, delay of its event loop, pauses of its garbage collector. */
export function newMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "quietround_", gcDurationBuckets: pauseBuckets });
  return registry;
}

/**
 * GET /metrics in Prometheus' text format, on this machine only (RFC 1122 3.2.1.3: 127.0.0.0/8 never leaves it). `port`
 * null: nothing listens. Returns how to stop, which also ends what is still connected.
 */
export async function openMetricsDoor(registry: Registry, port: number | null, log: Log): Promise<() => Promise<void>> {
  if (port === null) return async () => {};
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      (cause: unknown) => {
        log.error({ cause: String(cause) }, "the metrics could not be put together");
        response.writeHead(500).end();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  log.info({ port: typeof address === "object" ? address?.port : port }, "metrics at 127.0.0.1, path /metrics");
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
