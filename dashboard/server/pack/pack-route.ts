import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { type Signer, type Vkey, writeVkey } from "../../../edge-agent/audit/note.ts";
import { manifestHash, manifestOf, manifestPath, notePath, signManifest } from "../../../edge-agent/audit/pack.ts";
import { releaseVersion } from "../../../edge-agent/audit/release.ts";
import type { SiteConfig } from "../../../edge-agent/contract/config.ts";
import type { Log } from "../../../edge-agent/platform/log.ts";
import { auditView } from "../governance-audit-view.ts";
import { askedPeriod } from "../governance-period.ts";
import type { Pages } from "../pages.ts";
import { roleWords } from "../roles.ts";
import { isSameOrigin } from "../same-origin.ts";
import type { WardReports } from "../ward-reports.ts";
import { packData, packInstructions } from "./pack-data.ts";
import { findBrowser, printPdf } from "./print-pdf.ts";
import { zipPack } from "./zip-pack.ts";

export interface PackSigner {
  readonly vkey: Vkey;
  readonly sign: Signer;
}

interface PackDeps {
  readonly pages: Pages;
  readonly site: SiteConfig;
  readonly reports: WardReports;
  readonly signer: PackSigner;
  /** The site's data protection assessment; null: there is none to be signed in a demonstration. */
  readonly assessmentFile: string | null;
  readonly utcMs: () => number;
  readonly log: Log;
  /** A page of `web/pages` as text. */
  readonly view: (template: string, data: object) => Promise<string>;
}

/** POST /governance/pack: everything that an inspector is handed about a period, in one signed file. For the governance lead alone. */
export function packRoute(app: FastifyInstance, deps: PackDeps): void {
  const { pages, site, reports, signer, utcMs } = deps;
  const { timeZone } = site.consent;
  const opening = { page: "/governance/pack", bed: null, purposeOfEvent: "HQUALIMP" } as const;
  let making = false;

  app.post("/governance/pack", async (request, reply) => {
    if (!isSameOrigin(request.headers))
      return pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    const who = await pages.who(request, "staff");
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff") return reply.redirect("/sign-in", 303);
    if (who.role !== "governance-lead") {
      const words = `You are signed in as ${roleWords[who.role]}. The pack is for the governance lead.`;
      const data = { title: "Not for this role", words };
      return pages.open(reply, "problem.njk", who, { ...opening, refused: "not-allowed" }, data, 403);
    }
    const period = askedPeriod((request.body ?? {}) as Record<string, unknown>, utcMs(), timeZone);
    if (period === undefined) return pages.problem(reply, 400, "No such period", "Choose the period again.");
    if (making) return pages.problem(reply, 429, "One pack is being made", "It takes a few seconds. Try again then.");
    if (!pages.noted(who, opening)) return pages.unaudited(reply);
    making = true;
    try {
      const { firstDay, lastDay, fromUtcMs, untilUtcMs } = period;
      const [audit, roots] = await Promise.all([
        reports.wardAudit({ fromUtcMs, untilUtcMs }, timeZone),
        reports.rootsBefore(untilUtcMs),
      ]);
      if (audit === null || roots === null)
        return pages.problem(
          reply,
          503,
          "This cannot be made now",
          "The ward's records cannot be read now. Try again.",
        );
      const assessment = deps.assessmentFile === null ? null : await readFile(deps.assessmentFile, "utf8");
      const data = packData({ audit, site, release: releaseVersion, assessment, roots });
      const manifest = manifestOf(data);
      const hash = manifestHash(manifest);
      const vkey = writeVkey(signer.vkey);
      const days = { wardName: site.wardName, firstDay, lastDay };
      const pdf = await print(deps, { ...days, hash, vkey, release: releaseVersion, parts: auditView(audit), roots });
      const instructions = packInstructions({ ...days, manifestSha256: hash, vkey, pdf: pdf !== undefined });
      const zipped = await zipPack(
        new Map([
          ...data,
          [manifestPath, manifest],
          [notePath, text(signManifest(manifest, signer.vkey, signer.sign))],
          ["READ-ME.txt", text(instructions)],
          ...(pdf === undefined ? [] : ([["report.pdf", pdf]] as const)),
        ]),
      );
      const name = `inspection-pack-${firstDay}-${lastDay}.zip`;
      reply.header("content-disposition", `attachment; filename="${name}"`).header("x-manifest-sha256", hash);
      return reply.type("application/zip").send(Buffer.from(zipped));
    } finally {
      making = false;
    }
  });
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** Undefined: without a browser the pack goes without a PDF, and says so. */
async function print({ view, log }: PackDeps, data: object): Promise<Uint8Array | undefined> {
  const browser = findBrowser();
  if (browser === undefined) return undefined;
  try {
    return await printPdf(browser, await view("pack-report.njk", data));
  } catch (cause) {
    log.error({ cause: String(cause) }, "the PDF of an inspection pack could not be printed: the pack goes without it");
    return undefined;
  }
}
