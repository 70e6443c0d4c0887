import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Assessment, assessmentProblems } from "../contract/assessment.ts";
import type { SiteConfig } from "../contract/config.ts";

const fileName = "assessment.json";

/** Why this site may not start, in words; null: it may. A demonstration cares for nobody and needs no assessment. */
export function assessmentRefusal(configFile: string, site: SiteConfig): string | null {
  if (site.demonstration && site.assessmentVersion === null) return null;
  const file = join(dirname(configFile), fileName);
  try {
    const problems = assessmentProblems(Assessment.parse(JSON.parse(readFileSync(file, "utf8"))), site);
    return problems.length === 0 ? null : `${file} and ${configFile} do not agree:\n  ${problems.join("\n  ")}`;
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "is missing" : "cannot be read";
    return `The data protection assessment ${file} ${why}. Without it nobody may be sensed (docs/safety/dpia-template.md).`;
  }
}
