import fc from "fast-check";
import { expect, it } from "vitest";
import type { RoomAsk } from "../edge-agent/contract/asks.ts";
import type { BestInterests, Hours } from "../edge-agent/contract/consent.ts";
import type { LeaseMessage } from "../edge-agent/contract/lease.ts";
import { localHour } from "../edge-agent/contract/local-hour.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { purposes, sensingPurposes } from "../edge-agent/contract/words.ts";
import { activation, admission, nurse, setup } from "./core-driver.ts";
import { londonHour, Observer } from "./history-observer.ts";
import { type Bed, beds, HistoryWard } from "./history-ward.ts";

/*
 * Random histories of a ward. QUIETROUND_HISTORIES: how many; QUIETROUND_SEED: those of an earlier run again.
 */

const runs = Number(process.env.QUIETROUND_HISTORIES ?? 20);
const seed = Number(process.env.QUIETROUND_SEED ?? Date.now() % 2 ** 31);

const inCharge: Actor = { kind: "staff", id: "c1", name: "Ada Obi", role: "nurse-in-charge" };
const record: BestInterests = {
  decision: "So that he sleeps.",
  impairment: "Delirium.",
  unableTo: ["weigh"],
  helpGiven: "Pictures.",
  assessor: "Dr Ade",
  consulted: "His sister.",
  attorneyOrDeputy: null,
  noAdvanceRefusal: true,
  assessAgainAfterHours: 1,
};

