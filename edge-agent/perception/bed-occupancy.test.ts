import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BedOccupancy, nextOccupancy, occupancyUnknown } from "./bed-occupancy.ts";

type Second = readonly [occupied: number, moved: boolean];
const course = (seconds: readonly Second[], from: BedOccupancy = occupancyUnknown): BedOccupancy =>
  seconds.reduce((bed, [occupied, moved]) => nextOccupancy(bed, occupied, moved), from);
const times = (n: number, second: Second): Second[] => Array.from({ length: n }, () => second);

describe("who is in the bed", () => {
  test("one doubtful second does not empty a bed, three do", () => {
    const inBed = course(times(3, [0.9, false]));
    expect(inBed.is).toBe("in-bed");
    expect(course([[0.1, false]], inBed).is).toBe("in-bed");
    expect(course([...times(2, [0.1, false]), [0.9, false], ...times(2, [0.1, false])], inBed).is).toBe("in-bed");
    expect(course(times(3, [0.1, false]), inBed).is).toBe("empty");
  });

  test("two seconds without any doubt empty a bed, one does not, nor do two of which one is doubtful", () => {
    const inBed = course(times(3, [0.9, false]));
    expect(course([[0, true]], inBed).is).toBe("in-bed");
    expect(course(times(2, [0.01, true]), inBed).is).toBe("empty");
    expect(
      course(
        [
          [0.01, true],
          [0.2, false],
        ],
        inBed,
      ).is,
    ).toBe("in-bed");
    expect(
      course(
        [
          [0.01, true],
          [0.9, false],
          [0.01, false],
        ],
        inBed,
      ).is,
    ).toBe("in-bed");
  });

  test("a fan in an empty room never becomes somebody who moved", () => {
    const empty = course(times(5, [0.1, false]));
    // The fan is mistaken for a person, but no movement was seen: the rate stays back.
    const mistaken = course(times(5, [0.9, false]), empty);
    expect(mistaken.is).toBe("in-bed");
    expect(mistaken.sinceMovementSec).toBeNull();
  });

  test("getting in is a movement of the one who is then in bed", () => {
    const back = course([...times(4, [0.2, true]), ...times(3, [0.9, false])], course(times(4, [0.1, false])));
    expect(back.is).toBe("in-bed");
    expect(back.sinceMovementSec).toBe(3);
  });

  test("who leaves takes the movement along", () => {
    const left = course([...times(4, [0.9, true]), ...times(3, [0.1, true])]);
    expect(left).toEqual({ is: "empty", against: 0, sinceMovementSec: null });
  });

  test("a movement long before the bed was found occupied does not count", () => {
    const long = course(
      [[0.1, true], ...times(20, [0.1, false]), ...times(2, [0.9, false])],
      course(times(3, [0.1, false])),
    );
    expect(long).toMatchObject({ is: "in-bed", sinceMovementSec: null });
  });

  test("any course: movement is known only of somebody, and its age never runs ahead", () => {
    const second = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(fc.array(second, { maxLength: 60 }), (seconds) => {
        let bed = occupancyUnknown;
        let lastMoved: number | undefined;
        seconds.forEach(([occupied, moved], at) => {
          bed = nextOccupancy(bed, occupied, moved);
          if (moved) lastMoved = at;
          if (bed.sinceMovementSec !== null) expect(at - (lastMoved ?? Number.NaN)).toBe(bed.sinceMovementSec);
          expect(bed.against).toBeLessThan(3);
        });
      }),
    );
  });
});
