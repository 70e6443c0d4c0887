import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Lease, leaseMsMax } from "../edge-agent/contract/lease.ts";
import { monoMs, utcMs } from "../edge-agent/contract/units.ts";
import { newLeaseGate } from "./lease-gate.ts";

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const startedAt = 1_800_000_000_000;
const at = (ms: number) => ({ monoMs: monoMs(ms), utcMs: utcMs(startedAt + ms) });
const newGate = (beds = ["a", "b"]) =>
  newLeaseGate("unit-1", beds, startedAt, (_lease, signature) => signature === "good");

function lease(changes: Partial<Lease>, signature = "good"): Uint8Array {
  const issuedAt = changes.issuedAt ?? startedAt;
  const base = { v: 1, bed: "a", device: "unit-1", stay: "s1", purposes: ["movement-alerts"], number: 1 } as const;
  return bytes({ kind: "lease", lease: { ...base, issuedAt, endsAt: issuedAt + leaseMsMax, ...changes }, signature });
}

describe("the bridge's lease gate", () => {
  it("opens until the lease's end on the clock that never steps", () => {
    const gate = newGate();
    expect(gate.hear(lease({ endsAt: startedAt + 5_000 }), at(1_000))).toMatchObject({ gate: "open", untilMs: 5_000 });
    expect(gate.allows("a", monoMs(4_999))).toBe(true);
    expect(gate.allows("a", monoMs(5_000))).toBe(false);
    expect(gate.allows("b", monoMs(2_000))).toBe(false);
  });

  it("never stays open for more than 30 s, also where the station's clock is ahead", () => {
    const gate = newGate();
    const answer = gate.hear(lease({ issuedAt: startedAt + 4_000 }), at(0));
    expect(answer).toMatchObject({ gate: "open", untilMs: leaseMsMax });
  });

  it("refuses a lease from before the bridge started: it may have been stopped since", () => {
    expect(newGate().hear(lease({ issuedAt: startedAt - 1 }), at(10))).toMatchObject({
      gate: "refused",
      why: "old-number",
    });
  });

  it("counts each bed's numbers apart, since each bed has its own station core", () => {
    const gate = newGate();
    gate.hear(lease({ number: 9 }), at(0));
    expect(gate.hear(lease({ bed: "b", number: 2 }), at(0)).gate).toBe("open");
    expect(gate.hear(lease({ number: 9 }), at(0))).toMatchObject({ gate: "refused", why: "old-number" });
  });

  it("says when another stay takes over a lease that still runs", () => {
    const gate = newGate();
    expect(gate.hear(lease({}), at(0))).toMatchObject({ newStay: false });
    expect(gate.hear(lease({ number: 2 }), at(10))).toMatchObject({ newStay: false });
    expect(gate.hear(lease({ number: 3, stay: "s2" }), at(20))).toMatchObject({ newStay: true });
  });

  it("says so also where the old one ends in that very ms, and its end has not been acted on yet", () => {
    const gate = newGate();
    gate.hear(lease({ endsAt: startedAt + 5_000 }), at(0));
    const another = lease({ number: 2, stay: "s2", issuedAt: startedAt + 5_000 });
    expect(gate.hear(another, at(5_000))).toMatchObject({ gate: "open", newStay: true });
  });

  it("keeps a delayed lease shut out after a stop", () => {
    const gate = newGate();
    gate.hear(lease({ number: 4 }), at(0));
    expect(gate.hear(bytes({ kind: "stop", bed: "a", number: 6 }), at(1))).toEqual({ gate: "shut", bed: "a" });
    expect(gate.allows("a", monoMs(2))).toBe(false);
    expect(gate.hear(lease({ number: 6 }), at(2))).toMatchObject({ gate: "refused", why: "old-number" });
    expect(gate.hear(lease({ number: 7 }), at(2)).gate).toBe("open");
  });

  it("obeys a stop with any number", () => {
    const gate = newGate();
    gate.hear(lease({ number: 400 }), at(0));
    expect(gate.hear(bytes({ kind: "stop", bed: "a", number: 0 }), at(1)).gate).toBe("shut");
    expect(gate.allows("a", monoMs(2))).toBe(false);
    expect(gate.hear(lease({ number: 400 }), at(2))).toMatchObject({ gate: "refused", why: "old-number" });
  });

  it("opens for no bytes that are not a signed lease", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (noise) => {
          const gate = newGate();
          expect(gate.hear(noise, at(0)).gate).toBe("refused");
          expect(gate.allows("a", monoMs(0))).toBe(false);
        },
      ),
    );
  });

  it("whatever comes: open only from an accepted lease to its end, and never after a stop", () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 20_000 }),
      what: fc.constantFrom("lease", "forged", "stop"),
      bed: fc.constantFrom("a", "b"),
      number: fc.integer({ min: 1, max: 12 }),
      forMs: fc.integer({ min: -1_000, max: 40_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const gate = newGate();
        const until = new Map<string, number>();
        const highest = new Map<string, number>();
        let now = 0;
        for (const { afterMs, what, bed, number, forMs } of steps) {
          now += afterMs;
          if (what === "stop") {
            gate.hear(bytes({ kind: "stop", bed, number }), at(now));
            until.delete(bed);
            highest.set(bed, Math.max(number, highest.get(bed) ?? 0));
          } else {
            const issuedAt = startedAt + now;
            const message = lease(
              { bed, number, issuedAt, endsAt: issuedAt + forMs },
              what === "forged" ? "bad" : "good",
            );
            const { gate: answer } = gate.hear(message, at(now));
            const valid = what === "lease" && number > (highest.get(bed) ?? 0) && forMs > 0 && forMs <= leaseMsMax;
            expect(answer).toBe(valid ? "open" : "refused");
            if (valid) {
              until.set(bed, now + forMs);
              highest.set(bed, number);
            }
          }
          for (const one of ["a", "b"]) expect(gate.allows(one, monoMs(now))).toBe(now < (until.get(one) ?? -1));
        }
      }),
    );
  });
});
