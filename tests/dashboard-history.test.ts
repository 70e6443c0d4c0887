import { afterEach, beforeEach, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { PersonHistory } from "../edge-agent/contract/person-history.ts";
import type { StaffRole } from "../edge-agent/contract/words.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { recordNight } from "./night-records.ts";

/* The last hours of a person, as their page fetches them. */

let ward: DashboardWard;
beforeEach(async () => {
  ward = await startDashboardWard();
  ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay: { id: "stay-1", label: "A.B.", demonstration: false } });
  ward.agent.tell("room-2", bedTileFixtures.vacant);
  await expect.poll(async () => (await ward.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
  recordNight(ward.records, { stay: "stay-1", bed: "room-1", nowUtcMs: Date.now(), everyMs: 30_000 });
});
afterEach(() => ward.stop());

const get = (bed: string, role: StaffRole) => {
  const expiresAt = Date.now() + 1_000_000;
  ward.agent.sessions.set(role, { is: "staff", session: null, id: `id-${role}`, name: "Eve Adams", role, expiresAt });
  return ward.app.inject({ url: `/person/${bed}/history.json`, headers: { cookie: `qr_staff=${role}` } });
};

test("a nurse reads what was recorded, and the entry that says so comes first", async () => {
  // The thread that reads may still be starting.
  await expect.poll(async () => (await get("room-1", "nurse")).statusCode).toBe(200);
  const reply = await get("room-1", "nurse");
  const { history } = reply.json() as { history: PersonHistory };
  expect(history.shown).toEqual({ breathing: true, movement: true });
  expect(history.steps.perMin.filter((rate) => rate !== null).length).toBeGreaterThan(500);
  expect(history.alarms.map(({ condition }) => condition)).toEqual(["left-bed"]);
  expect(history.checks.length).toBeGreaterThan(5);
  expect(ward.readings.at(-1)).toMatchObject({
    action: "page.open",
    outcome: 0,
    detail: { page: "/person/room-1/history.json", stay: "stay-1" },
  });
  ward.failAudit = true;
  const refused = await get("room-1", "nurse");
  expect(refused.statusCode).toBe(503);
  expect(refused.body).toBe('{"history":null}');
});

test("nobody but the ward's nurses reads it, and an empty bed has none", async () => {
  for (const role of ["governance-lead", "engineer"] as const) {
    const reply = await get("room-1", role);
    expect(reply.statusCode).toBe(403);
    expect(reply.body).not.toContain("perMin");
  }
  expect((await ward.app.inject({ url: "/person/room-1/history.json" })).headers.location).toBe("/sign-in");
  expect((await get("room-2", "nurse")).statusCode).toBe(404);
  expect((await get("room-9", "nurse")).statusCode).toBe(404);
});
