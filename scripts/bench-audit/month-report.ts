import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { WardReports } from "../../dashboard/server/ward-reports.ts";
import { dayMs } from "../../edge-agent/contract/consent.ts";
import { makeWardYear } from "../ward-year.ts";

const timeZone = "Europe/London";
const endUtcMs = Date.UTC(2026, 9, 1);

export interface MonthReport {
  readonly facts: number;
  readonly entries: number;
  /** From the question to the answer; null: there was none in time. */
  readonly tookMs: number | null;
  /** The longest for which the thread of the live feed could not go on meanwhile. */
  readonly feedWaitedMs: number;
}

/** The ward audit of a month of made-up beds, asked for as the page does: in the thread of reports, from the one of the live feed. */
export async function monthReport(folder: string, beds: number, factsPerMonth: number): Promise<MonthReport> {
  const days = 31;
  const made = makeWardYear(join(folder, "month"), { beds, days, seed: 1, endUtcMs, timeZone, factsPerMonth });
  const { facts, entries, wardFile, dashboardFile } = made;
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const reports = new WardReports({ wardFile, dashboardFile }, quiet);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const begun = performance.now();
  const audit = await reports.wardAudit({ fromUtcMs: endUtcMs - 30 * dayMs, untilUtcMs: endUtcMs }, timeZone);
  const tookMs = performance.now() - begun;
  delay.disable();
  await reports.stop();
  return { facts, entries, tookMs: audit === null ? null : tookMs, feedWaitedMs: delay.max / 1e6 };
}
