import { fileURLToPath } from "node:url";
import cookie from "@fastify/cookie";
import formBody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import staticFiles from "@fastify/static";
import view from "@fastify/view";
import fastify, { type FastifyInstance } from "fastify";
import nunjucks from "nunjucks";
import type { ClientAuth } from "openid-client";
import type { Stamp } from "../../edge-agent/contract/audit-entry.ts";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import type { MonoMs } from "../../edge-agent/contract/units.ts";
import type { BrokerLink } from "../../edge-agent/platform/connect.ts";
import { IdentityProvider } from "../../edge-agent/platform/identity-provider.ts";
import type { Log } from "../../edge-agent/platform/log.ts";
import type { SpokenLanguage } from "../words/bedside-language.ts";
import { accessRecordsRoutes } from "./access/access-records-routes.ts";
import { accessRoutes } from "./access/access-routes.ts";
import { advocateRoutes } from "./advocate-routes.ts";
import { AgentLink } from "./agent-link.ts";
import { askRoutes } from "./ask-routes.ts";
import { auditLogPage } from "./audit-log-page.ts";
import { bedsideRoutes } from "./bedside-routes.ts";
import { downtimeRoutes } from "./downtime-routes.ts";
import { engineerPage } from "./engineer-page.ts";
import { erasureRoutes } from "./erasure-routes.ts";
import { governanceAuditRoutes } from "./governance-audit-routes.ts";
import { governanceRoutes } from "./governance-routes.ts";
import { handoverRoutes } from "./handover-routes.ts";
import { hostCookies } from "./host-cookies.ts";
import { LiveFeed } from "./live-feed.ts";
import { oidcRoutes } from "./oidc/oidc-routes.ts";
import { SignInFlows } from "./oidc/sign-in-flows.ts";
import { Openings } from "./openings.ts";
import { type PackSigner, packRoute } from "./pack/pack-route.ts";
import { PageTrail, type ReadingLog } from "./page-trail.ts";
import { Pages } from "./pages.ts";
import { activityPage } from "./person/activity-page.ts";
import { cardRoutes } from "./person/card-routes.ts";
import { characteristicsForm } from "./person/characteristics-form.ts";
import { checkForm } from "./person/check-form.ts";
import { checkPages } from "./person/check-pages.ts";
import { consentForms } from "./person/consent-forms.ts";
import { personExportRoutes } from "./person/export-routes.ts";
import { historyRoute } from "./person/history-route.ts";
import { leavingRoutes } from "./person/leaving-routes.ts";
import { observeForm } from "./person/observe-form.ts";
import { orderRoutes } from "./person/order-routes.ts";
import { sedationForms } from "./person/sedation-form.ts";
import { stayForms } from "./person/stay-forms.ts";
import { sameOriginGate } from "./same-origin-gate.ts";
import { ScreenCodes } from "./screen-codes.ts";
import { Sessions } from "./sessions.ts";
import { shiftRoutes } from "./shift-routes.ts";
import { badgeRoutes } from "./staff/badge-routes.ts";
import { bedsRoutes } from "./staff/beds-routes.ts";
import { lockGate } from "./staff/lock-gate.ts";
import { staffListRoutes } from "./staff/staff-list-routes.ts";
import { startAccountRoutes } from "./staff/start-account-routes.ts";
import { staffRoutes } from "./staff-routes.ts";
import type { WardReports } from "./ward-reports.ts";

const bodyBytesMax = 16_384;
const requestTimeoutMs = 10_000;
/** Half a year: a browser that came once comes over TLS, or not at all. */
const hstsSec = 15_552_000;

const templates = fileURLToPath(new URL("../web/pages", import.meta.url));
const nhsuk = fileURLToPath(new URL("../../node_modules/nhsuk-frontend/dist", import.meta.url));

export interface DashboardDeps {
  readonly site: SiteConfig;
  readonly link: BrokerLink;
  readonly readings: ReadingLog;
  readonly reports: WardReports;
  readonly stamp: () => Stamp;
  readonly now: () => MonoMs;
  /** Signs inspection packs. */
  readonly signer: PackSigner;
  /** The site's data protection assessment; null: a demonstration has none. */
  readonly assessmentFile: string | null;
  /** What scripts/build-web.ts made. */
  readonly builtDir: string;
  /** Of the screens at the beds, beside English. */
  readonly languages?: readonly SpokenLanguage[];
  /** PEM; left out: plain HTTP, on this machine only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** How the identity provider knows this server; left out: by PKCE alone. */
  readonly oidcAuth?: ClientAuth;
  readonly log: Log;
}