// Mostly one bed: much happens to one person, and something beside it.
const bed = fc.constantFrom<Bed>("room-1", "room-1", "room-1", "room-2");
// Mostly the two that let a sensor run.
const purpose = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...sensingPurposes) }, fc.constantFrom(...purposes));
const reviewAfterHours = fc.constantFrom(1, 2, 12, 168);
const hours = fc.constantFrom<Hours | null>(
  null,
  null,
  { fromHour: 22, toHour: 7 },
  { fromHour: 1, toHour: 2 },
  { fromHour: 2, toHour: 1 },
);
const by = fc.constantFrom("person", "staff");
const minutes = fc.constantFrom(15 as const, 30 as const, 60 as const);
const back = fc.nat(12);
const what = <What extends string, Rest extends object>(
  name: What,
  rest: { readonly [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
): fc.Arbitrary<{ what: What } & Rest> =>
  fc.record(rest as { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> }).map((one) => ({ what: name, ...(one as Rest) }));

const act = fc.oneof(
  { weight: 2, arbitrary: what("admit", { bed }) },
  what("end-stay", { bed }),
  what("move", { bed }),
  what("swap", {}),
  what("readmit", { bed }),
  { weight: 6, arbitrary: what("offer", { bed, purpose, reviewAfterHours, hours }) },
  { weight: 8, arbitrary: what("turn-on", { bed, purpose }) },
  { weight: 6, arbitrary: what("agree", { bed, purpose, reviewAfterHours, hours }) },
  { weight: 3, arbitrary: what("turn-off", { bed, purpose, by }) },
  what("stop-everything", { bed, by }),
  { weight: 3, arbitrary: what("pause", { bed, by, minutes }) },
  { weight: 2, arbitrary: what("resume", { bed }) },
  what("still-yes", { bed, purpose }),
  { weight: 3, arbitrary: what("best-interests", { bed, purpose, reviewAfterHours, hours }) },
  {
    weight: 3,
    arbitrary: what("review", {
      bed,
      purpose,
      reviewAfterHours,
      hours,
      outcome: fc.constantFrom("keep" as const, "fewer-hours" as const, "stop" as const),
    }),
  },
  what("earlier-screen", { bed, purpose }),
  {
    weight: 8,
    arbitrary: what("wait", {
      ms: fc.constantFrom(700, 9_000, 20_000, 31_000, 900_000, 1_790_000, 3_599_000, 3_600_000, 25 * 3_600_000),
      ticks: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: what("pass-an-end", {
      which: fc.nat(3),
      beforeMs: fc.constantFrom(1, 5_000, 15_000),
      afterMs: fc.constantFrom(-1, 0, 4_000),
    }),
  },
  { weight: 8, arbitrary: what("stream", { bed }) },
  what("reboot", { how: fc.constantFrom("killed" as const, "stopped" as const) }),
  what("clock-step", { ms: fc.constantFrom(3_000, 3_600_000, 50 * 3_600_000, -3_000, -3_600_000, -50 * 3_600_000) }),
  what("cut", { cut: fc.boolean() }),
  { weight: 2, arbitrary: what("replay", { back }) },
  what("forge", { back }),
  what("come-late", { back }),
);
type Act = typeof act extends fc.Arbitrary<infer Of> ? Of : never;

/** Ordinary, and shortly before the nights of 25 and of 23 hours. */
const start = fc.constantFrom(
  Date.UTC(2026, 10, 22, 21, 40),
  Date.UTC(2026, 9, 24, 23, 50),
  Date.UTC(2026, 9, 25, 0, 58),
  Date.UTC(2026, 2, 28, 23, 50),
  Date.UTC(2026, 2, 29, 0, 58),
);

class History {
  readonly ward: HistoryWard;
  readonly observer = new Observer(() => this.ward.elapsedMs);
  private readonly earlierStays: string[] = ["none"];
  /** When the observer last knew that a sensor of the bed might run. */
  private readonly lastMayMs = new Map<Bed, number>();

  constructor(startUtcMs: number) {
    this.ward = new HistoryWard(startUtcMs);
  }

  do(one: Act): void {
    switch (one.what) {
      case "admit":
        this.admit(one.bed);
        return;
      case "end-stay":
        this.discharge(one.bed);
        return;
      case "move":
        this.discharge(one.bed);
        this.admit(one.bed === "room-1" ? "room-2" : "room-1");
        return;
      case "swap":
        for (const each of beds) this.discharge(each);
        for (const each of beds) this.admit(each);
        return;
      case "readmit":
        this.discharge(one.bed);
        this.admit(one.bed);
        return;
      case "offer":
      case "best-interests": {
        const terms = { ...activation, reviewAfterHours: one.reviewAfterHours, hours: one.hours };
        const about = { ...this.placeOf(one.bed), purpose: one.purpose, activation: terms };
        if (one.what === "offer") this.ask(nurse, { do: "offer", ...about });
        else this.ask(inCharge, { do: "best-interests", ...about, record });
        return;
      }
      case "agree":
        this.do({ ...one, what: "offer" });
        this.do({ ...one, what: "turn-on" });
        return;
      case "turn-on":
      case "still-yes":
        this.ask(this.person(one.bed), { do: one.what, ...this.placeOf(one.bed), purpose: one.purpose });
        return;
      case "turn-off":
        this.ask(this.anyone(one), { do: "turn-off", ...this.placeOf(one.bed), purpose: one.purpose });
        return;
      case "stop-everything":
        this.ask(this.anyone(one), { do: "stop-everything", ...this.placeOf(one.bed) });
        return;
      case "pause":
        this.ask(this.anyone(one), { do: "pause", ...this.placeOf(one.bed), minutes: one.minutes });
        return;
      case "resume":
        this.ask(this.person(one.bed), { do: "resume", ...this.placeOf(one.bed) });
        return;
      case "review": {
        const { outcome, reviewAfterHours: after, hours: when } = one;
        const review = { outcome, words: "Used.", reviewAfterHours: after, hours: when } as const;
        this.ask(nurse, { do: "review", ...this.placeOf(one.bed), purpose: one.purpose, review });
        return;
      }
      case "earlier-screen": {
        const stay = this.earlierStays.at(-2) ?? "none";
        const { ok } = this.ask(
          { kind: "bedside", bed: one.bed, stay },
          { do: "turn-on", ...this.placeOf(one.bed), purpose: one.purpose },
        );
        if (stay !== this.observer.stayIn(one.bed)) expect(ok).toBe(false);
        return;
      }
      case "wait":
        this.ward.elapsedMs += one.ms;
        if (one.ticks) this.tick();
        return;
      case "pass-an-end": {
        // The program looks at the clock before it, and not after it.
        const ends = this.observer.nextEnds(this.ward.utcMs);
        const nearMs = (ends[one.which % ends.length] ?? 0) - one.beforeMs - this.ward.utcMs;
        if (nearMs <= 0) return;
        this.ward.elapsedMs += nearMs;
        this.tick();
        this.ward.elapsedMs += one.beforeMs + one.afterMs;
        return;
      }
      case "stream":
        for (let second = 0; second < 3; second++) {
          this.ward.elapsedMs += 1_000;
          this.look(one.bed);
        }
        return;
      case "reboot":
        this.observer.rebooted(this.ward.utcMs);
        this.ward.reboot(one.how);
        for (const each of beds) this.observer.elapsed(each, this.ward.utcMs);
        return;
      case "clock-step":
        this.ward.stepClock(one.ms);
        for (const each of beds) this.observer.elapsed(each, this.ward.utcMs);
        return;
      case "cut":
        this.ward.cut = one.cut;
        return;
      case "replay": {
        // The newest lease is not yet old where it never came to the bridge.
        const old = this.ward.sent.at(-1 - one.back);
        if (old?.kind === "lease" && !this.ward.lost.includes(old)) this.refusedByBridge(old, ["old-number", "ended"]);
        return;
      }
      case "forge": {
        const message = this.ward.sent.findLast(({ kind }) => kind === "lease");
        if (message?.kind !== "lease") return;
        const lease = { ...message.lease, number: message.lease.number + 1_000, endsAt: this.ward.utcMs + 20_000 };
        this.refusedByBridge({ ...message, lease }, ["bad-signature"]);
        return;
      }
      case "come-late": {
        const message = this.ward.lost[this.ward.lost.length - 1 - one.back];
        if (message === undefined) return;
        this.ward.lostAtMs = this.ward.elapsedMs;
        if (message.kind === "lease" && message.lease.endsAt <= this.ward.utcMs) {
          this.refusedByBridge(message, ["old-number", "ended"]);
        } else this.ward.hearAtBridge(message);
      }
    }
  }

  /** Every rule, at this moment. */
  check(): void {
    for (const each of beds) {
      this.look(each);
      const { ward, observer } = this;
      const { utcMs } = ward;
      const may = observer.maySense(each, utcMs);
      if (may) this.lastMayMs.set(each, ward.elapsedMs);
      if (ward.brokerAdmits(each)) expect(may, "the broker lets through only what is allowed").toBe(true);
      if (ward.bridgeRuns(each)) {
        const sinceMs = ward.elapsedMs - (this.lastMayMs.get(each) ?? Number.NEGATIVE_INFINITY);
        expect(sinceMs, "a bridge cut off runs on for one lease").toBeLessThanOrEqual(30_000);
        const heard = ward.elapsedMs - ward.lostAtMs > 30_000;
        if (heard) expect(may, "a bridge that hears everything runs only while it may").toBe(true);
      }
      for (const stay of this.earlierStays) {
        for (const one of sensingPurposes) {
          if (ward.databaseTakes(stay, one))
            expect(
              observer.standsByWall(each, stay, one, utcMs) || this.elsewhere(each, stay),
              `${one} of ${stay}`,
            ).toBe(true);
        }
      }
    }
    expect([...this.ward.complaints, ...this.observer.complaints]).toEqual([]);
  }

  /** After the program looked at the clock: no less than what is allowed, either. */
  private tick(): void {
    const { ward, observer } = this;
    for (const each of beds) {
      ward.feed(each, { kind: "tick" });
      observer.elapsed(each, ward.utcMs);
      const steady = ward.elapsedMs - ward.steppedAtMs >= 10_000 && ward.utcMs >= ward.latestUtcMs;
      const accepted = this.look(each);
      if (!steady) continue;
      expect(accepted, "what is allowed is served").toBe(observer.maySense(each, ward.utcMs));
      const stay = observer.stayIn(each);
      for (const one of sensingPurposes) {
        if (stay !== undefined)
          expect(ward.databaseTakes(stay, one), `the database on ${one}`).toBe(
            observer.stands(each, stay, one, ward.utcMs),
          );
      }
    }
  }

  /** Layer three: a frame comes, whether it may or not. */
  private look(of: Bed): boolean {
    const { ward, observer } = this;
    const { accepted, looked } = ward.frame(of);
    if (accepted) {
      expect(observer.maySense(of, ward.utcMs), "a sample was accepted").toBe(true);
      expect(ward.core(of).room.stay?.id).toBe(observer.stayIn(of));
    }
    if (looked) observer.elapsed(of, ward.utcMs);
    return accepted;
  }

  private ask(actor: Actor, ask: RoomAsk): { readonly ok: boolean } {
    const answer = this.ward.ask(actor, ask);
    this.observer.elapsed(ask.bed, this.ward.utcMs);
    if (!answer.ok) return answer;
    if (answer.result.is === "stay") {
      this.observer.admitted(ask.bed, answer.result.stay);
      this.earlierStays.push(answer.result.stay);
    } else this.observer.done(actor, ask, this.ward.utcMs);
    return answer;
  }

  private admit(to: Bed): void {
    this.ask(setup, { do: "admit", bed: to, label: "P", ...admission });
  }
  private discharge(from: Bed): void {
    this.ask(inCharge, { do: "end-stay", ...this.placeOf(from), label: "P" });
  }
  private placeOf(of: Bed) {
    return { bed: of, stay: this.observer.stayIn(of) ?? "none" };
  }
  private person(of: Bed): Actor {
    return { kind: "bedside", ...this.placeOf(of) };
  }
  private anyone(one: { readonly bed: Bed; readonly by: string }): Actor {
    return one.by === "person" ? this.person(one.bed) : nurse;
  }
  private elsewhere(here: Bed, stay: string): boolean {
    return beds.some((other) => other !== here && this.observer.stayIn(other) === stay);
  }
  private refusedByBridge(message: LeaseMessage, why: readonly string[]): void {
    const answer = this.ward.hearAtBridge(message);
    expect(answer).toMatchObject({ gate: "refused" });
    expect(why).toContain(answer.gate === "refused" ? answer.why : undefined);
  }
}

it("the hour of the ward's day is that of London, also on the nights of 23 and of 25 hours", () => {
  for (const night of [Date.UTC(2026, 9, 24, 20), Date.UTC(2026, 2, 28, 20), Date.UTC(2026, 11, 24, 20)]) {
    for (let quarter = 0; quarter < 48; quarter++) {
      const utcMs = night + quarter * 900_000;
      expect(localHour(utcMs, "Europe/London")).toBe(londonHour(utcMs));
    }
  }
});

it("what is told between the end of one purpose and the next look at the clock is of the other alone", () => {
  const history = new History(Date.UTC(2026, 10, 22, 12));
  try {
    history.do({ what: "admit", bed: "room-1" });
    const agree = { what: "agree", bed: "room-1", hours: null } as const;
    history.do({ ...agree, purpose: "movement-alerts", reviewAfterHours: 2 });
    history.do({ ...agree, purpose: "breathing-rate", reviewAfterHours: 1 });
    // Nothing is lost of the other one: facts go on being stored.
    history.do({ what: "pass-an-end", which: 0, beforeMs: 1, afterMs: -1 });
    const before = history.ward.factsStored;
    for (let times = 0; times < 3; times++) {
      history.do({ what: "stream", bed: "room-1" });
      history.check();
    }
    expect(history.ward.factsStored).toBeGreaterThan(before + 3);
  } finally {
    history.ward.end();
  }
});

it(`holds over ${runs} histories of a ward, seed ${seed}`, () => {
  let framesAccepted = 0;
  let factsStored = 0;
  fc.assert(
    fc.property(start, fc.array(act, { maxLength: 60, size: "max" }), (startUtcMs, acts) => {
      const history = new History(startUtcMs);
      try {
        for (const each of beds) history.do({ what: "admit", bed: each });
        for (const one of acts) {
          history.do(one);
          history.check();
        }
        framesAccepted += history.ward.framesAccepted;
        factsStored += history.ward.factsStored;
      } finally {
        history.ward.end();
      }
    }),
    { numRuns: runs, seed },
  );
  // Histories in which nothing is ever on would hold as well.
  expect(framesAccepted).toBeGreaterThan(runs);
  expect(factsStored).toBeGreaterThan(runs / 10);
}, 600_000);
