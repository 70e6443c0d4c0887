import type { FastifyInstance, FastifyReply } from "fastify";
import { type AccessAsk, AccessKind } from "../../../edge-agent/contract/access.ts";
import { bodyOf, type FieldError, textOf } from "../person/form-body.ts";
import { askSetUp, setUpFrame } from "../staff/set-up-visit.ts";
import { statusOf } from "../told-status.ts";
import {
  type AccessDeps,
  type AccessPlace,
  type AccessVisit,
  aboutAccess,
  mayKnow,
  receiveAccess,
  receiveOne,
} from "./access-visit.ts";
import { accessView, kindWords } from "./access-words.ts";
import { askFormView, readAskForm } from "./ask-form.ts";

const reviewCharsMax = 500;

/** /access: who asked for whose records, the second person's yes, and the review after broken glass. Shows none of the records. */
export function accessRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const { pages, reports, site, utcMs } = deps;
  const { timeZone } = site.consent;
  const bedName = (bed: string): string => site.beds.find((one) => one.bed === bed)?.name ?? bed;
  const viewed = (access: AccessPlace["access"]) => accessView(access, { nowUtcMs: utcMs(), timeZone, bedName });

  app.get("/access", async (request, reply) => {
    const visit = await receiveAccess(deps, request, reply);
    if (visit === undefined) return reply;
    return pages.openWith(reply, "access.njk", visit.who, aboutAccess("/access"), 200, async () => {
      const list = await reports.accessList();
      const known = list?.filter((one) => mayKnow(one, visit.who)).map(viewed) ?? null;
      return { ...setUpFrame(deps, visit), list: known, mayHold: visit.who.role !== "nurse" };
    });
  });

  const showAsk = (visit: AccessVisit, reply: FastifyReply, kind: AccessKind, body = {}, errors: FieldError[] = []) =>
    pages.openWith(
      reply,
      "access-ask.njk",
      visit.who,
      aboutAccess(visit.page),
      errors.length === 0 ? 200 : 400,
      async () => ({
        ...setUpFrame(deps, visit),
        form: askFormView(body, kind, { beds: site.beds, nowUtcMs: utcMs(), timeZone }),
        title: kindWords[kind],
        errors,
        wrong: Object.fromEntries(errors.map(({ id, words }) => [id, words])),
      }),
    );

  const kindOf = (request: { readonly params: unknown }, { who }: AccessVisit): AccessKind | undefined => {
    const kind = AccessKind.safeParse((request.params as { readonly kind: string }).kind);
    return kind.success && (kind.data === "break-glass" || who.role !== "nurse") ? kind.data : undefined;
  };

  app.get("/access/ask/:kind", async (request, reply) => {
    const visit = await receiveAccess(deps, request, reply);
    if (visit === undefined) return reply;
    const kind = kindOf(request, visit);
    if (kind === undefined) return notYours(reply);
    return showAsk(visit, reply, kind);
  });

  app.post("/access/ask/:kind", async (request, reply) => {
    const visit = await receiveAccess(deps, request, reply);
    if (visit === undefined) return reply;
    const kind = kindOf(request, visit);
    if (kind === undefined) return notYours(reply);
    const body = bodyOf(request.body);
    const read = readAskForm(body, kind, timeZone);
    if (!read.ok) return showAsk(visit, reply, kind, body, [...read.errors]);
    const told = await askSetUp(deps, visit, read.value);
    if (!told.ok) return showAsk(visit, reply, kind, body, [{ id: "maincontent", words: told.words }]);
    return reply.redirect(told.result.is === "access" ? `/access/${told.result.number}` : "/access", 303);
  });

  app.get("/access/:number", async (request, reply) => {
    const place = await receiveOne(deps, request, reply);
    if (place === undefined) return reply;
    return show(place, reply);
  });

  const show = (place: AccessPlace, reply: FastifyReply, errors: readonly FieldError[] = [], status = 200) => {
    const { who, access } = place;
    const opening = { ...aboutAccess("/access/:number"), bed: access.bed };
    return pages.openWith(reply, "access-one.njk", who, opening, status, async () => {
      const one = viewed(access);
      const theirs = access.asked.id === who.id || access.agreed?.id === who.id;
      const lead = who.role === "governance-lead";
      return {
        ...setUpFrame(deps, place),
        one,
        errors,
        mayAgree: one.state === "asked" && access.asked.id !== who.id && who.role !== "nurse",
        waitsForAnother: one.state === "asked" && access.asked.id === who.id,
        mayRead: one.state === "open" && theirs,
        mayEnd: (one.state === "open" || one.state === "asked") && (theirs || lead),
        mayReview: one.awaitsReview && lead && !theirs,
      };
    });
  };

  const decided = (path: string, read: (place: AccessPlace, body: unknown) => AccessAsk | FieldError) =>
    app.post(`/access/:number/${path}`, async (request, reply) => {
      const place = await receiveOne(deps, request, reply);
      if (place === undefined) return reply;
      const ask = read(place, request.body);
      if ("words" in ask && !("do" in ask)) return show(place, reply, [ask], 400);
      const told = await askSetUp(deps, place, ask as AccessAsk);
      if (!told.ok) return show(place, reply, [{ id: "maincontent", words: told.words }], statusOf(told.why));
      if (path === "end") deps.openings.dark(place.access);
      return reply.redirect(`/access/${place.access.number}`, 303);
    });

  decided("agree", ({ access }) => ({ do: "agree-access", number: access.number }));
  decided("end", ({ access }) => ({ do: "end-access", number: access.number }));
  decided("review", ({ access }, body) => {
    const sent = bodyOf(body);
    const right = textOf(sent, "right");
    const words = textOf(sent, "words");
    if (right !== "yes" && right !== "no") return { id: "right", words: "Choose whether it was right." };
    if (words === "" || words.length > reviewCharsMax)
      return { id: "words", words: `Say in up to ${reviewCharsMax} characters what you found.` };
    return { do: "review-access", number: access.number, right: right === "yes", words };
  });

  const notYours = (reply: FastifyReply) =>
    pages.problem(reply, 404, "There is no such form for you", "Go back to the list.");
}
