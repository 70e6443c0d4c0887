import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Actor } from "../edge-agent/contract/people.ts";
import { purposes } from "../edge-agent/contract/words.ts";
import {
  activation,
  admission,
  answerOf,
  answerOk,
  auditActions,
  Driver,
  nothing,
  nurse,
  person,
  setup,
} from "./core-driver.ts";

describe("no record, no sensing", () => {
  it("a fresh room with a streaming sensor infers nothing and stores nothing", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    for (let n = 0; n < 600; n++) {
      driver.now = n * 50;
      driver.frame(n);
    }
    expect(driver.kinds().filter((kind) => kind !== "publish")).toEqual([]);
    expect(driver.core.room.dropped["no-lease"]).toBe(600);
    expect(driver.core.room.framesAccepted).toBe(0);
  });

  it("drops before decoding: without a lease even garbage is only counted as no-lease", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    driver.frame(0, undefined, new Uint8Array(5));
    expect(driver.core.room.dropped).toEqual({ "no-lease": 1 });
  });

  it("the entry is before the row, the row before the lease, and the answer comes last", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    driver.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission });
    driver.ask(setup, { do: "offer", bed: "room-1", stay: "stay1", purpose: "breathing-rate", activation });
    const effects = driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    expect(auditActions(effects)).toEqual(["consent.grant", "lease.start", "sensor.start"]);
    const kinds = effects.map(({ kind }) => kind);
    expect(kinds.indexOf("audit")).toBeLessThan(kinds.indexOf("store"));
    expect(kinds.lastIndexOf("audit")).toBeLessThan(kinds.indexOf("lease"));
    expect(kinds.at(-1)).toBe("answer");
  });

  it("withdrawing everything stops the sensor, forgets what was sensed, and accepts no further frame", () => {
    const driver = new Driver().granted();
    for (let n = 0; n < 50; n++) driver.frame(n);
    expect(driver.core.room.framesAccepted).toBe(50);
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "movement-alerts" });
    expect(driver.core.room.lease).toMatchObject({ phase: "held", purposes: ["breathing-rate"] });
    const effects = driver.ask(nurse, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    expect(auditActions(effects)).toEqual(["consent.withdraw", "lease.end", "sensor.stop"]);
    expect(effects.some(({ kind }) => kind === "stop-sensor")).toBe(true);
    driver.frame(50);
    expect(driver.core.room.framesAccepted).toBe(50);
    expect(driver.core.room.newestFrameAt).toBeNull();
    expect(driver.core.perception.radar.long.ring.re.every((value) => value === 0)).toBe(true);
    const tile = effects.find((effect) => effect.kind === "publish");
    expect(tile?.kind === "publish" && tile.tile).toMatchObject({
      notMonitored: "no-consent",
      dataAgeMs: null,
      movement: null,
      breathing: { rate: null, reason: "not-consented" },
    });
  });

  it("a lease that is not renewed ends by itself after 30 s", () => {
    const driver = new Driver().granted();
    driver.now = 29_999;
    driver.frame(0);
    expect(driver.core.room.framesAccepted).toBe(1);
    driver.now = 30_000;
    driver.frame(1);
    expect(driver.core.room.framesAccepted).toBe(1);
  });

  it("a clock that is behind the records knows no end of a consent: nothing runs until it is right", () => {
    const before = new Driver().granted();
    const { stay, consents } = before.core.room;
    const held = purposes.map((purpose) => ({ ...consents[purpose], purpose }));
    const driver = new Driver();
    const restore = (utcMs: number) =>
      driver.feed({ kind: "restore", at: driver.stamp().at, utcMs, room: { ...nothing, stay, consents: held } });
    const [tile] = restore(1_000_000 - 60_000).flatMap((effect) => (effect.kind === "publish" ? [effect.tile] : []));
    expect(driver.core.room.lease.phase).toBe("none");
    expect(tile?.notMonitored).toBe("clock");
    driver.feed({ kind: "tick", ...driver.stamp() });
    expect(driver.core.room.lease.phase).toBe("held");
  });

  it("ends by its time, with its entry, and nobody is woken for it", () => {
    const driver = new Driver().granted();
    driver.now = 7 * 24 * 3_600_000 - 1_000;
    driver.feed({ kind: "tick", ...driver.stamp() });
    expect(driver.core.room.lease.phase).toBe("held");
    driver.now += 1_000;
    const effects = driver.feed({ kind: "tick", ...driver.stamp() });
    expect(auditActions(effects).slice(0, 4)).toEqual(["consent.expire", "consent.expire", "lease.end", "sensor.stop"]);
    expect(auditActions(effects)).not.toContain("alert.raise");
  });

  it("a pause stops everything and ends by itself; hours that were agreed begin and end with the ward's clock", () => {
    const driver = new Driver().granted();
    const place = { bed: "room-1", stay: "stay1" };
    const effects = driver.ask(person, { do: "pause", ...place, minutes: 15 });
    expect(auditActions(effects)).toEqual(["consent.pause", "consent.pause", "lease.end", "sensor.stop"]);
    driver.now = 15 * 60_000;
    expect(auditActions(driver.feed({ kind: "tick", ...driver.stamp() })).slice(0, 2)).toEqual([
      "consent.resume",
      "consent.resume",
    ]);
    expect(driver.core.room.lease.phase).toBe("held");
    // 1970-01-01 00:30 UTC: half past one in London, which kept summer time that winter.
    const review = { outcome: "fewer-hours", words: "Nights are enough.", reviewAfterHours: 48 } as const;
    for (const purpose of purposes.slice(0, 2)) {
      driver.ask(nurse, { do: "review", ...place, purpose, review: { ...review, hours: { fromHour: 22, toHour: 6 } } });
    }
    const phaseAt = (hours: number): string => {
      driver.now = hours * 3_600_000;
      driver.feed({ kind: "tick", ...driver.stamp() });
      return driver.core.room.lease.phase;
    };
    expect([4, 5, 20, 21].map(phaseAt)).toEqual(["held", "none", "none", "held"]);
  });

  it("tells how long it took from the touch to the stop", () => {
    const driver = new Driver().granted();
    driver.now = 5_000;
    const effects = driver.feed({
      kind: "ask",
      ...driver.stamp(),
      request: "r",
      actor: person,
      ask: { do: "stop-everything", bed: "room-1", stay: "stay1" },
      freshId: "x",
      touchedAtUtcMs: driver.stamp().utcMs - 140,
    });
    const details = effects.flatMap((effect) => (effect.kind === "audit" ? [effect.intent] : []));
    expect(details.filter(({ action }) => action === "consent.withdraw")).toHaveLength(2);
    for (const { action, detail } of details) {
      if (action === "consent.withdraw") expect(detail).toMatchObject({ touchToStopMs: 140 });
    }
  });

  it("accepts nothing after the end of the consent, also where no tick has come", () => {
    const driver = new Driver().granted();
    const endsMs = activation.reviewAfterHours * 3_600_000;
    driver.now = endsMs - 5_000;
    const effects = driver.feed({ kind: "tick", ...driver.stamp() });
    expect(effects.find(({ kind }) => kind === "lease")).toMatchObject({ forMs: 5_000 });
    driver.now = endsMs - 1;
    driver.frame(0);
    driver.now = endsMs;
    driver.frame(1);
    expect(driver.core.room.framesAccepted).toBe(1);
  });

  it("what ended a moment ago, before any tick, is not reviewed, paused or resumed: its end comes first", () => {
    for (const ask of [
      {
        do: "review",
        purpose: "breathing-rate",
        review: { outcome: "keep", words: "Used.", reviewAfterHours: 24, hours: null },
      },
      { do: "pause", minutes: 15 },
    ] as const) {
      const driver = new Driver().granted();
      driver.now = activation.reviewAfterHours * 3_600_000;
      const effects = driver.ask(nurse, { bed: "room-1", stay: "stay1", ...ask });
      expect(auditActions(effects).slice(0, 2)).toEqual(["consent.expire", "consent.expire"]);
      expect(driver.core.room.consents["breathing-rate"]).toMatchObject({ state: "expired", pause: null });
    }
  });

  it("a new person inherits nothing", () => {
    const driver = new Driver().granted();
    const effects = driver.ask(setup, { do: "admit", bed: "room-1", label: "Q", ...admission });
    expect(auditActions(effects)).toContain("stay.end");
    expect(driver.core.room.lease.phase).toBe("none");
    expect(purposes.every((purpose) => driver.core.room.consents[purpose].state === "never-offered")).toBe(true);
    expect(
      answerOf(driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose: "breathing-rate" })),
    ).toMatchObject({ ok: false });
  });

  it("holds over any history of asks, time, faults and frames", () => {
    const act = fc.oneof(
      fc
        .constantFrom("offer", "turn-on", "turn-off")
        .chain((what) => fc.constantFrom(...purposes).map((purpose) => ({ what, purpose }))),
      fc
        .constantFrom("admit", "tick", "frame", "clock", "audit-failed", "restart", "old-bedside")
        .map((what) => ({ what, purpose: purposes[0] as (typeof purposes)[number] })),
      fc
        .integer({ min: 1, max: 40_000 })
        .map((ms) => ({ what: "wait", purpose: purposes[0] as (typeof purposes)[number], ms })),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const driver = new Driver();
        driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
        // What a careful observer outside knows of consent, kept by rules of its own.
        let stay: string | undefined;
        let granted = new Set<string>();
        let offered = new Set<string>();
        let sequence = 0;
        for (const one of acts) {
          const bedside: Actor = { kind: "bedside", bed: "room-1", stay: stay ?? "none" };
          switch (one.what) {
            case "admit": {
              const answer = answerOf(driver.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission }));
              if (answer?.kind === "answer" && answer.ok && answer.result.is === "stay") {
                stay = answer.result.stay;
                granted = new Set();
                offered = new Set();
              }
              break;
            }
            case "offer":
              if (
                answerOk(
                  driver.ask(nurse, {
                    do: "offer",
                    bed: "room-1",
                    stay: stay ?? "none",
                    purpose: one.purpose,
                    activation,
                  }),
                )
              )
                offered.add(one.purpose);
              break;
            case "turn-on":
              if (
                answerOk(
                  driver.ask(bedside, { do: "turn-on", bed: "room-1", stay: stay ?? "none", purpose: one.purpose }),
                )
              ) {
                expect(offered.has(one.purpose)).toBe(true);
                granted.add(one.purpose);
              }
              break;
            case "old-bedside":
              expect(
                answerOk(
                  driver.ask(
                    { ...bedside, stay: "earlier" },
                    { do: "turn-on", bed: "room-1", stay: stay ?? "none", purpose: one.purpose },
                  ),
                ),
              ).toBe(false);
              break;
            case "turn-off":
              driver.ask(bedside, { do: "turn-off", bed: "room-1", stay: stay ?? "none", purpose: one.purpose });
              granted.delete(one.purpose);
              break;
            case "wait":
              driver.now += "ms" in one ? one.ms : 0;
              break;
            case "tick":
              driver.feed({ kind: "tick", ...driver.stamp() });
              break;
            case "clock":
              driver.feed({ kind: "clock", ...driver.stamp(), steppedMs: 5_000 });
              break;
            case "audit-failed":
              driver.feed({ kind: "audit-failed", ...driver.stamp(), unwritten: [] });
              break;
            default: {
              const before = driver.core.room.framesAccepted;
              driver.frame(sequence++);
              const accepted = driver.core.room.framesAccepted > before;
              if (accepted) expect(granted.size).toBeGreaterThan(0);
              if (accepted) expect(driver.core.room.audit).toBe("ok");
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
