import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Pages } from "../pages.ts";
import { isClinical } from "../roles.ts";
import type { Who } from "../sessions.ts";
import { BackPath } from "./badge-routes.ts";

/** What a locked screen may open: the board with its alarms, and what has to do with who is there. */
const open: readonly string[] = [
  "/",
  "/ward",
  "/asks",
  "/badge",
  "/lock",
  "/start-account",
  "/sign-in",
  "/sign-in/oidc",
  "/sign-in/oidc/callback",
  "/sign-in/oidc/logout",
  "/sign-out",
  "/healthz",
];
/** Asks by itself who is there, and falls back to who was there before the agent fell silent. */
const asksItself: readonly string[] = ["/downtime"];
/** Not of this session. */
const apart = /^\/(built|bedside|pair|demo)(\/|$)/;

/**
 * A locked screen shows the board and nothing of one person: every other page, those of tomorrow too, sends it back to the board,
 * where badge number and PIN are asked for.
 */
export function lockGate(app: FastifyInstance, pages: Pages): void {
  app.addHook("preHandler", async (request, reply) => {
    const route = request.routeOptions.url;
    if (route === undefined || open.includes(route) || asksItself.includes(route) || apart.test(route)) return;
    const who = await pages.who(request, "staff");
    // Here and not a second time in the page: each asking waits for an agent that does not answer.
    if (who.is === "unknown") {
      await pages.noAnswer(reply, who.words);
      return reply;
    }
    return sentAway(request, reply, who);
  });
}

/** Undefined: not locked, and nothing was sent. */
export async function sentAway(
  request: FastifyRequest,
  reply: FastifyReply,
  who: Who,
): Promise<FastifyReply | undefined> {
  if (who.is !== "staff" || who.locked !== true) return undefined;
  const path = request.method === "GET" ? BackPath.safeParse(request.url.split("?")[0]).data : undefined;
  const back = path === undefined ? "" : `?back=${encodeURIComponent(path)}`;
  await reply.redirect(`${isClinical(who.role) ? "/ward" : "/badge"}${back}`, 303);
  return reply;
}
