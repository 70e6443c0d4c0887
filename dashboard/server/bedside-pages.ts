import type { FastifyReply, FastifyRequest } from "fastify";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import type { CommunicationNeeds } from "../../edge-agent/contract/consent.ts";
import { isWithin, localHour } from "../../edge-agent/contract/local-hour.ts";
import { languageFor, languagesOn, type SpokenLanguage } from "../words/bedside-language.ts";
import { aboutPictures } from "../words/idea-pictures.ts";
import type { PageWords } from "../words/page-words.ts";
import { picturePaths } from "../words/picture-paths.ts";
import { Saying } from "../words/saying.ts";
import type { AgentLink } from "./agent-link.ts";
import { type BedsideLook, readLook } from "./bedside-look.ts";
import { mediaFor } from "./bedside-media.ts";
import type { Pages } from "./pages.ts";
import type { Who } from "./sessions.ts";

export type AtBedside = Extract<Who, { is: "bedside" }>;
export const bedsidePaths = [
  "/bedside",
  "/bedside/who-looked",
  "/bedside/about",
  "/bedside/ask",
  "/bedside/how",
  "/bedside/let-look",
  "/bedside/proof",
  "/bedside/language",
] as const;
export type BedsidePath = (typeof bedsidePaths)[number];

export interface BedsidePagesDeps {
  readonly site: SiteConfig;
  readonly pages: Pages;
  readonly agent: AgentLink;
  readonly utcMs: () => number;
  /** Those whose words a reviewer has passed; the site says which of them are on. */
  readonly languages: readonly SpokenLanguage[];
  /** Where the built pages are, and with them what the site added. */
  readonly builtDir: string;
}

/** What the pages of one screen at a bed have in common: whose it is, in which language, how light and how large. */
export class BedsidePages {
  private readonly deps: BedsidePagesDeps;

  constructor(deps: BedsidePagesDeps) {
    this.deps = deps;
  }

  /** Undefined: the reply is sent already. */
  async paired(request: FastifyRequest, reply: FastifyReply): Promise<AtBedside | undefined> {
    const { pages } = this.deps;
    const who = await pages.who(request, "bedside");
    if (who.is === "bedside") return who;
    if (who.is === "unknown") await this.problem(request, reply, 503, { waitMs: 5_000 });
    else await reply.redirect("/pair", 303);
    return undefined;
  }

  /** Serves a page after its entry. `of`: more than all pages have, from the words of the language. */
  async open(
    request: FastifyRequest,
    reply: FastifyReply,
    who: AtBedside,
    path: BedsidePath,
    template: string,
    of: (common: ReturnType<BedsidePages["common"]>) => Readonly<Record<string, unknown>> = () => ({}),
    status = 200,
  ): Promise<FastifyReply> {
    const common = this.common(path, this.look(request, who), who);
    const opening = { page: path, bed: who.bed, stay: who.stay, purposeOfEvent: "PATRQT" } as const;
    const data = async () => ({ ...common, ...of(common) });
    return this.deps.pages.openWith(reply, template, who, opening, status, data, () =>
      this.problem(request, reply, 503, { who }),
    );
  }

  /**
   * Nothing can be shown now: says so to a person in a bed and tries again by itself. `who` left out: whose screen it is may not be
   * known, and it is said in every language of the site.
   */
  problem(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    {
      who,
      waitMs = 15_000,
      light,
    }: { readonly who?: AtBedside; readonly waitMs?: number; readonly light?: "night" } = {},
  ): Promise<FastifyReply> {
    const all = { ...this.unpaired(), ...(light === undefined ? {} : { light }) };
    const said = who === undefined ? all.said : [languageFor(all.said, this.look(request, who).language)];
    return this.deps.pages.render(reply, "bedside-problem.njk", { ...all, said, waitMs }, status);
  }

  /** For a screen that is no bed's: whoever lies beside it may read any language of the site. */
  unpaired() {
    const said = languagesOn(this.deps.languages, this.deps.site.consent.languages);
    return { said, pictures: picturePaths, light: this.light() };
  }

  private light(): "night" | "day" {
    const { timeZone, quietHours } = this.deps.site.consent;
    return isWithin(quietHours, localHour(this.deps.utcMs(), timeZone)) ? "night" : "day";
  }

  /** What the person chose; else what they were recorded to need. */
  look(request: FastifyRequest, { bed, stay }: AtBedside): BedsideLook {
    const needs = this.needs({ bed, stay });
    const chosen = readLook(request, stay);
    return {
      language: chosen.language ?? needs?.language ?? "en",
      largeText: chosen.largeText ?? needs?.largeText ?? false,
    };
  }

  private needs({ bed, stay }: { readonly bed: string; readonly stay: string }): CommunicationNeeds | undefined {
    const tile = this.deps.agent.tile(bed)?.tile;
    return tile?.stay?.id === stay ? tile.needs : undefined;
  }

  common(path: BedsidePath, look: BedsideLook, who: { readonly bed: string; readonly stay: string }) {
    const { site } = this.deps;
    const { timeZone, quietHours } = site.consent;
    const on = languagesOn(this.deps.languages, site.consent.languages);
    const { pages, name: _name, ...spoken } = languageFor(on, look.language);
    const language = { ...spoken, timeZone };
    return {
      language: { code: spoken.code, dir: spoken.dir },
      languages: on.map(({ code, dir, name }) => ({ code, dir, name })),
      manyLanguages: on.length > 1,
      choosing: path === "/bedside/language",
      largeText: look.largeText,
      listens: this.needs(who)?.readAloud ?? false,
      light: this.light(),
      here: path,
      media: mediaFor(this.deps.builtDir, spoken.code, path.slice(path.lastIndexOf("/") + 1)),
      backTo: path === "/bedside" ? null : "/bedside",
      bedName: site.beds.find(({ bed }) => bed === who.bed)?.name ?? "",
      w: { bedside: language.words, pages },
      pictures: picturePaths,
      ideas: aboutPictures,
      advocate: advocateWords(site.consent.advocate, pages.advocate),
      saying: new Saying(language),
      place: { bed: who.bed, stay: who.stay, language, night: quietHours },
    };
  }
}

/** Null: the site names none, and a nurse calls one. A number keeps its order where the language runs from right to left (U+2066, U+2069). */
function advocateWords(advocate: SiteConfig["consent"]["advocate"], words: PageWords["advocate"]): string | null {
  if (advocate === null) return null;
  const { name, phone } = advocate;
  const here = words.here.replace("{name}", () => name);
  return phone === null ? here : `${here} ${words.phone.replace("{phone}", () => `\u2066${phone}\u2069`)}`;
}
