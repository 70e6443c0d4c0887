import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { localMidnight } from "../../edge-agent/contract/local-hour.ts";
import { Words } from "../../edge-agent/contract/text.ts";
import type { Told } from "./agent-link.ts";
import { keepLook, LookForm, readLook } from "./bedside-look.ts";
import { BedsidePages, type BedsidePagesDeps, bedsidePaths } from "./bedside-pages.ts";
import { sensesOf } from "./bedside-view.ts";
import {
  type CodeFormDeps,
  type CodePage,
  codeRateLimit,
  keepSession,
  openRateLimit,
  showCodeForm,
  takeCode,
} from "./code-form.ts";
import { letLookRoutes } from "./let-look-routes.ts";
import { proofOf } from "./proof-page.ts";
import { isSameOrigin } from "./same-origin.ts";
import type { ScreenCodes } from "./screen-codes.ts";
import { cookieOf } from "./sessions.ts";
import type { WardReports } from "./ward-reports.ts";
import { lookedDays } from "./who-looked-page.ts";

const pair: CodePage = { path: "/pair", template: "pair.njk", kind: "bedside", nextPath: "/bedside" };

/** Names a screen that waits, to this server alone. */
const screenCookie = "qr_screen";
/** Every two seconds, and a little more. */
const waitingRateLimit = { rateLimit: { max: 60, timeWindow: 60_000 } };

/** Of one screen: behind a proxy all of them come from one address, and nobody may use up what another has to say. */
const sayRateLimit = {
  rateLimit: {
    max: 10,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => request.cookies[cookieOf.bedside]?.slice(0, 64) ?? request.ip,
  },
};

interface BedsideDeps extends CodeFormDeps, BedsidePagesDeps {
  readonly screens: ScreenCodes;
  readonly reports: WardReports;
}

const Typed = z
  .string()
  .transform((text) => text.replace(/[\p{Cc}\s]+/gu, " ").trim())
  .pipe(z.union([z.literal("").transform(() => null), Words(500)]));
const FeedbackForm = z.union([
  z.object({ about: z.enum(["question", "complaint"]), words: Typed }),
  z.object({ feels: z.enum(["good", "okay", "not-good"]), words: Typed }),
]);

