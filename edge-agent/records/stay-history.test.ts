import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoreRow } from "../contract/door.ts";
import { openDashboardLog } from "./dashboard-log.ts";
import { readFeedback } from "./feedback-answers.ts";
import { countOpenings, quantile, readKillTimes } from "./governance-reading.ts";
import { openForReading } from "./open.ts";
import { activation, at, consent, fact, intent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { readConsentHistory, sensedMinutes } from "./stay-history.ts";
import { WardRecords } from "./ward.ts";

let folder: ReturnType<typeof scratchFolder>;
let records: WardRecords;
const wardFile = () => join(folder.path, "ward.sqlite");
beforeEach(() => {
  folder = scratchFolder();
  records = new WardRecords(wardFile(), logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  folder.done();
});
const reading = <T>(path: string, read: (db: ReturnType<typeof openForReading>) => T): T => {
  const db = openForReading(path);
  try {
    return read(db);
  } finally {
    db.close();
  }
};

describe("the history of a stay", () => {
  it("tells every change with who decided and what was written down, and nothing of another stay", () => {
    const rows = [
      stay("s1"),
      stay("s2", "room-2"),
      consent("s1", "breathing-rate", "offered"),
      consent("s2", "breathing-rate", "offered"),
      consent("s1", "breathing-rate", "granted"),
      consent("s1", "breathing-rate", "withdrawn"),
    ];
    records.commit([intent("stay.admit")], rows, at(0));
    const history = reading(wardFile(), (db) => readConsentHistory(db, "s1"));
    expect(history.map(({ state, byPerson }) => [state, byPerson])).toEqual([
      ["offered", false],
      ["granted", true],
      ["withdrawn", false],
    ]);
    expect(history[0]?.record).toEqual({ is: "activation", ...activation });
    expect(history[1]?.record).toBeNull();
  });

  it("tells of a decision what it answers and the whole test, also of one that an earlier release kept without the first", () => {
    const test = {
      decision: "So that he sleeps.",
      impairment: "Delirium.",
      unableTo: ["weigh" as const],
      helpGiven: "Pictures.",
      assessor: "Dr Ade",
      consulted: "His sister.",
      attorneyOrDeputy: null,
      noAdvanceRefusal: true as const,
      assessAgainAfterHours: 24,
    };
    const decided = consent("s1", "breathing-rate", "best-interests") as Extract<StoreRow, { table: "consent" }>;
    const earlier = { ...decided, record: test as unknown as typeof decided.record };
    records.commit([], [stay("s1"), { ...decided, record: { activation, record: test } }, earlier], at(0));
    const history = reading(wardFile(), (db) => readConsentHistory(db, "s1"));
    expect(history.map(({ record }) => record)).toEqual([
      { is: "best-interests", activation, ...test },
      { is: "best-interests", activation: null, ...test },
    ]);
  });

  it("counts the minutes that were recorded for a purpose, since a moment, and for that purpose only", () => {
    const begin = [
      stay("s1"),
      consent("s1", "movement-alerts", "offered"),
      consent("s1", "movement-alerts", "granted"),
    ];
    const facts = [0, 1_000, 2_000, 61_000, 3_600_000].map((after) =>
      fact("s1", { atUtcMs: at(after + 60_000).utcMs, occupancy: "in-bed" }),
    );
    records.commit([intent("stay.admit")], [...begin, ...facts], at(0));
    const minutes = (purpose: Parameters<typeof sensedMinutes>[2], sinceMs = 0) =>
      reading(wardFile(), (db) => sensedMinutes(db, "s1", purpose, at(sinceMs).utcMs));
    expect(minutes("movement-alerts")).toBe(3);
    expect(minutes("movement-alerts", 200_000)).toBe(1);
    expect(minutes("breathing-rate")).toBe(0);
    expect(minutes("night-report")).toBeNull();
  });
});

describe("what governance reads", () => {
  it("takes kill times from stops only, since a moment", () => {
    const stop = (action: Parameters<typeof intent>[0], touchToStopMs: number) => ({
      ...intent(action),
      detail: { bed: "room-1", touchToStopMs },
    });
    records.commit([stop("consent.withdraw", 9_000)], [], at(0));
    for (const [after, took] of [40, 10, 30, 20].entries())
      records.commit([stop("consent.withdraw", took)], [], at(10_000 + after));
    records.commit([stop("consent.pause", 50), stop("consent.grant", 7_000), intent("consent.refuse")], [], at(20_000));
    const times = (since: number) => reading(wardFile(), (db) => readKillTimes(db, at(since).utcMs));
    expect(times(5_000)).toMatchObject({ stops: 5, p50Ms: 30, p99Ms: 50, longestMs: 50 });
    expect(times(0)).toMatchObject({ stops: 6, p99Ms: 9_000 });
    expect(times(30_000)).toMatchObject({ stops: 0, p50Ms: null, p99Ms: null, longestMs: null });
  });

  it("names a quantile that happened", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([7], 0.99)]).toEqual([50, 99, 7]);
    expect(quantile([], 0.5)).toBeNull();
  });

  it("counts looks of staff at a bed, and neither refusals, nor the person's own screen, nor another bed", () => {
    const path = join(folder.path, "dashboard.sqlite");
    const log = openDashboardLog(path, logOptionsOf());
    const minuteMs = 60_000;
    const open = (afterMin: number, bed = "room-1", change: object = {}) =>
      log.append({ ...intent("page.open"), detail: { page: "/person/x", bed }, ...change }, at(afterMin * minuteMs));
    const ben = { actor: { kind: "staff", id: "s2", name: "Ben", role: "nurse" } };
    open(0);
    // One look of several pages, a look of somebody else meanwhile, and a later one.
    for (const after of [10, 12, 16]) open(after);
    open(16, "room-1", ben);
    open(22);
    open(30, "room-10");
    open(31, "room-1", { outcome: 4 });
    open(32, "room-1", { actor: { kind: "bedside", bed: "room-1", stay: "s1" } });
    log.close();
    const looks = (sinceMin: number) =>
      reading(path, (db) => countOpenings(db, "room-1", at(sinceMin * minuteMs).utcMs));
    expect([looks(5), looks(0), looks(40)]).toEqual([3, 4, 0]);
  });

  it("counts one visit once, however long a page of it stays open", () => {
    const path = join(folder.path, "dashboard.sqlite");
    const log = openDashboardLog(path, logOptionsOf());
    const minuteMs = 60_000;
    const write = (action: "page.open" | "page.close", atMin: number, detail: object) =>
      log.append({ ...intent(action), detail: { bed: "room-1", ...detail } }, at(atMin * minuteMs));
    // The card, its sign at the bed for half an hour, a form meanwhile, and the screen connects again at the end.
    write("page.open", 0, { page: "/person/room-1" });
    write("page.open", 0.1, { page: "/ward#person", opening: "o1" });
    write("page.open", 20, { page: "/person/room-1/offer/breathing-rate" });
    write("page.close", 30, { opening: "o1", openMs: 29.9 * minuteMs });
    write("page.open", 30.1, { page: "/ward#person", opening: "o2" });
    write("page.close", 31, { opening: "o2", openMs: 0.9 * minuteMs });
    // Another visit, whose end nobody wrote.
    write("page.open", 100, { page: "/ward#person", opening: "o3" });
    write("page.open", 140, { page: "/person/room-1/review/breathing-rate" });
    // And one on the next day.
    write("page.open", 1_500, { page: "/person/room-1" });
    log.close();
    const looks = (sinceMin: number) =>
      reading(path, (db) => countOpenings(db, "room-1", at(sinceMin * minuteMs).utcMs));
    expect([looks(0), looks(10), looks(50), looks(1_400), looks(1_600)]).toEqual([3, 3, 2, 1, 0]);
  });

  it("reads feedback, the newest first, with what was changed because of it", () => {
    records.commit([intent("stay.admit")], [stay("s1")], at(0));
    const by = { kind: "bedside", bed: "room-1", stay: "s1" } as const;
    records.takeFeedback({ by, about: "how-is-it", feels: "good", words: null }, at(1));
    records.takeFeedback({ by, about: "complaint", feels: null, words: "The light." }, at(2));
    const lead = { kind: "staff", id: "g1", name: "Ada Lead", role: "governance-lead" } as const;
    const answer = (feedback: number, words: string, ms: number) =>
      records.answerFeedback({ feedback, words, by: lead }, at(ms));
    expect(answer(2, "Dimmed at night.", 3)).toEqual({ is: "done" });
    expect(answer(2, "And in the corridor.", 4)).toEqual({ is: "done" });
    expect(answer(9, "Nothing was said.", 5)).toBe("not-found");
    const answers = [
      { atUtcMs: at(3).utcMs, words: "Dimmed at night.", by: "Ada Lead" },
      { atUtcMs: at(4).utcMs, words: "And in the corridor.", by: "Ada Lead" },
    ];
    expect(reading(wardFile(), readFeedback)).toEqual([
      { number: 2, atUtcMs: at(2).utcMs, about: "complaint", feels: null, words: "The light.", answers },
      { number: 1, atUtcMs: at(1).utcMs, about: "how-is-it", feels: "good", words: null, answers: [] },
    ]);
  });
});
