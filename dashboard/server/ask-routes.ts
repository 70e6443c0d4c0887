import type { FastifyInstance } from "fastify";
import { type Ask, RoomAsk, StationAsk } from "../../edge-agent/contract/asks.ts";
import type { AgentLink, Told } from "./agent-link.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf, type SessionKind, type Sessions } from "./sessions.ts";
import { statusOf } from "./told-status.ts";

/** Names the session that asks. No form and no foreign page can set a header of its own. */
export const askHeader = "x-quietround";

/** How many ms before sending the person touched. */
export const touchedHeader = "x-quietround-touched-ms-ago";
/** A page that was asleep may send late; more than this is nobody's touch. */
const touchedMsAgoMax = 10_000;

interface AskDeps {
  readonly sessions: Sessions;
  readonly agent: AgentLink;
  readonly utcMs: () => number;
}

/** POST /asks: one ask as JSON, forwarded with the session's token. The agent decides; here only the form is checked. */
export function askRoutes(app: FastifyInstance, { sessions, agent, utcMs }: AskDeps): void {
  app.post("/asks", async (request, reply) => {
    const refuse = (told: Extract<Told, { ok: false }>) => reply.code(statusOf(told.why)).send(told);
    if (!isSameOrigin(request.headers)) return refuse(notAllowed("This did not come from a page of this ward."));
    if (!/^application\/json(;|$)/.test(request.headers["content-type"] ?? "")) {
      return reply.code(415).send(malformed("Asks are sent as JSON."));
    }
    const kind = sessionKind(request.headers[askHeader]);
    if (kind === undefined) return refuse(notAllowed("This did not come from a page of this ward."));
    const token = request.cookies[cookieOf[kind]];
    if (token === undefined || token.length > 64) {
      return refuse({ ok: false, why: "not-signed-in", words: "Please sign in again." });
    }
    const ask = readAsk(request.body);
    if (ask === undefined) return refuse(malformed("That ask is not known here."));
    if (!belongsTo(ask, kind)) return refuse(notAllowed("This screen may not ask that."));
    const told = await agent.ask(token, ask, touchedAt(request.headers[touchedHeader], utcMs()));
    // An ended session is known at once, not after the time for which it is believed.
    if (!told.ok && told.why === "not-signed-in") sessions.forget(token);
    return told.ok ? reply.send(told) : refuse(told);
  });
}

/** From a browser, before any check. Undefined: not told. */
function touchedAt(header: string | string[] | undefined, nowUtcMs: number): number | undefined {
  const msAgo = typeof header === "string" && header !== "" ? Number(header) : Number.NaN;
  return msAgo >= 0 && msAgo <= touchedMsAgoMax ? nowUtcMs - msAgo : undefined;
}

function sessionKind(header: string | string[] | undefined): SessionKind | undefined {
  return header === "staff" || header === "bedside" ? header : undefined;
}

/** From a browser, before any check. */
function readAsk(body: unknown): Ask["ask"] | undefined {
  const room = RoomAsk.safeParse(body);
  if (room.success) return room.data;
  const station = StationAsk.safeParse(body);
  return station.success ? station.data : undefined;
}

/**
 * What a page of this kind has a button for. Sign-in, pairing and sign-out have forms of their own, which keep the token out of
 * scripts; what a person says has one that counts how often, and two-person
 * access to records has its own page.
 */
function belongsTo({ do: act }: Ask["ask"], kind: SessionKind): boolean {
  switch (act) {
    case "turn-on":
    case "resume":
    case "still-yes":
      return kind === "bedside";
    case "turn-off":
    case "stop-everything":
    case "pause":
    case "who-am-i":
      return true;
    case "offer":
    case "acknowledge":
    case "close":
    case "pause-audio":
    case "audio-off":
    case "audio-on":
    case "test-chain":
    case "sound-heard":
    case "order":
    case "what-if":
    case "admit":
    case "end-stay":
    case "needs":
    case "observe":
    case "check":
    case "accept-rate":
    case "sedation-watch":
    case "end-sedation-watch":
    case "best-interests":
    case "review":
    case "characteristics":
    case "invite-bedside":
    case "revoke-bedside":
    case "invite-staff":
    case "still-here":
    case "lock-screen":
    case "add-staff":
    case "renew-staff":
    case "end-staff":
    case "unlock-staff":
    case "record-training":
    case "floor-order":
      return kind === "staff";
    case "sign-in":
    case "sign-in-password":
    case "sign-in-pin":
    case "sign-in-oidc":
    case "oidc-logout":
    case "start-account":
    case "invite-first":
    case "pair":
    case "sign-out":
    // Said over the live connection, by a screen that shows the ward.
    case "alarm-shown":
    case "feedback":
    case "answer-feedback":
    case "ask-access":
    case "agree-access":
    case "end-access":
    case "review-access":
    case "let-look":
    case "end-looks":
    case "advocate-in":
    case "erase-words":
      return false;
  }
}

const notAllowed = (words: string) => ({ ok: false, why: "not-allowed", words }) as const;
const malformed = (words: string) => ({ ok: false, why: "malformed", words }) as const;
