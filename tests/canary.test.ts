import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ask } from "../edge-agent/contract/asks.ts";
import { wallClock } from "../edge-agent/contract/local-hour.ts";
import { nothingOrdered } from "../edge-agent/contract/people.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { keyFileOf } from "../edge-agent/records/data-key-place.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { sealedTables } from "../edge-agent/records/sealed-columns.ts";
import { type Browser, CanaryWard } from "./canary-ward.ts";
import { Canaries, findIn, findInFolder, formsOf } from "./canary-words.ts";
import { activation } from "./core-driver.ts";

/*
 * Nothing personal outside the sealed columns: a real ward is told made-up names and words in every place that takes some, in good
 * forms and in broken ones, two of its processes are brought down in the middle of it, and everything that it leaves is searched.
 * Needs the pages: npm run build:web.
 */

const canaries = new Canaries();
const ward = new CanaryWard();
const bed = "room-2";
/** Of brokers and metrics: what somebody else than the room's own may hear. */
const heard: { readonly where: string; readonly bytes: Buffer }[] = [];
let told = 0;

async function tell(browser: Browser, kind: "staff" | "bedside", ask: Ask["ask"]): Promise<void> {
  await browser.ask(kind, ask);
  told += 1;
}
async function told303(response: Promise<Response>): Promise<string> {
  const { status, headers } = await response;
  expect(status).toBe(303);
  told += 1;
  return headers.get("location") ?? "";
}

async function staffAt(role: "nurse-in-charge" | "governance-lead"): Promise<Browser> {
  const browser = ward.browser();
  const code = await ward.code({ do: "invite-staff", name: canaries.word(), role });
  expect((await browser.form("/sign-in", { code })).status).toBe(303);
  return browser;
}

/** What one account of the control broker hears within a while, and what it leaves when it says what nobody understands. */
async function hear(port: number, username: string, say: readonly string[]): Promise<void> {
  const password = readCredential(ward.dataDir, username);
  const client = mqtt.connect({ host: "127.0.0.1", port, clientId: username, username, password, reconnectPeriod: 0 });
  client.on("error", () => {});
  client.on("message", (topic, payload) =>
    heard.push({ where: `${username} hears ${topic}`, bytes: Buffer.concat([Buffer.from(`${topic} `), payload]) }),
  );
  await new Promise((resolve, reject) => {
    client.once("connect", resolve);
    client.once("close", () => reject(new Error(`${username} may not connect`)));
  });
  const topic = topics(ward.site());
  client.subscribe([
    "#",
    topic.anyLive,
    topic.wardState,
    topic.anyStatus,
    topic.lease(username),
    topic.answer(username),
  ]);
  for (const text of say) client.publish(topic.ask(username), text, { qos: 0 });
  // Retained messages come at once; a bridge tells its status every 2 s, and a tile and the ward's state go out each second.
  await ward.until("a status", () => heard.some(({ where }) => /^admin hears .*\/status$/.test(where)));
  await client.endAsync(true);
}

async function crash(script: string, makeItWrite: () => Promise<unknown>): Promise<void> {
  const pid = ward.pidOf(script);
  const before = ward.said.length;
  process.kill(pid, "SIGUSR2");
  await makeItWrite().catch(() => {});
  await ward.until(`${script} to come back`, () => {
    try {
      return ward.pidOf(script) !== pid;
    } catch {
      return false;
    }
  });
  await ward.until("its last words", () => ward.said.slice(before).includes("an injected exception"));
  await ward.until(
    "the pages",
    async () => (await fetch(`${ward.url}/healthz`).catch(() => undefined))?.status === 200,
  );
}

let stay: string;
let charge: Browser;
let lead: Browser;
let bedside: Browser;

beforeAll(async () => {
  await ward.start();
  const needs = { language: "en", readAloud: false, largeText: false, words: canaries.word() };
  const admitted = await ward.setUp({
    do: "admit",
    bed,
    label: canaries.word(),
    demonstration: true,
    adult: true,
    needs,
  });
  stay = admitted.is === "stay" ? admitted.stay : "no stay";
  [charge, lead, bedside] = [await staffAt("nurse-in-charge"), await staffAt("governance-lead"), ward.browser()];
  const code = await ward.code({ do: "invite-bedside", bed });
  expect((await bedside.form("/pair", { code })).status).toBe(303);
}, 120_000);
afterAll(async () => {
  await ward.stop();
  ward.remove();
}, 60_000);

