import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SiteConfig } from "../contract/config.ts";

type Checked = { readonly ok: true } | { readonly ok: false; readonly words: string };

/**
 * Why this release may not run as it is configured, in words; null: it may. Alarms about breathing are a release of their own: no
 * configuration turns them on. `check`: the note beside the configuration, or null where there is none.
 */
export function releaseRefusal(
  configFile: string,
  site: SiteConfig,
  check: (note: string | null) => Checked,
): string | null {
  if (site.alarms.intendedUse !== "alarm") return null;
  const file = join(dirname(configFile), "alarm-release.note");
  const checked = check(existsSync(file) ? readFileSync(file, "utf8") : null);
  return checked.ok
    ? null
    : `alarms.intendedUse is "alarm" in ${configFile}, and ${checked.words}. Set it to "advisory".`;
}
