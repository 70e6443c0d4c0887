import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audioAt, audioOn, pauseAudio, turnAudioOff } from "../care/ward-audio.ts";
import { AlarmPolicy } from "../contract/alarm-policy.ts";
import type { Actor } from "../contract/people.ts";
import { WardState } from "../contract/ward-state.ts";
import { openForReading } from "../records/open.ts";
import { at, logOptionsOf, scratchFolder } from "../records/records-for-tests.ts";
import { WardRecords } from "../records/ward.ts";
import { WardDesk } from "./ward-desk.ts";

let folder: ReturnType<typeof scratchFolder>;
let path: string;
let records: WardRecords;
let sec = 0;
let told: WardState[] = [];
let asked: { device: string; nonce: string }[] = [];
const nurse: Actor = { kind: "staff", id: "n1", name: "Sam Reed", role: "nurse" };
const inCharge: Actor = { kind: "staff", id: "c1", name: "Kim Lee", role: "nurse-in-charge" };
const lead: Actor = { kind: "staff", id: "g1", name: "Ada Lead", role: "governance-lead" };
const screen: Actor = { kind: "bedside", bed: "room-1", stay: "s1" };

function newDesk(): WardDesk {
  const rules = { at: audioAt, pause: pauseAudio, off: turnAudioOff, on: audioOn };
  const policy = AlarmPolicy.parse({});
  return new WardDesk({
    records,
    policy,
    rules,
    stamp: () => at(sec * 1_000),
    publish: (state) => told.push(state),
    devices: ["unit-1", "unit-2"],
    askUnit: (device, test) => asked.push({ device, ...test }),
  });
}
const actions = (): unknown => {
  const db = openForReading(path);
  try {
    return db.prepare("SELECT count(*) FROM ward_audio").pluck().get();
  } finally {
    db.close();
  }
};

beforeEach(() => {
  folder = scratchFolder();
  path = join(folder.path, "ward.sqlite");
  records = new WardRecords(path, logOptionsOf());
  records.start();
  sec = 0;
  told = [];
  asked = [];
});
afterEach(() => {
  records.close();
  folder.done();
});

describe("what belongs to the whole ward", () => {
  it("a nurse pauses the sound for at most what the site allows; everybody hears of it at once, and when it is over", () => {
    const desk = newDesk();
    expect(desk.decide({ do: "pause-audio", seconds: 3_600 }, nurse)).toEqual({ is: "done" });
    const state = WardState.parse(told.at(-1));
    expect(state.audio.paused).toMatchObject({ by: "Sam Reed" });
    expect((state.audio.paused?.untilUtcMs ?? 0) - state.at).toBe(120_000);
    sec = 120;
    desk.tell();
    expect(told.at(-1)?.audio.paused).toBeNull();
  });
  it("only the nurse in charge turns it off, with a reason; a restart does not forget it", () => {
    const off = { do: "audio-off", reason: "fire drill" } as const;
    const desk = newDesk();
    for (const who of [nurse, lead, screen, undefined]) expect(desk.decide(off, who)).toBeUndefined();
    expect(actions()).toBe(0);
    desk.decide(off, inCharge);
    newDesk().tell();
    expect(told.at(-1)?.audio.off).toMatchObject({ by: "Kim Lee", reason: "fire drill" });
    desk.decide({ do: "audio-on" }, nurse);
    expect(told.at(-1)?.audio).toEqual(audioOn);
  });
  it("a made-up reading goes to every unit; which answered, and how soon, stands in the state and with what was heard", () => {
    const desk = newDesk();
    expect(desk.decide({ do: "test-chain" }, lead)).toBeUndefined();
    desk.decide({ do: "test-chain" }, nurse);
    expect(asked.map(({ device }) => device)).toEqual(["unit-1", "unit-2"]);
    const nonce = asked[0]?.nonce ?? "";
    sec = 1;
    desk.hearUnit({ v: 1, device: "unit-2", nonce, decoded: true });
    desk.hearUnit({ v: 1, device: "unit-1", nonce: "0".repeat(16), decoded: true });
    expect(WardState.parse(told.at(-1)).chainTest).toMatchObject({
      nonce,
      by: "Sam Reed",
      units: [
        { device: "unit-1", answeredAfterMs: null },
        { device: "unit-2", answeredAfterMs: 1_000, decoded: true },
      ],
    });
    sec = 11;
    desk.hearUnit({ v: 1, device: "unit-1", nonce, decoded: true });
    expect(told.at(-1)?.chainTest?.units[0]).toMatchObject({ answeredAfterMs: null });
  });
  it("a test of the sound counts for one shift, heard or not", () => {
    const desk = newDesk();
    desk.decide({ do: "sound-heard", heard: false }, nurse);
    expect(told.at(-1)?.soundTest).toMatchObject({ by: "Sam Reed", heard: false });
    sec = 12 * 3_600;
    desk.tell();
    expect(told.at(-1)?.soundTest).toBeNull();
  });
});
