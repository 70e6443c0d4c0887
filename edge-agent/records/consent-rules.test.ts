import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BestInterests, DecisionRecord } from "../contract/consent.ts";
import type { StoreRow } from "../contract/door.ts";
import { activation, at, consent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";
import { WardRecords } from "./ward.ts";

type ConsentRow = Extract<StoreRow, { table: "consent" }>;
const test: BestInterests = {
  decision: "So that he sleeps.",
  impairment: "Delirium.",
  unableTo: ["weigh"],
  helpGiven: "Pictures, his sister.",
  assessor: "Dr Ade",
  consulted: "His sister.",
  attorneyOrDeputy: null,
  noAdvanceRefusal: true,
  assessAgainAfterHours: 24,
};
const bestInterests: DecisionRecord = { activation, record: test };

let folder: ReturnType<typeof scratchFolder>;
let records: WardRecords;
beforeEach(() => {
  folder = scratchFolder();
  records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  folder.done();
});
const write = (...rows: readonly StoreRow[]): void => records.commit([], rows, at(0));
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (cause) {
    if (cause instanceof StoreError) return cause.code;
    throw cause;
  }
  return "did not throw";
};

describe("consent that the program should not have written", () => {
  const row = (change: Partial<ConsentRow["consent"]>, more: Partial<ConsentRow> = {}): StoreRow => {
    const base = consent("s1", "breathing-rate", "granted") as ConsentRow;
    return { ...base, ...more, consent: { ...base.consent, ...change } };
  };
  const offered = consent("s1", "breathing-rate", "offered");
  const decided = (more: Partial<ConsentRow> = {}) => row({ state: "best-interests" }, { byPerson: false, ...more });

  it("is refused without an offer in this stay, by anybody but the person, and without an end", () => {
    write(stay("s1"));
    expect(codeOf(() => write(row({})))).toBe("refused");
    write(offered);
    expect(codeOf(() => write(row({}, { byPerson: false })))).toBe("refused");
    expect(codeOf(() => write(row({ untilUtcMs: null })))).toBe("refused");
    expect(codeOf(() => write(row({ untilUtcMs: at(0).utcMs })))).toBe("refused");
    write(row({}));
    // A pause that is over by its time is no new consent.
    write(row({ state: "paused" }, { byPerson: false }), row({}, { byPerson: false }));
  });

  it("is refused for a person who said no, also after another offer, and without a record", () => {
    write(stay("s1"));
    expect(codeOf(() => write(decided()))).toBe("refused");
    write(decided({ record: bestInterests }));
    write(offered, row({ state: "refused" }), offered);
    expect(codeOf(() => write(decided({ record: bestInterests })))).toBe("refused");
    write(row({}), row({ state: "expired" }, { byPerson: false }), decided({ record: bestInterests }));
  });

  it("is refused in words that nobody knows", () => {
    write(stay("s1"));
    expect(codeOf(() => write(row({ state: "always" as "granted" })))).toBe("refused");
    expect(codeOf(() => write(row({ purpose: "marketing" as "breathing-rate", state: "offered" })))).toBe("refused");
  });
});
