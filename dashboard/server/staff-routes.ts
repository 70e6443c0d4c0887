import type { FastifyInstance } from "fastify";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { standsAtBed } from "./bedside-device.ts";
import { type CodeFormDeps, type CodePage, codeRateLimit, openRateLimit, showCodeForm, takeCode } from "./code-form.ts";
import { isClinical, roleWords } from "./roles.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf, type Sessions } from "./sessions.ts";
import { BackPath, homeOf } from "./staff/badge-routes.ts";
import { bedsInFloorOrder } from "./staff/floor.ts";
import type { WardReports } from "./ward-reports.ts";

interface StaffDeps extends CodeFormDeps {
  readonly sessions: Sessions;
  readonly site: SiteConfig;
  readonly reports: WardReports;
}

const signIn: CodePage = { path: "/sign-in", template: "sign-in.njk", kind: "staff", nextPath: "/ward" };

export function staffRoutes(app: FastifyInstance, deps: StaffDeps): void {
  const { pages, sessions, agent, site, reports } = deps;

  app.get("/", async (request, reply) => {
    const staff = await pages.who(request, "staff");
    if (staff.is === "staff") return reply.redirect(homeOf(staff.role), 303);
    const bedside = await pages.who(request, "bedside");
    if (bedside.is === "bedside") return reply.redirect("/bedside", 303);
    if (staff.is === "unknown") return pages.noAnswer(reply, staff.words);
    if (bedside.is === "unknown") return pages.noAnswer(reply, bedside.words);
    return reply.redirect(standsAtBed(request) ? "/pair" : "/sign-in", 303);
  });

  // A code signs in by itself where everything is made up; elsewhere staff have accounts.
  app.get("/sign-in", { config: openRateLimit }, (request, reply) =>
    site.demonstration ? showCodeForm(signIn, pages, request, reply) : reply.redirect("/badge", 303),
  );
  app.post("/sign-in", { config: codeRateLimit }, (request, reply) => takeCode(signIn, deps, request, reply));

  app.post("/sign-out", async (request, reply) => {
    if (!isSameOrigin(request.headers)) return pages.problem(reply, 403, "This did not work", "Use the button.");
    const token = request.cookies[cookieOf.staff];
    if (token !== undefined && token.length <= 64) {
      await agent.ask(token, { do: "sign-out" });
      sessions.forget(token);
    }
    return reply.clearCookie(cookieOf.staff, { path: "/" }).redirect("/sign-in", 303);
  });

  app.get("/ward", async (request, reply) => {
    const who = await pages.who(request, "staff");
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff") return reply.redirect("/sign-in", 303);
    if (who.role === "governance-lead") return reply.redirect("/governance", 303);
    const opening = { page: "/ward", bed: null, purposeOfEvent: "TREAT" } as const;
    if (!isClinical(who.role)) {
      const words = `You are signed in as ${roleWords[who.role]}. The ward board is for the nurses on this ward.`;
      const data = { title: "Not for this role", words };
      return pages.open(reply, "problem.njk", who, { ...opening, refused: "not-allowed" }, data, 403);
    }
    const { back } = request.query as { back?: unknown };
    return pages.openWith(reply, "ward.njk", who, opening, 200, async () => ({
      beds: (await bedsInFloorOrder(site, reports)).map(({ bed, name, device }) => ({ bed, name, device })),
      person: { name: who.name, role: roleWords[who.role] },
      inCharge: who.role === "nurse-in-charge",
      pauseSec: site.alarms.audioPauseSecMax,
      locked: who.locked === true,
      back: BackPath.safeParse(back).data ?? "",
    }));
  });

  if (!site.demonstration) return;
  const demoBeds = Array.from({ length: 8 }, (_, index) => ({ bed: `room-${index + 1}`, name: `Room ${index + 1}` }));
  const nobody = { is: "nobody" } as const;
  const opened = { bed: null, purposeOfEvent: "TREAT" } as const;
  app.get("/demo", { config: openRateLimit }, (_request, reply) =>
    pages.open(reply, "demo.njk", nobody, { page: "/demo", ...opened }),
  );
  app.get("/demo/ward", { config: openRateLimit }, (_request, reply) =>
    pages.open(
      reply,
      "ward.njk",
      nobody,
      { page: "/demo/ward", ...opened },
      {
        beds: demoBeds,
        person: { name: "Sam Reed", role: roleWords.nurse },
        fixtures: true,
      },
    ),
  );
}
