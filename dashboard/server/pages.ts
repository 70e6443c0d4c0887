import type { FastifyReply, FastifyRequest } from "fastify";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { intendedUseWords } from "../../edge-agent/contract/intended-use.ts";
import { isWithin, localHour } from "../../edge-agent/contract/local-hour.ts";
import type { PurposeOfUse } from "../../edge-agent/contract/purpose-of-use.ts";
import type { Opening, PageTrail } from "./page-trail.ts";
import { cookieOf, type SessionKind, type Sessions, type Who } from "./sessions.ts";

/** Serves a page, after the entry that says so is on the disk. */
export class Pages {
  private readonly site: SiteConfig;
  private readonly sessions: Sessions;
  private readonly trail: PageTrail;
  private readonly utcMs: () => number;

  constructor(site: SiteConfig, sessions: Sessions, trail: PageTrail, utcMs: () => number) {
    this.site = site;
    this.utcMs = utcMs;
    this.sessions = sessions;
    this.trail = trail;
  }

  who(request: FastifyRequest, kind: SessionKind): Promise<Who> {
    return this.sessions.whoIs(request.cookies[cookieOf[kind]]);
  }

  async open(
    reply: FastifyReply,
    template: string,
    who: Who,
    opening: Opening,
    data: Readonly<Record<string, unknown>> = {},
    status = 200,
  ): Promise<FastifyReply> {
    return this.openWith(reply, template, who, opening, status, async () => data);
  }

  /** As `open`, for what is read from the ward's records: read only once the entry is on the disk. */
  async openWith(
    reply: FastifyReply,
    template: string,
    who: Who,
    opening: Opening,
    status: number,
    read: () => Promise<Readonly<Record<string, unknown>>>,
    unaudited = () => this.closed(reply, opening.purposeOfEvent),
  ): Promise<FastifyReply> {
    if (!this.trail.opened(who, opening)) return unaudited();
    return this.render(reply, template, await read(), status);
  }

  /** For what is no page: the entry that says who opens it. False: it could not be written, and nothing may be served. */
  noted(who: Who, opening: Opening): boolean {
    return this.trail.opened(who, opening);
  }

  /** Why nothing is opened: nobody declared its purpose, or the log cannot be written. */
  closed(reply: FastifyReply, purposeOfEvent: PurposeOfUse): Promise<FastifyReply> {
    if (this.trail.isDeclared(purposeOfEvent)) return this.unaudited(reply);
    const words = `Nobody may read here for this purpose (${purposeOfEvent}): it is not among those that this ward declared. Ask the governance lead.`;
    return this.problem(reply, 403, "Not a declared purpose", words);
  }

  unaudited(reply: FastifyReply): Promise<FastifyReply> {
    return this.problem(
      reply,
      503,
      "This page cannot be shown",
      "The audit log cannot be written, and no page opens without an entry. Check in person and call the engineer.",
    );
  }

  /** The agent did not say whose session this is: neither let in nor sent away. The page tries again by itself. */
  noAnswer(reply: FastifyReply, words: string): Promise<FastifyReply> {
    reply.header("refresh", "5");
    return this.problem(reply, 503, "We can't tell right now", `${words} This page tries again by itself.`);
  }

  problem(reply: FastifyReply, status: number, title: string, words: string): Promise<FastifyReply> {
    return this.render(reply, "problem.njk", { title, words }, status);
  }

  refusal(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply | Promise<FastifyReply> {
    const words =
      status >= 500 ? "Something failed on our side. Check in person, and try again." : refusalWords(status);
    if (request.url.startsWith("/asks")) return reply.code(status).send({ ok: false, why: "malformed", words });
    return this.problem(reply, status, "This did not work", words);
  }

  /** Attributes of the page's root: dimmer at night, from the first paint on, and when to change. */
  private staffLight(): Readonly<Record<string, string>> {
    const { quietHours, timeZone } = this.site.consent;
    const quiet = { "data-quiet": JSON.stringify({ hours: quietHours, timeZone }) };
    return isWithin(quietHours, localHour(this.utcMs(), timeZone)) ? { ...quiet, "data-light": "night" } : quiet;
  }

  /** Of what is nobody's data: without an entry. */
  async render(reply: FastifyReply, template: string, data: Readonly<Record<string, unknown>>, status: number) {
    const { wardName, demonstration, development, alarms, staff, dashboard } = this.site;
    const intendedUse = intendedUseWords[alarms.intendedUse];
    const idleSec = staff.idleLockMinutes * 60;
    const { script: cspNonce } = reply.cspNonce;
    const common = {
      wardName,
      demonstration,
      development,
      intendedUse,
      idleSec,
      cspNonce,
      staffLight: this.staffLight(),
      oidcLabel: dashboard.oidc?.label,
    };
    const html = await reply.viewAsync(template, { ...common, ...data });
    return reply.code(status).type("text/html; charset=utf-8").send(html);
  }
}

function refusalWords(status: number): string {
  switch (status) {
    case 403:
      return "Use the form on this screen.";
    case 413:
      return "That was too much at once.";
    case 415:
      return "That was not sent in a form that is read here.";
    case 429:
      return "Too many tries. Wait a minute, then try again.";
    default:
      return "That could not be read. Go back and try again.";
  }
}
