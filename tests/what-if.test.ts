import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlarmPolicy } from "../edge-agent/contract/alarm-policy.ts";
import type { Answer, Ask } from "../edge-agent/contract/asks.ts";
import { ConsentPolicy } from "../edge-agent/contract/consent.ts";
import type { StoreRow } from "../edge-agent/contract/door.ts";
import { type CareOrder, nothingOrdered } from "../edge-agent/contract/people.ts";
import type { StaffRole } from "../edge-agent/contract/words.ts";
import { AskDesk } from "../edge-agent/io/ask-desk.ts";
import type { WardDesk } from "../edge-agent/io/ward-desk.ts";
import { WhatIfThread } from "../edge-agent/io/what-if-thread.ts";
import type { Log } from "../edge-agent/platform/log.ts";
import { entriesWith } from "../edge-agent/records/governance-reading.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import {
  at,
  fact,
  granted,
  intent,
  logOptionsOf,
  scratchFolder,
  stay,
} from "../edge-agent/records/records-for-tests.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";

/* What an order would have meant: from the ask of the nurse in charge to the thread that replays the ward's own records. */

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const site = {
  alarms: AlarmPolicy.parse({}),
  limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
  consent: ConsentPolicy.parse({}),
};
const order = (afterMs: number): CareOrder => ({ ...nothingOrdered, leftBed: { afterMs }, by: "Ada", reason: "falls" });

let scratch: ReturnType<typeof scratchFolder>;
let records: WardRecords;
let thread: WhatIfThread;
const answers: Answer[] = [];

/** The records begin at 01:02:03 of a winter night: two people, each up for 90 s once in the first ten minutes. */
beforeEach(() => {
  answers.length = 0;
  scratch = scratchFolder();
  const path = join(scratch.path, "ward.sqlite");
  records = new WardRecords(path, logOptionsOf());
  records.start();
  const rows: StoreRow[] = ["s1", "s2"].flatMap((id, bed) => [
    stay(id, `room-${bed + 1}`),
    ...granted(id, "movement-alerts"),
    ...Array.from({ length: 600 }, (_, second) =>
      fact(id, {
        atUtcMs: at(second * 1_000 + bed).utcMs,
        occupancy: second >= 100 && second < 190 ? "empty" : "in-bed",
        movement: 3,
        people: "one",
      }),
    ),
  ]);
  const ordered: StoreRow = { table: "order", stay: "s1", order: order(120_000), atUtcMs: at(0).utcMs };
  records.commit([intent("stay.admit")], [...rows, ordered], at(0));
  thread = new WhatIfThread(path, site, quiet);
});
afterEach(async () => {
  await thread.stop();
  records.close();
  scratch.done();
});

/** Asks as somebody of this role who signed in with a code, an hour later. */
async function askAs(role: StaffRole, ask: Ask["ask"]): Promise<Answer> {
  const invited = records.inviteStaff({ name: role, role, by: { kind: "setup", name: "test" } }, at(3_600_000));
  const signedIn = records.signIn(invited.code, at(3_600_000));
  const session = typeof signedIn === "object" && signedIn.is === "staff" ? signedIn.session : null;
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const desk = new AskDesk({
    records,
    stamp: () => at(3_600_000),
    beds: ["room-1", "room-2"],
    codeSignsIn: true,
    shiftMs: 43_200_000,
    idleLockMs: 600_000,
    agencyDaysMax: 14,
    whatIf: (of) => thread.ask(of),
    ward: { decide: () => undefined } as unknown as WardDesk,
    onShown: () => {},
    toRoom: () => {},
    send: (_client, answer) => resolve(answer),
    log: quiet,
  });
  desk.receive("dashboard", Buffer.from(JSON.stringify({ v: 1, id: randomUUID(), session, ask } satisfies Ask)));
  return promise;
}

const whatIf = (of: "stay" | "ward", afterMs: number) =>
  ({ do: "what-if", bed: "room-1", stay: "s1", order: order(afterMs), of }) as const;
const resultOf = (answer: Answer) => (answer.ok && answer.result.is === "what-if" ? answer.result : undefined);
const entries = () => {
  const db = openForReading(join(scratch.path, "ward.sqlite"));
  const found = [...entriesWith(db, '"order.what-if"', 0)];
  db.close();
  return found;
};

describe("what an order would have meant", () => {
  it("is told to the nurse in charge: this stay under what is on now, and under the new limits", async () => {
    const told = resultOf(await askAs("nurse-in-charge", whatIf("stay", 60_000)));
    const count = (condition: string) => told?.conditions.find((one) => one.condition === condition);
    expect(count("left-bed")).toEqual({ condition: "left-bed", now: 0, would: 1, told: 1 });
    expect(count("on-floor")).toMatchObject({ told: 0 });
    expect(count("second-person")).toMatchObject({ told: 1 });
    expect(count("rate-unavailable")).toMatchObject({ told: 0 });
    // Of ten minutes of a night of nine hours.
    expect(told?.bedNights).toBeCloseTo(600 / (9 * 3_600), 3);
    expect(told).toMatchObject({ nights: 1, beds: 1 });
    expect(entries()).toMatchObject([
      { actor: { kind: "staff", role: "nurse-in-charge" }, detail: { bed: "room-1", stay: "s1", of: "stay" } },
    ]);
  });

  it("counts everybody for the ward, and as before where nothing changes", async () => {
    const told = resultOf(await askAs("nurse-in-charge", whatIf("ward", 60_000)));
    expect(told).toMatchObject({ beds: 2 });
    expect(told?.conditions.find(({ condition }) => condition === "left-bed")).toMatchObject({ now: 0, would: 2 });
    const same = resultOf(await askAs("nurse-in-charge", whatIf("ward", 120_000)));
    expect(same?.conditions.find(({ condition }) => condition === "left-bed")).toMatchObject({ now: 0, would: 0 });
  });

  it("is refused to anybody else, and another one at the same time waits", async () => {
    expect(await askAs("nurse", whatIf("stay", 60_000))).toMatchObject({ ok: false, why: "not-allowed" });
    expect(entries()).toEqual([]);
    const [first, second] = await Promise.all([
      askAs("nurse-in-charge", whatIf("stay", 60_000)),
      askAs("nurse-in-charge", whatIf("stay", 60_000)),
    ]);
    expect([first.ok, second]).toMatchObject([true, { ok: false, why: "unavailable" }]);
  });

  it("says that it cannot be told where the records cannot be read", async () => {
    const nowhere = new WhatIfThread(join(scratch.path, "no-such.sqlite"), site, quiet);
    expect(await nowhere.ask({ stay: "s1", order: order(1), nowUtcMs: 0 })).toBeNull();
  });
});
