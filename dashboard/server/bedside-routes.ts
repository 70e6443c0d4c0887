import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { localMidnight } from "../../edge-agent/contract/local-hour.ts";
import { Words } from "../../edge-agent/contract/text.ts";
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
  const sensesAt = (bed: string) => sensesOf(site.beds.find((one) => one.bed === bed));

  const screenOf = (request: FastifyRequest, reply: FastifyReply): string => {
    const { secret, code } = deps.screens.show(request.cookies[screenCookie], utcMs());
    reply.setCookie(screenCookie, secret, { path: "/pair", httpOnly: true, sameSite: "strict" });
    return `${code.slice(0, 3)} ${code.slice(3)}`;
  };
  app.get("/pair", { config: openRateLimit }, (request, reply) =>
    showCodeForm(pair, pages, request, reply, { screenCode: screenOf(request, reply) }),
  );
  // A waiting screen asks whether its code was typed at the nurse station.
  app.post("/pair/screen", { config: waitingRateLimit }, async (request, reply) => {
    if (!isSameOrigin(request.headers)) return reply.code(403).send({ paired: false });
    const invite = deps.screens.take(request.cookies[screenCookie], utcMs());
    if (invite === undefined) return reply.send({ paired: false, code: screenOf(request, reply) });
    const told = await agent.ask(null, { do: "pair", code: invite });
    return reply.send({ paired: keepSession("bedside", told, reply) });
  });
  app.post("/pair", { config: codeRateLimit }, (request, reply) => takeCode(pair, deps, request, reply));

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
    app.post(path, { config: codeRateLimit }, async (request, reply) => {
      if (!isSameOrigin(request.headers)) return pages.problem(reply, 403, "This did not work", "Use this screen.");
      const who = await bedside.paired(request, reply);
      if (who === undefined) return reply;
      const form = FeedbackForm.safeParse(request.body);
      const sent = form.success && (await send(request.cookies[cookieOf.bedside] ?? "", form.data));
      const outcome = () => ({ outcome: sent ? "sent" : "failed" });
      return bedside.open(request, reply, who, path, template, outcome, sent ? 200 : form.success ? 503 : 400);
    });
  }

  async function send(token: string, form: z.infer<typeof FeedbackForm>): Promise<boolean> {
    const { words } = form;
    const about = "feels" in form ? "how-is-it" : form.about;
    const told = await agent.ask(token, {
      do: "feedback",
      about,
      feels: "feels" in form ? form.feels : null,
      words,
    });
    return told.ok;
  }

  app.get("/bedside/language", async (request, reply) => {
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    const { back } = request.query as { back?: unknown };
    return bedside.open(request, reply, who, "/bedside/language", "bedside-language.njk", () => ({
      back: bedsidePaths.find((path) => path === back) ?? "/bedside",
    }));
  });

  app.post("/bedside/look", async (request, reply) => {
    if (!isSameOrigin(request.headers)) return pages.problem(reply, 403, "This did not work", "Use this screen.");
    const who = await bedside.paired(request, reply);
    if (who === undefined) return reply;
    const form = LookForm.safeParse(request.body);
    if (!form.success) return pages.problem(reply, 400, "This did not work", "Use the buttons of this screen.");
    const { language, largeText, back } = form.data;
    keepLook(reply, who.stay, {
      ...readLook(request, who.stay),
      ...(language === undefined ? {} : { language }),
      ...(largeText === undefined ? {} : { largeText: largeText === "yes" }),
    });
    return reply.redirect(bedsidePaths.find((path) => path === back) ?? "/bedside", 303);
  });

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
