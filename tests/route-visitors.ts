import type { FastifyInstance, InjectOptions } from "fastify";
import type { SessionKind } from "../dashboard/server/sessions.ts";
import { cookieOf } from "../dashboard/server/sessions.ts";
import type { AskResult } from "../edge-agent/contract/asks.ts";
import type { StaffRole } from "../edge-agent/contract/words.ts";
import type { FakeAgent } from "./dashboard-fake-agent.ts";

/* Everybody who can stand before the dashboard's door, and what the door does. */

export const visitors = [
  "nobody",
  "nurse",
  "in-charge",
  "governance",
  "engineer",
  "locked",
  "untrained",
  "bedside",
  "advocate",
] as const;
export type Visitor = (typeof visitors)[number];

const roleOf: Readonly<Partial<Record<Visitor, StaffRole>>> = {
  nurse: "nurse",
  "in-charge": "nurse-in-charge",
  governance: "governance-lead",
  engineer: "engineer",
  locked: "nurse-in-charge",
  untrained: "nurse",
};
const kindOf = (visitor: Visitor): SessionKind => (visitor === "bedside" || visitor === "advocate" ? visitor : "staff");
const expiresAt = Date.now() + 3_600_000;

/** Opens a session for each at this agent; the nobody's cookie is of a session that never was. */
export function letIn(agent: FakeAgent): void {
  for (const visitor of visitors) {
    const session = sessionOf(visitor);
    if (session !== undefined) agent.sessions.set(`token-of-${visitor}`, session);
  }
}

function sessionOf(visitor: Visitor): AskResult | undefined {
  if (visitor === "bedside") return { is: "bedside", session: null, bed: "room-1", stay: "stay-made-up", expiresAt };
  if (visitor === "advocate")
    return { is: "advocate", session: null, number: 1, bed: "room-1", stay: "stay-made-up", expiresAt };
  const role = roleOf[visitor];
  if (role === undefined) return undefined;
  const more = visitor === "locked" ? { locked: true } : visitor === "untrained" ? { untrained: true } : {};
  return { is: "staff", session: null, id: `staff-${visitor}`, name: `Sam ${visitor}`, role, expiresAt, ...more };
}

export const cookieFor = (visitor: Visitor): string => `${cookieOf[kindOf(visitor)]}=token-of-${visitor}`;

/** As `METHOD path`, as the routes are written. */
export function routesOf(app: FastifyInstance): string[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .flatMap((line) => {
      const read = /^([│├└─\s]*)(\S+)(?: \(([A-Z, ]+)\))?/u.exec(line);
      if (read === null) return [];
      const [, indent = "", part = "", methods = ""] = read;
      above.length = Math.max(0, indent.length / 4 - 1);
      above.push(part);
      const path = above.join("").replace("/*", "*");
      // HEAD is GET without its answer.
      return methods
        .split(", ")
        .filter((method) => method !== "" && method !== "HEAD")
        .map((method) => `${method} ${path}`);
    });
}

export const fill = (route: string): string =>
  route
    .replace(":bed", "room-1")
    .replace(":purpose", "breathing-rate")
    .replace(":kind", "hold")
    .replace(/:(number|feedback)/, "1")
    .replace(":staff", "staff-1");

export type Door = "in" | "refused" | "sent away";

/** What a visitor meets at a route; a form is sent empty, from a page of this server. */
export async function doorOf(
  app: FastifyInstance,
  visitor: Visitor,
  method: string,
  route: string,
  from: Readonly<Record<string, string>> = { origin: "http://ward.example" },
): Promise<{ door: Door; status: number; to: string }> {
  const headers: Record<string, string> = {
    cookie: cookieFor(visitor),
    host: "ward.example",
    ...from,
    ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
  };
  const asked: InjectOptions = { method: method as "GET" | "POST", url: fill(route), headers };
  const reply = await app.inject(method === "POST" ? { ...asked, payload: "" } : asked);
  const to = String(reply.headers.location ?? "");
  const status = reply.statusCode;
  if (status === 401 || status === 403) return { door: "refused", status, to };
  if (visitor === "locked" && to === "/ward") return { door: "sent away", status, to };
  if (status === 303 && /^\/(|sign-in|pair|badge.*|ward\?back=.*|advocate|bedside|governance)$/.test(to))
    return { door: "sent away", status, to };
  return { door: "in", status, to };
}
