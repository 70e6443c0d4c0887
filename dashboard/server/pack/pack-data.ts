import type { SiteConfig } from "../../../edge-agent/contract/config.ts";
import type { WardAudit } from "../../../edge-agent/contract/ward-audit.ts";
import type { DayRoot } from "../../../edge-agent/contract/who-looked.ts";
import { auditCsv } from "../governance-audit-view.ts";

export interface PackInputs {
  readonly audit: WardAudit;
  readonly site: SiteConfig;
  readonly release: string;
  /** As the site signed it; null: a demonstration has none. */
  readonly assessment: string | null;
  /** The newest signed state of each log at the end of the period; null: nothing was signed by then. */
  readonly roots: { readonly ward: DayRoot | null; readonly dashboard: DayRoot | null };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What the manifest covers: the same period of the same records gives the same bytes, whenever it is asked for. */
export function packData({ audit, site, release, assessment, roots }: PackInputs): Map<string, Uint8Array> {
  const { consent, alarms, retention, intendedUse, assessmentVersion, demonstration } = rulesOf(site);
  const texts: Record<string, string | null> = {
    "data/ward-audit.json": json(audit),
    "data/ward-audit.csv": auditCsv(audit),
    "data/policy/rules.json": json({
      release,
      intendedUse,
      assessmentVersion,
      demonstration,
      consent,
      alarms,
      retention,
    }),
    "data/policy/assessment.json": assessment,
    "log/ward.checkpoint": roots.ward?.note ?? null,
    "log/dashboard.checkpoint": roots.dashboard?.note ?? null,
  };
  return new Map(
    Object.entries(texts).flatMap(([path, text]) => (text === null ? [] : [[path, new TextEncoder().encode(text)]])),
  );
}

/** The rules of the site that are in force, and nothing of how its machines are reached. */
function rulesOf(site: SiteConfig) {
  const { consent, alarms, retention, assessmentVersion, demonstration } = site;
  return { consent, alarms, retention, intendedUse: alarms.intendedUse, assessmentVersion, demonstration };
}

/** For whoever opens the pack and has nothing else. */
export function packInstructions(facts: {
  readonly wardName: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly manifestSha256: string;
  readonly vkey: string;
  readonly pdf: boolean;
}): string {
  const { wardName, firstDay, lastDay, manifestSha256, vkey, pdf } = facts;
  return `Inspection pack: ${wardName}, ${firstDay} to ${lastDay}

${pdf ? "report.pdf          the ward audit to read; made from data/ward-audit.json" : "No PDF: Chromium is not installed on the ward's computer. data/ward-audit.csv has the same figures."}
data/ward-audit.*   the same figures, as JSON and for a spreadsheet
data/policy/        the rules, the retention periods and the data protection assessment that are in force
log/                the signed state of both audit logs at the end of the period
manifest.json       the hash of each of these files; manifest.note is signed over its hash

Hash of the manifest (SHA-256): ${manifestSha256}
Signed by: ${vkey}

To check that nothing was changed (with the Quietround software on any computer; take the key from somebody you trust, not from here):
  npm run pack:verify -- PACK.zip --key FILE_WITH_THE_KEY

What that proves: these files are those that this ward's computer put together, and not one was changed since. What it does not
prove: that the figures are true. For that, have the ward export its logs (npm run audit:export) and check that they continue these
signed states:
  npm run audit:verify -- EXPORT --key station.vkey --key dashboard.vkey --checkpoint log/ward.checkpoint
Whoever rewrote the logs after the end of the period cannot make that pass.
`;
}
