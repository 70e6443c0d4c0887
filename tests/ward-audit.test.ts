import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditCsv, auditView } from "../dashboard/server/governance-audit-view.ts";
import { askedPeriod } from "../dashboard/server/governance-period.ts";
import { dayMs } from "../edge-agent/contract/consent.ts";
import { WardAudit } from "../edge-agent/contract/ward-audit.ts";
import { openForReading, openForWriting } from "../edge-agent/records/open.ts";
import { readWardAudit } from "../edge-agent/records/ward-audit.ts";
import { checkLog } from "../edge-agent/records/ward-audit-log.ts";
import { outside } from "../edge-agent/records/ward-audit-outside.ts";
import { makeWardYear } from "../scripts/ward-year.ts";

/* The ward audit of a made-up ward, beside the same figures counted another way. */

const timeZone = "Europe/London";
const endUtcMs = Date.UTC(2026, 2, 1);
const period = { fromUtcMs: endUtcMs - 8 * dayMs, untilUtcMs: endUtcMs - 2 * dayMs };

let folder: string;
let wardFile: string;
let ward: Sqlite.Database;
let dashboard: Sqlite.Database;
let audit: WardAudit;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-audit-"));
  const made = makeWardYear(join(folder, "ward"), { beds: 6, days: 14, seed: 3, endUtcMs, timeZone, factsPerMonth: 0 });
  wardFile = made.wardFile;
  [ward, dashboard] = [openForReading(made.wardFile), openForReading(made.dashboardFile)];
  audit = readWardAudit({ ward, dashboard, timeZone }, period);
});
afterAll(() => {
  ward.close();
  dashboard.close();
  rmSync(folder, { recursive: true, force: true });
});

const line = (figure: string, group: string | null = null) =>
  audit.lines.find((one) => one.figure === figure && one.group === group);
const count = (sql: string, db = ward): unknown =>
  db.prepare(sql).pluck().get({ from: period.fromUtcMs, until: period.untilUtcMs });
const within = (action: string): string =>
  `SELECT count(*) FROM entry WHERE json_extract(CAST(data AS TEXT), '$.action') = '${action}'
   AND unixepoch(json_extract(CAST(data AS TEXT), '$.t'), 'subsec') * 1000 >= :from
   AND unixepoch(json_extract(CAST(data AS TEXT), '$.t'), 'subsec') * 1000 < :until`;

