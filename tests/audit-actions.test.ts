import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEntry } from "../edge-agent/audit/entry.ts";
import type { AuditEntry } from "../edge-agent/contract/audit-entry.ts";
import { nothingOrdered } from "../edge-agent/contract/people.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { activation } from "./core-driver.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* What has to be in the log, and with what, after each of it was done once in a ward of real processes. */

const bed = "room-1";
let ward: RunningWard;
let stay: string;
let nurse: string;

beforeAll(async () => {
  ward = await runWard({ sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }] });
  const admitted = await ward.admit(bed);
  stay = admitted.stay;
  const { bedside } = admitted;
  const place = { bed, stay } as const;
  const order = { ...nothingOrdered, leftBed: { afterMs: 10_000 }, by: "Dr Ade", reason: "falls" };
  await ward.setUp({ do: "order", ...place, order });
  const observation = {
    level: "intermittent-high",
    everyMinutes: 15,
    by: "Dr Ade",
    reason: "first night",
    reviewAfterHours: 24,
  } as const;
  await ward.setUp({ do: "observe", ...place, observation });
  await ward.turnOn(bed, stay, bedside);
  nurse = await ward.signInNurse();
  expect(await ward.ask({ do: "sign-in", code: "WRNG-CODE" })).toMatchObject({ ok: false });
  // Only the nurse in charge orders: refused, and an entry.
  expect(await ward.ask({ do: "observe", ...place, observation }, nurse)).toMatchObject({ ok: false });
  const seen = { where: "in-bed", how: "asleep-breathing-seen", engagement: "asleep", concern: null } as const;
  const check = { do: "check", ...place, seen, seenAtUtcMs: null, lateBecause: null, supersedes: null } as const;
  expect(await ward.ask(check, nurse)).toMatchObject({ ok: true });
  expect(
    await ward.ask({ do: "feedback", about: "question", feels: null, words: "Who sees it?" }, bedside),
  ).toMatchObject({
    ok: true,
  });
  expect(await ward.ask({ do: "pause", ...place, minutes: 60 }, bedside)).toMatchObject({ ok: true });
  expect(await ward.ask({ do: "resume", ...place }, bedside)).toMatchObject({ ok: true });
  expect(await ward.ask({ do: "turn-off", ...place, purpose: "breathing-rate" }, nurse)).toMatchObject({ ok: true });
  await ward.until("the sensor's own word", () => entries().some(({ action }) => action === "sensor.state"));
}, 120_000);
afterAll(() => ward.stop());

function entries(): AuditEntry[] {
  const db = openForReading(join(ward.dataDir, "ward.sqlite"));
  try {
    const rows = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Buffer[];
    return rows.map((row) => {
      const read = readEntry(new Uint8Array(row));
      return read.ok ? read.entry : expect.fail(read.words);
    });
  } finally {
    db.close();
  }
}

describe("the log of a ward", () => {
  it.each([
    ["process.start", "system", 0],
    ["config.apply", "system", 0],
    ["model.load", "system", 0],
    ["stay.admit", "setup", 0],
    ["consent.offer", "setup", 0],
    ["consent.grant", "bedside", 0],
    ["consent.pause", "bedside", 0],
    ["consent.resume", "bedside", 0],
    ["consent.withdraw", "staff", 0],
    ["order.set", "setup", 0],
    ["check.order", "setup", 0],
    ["check.record", "staff", 0],
    ["lease.start", "system", 0],
    ["sensor.start", "system", 0],
    ["sensor.state", "system", 0],
    ["staff.invite", "setup", 0],
    ["sign-in", "staff", 0],
    ["sign-in.refused", "system", 4],
    ["bedside.invite", "setup", 0],
    ["bedside.pair", "bedside", 0],
    ["feedback", "bedside", 0],
    ["ask.refused", "staff", 4],
  ] as const)("has an entry %s by %s with outcome %d", (action, kind, outcome) => {
    const found = entries().filter((one) => one.action === action);
    expect(found.map(({ actor }) => actor.kind)).toContain(kind);
    for (const { actor, outcome: its, cfg } of found.filter((one) => one.actor.kind === kind)) {
      expect(its).toBe(outcome);
      // Under which configuration it was done.
      expect(cfg).toMatch(/^[0-9a-f]{64}$/);
      if (actor.kind === "staff") expect(actor).toMatchObject({ name: "Sam Reed", role: "nurse" });
      if (actor.kind === "bedside") expect(actor.bed).toBe(bed);
    }
  });

  it("names the stay and the purpose of each consent, and of nobody the label", () => {
    const consents = entries().filter(({ action }) => /^consent\.(offer|grant|withdraw)$/.test(action));
    expect(consents.length).toBeGreaterThanOrEqual(5);
    for (const { detail } of consents) {
      expect(detail).toMatchObject({ stay, purpose: expect.stringMatching(/^(movement-alerts|breathing-rate)$/) });
    }
    expect(JSON.stringify(entries())).not.toContain("TEST");
  });
});

describe("a disk that takes no more entries", () => {
  it("ends sensing and says so, refuses what gives more, still stops, and goes on by itself", async () => {
    const agent = ward.pid("agent");
    const tile = () => ward.tiles.get(bed);
    const withdrawals = () =>
      entries().flatMap(({ action, detail }) => (action === "consent.withdraw" ? [detail.purpose] : []));
    expect(withdrawals()).toEqual(["breathing-rate"]);
    await ward.until("sensing", () => tile()?.notMonitored !== "audit");
    execFileSync("prlimit", ["--pid", String(agent), "--fsize=1:unlimited"]);
    const offer = { do: "offer", bed, stay, purpose: "breathing-rate", activation } as const;
    expect(await ward.ask(offer, nurse)).toMatchObject({ ok: false, why: "audit-failed" });
    await ward.until("sensing ended", () => tile()?.notMonitored === "audit");
    const off = { do: "turn-off", bed, stay, purpose: "movement-alerts" } as const;
    expect(await ward.ask(off, nurse)).toMatchObject({ ok: true });
    execFileSync("prlimit", ["--pid", String(agent), "--fsize=unlimited:unlimited"]);
    await ward.until("it goes on", () => tile()?.notMonitored !== "audit");
    await ward.until("the stop is in the log", () => withdrawals().includes("movement-alerts"));
  }, 120_000);
});
