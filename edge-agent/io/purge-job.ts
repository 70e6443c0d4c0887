import type { Stamp } from "../contract/audit-entry.ts";
import type { RetentionPolicy } from "../contract/retention.ts";
import type { Log } from "../platform/log.ts";
import type { WardRecords } from "../records/ward.ts";

const everyMs = 86_400_000;

/** At once, because this may be an old backup, and then once a day. @returns how to end it */
export function startPurging(
  records: Pick<WardRecords, "purge">,
  policy: RetentionPolicy,
  stamp: () => Stamp,
  log: Log,
): () => void {
  const purge = (): void => {
    try {
      log.info({ ...records.purge(policy, stamp()) }, "what was kept long enough was taken away");
    } catch (cause) {
      log.error({ cause: String(cause) }, "what was kept long enough could not be taken away: look at the disk");
    }
  };
  purge();
  const again = setInterval(purge, everyMs);
  return () => clearInterval(again);
}
