import type Database from "better-sqlite3";
import { reviewWithinMs } from "../contract/access.ts";
import type { AuditLine, AuditPeriod } from "../contract/ward-audit.ts";
import { ends } from "./ward-audit-people.ts";

/** Records that two people opened in a period, and whether what was looked at in an emergency was looked at again. */
export function accessLines(db: Database.Database, period: AuditPeriod): AuditLine[] {
  const count = (where: string): number =>
    db
      .prepare(`SELECT count(*) FROM access WHERE agreed_at >= :from AND agreed_at < :until AND ${where}`)
      .pluck()
      .get(ends(period)) as number;
  const broken = count("kind = 'break-glass'");
  const line = (figure: string, value: number, of: number | null = null): AuditLine => {
    const denominator = { of, ofWhat: of === null ? null : "accesses" } as const;
    return { part: "access", figure, group: null, value, unit: "times", ...denominator };
  };
  return [
    line("held", count("kind = 'hold'")),
    line("held-without-yes", count("kind = 'hold' AND lawful IS NOT NULL"), count("kind = 'hold'")),
    line("held-untold", count("kind = 'hold' AND untold IS NOT NULL"), count("kind = 'hold'")),
    line("glass-broken", broken),
    line("reviewed-in-time", count(`kind = 'break-glass' AND review_at - agreed_at <= ${reviewWithinMs}`), broken),
    line("found-not-right", count("kind = 'break-glass' AND review_right = 0"), broken),
  ];
}
