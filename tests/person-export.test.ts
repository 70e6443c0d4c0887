import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { alarm, consent, intent, stay } from "../edge-agent/records/records-for-tests.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

let ward: DashboardWard;
const cookies: Record<string, string> = {};
const headers = { host: "ward.test", origin: "http://ward.test", "content-type": "application/x-www-form-urlencoded" };
const post = (as: string, path: string, fields: Readonly<Record<string, string>>) =>
  ward.app.inject({
    method: "POST",
    url: path,
    headers: { ...headers, cookie: cookies[as] ?? "" },
    payload: new URLSearchParams(fields).toString(),
  });

beforeAll(async () => {
  ward = await startDashboardWard();
  const at = { utcMs: Date.now(), monoNs: 1n };
  ward.records.commit([intent("stay.admit")], [stay("s1"), { ...stay("s2", "room-2"), label: "Z.Z." } as never], at);
  ward.records.commit([], [consent("s1", "movement-alerts", "offered"), alarm({ stay: "s1" })], at);
  ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay: { id: "s1", label: "A.B.", demonstration: false } });
  for (const as of ["charge", "nurse"])
    cookies[as] = `qr_staff=${(await post("", "/sign-in", { code: `${as}-code` })).cookies[0]?.value}`;
});
afterAll(() => ward.stop());

describe("everything about one person, for that person", () => {
  it("is one file in plain words, JSON and a table; nobody else is in it; the person can see that it was made", async () => {
    const reply = await post("charge", "/person/room-1/export", { stay: "s1" });
    expect([reply.statusCode, reply.headers["content-type"]]).toEqual([200, "application/zip"]);
    const files = unzipSync(reply.rawPayload);
    expect(Object.keys(files).sort()).toEqual(["everything.json", "in-plain-words.txt", "sensor-readings.csv"]);
    const textOf = (name: string) => Buffer.from(files[name] ?? []).toString("utf8");
    const words = textOf("in-plain-words.txt");
    expect(words).toContain('You are called "A.B." here.');
    expect(words).toMatch(/Movement alerts: offered/);
    expect(words).toContain("Out of bed");
    expect(words).toContain("Alarms: 1");
    expect(JSON.parse(textOf("everything.json")).stay.id).toBe("s1");
    for (const text of Object.keys(files).map(textOf))
      for (const theirs of ["s2", "Z.Z.", "room-2"]) expect(text).not.toContain(theirs);
    expect(ward.readings.at(-1)).toMatchObject({
      action: "person.export",
      outcome: 0,
      detail: { bed: "room-1", stay: "s1", purposeOfEvent: "PATRQT" },
    });
  });

  it("is made by the nurse in charge, of the person who is there now, and not without an entry", async () => {
    expect((await post("nurse", "/person/room-1/export", { stay: "s1" })).statusCode).toBe(403);
    expect((await post("charge", "/person/room-1/export", { stay: "s0" })).statusCode).toBe(409);
    ward.failAudit = true;
    expect((await post("charge", "/person/room-1/export", { stay: "s1" })).statusCode).toBe(503);
    ward.failAudit = false;
  });
});
