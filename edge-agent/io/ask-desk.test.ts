import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlarmShown } from "../contract/alarm-shown.ts";
import type { Answer } from "../contract/asks.ts";
import type { StaffRole } from "../contract/words.ts";
import { at, inCharge, logOptionsOf, scratchFolder, stay } from "../records/records-for-tests.ts";
import { WardRecords } from "../records/ward.ts";
import { AskDesk } from "./ask-desk.ts";
import type { WardDesk } from "./ward-desk.ts";

let folder: ReturnType<typeof scratchFolder>;
let records: WardRecords;
let desk: AskDesk;
let answers: Answer[];
let shown: string[];
beforeEach(() => {
  folder = scratchFolder();
  records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf());
  records.start();
  [answers, shown] = [[], []];
  desk = new AskDesk({
    records,
    stamp: () => at(60_000),
    beds: ["room-1", "room-2"],
    toRoom: () => {},
    send: (_client, answer) => answers.push(answer),
    codeSignsIn: true,
    shiftMs: 43_200_000,
    idleLockMs: 600_000,
    agencyDaysMax: 14,
    whatIf: () => Promise.reject(new Error("nobody asks here")),
    ward: { decide: () => undefined } as unknown as WardDesk,
    onShown: ({ bed, id }, utcMs) => void shown.push(`${bed} ${id} ${utcMs - at(0).utcMs}`),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
});
afterEach(() => {
  records.close();
  folder.done();
});

function sessionOf(role: StaffRole): string {
  const { code } = records.inviteStaff({ name: `Sam ${role}`, role, by: inCharge }, at(0));
  const signedIn = records.signIn(code, at(1));
  if (typeof signedIn === "string" || signedIn.is !== "staff" || signedIn.session === null)
    throw new Error("no session");
  return signedIn.session;
}

function say(session: string | null, beds: readonly string[], afterMs: number): Answer | undefined {
  const alarms = beds.map((bed): AlarmShown => ({ bed, id: `${bed}-1`, presence: "on", raisedAt: 5 }));
  const ask = { do: "alarm-shown", alarms, atUtcMs: at(afterMs).utcMs };
  desk.receive("dashboard", Buffer.from(JSON.stringify({ v: 1, id: randomUUID(), session, ask })));
  return answers.at(-1);
}

test("governance writes down what was changed because of what somebody said, and nobody else does", () => {
  const by = { kind: "bedside", bed: "room-1", stay: "s1" } as const;
  records.commit([], [stay("s1")], at(0));
  records.takeFeedback({ by, about: "complaint", feels: null, words: "The light." }, at(1));
  const answer = (role: StaffRole, feedback: number) => {
    const ask = { do: "answer-feedback", feedback, words: "Dimmed at night." };
    const sent = { v: 1, id: randomUUID(), session: sessionOf(role), ask };
    desk.receive("dashboard", Buffer.from(JSON.stringify(sent)));
    return answers.at(-1);
  };
  expect(answer("governance-lead", 1)).toMatchObject({ ok: true });
  expect(answer("governance-lead", 2)).toMatchObject({ ok: false, why: "not-found" });
  for (const role of ["nurse", "nurse-in-charge", "engineer"] as const)
    expect(answer(role, 1)).toMatchObject({ ok: false, why: "not-allowed" });
});

test("a nurse's screen says which alarms stood on it; of beds that are not here nothing is taken", () => {
  expect(say(sessionOf("nurse"), ["room-1", "room-9"], 50_000)).toMatchObject({ ok: true, result: { is: "done" } });
  expect(shown).toEqual(["room-1 room-1-1 50000"]);
});

test("a screen whose clock is ahead has shown nothing in the future", () => {
  say(sessionOf("nurse-in-charge"), ["room-2"], 90_000);
  expect(shown).toEqual(["room-2 room-2-1 60000"]);
});

test("nobody else can say that an alarm was shown", () => {
  for (const role of ["governance-lead", "engineer"] as const) {
    expect(say(sessionOf(role), ["room-1"], 50_000)).toMatchObject({ ok: false, why: "not-allowed" });
  }
  expect(say(null, ["room-1"], 50_000)).toMatchObject({ ok: false, why: "not-signed-in" });
  desk.receive(
    "admin",
    Buffer.from(
      JSON.stringify({
        v: 1,
        id: randomUUID(),
        session: null,
        ask: { do: "alarm-shown", alarms: [{ bed: "room-1", id: "a", presence: "on", raisedAt: 5 }], atUtcMs: 1 },
      }),
    ),
  );
  expect(answers.at(-1)).toMatchObject({ ok: false, why: "not-allowed" });
  expect(shown).toEqual([]);
});
