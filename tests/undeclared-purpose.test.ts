import { afterEach, beforeEach, expect, test } from "vitest";
import type { StaffRole } from "../edge-agent/contract/words.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* A ward that declared treatment and the person's own wish, and nothing else. */

let ward: DashboardWard;
beforeEach(async () => {
  ward = await startDashboardWard({ readFor: ["TREAT", "PATRQT"] });
  ward.agent.tell("room-1", {});
  await expect.poll(async () => (await ward.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
});
afterEach(() => ward.stop());

const get = (url: string, role: StaffRole) => {
  const expiresAt = Date.now() + 1_000_000;
  ward.agent.sessions.set(role, { is: "staff", session: null, id: `id-${role}`, name: "Eve Adams", role, expiresAt });
  return ward.app.inject({ url, headers: { cookie: `qr_staff=${role}` } });
};

test("what nobody declared is refused, says so, and is an entry", async () => {
  for (const url of ["/governance", "/governance/audit", "/access"]) {
    const reply = await get(url, "governance-lead");
    expect([url, reply.statusCode]).toEqual([url, 403]);
    expect(reply.body).toContain("Not a declared purpose");
    expect(ward.readings.at(-1)).toMatchObject({
      action: "page.open",
      outcome: 4,
      detail: { purposeOfEvent: "HQUALIMP", refused: "undeclared-purpose" },
    });
  }
  expect((await get("/ward", "nurse")).statusCode).toBe(200);
  expect(ward.readings.at(-1)).toMatchObject({ outcome: 0, detail: { purposeOfEvent: "TREAT" } });
});
