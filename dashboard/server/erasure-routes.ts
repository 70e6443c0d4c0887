import type { FastifyInstance, FastifyReply } from "fastify";
import { ErasureAsk } from "../../edge-agent/contract/erasure.ts";
import { wallClockMoment } from "../../edge-agent/contract/local-hour.ts";
import { type Body, bodyOf, choices, type FieldError, readAs, textOf } from "./person/form-body.ts";
import { askSetUp, receiveSetUp, type SetUpDeps, type SetUpVisit, setUpFrame } from "./staff/set-up-visit.ts";
import { statusOf } from "./told-status.ts";

const path = "/governance/erase";
const opening = { page: path, bed: null, purposeOfEvent: "HQUALIMP" } as const;
const faults = {
  bed: "Choose the bed.",
  atUtcMs: "Write down a moment when the person was in it.",
  reason: "Say in a few words who asked for it, and why.",
} as const;

/** /governance/erase: names and words beside the log of one person who has left are forgotten. For the governance lead alone. */
export function erasureRoutes(app: FastifyInstance, deps: SetUpDeps): void {
  const { pages, site } = deps;
  const { timeZone } = site.consent;

  const show = (visit: SetUpVisit, reply: FastifyReply, body: Body, errors: readonly FieldError[], status: number) =>
    pages.openWith(reply, "erase.njk", visit.who, opening, status, async () => ({
      ...setUpFrame(deps, visit),
      beds: choices(Object.fromEntries([["", "Choose"], ...site.beds.map(({ bed, name }) => [bed, name])]), [
        textOf(body, "bed"),
      ]),
      atUtcMs: textOf(body, "atUtcMs"),
      reason: textOf(body, "reason"),
      errors,
      wrong: Object.fromEntries(errors.map(({ id, words }) => [id, words])),
      done: status === 200 && textOf(body, "bed") !== "",
    }));

  app.get(path, async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, ["governance-lead"]);
    return visit === undefined ? reply : show(visit, reply, {}, [], 200);
  });

  app.post(path, async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, ["governance-lead"]);
    if (visit === undefined) return reply;
    const body = bodyOf(request.body);
    const atUtcMs = wallClockMoment(textOf(body, "atUtcMs"), timeZone) ?? Number.NaN;
    const ask = { do: "erase-words", bed: textOf(body, "bed"), atUtcMs, reason: textOf(body, "reason") };
    const read = readAs(ErasureAsk, ask, faults);
    if (!read.ok) return show(visit, reply, body, read.errors, 400);
    const told = await askSetUp(deps, visit, read.value);
    const failed = told.ok ? [] : [{ id: "maincontent", words: told.words }];
    return show(visit, reply, body, failed, told.ok ? 200 : statusOf(told.why));
  });
}