/** The screen at a bed and the pages behind it. */
export function bedsideRoutes(app: FastifyInstance, deps: BedsideDeps): void {
  const { pages, agent, site, reports, utcMs } = deps;
  const bedside = new BedsidePages(deps);
  // Too many tries, or a form that is too long: said to a person in a bed, and not as to staff.
  const errorHandler = (error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) =>
    bedside.problem(request, reply, error.statusCode ?? 500);
  const sensesAt = (bed: string) => sensesOf(site.beds.find((one) => one.bed === bed));

  const screenOf = (request: FastifyRequest, reply: FastifyReply): string => {
    const { secret, code } = deps.screens.show(request.cookies[screenCookie], utcMs());
    reply.setCookie(screenCookie, secret, { path: "/pair", httpOnly: true, sameSite: "strict" });
    return `${code.slice(0, 3)} ${code.slice(3)}`;
  };
  const unpaired = (request: FastifyRequest, reply: FastifyReply) => ({
    ...bedside.unpaired(),
    screenCode: screenOf(request, reply),
  });
  app.get("/pair", { config: openRateLimit }, (request, reply) =>
    showCodeForm(pair, pages, request, reply, unpaired(request, reply)),
  );
  // A waiting screen asks whether its code was typed at the nurse station.
  app.post("/pair/screen", { config: waitingRateLimit }, async (request, reply) => {
    if (!isSameOrigin(request.headers)) return reply.code(403).send({ paired: false });
    const invite = deps.screens.take(request.cookies[screenCookie], utcMs());
    if (invite === undefined) return reply.send({ paired: false, code: screenOf(request, reply) });
    const told = await agent.ask(null, { do: "pair", code: invite });
    return reply.send({ paired: keepSession("bedside", told, reply) });
  });
  app.post("/pair", { config: codeRateLimit }, (request, reply) =>
    takeCode(pair, deps, request, reply, () => unpaired(request, reply)),
  );

  app.get("/bedside", async (request, reply) => {
    const who = await bedside.paired(request, reply);
    return who === undefined ? reply : bedside.open(request, reply, who, "/bedside", "bedside.njk");
  });

  app.get("/bedside/who-looked", async (request, reply) => {
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    const told = await reports.whoLooked(who.stay);
    return bedside.open(request, reply, who, "/bedside/who-looked", "bedside-who-looked.njk", ({ w, saying }) => ({
      told,
      days: told === null ? [] : lookedDays(told.looked, site.consent.whoLooked, w.pages.whoLooked, saying, utcMs()),
    }));
  });

  app.get("/bedside/about", async (request, reply) => {
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    return bedside.open(request, reply, who, "/bedside/about", "bedside-about.njk", () => ({
      senses: sensesAt(who.bed),
    }));
  });

  app.get("/bedside/proof", async (request, reply) => {
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    const root = await reports.dayRoot(localMidnight(utcMs(), site.consent.timeZone));
    const proof = root === null ? null : proofOf(root);
    return bedside.open(request, reply, who, "/bedside/proof", "bedside-proof.njk", ({ saying }) => ({
      proof,
      upTo: root === null ? null : { time: saying.time(root.lastEntryUtcMs), day: saying.day(root.lastEntryUtcMs) },
    }));
  });

  for (const [path, template] of [
    ["/bedside/ask", "bedside-ask.njk"],
    ["/bedside/how", "bedside-how.njk"],
  ] as const) {
    app.get(path, async (request, reply) => {
      const who = await bedside.paired(request, reply);
      return who === undefined ? reply : bedside.open(request, reply, who, path, template);
    });

    // From a browser, before any check.
    app.post(path, { config: sayRateLimit, errorHandler }, async (request, reply) => {
      if (!isSameOrigin(request.headers)) return bedside.problem(request, reply, 403);
      const who = await bedside.paired(request, reply);
      if (who === undefined) return reply;
      const form = FeedbackForm.safeParse(request.body);
      const told = form.success ? await send(request.cookies[cookieOf.bedside] ?? "", form.data) : undefined;
      // The stay ended between the two questions.
      if (told?.ok === false && told.why === "not-signed-in") return reply.redirect("/pair", 303);
      const sent = told?.ok === true;
      const outcome = () => ({ outcome: sent ? "sent" : "failed" });
      return bedside.open(request, reply, who, path, template, outcome, sent ? 200 : form.success ? 503 : 400);
    });
  }

  function send(token: string, form: z.infer<typeof FeedbackForm>): Promise<Told> {
    const { words } = form;
    const about = "feels" in form ? "how-is-it" : form.about;
    const feels = "feels" in form ? form.feels : null;
    return agent.ask(token, { do: "feedback", about, feels, words });
  }

  letLookRoutes(app, { bedside, agent, reports, utcMs, limit: sayRateLimit, errorHandler });

  app.get("/bedside/language", async (request, reply) => {
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    const { back } = request.query as { back?: unknown };
    return bedside.open(request, reply, who, "/bedside/language", "bedside-language.njk", () => ({
      back: bedsidePaths.find((path) => path === back) ?? "/bedside",
    }));
  });

  app.post("/bedside/look", { errorHandler }, async (request, reply) => {
    if (!isSameOrigin(request.headers)) return bedside.problem(request, reply, 403);
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    const form = LookForm.safeParse(request.body);
    if (!form.success) return bedside.problem(request, reply, 400);
    const { language, largeText, back } = form.data;
    keepLook(reply, who.stay, {
      ...readLook(request, who.stay),
      ...(language === undefined ? {} : { language }),
      ...(largeText === undefined ? {} : { largeText: largeText === "yes" }),
    });
    return reply.redirect(bedsidePaths.find((path) => path === back) ?? "/bedside", 303);
  });

  // Kept by the screen for when this server is away. Always dark: nobody knows when it will be shown.
  app.get("/bedside/offline", { config: openRateLimit }, (request, reply) =>
    bedside.problem(request, reply, 200, { waitMs: 5_000, light: "night" }),
  );
  app.get("/bedside/worker.js", { config: openRateLimit }, (_request, reply) =>
    reply.header("service-worker-allowed", "/bedside").sendFile("bedside-worker.js", { cacheControl: false }),
  );

  // A page that is none: back to what is on, and never to a page of staff.
  app.get("/bedside/*", (_request, reply) => reply.redirect("/bedside", 303));

  if (!site.demonstration) return;
  const nobody = { is: "nobody" } as const;
  app.get("/demo/bedside", { config: openRateLimit }, (request, reply) => {
    const query = request.query as { light?: unknown; language?: unknown };
    const light = query.light === "day" ? "day" : "night";
    const language = typeof query.language === "string" ? query.language : "en";
    const opening = { page: "/demo/bedside", bed: null, purposeOfEvent: "TREAT" } as const;
    const common = bedside.common("/bedside", { language, largeText: false }, { bed: "room-1", stay: "stay-made-up" });
    return pages.open(reply, "bedside.njk", nobody, opening, { ...common, light, fixtures: true });
  });
}