describe("a ward that was told names and words in every place", () => {
  it("takes them", async () => {
    const place = { bed, stay } as const;
    for (const purpose of ["movement-alerts", "breathing-rate"] as const) {
      await tell(charge, "staff", {
        do: "offer",
        ...place,
        purpose,
        activation: { ...activation, words: canaries.word() },
      });
      await tell(bedside, "bedside", { do: "turn-on", ...place, purpose });
    }
    const needs = { language: "en", readAloud: true, largeText: true, words: canaries.word() };
    await tell(charge, "staff", { do: "needs", ...place, needs });
    const signed = () => ({ by: canaries.word(), reason: canaries.word() });
    const observation = { level: "intermittent-high", everyMinutes: 15, reviewAfterHours: 24 } as const;
    await tell(charge, "staff", { do: "observe", ...place, observation: { ...observation, ...signed() } });
    const order = { ...nothingOrdered, leftBed: { afterMs: 10_000 }, untilUtcMs: Date.now() + 3_600_000 };
    await tell(charge, "staff", { do: "order", ...place, order: { ...order, ...signed() } });
    const seen = { where: "in-bed", how: "awake", engagement: "talked", concern: canaries.word() } as const;
    const check = { do: "check", ...place, seen, supersedes: null } as const;
    await tell(charge, "staff", { ...check, seenAtUtcMs: null, lateBecause: null });
    const late = charge.ask("staff", { ...check, seenAtUtcMs: Date.now() - 900_000, lateBecause: canaries.word() });
    await expect(late).rejects.toThrow("before these checks were ordered");
    const sedation = { everyMinutes: 15, hours: 2, reason: canaries.word() } as const;
    await tell(charge, "staff", { do: "sedation-watch", ...place, ...sedation });
    const review = { outcome: "keep", words: canaries.word(), reviewAfterHours: 24, hours: null } as const;
    await tell(charge, "staff", { do: "review", ...place, purpose: "breathing-rate", review });
    const record = {
      ...{
        decision: canaries.word(),
        impairment: canaries.word(),
        unableTo: ["weigh" as const],
        helpGiven: canaries.word(),
      },
      ...{ assessor: canaries.word(), consulted: canaries.word(), attorneyOrDeputy: canaries.word() },
      ...{ noAdvanceRefusal: true as const, assessAgainAfterHours: 24 },
    };
    const decided = { purpose: "night-report", activation: { ...activation, words: canaries.word() }, record } as const;
    await tell(charge, "staff", { do: "best-interests", ...place, ...decided });
    await tell(charge, "staff", { do: "characteristics", ...place, told: { religion: "another" } });
    await tell(charge, "staff", { do: "audio-off", reason: canaries.word() });
    await tell(charge, "staff", { do: "audio-on" });
    await tell(charge, "staff", { do: "invite-staff", name: canaries.word(), role: "nurse" });
    const account = { role: "nurse", agency: false, untilUtcMs: null } as const;
    await tell(charge, "staff", { do: "add-staff", badge: canaries.number(), name: canaries.word(), ...account });

    expect((await bedside.form("/bedside/ask", { about: "complaint", words: canaries.word() })).status).toBe(200);
    expect((await bedside.form("/bedside/how", { feels: "not-good", words: canaries.word() })).status).toBe(200);
    await told303(lead.form("/governance/feedback/1", { words: canaries.word() }));
    const hours = (ago: number) => wallClock(Date.now() - ago * 3_600_000, ward.site().consent.timeZone);
    const window = { bed, fromUtcMs: hours(2), untilUtcMs: hours(-1) };
    const glass = { ...window, reason: canaries.word(), forMs: String(15 * 60_000) };
    const path = await told303(charge.form("/access/ask/break-glass", glass));
    await told303(lead.form(`${path}/agree`, {}));
    await told303(charge.form(`${path}/end`, {}));
    const other = await staffAt("governance-lead");
    await told303(other.form(`${path}/review`, { right: "yes", words: canaries.word() }));
    const law = { lawful: canaries.word(), untold: canaries.word(), forMs: String(30 * 86_400_000) };
    await told303(lead.form("/access/ask/hold", { ...window, reason: canaries.word(), ...law }));
    const let1 = await (await bedside.form("/bedside/let-look", { hours: "1" })).text();
    const code = /\b[2-9A-Z]{4}-[2-9A-Z]{4}\b/.exec(let1)?.[0] ?? "none";
    await told303(ward.browser().form("/advocate", { code, name: canaries.word() }));
    expect(told).toBeGreaterThan(20);
  });

  it("is told the same where it does not belong: broken forms, wrong pages, addresses, and messages that nobody understands", async () => {
    const fields =
      "reason words name label decision impairment helpGiven assessor consulted by concern lateBecause code badge secret bed";
    const visitors = [charge, lead, bedside, ward.browser()];
    const paths = [
      ...["/asks", "/sign-in", "/pair", "/badge", "/start-account", "/advocate", "/set-up/staff", "/governance/erase"],
      ...["/governance/feedback/1", "/access/ask/hold", "/access/ask/break-glass", "/bedside/ask", "/bedside/how"],
      ...[
        "observe",
        "order",
        "order/what-if",
        "admit",
        "needs",
        "check",
        "discharge",
        "move",
        "sedation",
        "characteristics",
      ].map((page) => `/person/${bed}/${page}`),
      `/person/${bed}/best-interests/night-report`,
      `/person/${bed}/review/breathing-rate`,
    ];
    const statuses = new Set<number>();
    for (const [n, path] of paths.entries()) {
      const browser = visitors[n % visitors.length] ?? charge;
      const planted = Object.fromEntries(fields.split(" ").map((field) => [field, canaries.word()]));
      statuses.add((await browser.form(path, planted)).status);
      statuses.add((await browser.raw(path, "application/json", `{"words":"${canaries.word()}`)).status);
      statuses.add((await browser.raw(path, "text/plain", canaries.word())).status);
    }
    for (const way of ["/", "/person/", "/sign-in?code=", "/access/", "/governance/audit?from=", "/set-up/staff/"])
      statuses.add((await charge.get(way + encodeURIComponent(canaries.word()))).status);
    expect([...statuses].filter((status) => status >= 500 && status !== 503)).toEqual([]);
    expect([...statuses]).toEqual(expect.arrayContaining([400, 404]));

    await crash("edge-agent/main.ts", () =>
      bedside.form("/bedside/ask", { about: "question", words: canaries.word() }),
    );
    await crash("dashboard/main.ts", () => charge.get(`/person/${bed}?${new URLSearchParams({ a: canaries.word() })}`));

    const { controlPort, framesPort } = ward.site().brokers;
    await ward.closeDesk();
    await Promise.all([
      hear(controlPort, "admin", [canaries.word(), `{"v":1,"ask":{"do":"admit","label":"${canaries.word()}"}}`]),
      hear(controlPort, "unit-1", [canaries.word()]),
      hear(framesPort, "unit-1", [canaries.word()]),
    ]);
    for (const [n, port] of ward.metricsPorts.entries()) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(text).toContain("quietround_");
      heard.push({ where: `metrics ${n}`, bytes: Buffer.from(text) });
    }
  }, 120_000);

  it("keeps what it took, for those who may read it, and leaves none of it anywhere else", async () => {
    await ward.stop();
    const kept = everyWord();
    expect(canaries.all.filter((word) => kept.some((one) => one.includes(word))).length).toBeGreaterThan(25);
    expect(readdirSync(join(ward.dataDir, "log")).length).toBeGreaterThanOrEqual(3);
    expect(heard.some(({ where }) => where.startsWith("admin hears"))).toBe(true);
    // The key that opens them is looked for as well.
    const keyFile = readFileSync(keyFileOf(join(ward.dataDir, "ward.sqlite")), "utf8");
    const words = [...canaries.all, keyFile.trim().split(" ")[1] ?? expect.fail("no key")];
    expect(findIn(words, "what the ward printed", Buffer.from(ward.said))).toEqual([]);
    expect(heard.flatMap(({ where, bytes }) => findIn(words, where, bytes))).toEqual([]);
    expect(findInFolder(words, ward.dataDir)).toEqual([]);
  }, 60_000);
});

