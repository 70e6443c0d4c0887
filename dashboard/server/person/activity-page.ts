import type { FastifyInstance } from "fastify";
import { activityView } from "./activity-words.ts";
import { showForm } from "./person-form.ts";
import { type PersonDeps, receive } from "./visit.ts";

/** /person/<bed>/activity: hours in bed and out of bed by day and by week, for a review of physical health; its own consent. */
export function activityPage(app: FastifyInstance, deps: PersonDeps): void {
  const { timeZone, quietHours } = deps.site.consent;
  app.get("/person/:bed/activity", async (request, reply) => {
    const visit = await receive(deps, request, reply);
    if (visit === undefined) return reply;
    const stay = visit.tile?.stay ?? null;
    return showForm(deps, visit, reply, "activity.njk", {
      refused: stay === null ? "Nobody is admitted to this bed." : null,
      errors: [],
      view: async () => {
        if (stay === null) return {};
        const nowUtcMs = deps.utcMs();
        const read = await deps.reports.activity({ stay: stay.id, nowUtcMs, timeZone, rest: quietHours });
        return { activity: activityView(read, nowUtcMs, timeZone) };
      },
    });
  });
}
