import type { FastifyInstance } from "fastify";
import { type PersonDeps, receive } from "./visit.ts";

/**
 * GET /person/<bed>/history.json: the last 12 hours of the person in this bed, for the picture on their page. Written down
 * like a page; within a visit of the page it is told to the person as a part of that visit.
 */
export function historyRoute(app: FastifyInstance, deps: PersonDeps): void {
  app.get("/person/:bed/history.json", async (request, reply) => {
    const visit = await receive(deps, request, reply);
    if (visit === undefined) return reply;
    const { who, bed, tile, page } = visit;
    if (!deps.pages.noted(who, { page, bed, purposeOfEvent: "TREAT" })) return reply.code(503).send({ history: null });
    const stay = tile?.stay?.id;
    if (stay === undefined) return reply.code(404).send({ history: null });
    const history = await deps.reports.personHistory(stay, deps.utcMs());
    return reply.code(history === null ? 503 : 200).send({ history });
  });
}