function everyWord(): string[] {
  return ["ward.sqlite", "dashboard.sqlite"].flatMap((name) => {
    const db = openForReading(join(ward.dataDir, name));
    try {
      const there = new Set(
        db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[],
      );
      const columns = Object.entries(sealedTables).flatMap(([table, of]) =>
        there.has(table) ? of.columns.map((column) => `SELECT CAST("${column}" AS TEXT) FROM "${table}"`) : [],
      );
      return [...columns, "SELECT CAST(data AS TEXT) FROM entry"].flatMap((sql) =>
        db.prepare(sql).pluck().all().map(String),
      );
    } finally {
      db.close();
    }
  });
}

describe("the search", () => {
  it("finds one planted word in every form, in a file, a name of a file and a message", () => {
    const folder = mkdtempSync(join(tmpdir(), "quietround-planted-"));
    const planted = new Canaries();
    const [word, other] = [planted.word(), planted.word()];
    try {
      expect(findInFolder(planted.all, folder)).toEqual([]);
      mkdirSync(join(folder, "log"));
      for (const [form, texts] of Object.entries(formsOf(word))) {
        for (const text of texts) {
          const line = Buffer.concat([Buffer.from('{"msg":"'), text, Buffer.from('"}\n')]);
          writeFileSync(join(folder, "log", "agent.log"), line);
          expect(findInFolder(planted.all, folder)).toContainEqual({
            canary: word,
            form,
            where: join("log", "agent.log"),
          });
        }
      }
      writeFileSync(
        join(folder, "log", "agent.log"),
        Buffer.from(`..${JSON.stringify({ by: word })}`).toString("base64"),
      );
      expect(findInFolder(planted.all, folder)).toMatchObject([{ canary: word, form: "base64" }]);
      rmSync(join(folder, "log"), { recursive: true });
      writeFileSync(join(folder, encodeURIComponent(other)), "");
      expect(findInFolder(planted.all, folder)).toMatchObject([{ canary: other, form: "URL-encoded" }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
