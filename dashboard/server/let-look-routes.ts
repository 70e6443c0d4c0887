import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { z } from "zod";
import { lookHours } from "../../edge-agent/contract/advocate.ts";
import type { AgentLink } from "./agent-link.ts";
import type { AtBedside, BedsidePages } from "./bedside-pages.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf } from "./sessions.ts";
import type { WardReports } from "./ward-reports.ts";

const path = "/bedside/let-look";
const template = "bedside-let-look.njk";
const Form = z.union([
  z.object({ hours: z.enum(lookHours.map(String)).transform((text) => lookHours.find((one) => String(one) === text)) }),
  z.object({ end: z.literal("yes") }),
]);

interface LetLookDeps {
  readonly bedside: BedsidePages;
  readonly agent: AgentLink;
  readonly reports: WardReports;
  readonly utcMs: () => number;
  readonly limit: object;
  /** In words for a person in a bed. */
  readonly errorHandler: RouteShorthandOptions["errorHandler"] & {};
}

/** /bedside/let-look: the person lets somebody read what is recorded of them, for a time, and can end it at once. */
export function letLookRoutes(
  app: FastifyInstance,
  { bedside, agent, reports, utcMs, limit, errorHandler }: LetLookDeps,
): void {
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    who: AtBedside,
    now: { readonly code?: string; readonly failed?: true },
    status = 200,
  ) => {
    const given = await reports.looksGiven(who.stay, utcMs());
    return bedside.open(
      request,
      reply,
      who,
      path,
      template,
      ({ saying }) => ({
        ...now,
        unread: given === null,
        waiting: given?.some(({ openUntilUtcMs }) => openUntilUtcMs === null) ?? false,
        open: (given ?? []).flatMap(({ openUntilUtcMs: until }) =>
          until === null ? [] : [{ time: saying.time(until), day: saying.day(until) }],
        ),
      }),
      status,
    );
  };

  app.get(path, async (request, reply) => {
    const who = await bedside.paired(request, reply);
    return who === undefined ? reply : show(request, reply, who, {});
  });

  app.post(path, { config: limit, errorHandler }, async (request, reply) => {
    if (!isSameOrigin(request.headers)) return bedside.problem(request, reply, 403);
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    const token = request.cookies[cookieOf.bedside] ?? "";
    const form = Form.safeParse(request.body);
    if (!form.success) return show(request, reply, who, { failed: true }, 400);
    if ("end" in form.data) {
      const told = await agent.ask(token, { do: "end-looks" });
      return told.ok ? reply.redirect(path, 303) : show(request, reply, who, { failed: true }, 503);
    }
    const { hours = 1 } = form.data;
    const told = await agent.ask(token, { do: "let-look", hours });
    if (!told.ok || told.result.is !== "code") return show(request, reply, who, { failed: true }, 503);
    return show(request, reply, who, { code: told.result.code });
  });
}
