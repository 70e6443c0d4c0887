import { describe, expect, it } from "vitest";
import type { Consent } from "../contract/consent.ts";
import { neverOffered } from "../contract/consent.ts";
import { monoMs } from "../contract/units.ts";
import { noConsents } from "./consent.ts";
import { holdLease, leaseAdmits, leaseForMs } from "./lease.ts";

const london = "Europe/London";
const eveningUtcMs = Date.UTC(2026, 10, 22, 21, 30);
const granted = (change: Partial<Consent>): Consent => ({
  ...neverOffered,
  state: "granted",
  untilUtcMs: eveningUtcMs + 3_600_000,
  ...change,
});
const forMs = (movement: Consent, utcMs: number, breathing = neverOffered): number =>
  leaseForMs({ ...noConsents, "movement-alerts": movement, "breathing-rate": breathing }, london, utcMs);

describe("how long may be leased", () => {
  it("30 s, and never beyond the consent's end", () => {
    expect(forMs(granted({}), eveningUtcMs)).toBe(30_000);
    expect(forMs(granted({ untilUtcMs: eveningUtcMs + 1 }), eveningUtcMs)).toBe(1);
    expect(leaseAdmits(holdLease("s1", ["movement-alerts"], monoMs(0), 1), monoMs(1))).toBe(false);
  });

  it("as long as one purpose needs the sensor", () => {
    const ending = granted({ untilUtcMs: eveningUtcMs + 5_000 });
    expect(forMs(ending, eveningUtcMs, granted({ untilUtcMs: eveningUtcMs + 9_000 }))).toBe(9_000);
    const report = { ...noConsents, "movement-alerts": ending, "night-report": granted({}) };
    expect(leaseForMs(report, london, eveningUtcMs)).toBe(5_000);
  });

  it("not beyond the hours that were agreed, also where the clock goes forward at the end of them", () => {
    const night = granted({ hours: { fromHour: 21, toHour: 22 } });
    expect(forMs(night, Date.UTC(2026, 10, 22, 21, 59, 55))).toBe(5_000);
    expect(forMs(night, Date.UTC(2026, 10, 22, 21, 58, 55))).toBe(30_000);
    const springUtcMs = Date.UTC(2026, 2, 29, 0, 59, 50);
    const early = granted({ hours: { fromHour: 0, toHour: 1 }, untilUtcMs: springUtcMs + 3_600_000 });
    expect(forMs(early, springUtcMs)).toBe(10_000);
  });
});
