import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { ownCookies } from "./host-cookies.ts";
import { listeningOf } from "./live-rights.ts";
import type { Admitted } from "./live-screen.ts";
import type { Openings } from "./openings.ts";
import type { PageTrail } from "./page-trail.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf, type SessionKind, type Sessions } from "./sessions.ts";
import type { HadBefore } from "./ward-outbox.ts";

export interface DoorOptions {
  readonly app: FastifyInstance;
  /** Over TLS. */
  readonly secure: boolean;
  readonly sessions: Sessions;
  readonly trail: PageTrail;
  readonly openings: Openings;
  readonly beds: SiteConfig["beds"];
}

/** An HTTP status with its words. */
export type Refused = readonly [number, string];
const unavailable: Refused = [503, "Service Unavailable"];

/**
 * Who asks for a live connection, and whether they may have it. From any browser, before any check: `ws` itself looks at no
 * origin. Where it says yes, the entry that says so is written. Undefined: the client hung up meanwhile.
 */
export async function whoMayListen(
  { app, secure, sessions, trail, openings, beds }: DoorOptions,
  request: IncomingMessage,
  socket: Duplex,
): Promise<Admitted | Refused | undefined> {
  const url = new URL(request.url ?? "/", "http://here");
  if (url.pathname !== "/live") return [404, "Not Found"];
  if (!isSameOrigin(request.headers, secure)) return [403, "Forbidden"];
  const kind: SessionKind = url.searchParams.get("as") === "bedside" ? "bedside" : "staff";
  const opens = url.searchParams.get("opens");
  const token = ownCookies(app.parseCookie(request.headers.cookie ?? ""), secure)[cookieOf[kind]];
  const who = await sessions.whoIs(token);
  if (who.is === "unknown") return unavailable;
  if (token === undefined || (who.is !== "staff" && who.is !== "bedside") || who.is !== kind) {
    return [401, "Unauthorized"];
  }
  const listening = listeningOf(who, kind, opens !== null);
  if (listening === undefined) return [403, "Forbidden"];
  if (listening === "opening" && !beds.some(({ bed }) => bed === opens)) return [404, "Not Found"];
  if (socket.destroyed) return undefined;
  if (listening === "opening" && who.is === "staff" && opens !== null) {
    const page = openings.begin(who, opens);
    if (page === undefined) return unavailable;
    socket.once("close", () => openings.end(page));
    return { token, who, listening, keepsOpen: page, had: undefined };
  }
  const bed = who.is === "bedside" ? who.bed : null;
  const purposeOfEvent = who.is === "bedside" ? "PATRQT" : "TREAT";
  if (!trail.opened(who, { page: "/live", bed, purposeOfEvent })) return unavailable;
  return { token, who, listening, keepsOpen: null, had: readHad(url.searchParams) };
}

/** Null where it was not told; what is no number of ours is a number that is not known any more. */
function readHad(query: URLSearchParams): HadBefore | undefined {
  const [epoch, after] = [query.get("epoch"), query.get("after")];
  if (epoch === null || after === null) return undefined;
  const number = /^\d{1,15}$/.test(after) ? Number(after) : -1;
  return { epoch: epoch.slice(0, 64), number };
}
