import type { FastifyInstance } from "fastify";
import { type CodeFormDeps, type CodePage, codeRateLimit, openRateLimit, showCodeForm, takeCode } from "./code-form.ts";

const pair: CodePage = { path: "/pair", template: "pair.njk", kind: "bedside", nextPath: "/bedside" };

export function bedsideRoutes(app: FastifyInstance, deps: CodeFormDeps): void {
  const { pages } = deps;
  app.get("/pair", { config: openRateLimit }, (request, reply) => showCodeForm(pair, pages, request, reply));
  app.post("/pair", { config: codeRateLimit }, (request, reply) => takeCode(pair, deps, request, reply));

  app.get("/bedside", async (request, reply) => {
    const who = await pages.who(request, "bedside");
    if (who.is === "unknown") return pages.noAnswer(reply, "Ask staff what is on.");
    if (who.is !== "bedside") return reply.redirect("/pair", 303);
    const opening = { page: "/bedside", bed: who.bed, purposeOfEvent: "PATRQT" } as const;
    return pages.open(reply, "bedside.njk", who, opening, { bed: who.bed, stay: who.stay });
  });
}
