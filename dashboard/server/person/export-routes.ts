import type { FastifyInstance } from "fastify";
import { zipPack } from "../pack/zip-pack.ts";
import type { PageTrail } from "../page-trail.ts";
import { isSameOrigin } from "../same-origin.ts";
import { plainExport } from "./export-words.ts";
import { showForm } from "./person-form.ts";
import { type PersonDeps, receive } from "./visit.ts";

/**
 * /person/<bed>/export: everything that is kept about this stay, for the person who asked for it (subject access, UK GDPR article 15).
 * The page says what will be in it; sending it gives a ZIP. The person sees in "Who looked" that it was made.
 */
export function personExportRoutes(app: FastifyInstance, deps: PersonDeps & { readonly trail: PageTrail }): void {
  const { timeZone } = deps.site.consent;
  app.get("/person/:bed/export", async (request, reply) => {
    const visit = await receive(deps, request, reply, "nurse-in-charge");
    if (visit === undefined) return reply;
    const refused = visit.tile?.stay == null ? "Nobody is admitted to this bed." : null;
    return showForm(deps, visit, reply, "export.njk", { refused, errors: [], view: async () => ({}) });
  });

  app.post("/person/:bed/export", async (request, reply) => {
    if (!isSameOrigin(request.headers))
      return deps.pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    const visit = await receive(deps, request, reply, "nurse-in-charge");
    if (visit === undefined) return reply;
    const { who, bed, tile } = visit;
    const stay = tile?.stay ?? null;
    if (stay === null) return deps.pages.problem(reply, 409, "Nobody is here", "Nobody is admitted to this bed.");
    const sent = (request.body ?? {}) as { readonly stay?: unknown };
    if (sent.stay !== stay.id)
      return deps.pages.problem(reply, 409, "Somebody else is here now", "Go back, and look who is in this bed.");
    if (!deps.trail.exported(who, { bed, stay: stay.id, purposeOfEvent: "PATRQT" }))
      return deps.pages.closed(reply, "PATRQT");
    const read = await deps.reports.personExport(stay.id);
    if (read === null)
      return deps.pages.problem(reply, 503, "This cannot be made now", "The ward's records cannot be read. Try again.");
    const nowUtcMs = deps.utcMs();
    const { factsCsv, ...rest } = read;
    const text = (words: string): Uint8Array => new TextEncoder().encode(words);
    const madeAt = new Date(nowUtcMs).toISOString();
    const zipped = await zipPack(
      new Map([
        ["everything.json", text(`${JSON.stringify({ v: 1, madeAt, ...rest }, null, 2)}\n`)],
        ["in-plain-words.txt", text(plainExport(read, nowUtcMs, timeZone))],
        ["sensor-readings.csv", text(factsCsv)],
      ]),
    );
    reply.header("content-disposition", `attachment; filename="everything-about-${bed}.zip"`);
    return reply.type("application/zip").send(Buffer.from(zipped));
  });
}