describe("the ward audit", () => {
  it("is what its schema says, with every part in it", () => {
    expect(WardAudit.parse(audit)).toEqual(audit);
    expect(auditView(audit).filter(({ rows }) => rows.length === 0)).toEqual([]);
  });

  it("counts checks, alarms and looks as the logs do", () => {
    const written = `${within("check.record")} AND json_extract(CAST(data AS TEXT), '$.detail.retrospective') = 0`;
    expect(line("in-time")?.value).toBe(count(written));
    expect(line("in-time")?.of).toBe(Number(count(written)) + Number(count(within("check.missed"))));
    expect(line("answered")?.of).toBe(count(within("alert.raise")));
    const looked = `${within("page.open")} AND json_extract(CAST(data AS TEXT), '$.actor.kind') = 'staff'
      AND json_extract(CAST(data AS TEXT), '$.outcome') = 0 AND json_extract(CAST(data AS TEXT), '$.detail.bed') IS NOT NULL`;
    const looks = count(looked, dashboard);
    expect(line("without-following-action")?.of).toBe(looks);
    const byHour = audit.lines.filter(({ figure }) => figure === "by-hour").map(({ value }) => value ?? 0);
    expect(byHour.reduce((sum, value) => sum + value, 0)).toBe(looks);
  });

  it("gives every hour that somebody was there to sensed, lost or not allowed", () => {
    const hours = ["sensed", "sensor-lost", "not-allowed"].map((figure) => line(figure)?.value ?? Number.NaN);
    const there = count(`SELECT sum(min(coalesce(ended_at, :until), :until) - max(started_at, :from)) / 3600000.0
      FROM stay WHERE started_at < :until AND coalesce(ended_at, :until) > :from`);
    expect(hours.reduce((sum, value) => sum + value, 0)).toBeCloseTo(Number(there), 6);
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(0);
    expect(line("sensed")?.value).toBeGreaterThan(0);
  });

  it("tells checks of people who said no beside those of the others, and the parts add up to the whole", () => {
    const parts = ["sensed", "said-no", "not-asked"].map((group) => line("in-time", group)?.of ?? Number.NaN);
    expect(parts.reduce((sum, value) => sum + value, 0)).toBe(line("in-time")?.of);
  });

  it("finds the log as it was written, and an entry that somebody changed", () => {
    expect(line("not-as-written", "ward")).toMatchObject({ value: 0, of: expect.any(Number) });
    expect(line("signatures-sound", "ward")?.value).toBe(line("signatures-sound", "ward")?.of);
    expect(line("signatures-sound", "ward")?.value).toBeGreaterThan(0);
    const copy = join(folder, "changed.sqlite");
    copyFileSync(wardFile, copy);
    const changed = openForWriting(copy);
    changed.exec("DROP TRIGGER entry_no_update");
    const middle = changed.prepare("SELECT max(idx) / 2 FROM entry").pluck().get();
    changed
      .prepare(
        "UPDATE entry SET data = CAST(replace(CAST(data AS TEXT), '\"outcome\":', '\"outcome\": ') AS BLOB) WHERE idx = ?",
      )
      .run(middle);
    changed.close();
    const reader = openForReading(copy);
    expect(checkLog(reader, period)).toMatchObject({ changed: 1 });
    reader.close();
  });

  it("names nobody", () => {
    const told = JSON.stringify(audit) + auditCsv(audit);
    for (const name of ward.prepare("SELECT name FROM staff UNION SELECT id FROM stay").pluck().all())
      expect(told).not.toContain(`"${name}"`);
  });

  it("lets nothing leave the ward that counts few, or patients by what they answered", () => {
    const { lines } = outside(audit);
    expect(WardAudit.parse(outside(audit)).lines.length).toBeGreaterThan(10);
    expect(lines.filter(({ ofWhat }) => ofWhat === "people")).toEqual([]);
    const counts = lines.filter(({ unit }) => unit === "times" || unit === "people").map(({ value }) => value);
    expect(counts.filter((value) => value !== null && (value < 5 || value % 5 !== 0))).toEqual([]);
  });

  it("has a line for each figure in its CSV", () => {
    const rows = auditCsv(audit).trimEnd().split("\r\n");
    expect(rows).toHaveLength(audit.lines.length + 1);
    expect(rows[1]).toMatch(
      /^"consent","offered","movement-alerts","Offered: Movement alerts",\d+,"people",\d+,"people"$/,
    );
  });
});

describe("the period", () => {
  const now = Date.UTC(2026, 3, 10, 12);
  const asked = (query: object) => askedPeriod({ ...query }, now, timeZone);

  it("begins and ends at midnight on the ward's clock, also where the clocks changed in it", () => {
    expect(asked({ period: "last-month" })).toMatchObject({
      firstDay: "2026-03-01",
      lastDay: "2026-03-31",
      fromUtcMs: Date.UTC(2026, 2, 1),
      untilUtcMs: Date.UTC(2026, 2, 31, 23),
      isWholeMonth: true,
    });
    expect(asked({})).toMatchObject({ firstDay: "2026-04-01", untilUtcMs: now, isWholeMonth: false });
  });

  it.each([
    { period: "any" },
    { period: "any", from: "2026-02-30", until: "2026-03-01" },
    { period: "any", from: "2026-03-02", until: "2026-03-01" },
    { period: "any", from: "2026-05-01", until: "2026-05-02" },
    { period: "any", from: "2024-01-01", until: "2026-01-01" },
    { period: "for ever" },
  ])("refuses %j", (query) => {
    expect(asked(query)).toBeUndefined();
  });
});
