import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bedTileFixtures, consentFixture } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { StoreRow } from "../edge-agent/contract/door.ts";
import { purposes, type StaffRole } from "../edge-agent/contract/words.ts";
import { activation } from "./core-driver.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* Who may open which page of a person, what is written down first, and what is never done. */

let ward: DashboardWard;
const stay = { id: "stay-made-up", label: "A.B.", demonstration: false };
beforeEach(async () => {
  ward = await startDashboardWard({ levels: { general: "Hourly rounds" } });
  ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay });
  ward.agent.tell("room-2", { ...bedTileFixtures.calm, stay: { ...stay, id: "stay-2", label: "C.D." } });
  ward.agent.tell("room-3", bedTileFixtures.vacant);
  await expect.poll(async () => (await ward.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
});
afterEach(() => ward.stop());

const origin = { host: "ward.test", origin: "http://ward.test" };
function as(role: StaffRole): string {
  const expiresAt = Date.now() + 1_000_000;
  ward.agent.sessions.set(role, { is: "staff", session: null, id: `id-${role}`, name: "Eve Adams", role, expiresAt });
  return `qr_staff=${role}`;
}
const get = (url: string, cookie: string) => ward.app.inject({ url, headers: { cookie } });
const post = (url: string, cookie: string, body: Record<string, string>, headers: Record<string, string> = origin) =>
  ward.app.inject({
    method: "POST",
    url,
    headers: { ...headers, cookie, "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams(body).toString(),
  });
const asked = (act: string) => ward.agent.asks.filter(({ ask }) => ask.do === act);

describe("pages by role", () => {
  test.each([
    ["/person/room-1", { nurse: 200, "nurse-in-charge": 200 }],
    ["/person/room-1/offer/night-report", { nurse: 200, "nurse-in-charge": 200 }],
    ["/person/room-1/review/breathing-rate", { nurse: 200, "nurse-in-charge": 200 }],
    ["/person/room-1/needs", { nurse: 200, "nurse-in-charge": 200 }],
    ["/person/room-1/best-interests/night-report", { "nurse-in-charge": 200 }],
    ["/person/room-3/admit", { "nurse-in-charge": 200 }],
    ["/person/room-1/move", { "nurse-in-charge": 200 }],
    ["/person/room-1/order", { "nurse-in-charge": 200 }],
    ["/person/room-1/discharge", { "nurse-in-charge": 200 }],
    ["/person/room-1/export", { "nurse-in-charge": 200 }],
    ["/person/room-1/activity", { nurse: 200, "nurse-in-charge": 200 }],
    ["/person/room-1/characteristics", { nurse: 200, "nurse-in-charge": 200 }],
    ["/governance", { "governance-lead": 200 }],
  ] as [string, Partial<Record<StaffRole, number>>][])("%s", async (url, statuses) => {
    for (const role of ["nurse", "nurse-in-charge", "governance-lead", "engineer"] as const) {
      const reply = await get(url, as(role));
      expect([role, reply.statusCode]).toEqual([role, statuses[role] ?? 403]);
      if (reply.statusCode === 403) expect(reply.body).not.toContain("A.B.");
      expect(ward.readings.at(-1)).toMatchObject({
        action: "page.open",
        actor: { name: "Eve Adams", role },
        outcome: reply.statusCode === 200 ? 0 : 4,
        detail: { page: url },
      });
    }
    expect((await get(url, "")).headers.location).toBe("/sign-in");
    expect((await get(url, "qr_staff=forged")).headers.location).toBe("/sign-in");
  });

  test("a bedside screen opens no page of staff", async () => {
    ward.agent.sessions.set("bed", {
      is: "bedside",
      session: null,
      bed: "room-1",
      stay: stay.id,
      expiresAt: Date.now() + 1e6,
    });
    for (const url of ["/person/room-1", "/governance"]) {
      expect((await get(url, "qr_bedside=bed")).headers.location).toBe("/sign-in");
      expect((await get(url, "qr_staff=bed")).headers.location).toBe("/sign-in");
    }
  });

  test("the governance lead begins at governance, and reads what people said; the ward does not", async () => {
    expect((await get("/ward", as("governance-lead"))).headers.location).toBe("/governance");
    const by = { kind: "bedside", bed: "room-1", stay: stay.id } as const;
    const row: StoreRow = { table: "stay", ...stay, bed: "room-1", startedAtUtcMs: Date.now() };
    const stamp = { utcMs: Date.now(), monoNs: 0n };
    ward.records.commit([], [row], stamp);
    ward.records.takeFeedback({ by, about: "complaint", feels: null, words: "The light <b>wakes</b> me" }, stamp);
    const page = await get("/governance", as("governance-lead"));
    expect(page.body).toContain("The light &lt;b&gt;wakes&lt;/b&gt; me");
    expect(page.body).toContain("Nobody stopped or paused anything");
    const answer = { words: " Dimmed at night. " };
    expect((await post("/governance/feedback/1", as("governance-lead"), { words: " " })).statusCode).toBe(400);
    expect(
      (await post("/governance/feedback/1", as("governance-lead"), answer, { host: "ward.test" })).statusCode,
    ).toBe(403);
    await post("/governance/feedback/1", as("governance-lead"), answer);
    expect(asked("answer-feedback")).toMatchObject([{ ask: { feedback: 1, words: "Dimmed at night." } }]);
    const lead = { kind: "staff", id: "g1", name: "Ada Lead", role: "governance-lead" } as const;
    ward.records.answerFeedback({ feedback: 1, words: "Dimmed at night.", by: lead }, stamp);
    expect((await get("/governance", as("governance-lead"))).body).toContain("Dimmed at night.");
    expect((await get("/person/room-1", as("nurse-in-charge"))).body).not.toContain("wakes");
  });

  test("protected characteristics are asked as the person tells them, and reach governance as counts of groups", async () => {
    const told = { stay: stay.id, sex: "female", race: "" };
    expect((await post("/person/room-1/characteristics", as("nurse"), told)).statusCode).toBe(303);
    expect(asked("characteristics")).toMatchObject([
      { ask: { bed: "room-1", stay: stay.id, told: { sex: "female" } } },
    ]);
    expect((await post("/person/room-1/characteristics", as("nurse"), { ...told, sex: "x" })).statusCode).toBe(400);
    expect((await post("/person/room-1/characteristics", as("governance-lead"), told)).statusCode).toBe(403);
    const by = { kind: "setup", name: "test" } as const;
    for (let n = 0; n < 6; n++) {
      const row: StoreRow = { table: "stay", ...stay, id: `s${n}`, bed: `bed-${n}`, startedAtUtcMs: Date.now() };
      const stamp = { utcMs: Date.now(), monoNs: 0n };
      ward.records.commit([], [row], stamp);
      ward.records.setCharacteristics({ bed: `bed-${n}`, stay: `s${n}`, told: { sex: "female" }, by }, stamp);
      ward.records.commit([], [{ table: "stay-end", id: `s${n}`, endedAtUtcMs: Date.now() }], stamp);
    }
    const { body } = await get("/governance", as("governance-lead"));
    expect(body.replaceAll(/\s+/g, " ")).toContain(
      '<th scope="row">Female</th><td>5</td><td>kept back</td><td>kept back</td><td>kept back</td>',
    );
    expect(body).not.toContain("Ethnic group");
    expect((await get("/person/room-1", as("nurse-in-charge"))).body).not.toContain("Female");
  });

  test("beds and purposes that are none lead nowhere", async () => {
    expect((await get("/person/room-9", as("nurse"))).statusCode).toBe(404);
    const reply = await get("/person/room-1/offer/everything", as("nurse"));
    expect(reply.body).toContain("There is no such purpose.");
    expect(reply.body).not.toContain("<form class=");
  });
});

test("levels of checks have the names that this ward gives them", async () => {
  expect((await get("/person/room-1/observe", as("nurse-in-charge"))).body).toContain(
    "Hourly rounds (every 30 to 240 min)",
  );
  expect((await get("/person/room-1/observe", as("nurse-in-charge"))).body).toContain(
    "Intermittent, high frequency (every",
  );
});

describe("what is written down", () => {
  test("comes first: without an audit log no page shows anything of the person", async () => {
    const cookie = as("nurse-in-charge");
    await get("/person/room-1", cookie);
    ward.failAudit = true;
    for (const url of ["/person/room-1", "/person/room-1/review/breathing-rate", "/person/room-1/discharge"]) {
      const reply = await get(url, cookie);
      expect(reply.statusCode).toBe(503);
      expect(reply.body).not.toContain("A.B.");
    }
    expect((await get("/governance", as("governance-lead"))).statusCode).toBe(503);
  });

  test("is read from the ward's database: who offered, why, and that the person said no", async () => {
    const consent = (state: "offered" | "refused", byPerson: boolean): StoreRow => ({
      table: "consent",
      stay: stay.id,
      consent: {
        ...consentFixture("night-report", state),
        ...{ due: undefined, outOfHours: undefined },
        personSaidNo: byPerson,
      },
      atUtcMs: Date.now(),
      by: byPerson ? "the person, at the bedside" : "Sam Reed",
      byPerson,
      record: byPerson ? null : { ...activation, words: "Asked for it <i>herself</i>" },
    });
    const admitted: StoreRow = { table: "stay", ...stay, bed: "room-1", startedAtUtcMs: Date.now() };
    ward.records.commit([], [admitted, consent("offered", false), consent("refused", true)], {
      utcMs: Date.now(),
      monoNs: 0n,
    });
    const { body } = await get("/person/room-1", as("nurse"));
    expect(body).toContain("Night report: offered by Sam Reed");
    expect(body).toContain("“Asked for it &lt;i&gt;herself&lt;/i&gt;”");
    expect(body).toContain("Night report: the person said no");
    expect((await get("/person/room-2", as("nurse"))).body).not.toContain("herself");
  });
});

describe("forms", () => {
  const offer = { stay: stay.id, concern: "falls", alternatives: "fewer-hours", reviewAfterHours: "72", hours: "all" };

  test("are taken from this server's own pages only", async () => {
    for (const path of ["turn-off", "offer/night-report", "discharge", "admit"]) {
      const foreign = { host: "ward.test", origin: "http://evil.test" };
      expect((await post(`/person/room-1/${path}`, as("nurse-in-charge"), offer, foreign)).statusCode).toBe(403);
    }
    expect(ward.agent.asks.filter(({ ask }) => ask.do !== "who-am-i")).toEqual([]);
  });

  test("ask the agent as the person who is signed in, and lead back to the card", async () => {
    const reply = await post("/person/room-1/offer/night-report", as("nurse"), offer);
    expect([reply.statusCode, reply.headers.location]).toEqual([303, "/person/room-1?did=offer"]);
    expect(asked("offer")).toMatchObject([{ session: "nurse", ask: { bed: "room-1", purpose: "night-report" } }]);
    expect((await get("/person/room-1?did=<script>", as("nurse"))).body).not.toContain("<script>");
  });

  test("never name more than one bed, purpose or person", async () => {
    const body = new URLSearchParams(offer);
    body.append("purpose", "movement-alerts");
    body.append("purpose", "breathing-rate");
    body.append("bed", "room-2");
    const headers = { ...origin, cookie: as("nurse"), "content-type": "application/x-www-form-urlencoded" };
    await ward.app.inject({
      method: "POST",
      url: "/person/room-1/offer/night-report",
      headers,
      payload: body.toString(),
    });
    await ward.app.inject({ method: "POST", url: "/person/room-1/turn-off", headers, payload: body.toString() });
    expect([...asked("offer"), ...asked("turn-off")].map(({ ask }) => ask)).toMatchObject([
      { bed: "room-1", purpose: "night-report" },
      { bed: "room-1", purpose: "breathing-rate" },
    ]);
    for (const url of ["/person/all/offer/night-report", "/person/room-1/turn-on", "/person/turn-on"]) {
      expect((await post(url, as("nurse-in-charge"), offer)).statusCode).toBe(404);
    }
  });

  test("another label is refused before what ends is shown, and by the agent whatever a form says", async () => {
    const cookie = as("nurse-in-charge");
    const wrong = await post("/person/room-1/discharge", cookie, { stay: stay.id, label: "C.D." });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.body).toContain("The ward computer knows another person in this bed.");
    expect(asked("end-stay")).toEqual([]);
    const forged = await post("/person/room-1/discharge", cookie, { stay: stay.id, label: "C.D.", step: "end" });
    expect(forged.statusCode).toBe(404);
    expect(forged.body).toContain("Another person is in this bed. Look who it is, and begin again.");
    expect(ward.agent.tiles.get("room-1")?.stay?.label).toBe("A.B.");
  });

  test("nobody is admitted to, or moved into, a bed that somebody is in", async () => {
    const cookie = as("nurse-in-charge");
    const admission = { label: "E.F.", adult: "yes", language: "en" };
    expect((await post("/person/room-1/admit", cookie, admission)).statusCode).toBe(400);
    const move = { stay: stay.id, label: "A.B.", to: "room-2", step: "end" };
    expect((await post("/person/room-1/move", cookie, move)).statusCode).toBe(400);
    expect([...asked("admit"), ...asked("end-stay")]).toEqual([]);
  });

  test("nobody is admitted under the label of somebody else on the ward, however it is written", async () => {
    const cookie = as("nurse-in-charge");
    for (const label of ["C.D.", "c d", "CD"]) {
      const reply = await post("/person/room-3/admit", cookie, { label, adult: "yes", language: "en" });
      expect(reply.statusCode, label).toBe(400);
      expect(reply.body).toContain("Somebody else on this ward is called that here.");
    }
    expect(asked("admit")).toEqual([]);
    expect(
      (await post("/person/room-3/admit", cookie, { label: "C.D.2", adult: "yes", language: "en" })).statusCode,
    ).toBe(303);
  });

  test("an address says nothing that is not so: that everything is off, or that somebody left", async () => {
    const cookie = as("nurse-in-charge");
    const saidAt = async (did: string) =>
      /class="qr-said"[^>]*>([^<]*)</.exec((await get(`/person/room-1?did=${did}`, cookie)).body)?.[1];
    for (const did of ["stop-everything", "pause", "discharge", "best-interests", "offer", "__proto__", "no-such-act"])
      expect(await saidAt(did), did).toBeUndefined();
    expect((await post("/person/room-1/stop-everything", cookie, { stay: stay.id })).headers.location).toBe(
      "/person/room-1?did=stop-everything",
    );
    expect(await saidAt("stop-everything")).toBe("The ward computer confirmed: everything is off.");
  });

  test("what staff read out is true of the room's sensors: a depth sensor is named, and nobody says “not a camera”", async () => {
    const cookie = as("nurse");
    const consents = purposes.map((purpose) => consentFixture(purpose, "never-offered"));
    ward.agent.tell("room-1", { consents });
    await expect.poll(async () => (await get("/person/room-1", cookie)).body).toContain("Not offered yet");
    const radar = (await get("/person/room-1/offer/breathing-rate", cookie)).body;
    expect(radar).toContain("It is not a camera and has no microphone.");
    const depth = await startDashboardWard({ depthIn: "room-1" });
    try {
      depth.agent.tell("room-1", { ...bedTileFixtures.calm, stay, consents });
      depth.agent.sessions.set("nurse", ward.agent.sessions.get("nurse") ?? { is: "done" });
      await expect.poll(async () => (await depth.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
      for (const purpose of ["breathing-rate", "movement-alerts"]) {
        const { body } = await depth.app.inject({ url: `/person/room-1/offer/${purpose}`, headers: { cookie } });
        expect(body, purpose).toContain("A depth sensor measures how far away things are. It sees a rough shape.");
        expect(body, purpose).not.toMatch(/not a camera|No camera/);
      }
    } finally {
      await depth.stop();
    }
  });

  test("what the agent refuses is said in its words, beside what was typed", async () => {
    const cookie = as("nurse-in-charge");
    const consents = purposes.map((purpose) => consentFixture(purpose, "refused", { personSaidNo: true }));
    ward.agent.tell("room-1", { consents });
    const decision = {
      ...offer,
      decision: "Typed <b>long</b>",
      impairment: "Delirium",
      unableTo: "weigh",
      helpGiven: "Pictures",
      assessor: "Dr R. Osei",
      consulted: "Her sister",
      attorney: "none",
      noAdvanceRefusal: "yes",
      assessAgainAfterHours: "24",
    };
    const reply = await post("/person/room-1/best-interests/night-report", cookie, decision);
    expect(reply.statusCode).toBe(409);
    expect(reply.body).toContain("The person said no to this. Nobody can decide otherwise for them.");
    expect(reply.body).toContain("Typed &lt;b&gt;long&lt;/b&gt;");
    expect((await post("/person/room-1/best-interests/night-report", as("nurse"), decision)).statusCode).toBe(403);
    ward.agent.speaking = false;
    const silent = await post("/person/room-1/offer/night-report", cookie, { ...offer, words: "Typed <b>long</b>" });
    expect(silent.statusCode).toBe(504);
    expect(silent.body).toContain("did not answer");
    expect(silent.body).toContain("Typed &lt;b&gt;long&lt;/b&gt;");
  });
});
