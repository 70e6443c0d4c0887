import { z } from "zod";
import type { SiteConfig } from "./config.ts";
import { IntendedUse } from "./intended-use.ts";
import { DeclaredPurposes } from "./purpose-of-use.ts";
import { RetentionPolicy } from "./retention.ts";
import { Purpose, purposes } from "./words.ts";

/**
 * What the site's data protection impact assessment (UK GDPR Article 35) says, as the software can hold itself to it. The file lies
 * beside the configuration; where the two differ the agent does not start: nobody may be sensed by rules that nobody assessed.
 */
export const Assessment = z.strictObject({
  v: z.literal(1),
  version: z.string().min(1).max(40),
  /** Of its signature: year-month-day. */
  signedOn: z.iso.date(),
  signedBy: z.string().min(1).max(80),
  purposes: z.array(Purpose).min(1),
  /** What anybody may read a person's data for. */
  readFor: DeclaredPurposes,
  retention: RetentionPolicy,
  intendedUse: IntendedUse,
});
export type Assessment = z.infer<typeof Assessment>;

/** What does not agree, in words for who has to mend it; none: all does. */
export function assessmentProblems(assessment: Assessment, site: SiteConfig): string[] {
  const problems: string[] = [];
  const { version } = assessment;
  if (site.assessmentVersion !== version) {
    problems.push(
      `the configuration names version ${site.assessmentVersion ?? "none"}, the file is version ${version}`,
    );
  }
  const missing = purposes.filter((purpose) => !assessment.purposes.includes(purpose));
  if (missing.length > 0) problems.push(`this release knows purposes that were not assessed: ${missing.join(", ")}`);
  const unassessed = site.readFor.filter((purpose) => !assessment.readFor.includes(purpose));
  if (unassessed.length > 0) problems.push(`readFor has purposes that were not assessed: ${unassessed.join(", ")}`);
  if (assessment.intendedUse !== site.alarms.intendedUse) {
    problems.push(`assessed for "${assessment.intendedUse}", configured for "${site.alarms.intendedUse}"`);
  }
  for (const [what, days] of Object.entries(site.retention)) {
    const assessed = assessment.retention[what as keyof RetentionPolicy];
    if (days > assessed) problems.push(`retention.${what} is ${days} days, and ${assessed} were assessed`);
  }
  return problems;
}
