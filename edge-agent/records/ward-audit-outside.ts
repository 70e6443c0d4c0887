import { safeCount } from "../contract/characteristics.ts";
import type { AuditLine, WardAudit } from "../contract/ward-audit.ts";

/**
 * The figures that may leave the ward: events, rounded to 5 and kept back below 5. What counts patients is left out, and so is what
 * is told by how somebody answered: of one small ward, such counts could be subtracted from one another.
 */
export function outside(audit: WardAudit): WardAudit {
  return { ...audit, lines: audit.lines.filter(({ unit }) => unit !== "days").flatMap(safeLine) };
}

function safeLine(line: AuditLine): AuditLine[] {
  if (line.ofWhat === "people") return [];
  if (line.part === "checks" && line.group !== null) return [];
  const of = line.of === null ? null : safeCount(Math.round(line.of));
  const hidden = line.of !== null && of === null;
  if (line.unit === "times" || line.unit === "people")
    return [{ ...line, value: hidden || line.value === null ? null : safeCount(line.value), of }];
  return [{ ...line, value: hidden ? null : line.value, of }];
}
