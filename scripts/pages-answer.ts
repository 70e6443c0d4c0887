import { get as getPlain } from "node:http";
import { get as getOverTls } from "node:https";
import type { DashboardConfig } from "../edge-agent/contract/dashboard-config.ts";

const withinMs = 2_000;

/** Whether the pages of this machine answer. Whose certificate they have is the browsers' business: this asks its own child. */
export function answersAt({ host, port, tls }: DashboardConfig): Promise<boolean> {
  const here = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const options = { host: here, port, path: "/healthz", timeout: withinMs };
  return new Promise((resolve) => {
    const request = tls === null ? getPlain(options) : getOverTls({ ...options, rejectUnauthorized: false });
    request.on("response", (reply) => {
      reply.resume();
      resolve(reply.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
