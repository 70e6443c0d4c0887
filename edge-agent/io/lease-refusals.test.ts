import { describe, expect, it } from "vitest";
import type { AuditIntent } from "../contract/door.ts";
import { monoMs } from "../contract/units.ts";
import { LeaseRefusals } from "./lease-refusals.ts";

function listening() {
  let now = 0;
  let disk: "works" | "fails" = "works";
  const words: string[] = [];
  const entries: AuditIntent[] = [];
  const say = (_fields: object, text: string): void => void words.push(text);
  const log = { debug: say, info: say, warn: say, error: say };
  const refusals = new LeaseRefusals({ monoMs: () => monoMs(now) }, log, (entry) => {
    if (disk === "fails") throw new Error("disk");
    entries.push(entry);
  });
  return {
    words,
    disk: (state: typeof disk) => {
      disk = state;
    },
    /** The detail of the entry that this status brought, if one. */
    heardAt: (atMs: number, leasesRefused: number, sensor = "radar-1", bed = "room-1") => {
      now = atMs;
      entries.length = 0;
      refusals.hear({ device: "unit-1", bed, sensor, counts: { leasesRefused } });
      return entries[0]?.detail;
    },
  };
}

describe("leases that a bridge refused", () => {
  it("are told once a minute for each bed, with how many, and once for all its sensors", () => {
    const { heardAt } = listening();
    expect(heardAt(0, 3)).toBeUndefined();
    expect(heardAt(1_000, 5)).toEqual({ bed: "room-1", device: "unit-1", refused: 2 });
    expect(heardAt(1_001, 5, "depth-1")).toBeUndefined();
    expect(heardAt(2_000, 900)).toBeUndefined();
    expect(heardAt(61_000, 900)).toMatchObject({ refused: 895 });
    expect(heardAt(200_000, 900)).toBeUndefined();
    expect(heardAt(200_000, 1, "radar-2", "room-2")).toBeUndefined();
    expect(heardAt(200_001, 2, "radar-2", "room-2")).toEqual({ bed: "room-2", device: "unit-1", refused: 1 });
  });

  it("are counted anew after the bridge began anew, and said also where no entry can be written", () => {
    const { heardAt, disk, words } = listening();
    heardAt(0, 7);
    expect(heardAt(1_000, 0)).toBeUndefined();
    expect(heardAt(2_000, 1)).toMatchObject({ refused: 1 });
    disk("fails");
    heardAt(63_000, 2);
    expect(words).toEqual([
      "a bridge refused leases",
      "a bridge refused leases",
      "the entry about refused leases cannot be written",
    ]);
  });
});