/** All pages and the live feed, not yet listening. `close()` ends the feed; the broker link, the log and the reports stay the caller's. */
export async function buildApp(deps: DashboardDeps): Promise<FastifyInstance> {
  const { site, link, now, log } = deps;
  const { behindProxy } = site.dashboard;
  const secure = deps.tls !== undefined || behindProxy;
  const app: FastifyInstance = fastify({
    // By type the servers differ; what is done with them here does not.
    ...((deps.tls === undefined ? {} : { https: { ...deps.tls, minVersion: "TLSv1.2" } }) as object),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    // Only the proxy of this machine may say who asked; it writes over what a browser sends under that name.
    trustProxy: behindProxy ? ["127.0.0.1", "::1"] : false,
  });
  const agent = new AgentLink({ ward: site, beds: site.beds.map(({ bed }) => bed), link, now, log });
  const sessions = new Sessions(agent, now);
  const stayIn = (bed: string) => agent.tile(bed)?.tile.stay?.id ?? null;
  const trail = new PageTrail(deps.readings, deps.stamp, log, stayIn, site.readFor);
  const utcMs = () => deps.stamp().utcMs;
  const { reports } = deps;
  const openings = new Openings({ agent, trail, named: site.consent.whoLooked, utcMs });
  const pages = new Pages(site, sessions, trail, utcMs);

  await app.register(helmet, {
    enableCSPNonces: true,
    // Plain HTTP on loopback: a promise of TLS would lock the screens out.
    strictTransportSecurity: secure ? { maxAge: hstsSec, includeSubDomains: false } : false,
    // Not "no-referrer": browsers then send "Origin: null" with a form, which is refused here.
    referrerPolicy: { policy: "same-origin" },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
      },
    },
  });
  await app.register(cookie);
  if (secure) hostCookies(app);
  await app.register(formBody, { bodyLimit: bodyBytesMax });
  await app.register(rateLimit, { global: false });
  await app.register(staticFiles, { root: deps.builtDir, prefix: "/built/", cacheControl: false, index: false });
  await app.register(view, { engine: { nunjucks }, templates: [templates, nhsuk], options: { autoescape: true } });

  app.addHook("onSend", async (request, reply) => {
    // A shared computer's "back" must not show a page of somebody who signed out.
    reply.header("cache-control", request.url.startsWith("/built/") ? "no-cache" : "no-store");
  });
  app.setNotFoundHandler((_request, reply) =>
    pages.problem(reply, 404, "There is no such page", "Check the address, or start again."),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ cause: String(error), route: request.routeOptions.url }, "a request failed");
    return pages.refusal(request, reply, status);
  });

  app.get("/healthz", () => ({ ok: true, agent: agent.health().agent }));
  sameOriginGate(app, secure);
  lockGate(app, pages);
  const { oidc } = site.dashboard;
  const signingIn = { pages, sessions, agent, trail, demonstration: site.demonstration };
  badgeRoutes(app, signingIn);
  const provider = oidc === null ? null : new IdentityProvider(oidc, now, deps.oidcAuth);
  const onSignedOut = () => {
    sessions.forgetAll();
    feed.checkSessions();
  };
  oidcRoutes(app, { ...signingIn, provider, flows: new SignInFlows(now), onSignedOut, log });
  startAccountRoutes(app, signingIn);
  const settingUp = { pages, sessions, agent, reports, site, utcMs };
  staffListRoutes(app, settingUp);
  bedsRoutes(app, settingUp);
  engineerPage(app, { ...settingUp, now });
  staffRoutes(app, { pages, sessions, agent, trail, site, reports });
  const { languages = [] } = deps;
  const screens = new ScreenCodes();
  bedsideRoutes(app, { screens, pages, agent, trail, site, reports, utcMs, languages, builtDir: deps.builtDir });
  const person = { screens, pages, sessions, agent, reports, site, utcMs };
  cardRoutes(app, person);
  consentForms(app, person);
  stayForms(app, person);
  sedationForms(app, person);
  checkForm(app, person);
  checkPages(app, person);
  downtimeRoutes(app, { pages, site, agent, sessions, utcMs });
  observeForm(app, person);
  characteristicsForm(app, person);
  leavingRoutes(app, person);
  orderRoutes(app, person);
  historyRoute(app, person);
  activityPage(app, person);
  personExportRoutes(app, { ...person, trail });
  governanceRoutes(app, person);
  erasureRoutes(app, settingUp);
  auditLogPage(app, person);
  governanceAuditRoutes(app, person);
  const { signer, assessmentFile } = deps;
  packRoute(app, { ...person, signer, assessmentFile, log, view: (page, data) => app.view(page, data) });
  const access = { ...settingUp, trail, openings, signer };
  accessRoutes(app, access);
  accessRecordsRoutes(app, access);
  advocateRoutes(app, { pages, sessions, agent, trail, reports, site, utcMs });
  shiftRoutes(app, { pages, site, agent, utcMs });
  handoverRoutes(app, { pages, site, reports, agent, trail, utcMs });
  askRoutes(app, { sessions, agent, utcMs });

  const { beds, limits } = site;
  const clientsMax = limits.websocketClientsMax;
  const feed = new LiveFeed({ app, secure, agent, sessions, trail, openings, beds, clientsMax, now, utcMs, log });
  agent.start();
  const endOpenings = openings.start();
  feed.start();
  app.addHook("preClose", async () => {
    feed.stop();
    endOpenings();
  });
  return app;
}
