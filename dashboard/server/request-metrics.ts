import type { FastifyInstance } from "fastify";
import { Gauge, Histogram, type Registry } from "prom-client";

/** Seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How long answers take, by route and not by path: a path names a bed. And how many screens listen. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const registers = [registry];
  const seconds = new Histogram({
    name: "quietround_http_request_seconds",
    help: "Time until an answer was sent, by route and status",
    labelNames: ["route", "status"],
    buckets,
    registers,
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    seconds.observe({ route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
  });
  const screens = new Gauge({
    name: "quietround_connections",
    help: "Open connections, pages and live feeds together",
    registers,
    async collect() {
      const { promise, resolve } = Promise.withResolvers<number>();
      app.server.getConnections((_cause, count) => resolve(count ?? 0));
      screens.set(await promise);
    },
  });
}
