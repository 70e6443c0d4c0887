import { describe, expect, it } from "vitest";
import { bedTileFixtures } from "../../web/components/bed-tile/fixtures.ts";
import { readSeen, readTime, usualSights } from "./check-form.ts";

const { calm } = bedTileFixtures;
const sedation = { everyMinutes: 15, sinceUtcMs: 0, untilUtcMs: 1, by: "Sam" };
const at = (iso: string) => Date.parse(iso);

describe("what was seen", () => {
  it("is one touch for what is seen most often", () => {
    for (const [sight, seen] of Object.entries(usualSights)) {
      expect(readSeen({ tile: calm }, { sight })).toEqual({ ok: true, value: { ...seen, concern: null } });
    }
    expect(readSeen({ tile: calm }, {})).toMatchObject({ ok: false, errors: [{ id: "sight" }] });
    expect(readSeen({ tile: calm }, { sight: "constructor" })).toMatchObject({ ok: false });
  });
  it("anything else has its own fields, and who was seen was awake or asleep", () => {
    const body = { sight: "other", where: "garden", how: "awake", engagement: "talked", concern: "Limps" };
    expect(readSeen({ tile: calm }, body)).toMatchObject({ ok: true, value: { where: "garden", concern: "Limps" } });
    expect(readSeen({ tile: calm }, { ...body, how: "" })).toMatchObject({ ok: false, errors: [{ id: "how" }] });
    expect(readSeen({ tile: calm }, { ...body, where: "off-the-ward", how: "" })).toMatchObject({ ok: true });
    expect(readSeen({ tile: calm }, { ...body, concern: "x".repeat(201) })).toMatchObject({ ok: false });
  });
  it("after sedation it says how awake, and the count or why there is none", () => {
    const tile = { ...calm, sedation };
    expect(readSeen({ tile }, { sight: "asleep" })).toMatchObject({ ok: false, errors: [{ id: "alertness" }] });
    const body = { sight: "asleep", alertness: "voice", breathsPerMin: "13" };
    expect(readSeen({ tile }, body)).toMatchObject({
      ok: true,
      value: { afterSedation: { alertness: "voice", breathsPerMin: 13 } },
    });
    expect(readSeen({ tile }, { ...body, breathsPerMin: "" })).toMatchObject({
      ok: false,
      errors: [{ id: "breathsPerMin" }],
    });
    expect(readSeen({ tile }, { ...body, breathsPerMin: "12.5" })).toMatchObject({ ok: false });
    expect(readSeen({ tile }, { ...body, breathsPerMin: "", concern: "Restless" })).toMatchObject({ ok: true });
    expect(readSeen({ tile }, { sight: "not-found" })).toMatchObject({ ok: true });
  });
});

describe("when it was seen", () => {
  const zone = "Europe/London";
  const now = at("2026-11-23T02:20:30Z");
  it("just now, unless a time is typed; later than five minutes wants a reason", () => {
    expect(readTime({}, now, zone)).toEqual({ ok: true, value: { seenAtUtcMs: null, lateBecause: null } });
    expect(readTime({ seenAt: "2:18" }, now, zone)).toEqual({
      ok: true,
      value: { seenAtUtcMs: at("2026-11-23T02:18:00Z"), lateBecause: null },
    });
    expect(readTime({ seenAt: "02:00" }, now, zone)).toMatchObject({ ok: false, errors: [{ id: "lateBecause" }] });
    expect(readTime({ seenAt: "02:00", lateBecause: "An alarm" }, now, zone)).toMatchObject({
      ok: true,
      value: { seenAtUtcMs: at("2026-11-23T02:00:00Z") },
    });
  });
  it("a time still to come today was yesterday's, by the ward's own clock", () => {
    expect(readTime({ seenAt: "23:50", lateBecause: "busy" }, now, zone)).toMatchObject({
      value: { seenAtUtcMs: at("2026-11-22T23:50:00Z") },
    });
    // In summer the clock on the wall is an hour before UTC's.
    expect(readTime({ seenAt: "03:18" }, at("2026-07-01T02:20:00Z"), zone)).toMatchObject({
      value: { seenAtUtcMs: at("2026-07-01T02:18:00Z") },
    });
    for (const seenAt of ["25:00", "2", "now", "02:60"]) {
      expect(readTime({ seenAt }, now, zone)).toMatchObject({ ok: false, errors: [{ id: "seenAt" }] });
    }
  });
});
