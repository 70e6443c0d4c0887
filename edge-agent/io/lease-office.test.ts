import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkLease } from "../contract/lease.ts";
import { monoMs, utcMs } from "../contract/units.ts";
import { verifyCanonical } from "../platform/keys.ts";
import { LeaseOffice } from "./lease-office.ts";

function office(clockSpeed = 1) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const time = { mono: 1_000, utc: 5_000_000 };
  const clock = { monoMs: () => monoMs(time.mono), utcMs: () => utcMs(time.utc), monoNs: () => 0n };
  const beds = [
    { bed: "room-1", device: "unit-1", sensors: ["radar-1"] },
    { bed: "room-2", device: "unit-1", sensors: ["radar-2"] },
  ];
  return { made: new LeaseOffice({ privateKey, clock, clockSpeed, beds }), publicKey, time };
}
const wanted = {
  kind: "lease",
  bed: "room-1",
  stay: "s",
  purposes: ["breathing-rate"],
  number: 3,
  forMs: 30_000,
} as const;

describe("leases as the station issues them", () => {
  it("are signed over all that they say, and pass a bridge's own check", () => {
    const { made, publicKey, time } = office();
    const told = made.issue(wanted);
    if (told?.message.kind !== "lease") throw new Error("no lease");
    const { lease, signature } = told.message;
    expect(told.device).toBe("unit-1");
    expect(verifyCanonical(publicKey, lease, signature)).toBe(true);
    expect(verifyCanonical(publicKey, { ...lease, bed: "room-2" }, signature)).toBe(false);
    const expected = { device: "unit-1", beds: ["room-1"], lastNumber: 2 };
    expect(checkLease(lease, expected, time.utc)).toBeUndefined();
    expect(checkLease(lease, { ...expected, lastNumber: 3 }, time.utc)).toBe("old-number");
    expect(checkLease(lease, expected, time.utc + 30_000)).toBe("ended");
    expect(checkLease({ ...lease, endsAt: lease.issuedAt + 30_001 }, expected, time.utc)).toBe("too-long");
  });

  it("open the broker's gate for the sensors of that bed only, until they end", () => {
    const { made, time } = office();
    expect(made.admits("unit-1", "radar-1")).toBe(false);
    made.issue(wanted);
    expect(made.admits("unit-1", "radar-1")).toBe(true);
    expect(made.admits("unit-1", "radar-2")).toBe(false);
    time.mono += 30_000;
    expect(made.admits("unit-1", "radar-1")).toBe(false);
  });

  it("shut the gate at once on stop, whatever is left of them", () => {
    const { made } = office();
    made.issue(wanted);
    expect(made.stop("room-1", 3)?.message).toEqual({ kind: "stop", bed: "room-1", number: 3 });
    expect(made.admits("unit-1", "radar-1")).toBe(false);
  });

  it("last as long in core time when a recording is replayed faster", () => {
    const { made, time } = office(10);
    made.issue(wanted);
    time.mono += 3_000;
    expect(made.admits("unit-1", "radar-1")).toBe(false);
  });
});
