import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeWire } from "../../firmware-bridge/sensors/a121-recording.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import type { RadarIqFrame } from "../contract/frames.ts";
import type { Occupancy } from "../contract/words.ts";
import { clearRadarPresence, newRadarPresence, notePresence, readPresence } from "./radar-presence.ts";

interface SetUp {
  readonly rateHz: number;
  readonly points: number;
  readonly sweeps: number;
}

/** Even numbers in (0, 1), the same in every run. */
function evenNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 4_294_967_297;
  };
}

/** Still points in thermal noise of 20 LSB; point 1 swings in phase and size as `swing` radians say. */
function* room(setUp: SetUp, seconds: number, swing: (sec: number, sweep: number) => number): Generator<RadarIqFrame> {
  const even = evenNumbers(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(even())) * Math.cos(2 * Math.PI * even());
  const { rateHz, points, sweeps } = setUp;
  for (let t = 0; t < seconds * rateHz; t++) {
    const iq = new Int16Array(2 * sweeps * points);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (let p = 0; p < points; p++) {
        const angle = p === 1 ? swing(t / rateHz, sweep) : 0;
        const at = 2 * (sweep * points + p);
        // Clutter beside the swinging part: together they change in size.
        iq[at] = 150 + 200 * Math.cos(angle) + 20 * normal();
        iq[at + 1] = 200 * Math.sin(angle) + 20 * normal();
      }
    }
    yield {
      sweeps,
      points,
      firstPointMm: 300,
      pointStepMm: 120,
      frameRateHz: rateHz,
      saturated: false,
      delayed: false,
      calibrationNeeded: false,
      temperatureC: 20,
      iq,
    };
  }
}

function told(frames: Iterable<RadarIqFrame>, stepSec: number): { occupancy: Occupancy; movement: number }[] {
  const presence = newRadarPresence();
  const readings: { occupancy: Occupancy; movement: number }[] = [];
  for (const frame of frames) {
    notePresence(presence, frame, stepSec);
    readings.push(readPresence(presence));
  }
  return readings;
}

const setUps: readonly SetUp[] = [
  { rateHz: 2, points: 5, sweeps: 8 },
  { rateHz: 5, points: 20, sweeps: 3 },
  { rateHz: 10, points: 14, sweeps: 16 },
  { rateHz: 12, points: 64, sweeps: 4 },
  { rateHz: 20, points: 21, sweeps: 16 },
  { rateHz: 30, points: 10, sweeps: 2 },
];

describe.each(setUps)("presence at $rateHz Hz, $points points, $sweeps sweeps", (setUp) => {
  test("noise alone is nobody, for 100 s", () => {
    const readings = told(
      room(setUp, 100, () => 0),
      1 / setUp.rateHz,
    );
    expect(readings.filter(({ occupancy }) => occupancy === "in-bed")).toEqual([]);
    expect(readings.filter(({ occupancy }) => occupancy === "empty").length).toBeGreaterThan(90 * setUp.rateHz);
  });

  test("a chest that breathes is somebody from 4 s on, and lies still; its stop ends it within 12 s", () => {
    const breathing = (sec: number): number => 1 + (sec < 30 ? 0.8 * Math.sin((2 * Math.PI * sec) / 4) : 0);
    const readings = told(room(setUp, 45, breathing), 1 / setUp.rateHz);
    const between = (from: number, to: number) => readings.slice(from * setUp.rateHz, to * setUp.rateHz);
    expect(between(4, 30).every(({ occupancy }) => occupancy === "in-bed")).toBe(true);
    expect(between(4, 30).every(({ movement }) => movement < 20)).toBe(true);
    expect(between(42, 45).every(({ occupancy }) => occupancy === "empty")).toBe(true);
  });

  test("what moves within a frame is movement, and told within half a second or two frames", () => {
    const walking = (sec: number, sweep: number): number => (sec < 20 ? 0 : (2.4 * sweep) / setUp.sweeps + 2 * sec);
    const readings = told(room(setUp, 30, walking), 1 / setUp.rateHz);
    const since = 20 * setUp.rateHz;
    expect(readings[since - 1]).toMatchObject({ occupancy: "empty", movement: 0 });
    const found = readings.findIndex(({ occupancy }, at) => at >= since && occupancy === "in-bed");
    expect(found).toBeGreaterThanOrEqual(since);
    expect(found - since).toBeLessThanOrEqual(Math.max(2, 0.5 * setUp.rateHz));
    expect(Math.max(...readings.slice(since).map(({ movement }) => movement))).toBeGreaterThan(20);
  });
});

describe("presence", () => {
  test("other settings begin anew; a frame of one sweep tells nothing; clearing overwrites", () => {
    const presence = newRadarPresence();
    const [ten, twelve] = [10, 12].map((rateHz) => [...room({ rateHz, points: 3, sweeps: 16 }, 2, () => 0)]);
    for (const frame of ten!) notePresence(presence, frame, 0.1);
    expect(readPresence(presence).occupancy).toBe("empty");
    notePresence(presence, twelve![0]!, 0.1);
    expect(readPresence(presence).occupancy).toBe("unknown");
    for (const frame of ten!) notePresence(presence, { ...frame, sweeps: 1 }, 0.1);
    expect(readPresence(presence).occupancy).toBe("unknown");
    const tracks = presence.points;
    expect(tracks.some(({ slowRe }) => slowRe > 0)).toBe(true);
    clearRadarPresence(presence);
    expect(tracks.flatMap((track) => Object.values(track)).every((x) => x === 0)).toBe(true);
    expect(presence).toEqual(newRadarPresence());
  });
});

/** The vendor's own answer lies beside each recording, frame by frame. */
describe.skipIf(!haveRecordings)("recordings of another set-up, beside the vendor's detector", () => {
  const sideBySide = (name: string) => {
    const base = `${recordingsPath}/acconeer-a121/presence-${name}`;
    const json = JSON.parse(readFileSync(`${base}.json`, "utf8"));
    const decoded = decodeWire(json, readFileSync(`${base}.wire.bin`));
    if (!decoded.ok) throw new Error(decoded.why);
    const vendor: boolean[] = json.vendorExpected.presence_detected;
    const presence = newRadarPresence();
    let beforeUs: number | undefined;
    const first = decoded.frames[0]!.deviceUs;
    return decoded.frames.map(({ frame, deviceUs }, at) => {
      notePresence(presence, frame, beforeUs === undefined ? 0 : (deviceUs - beforeUs) / 1e6);
      beforeUs = deviceUs;
      return {
        sec: (deviceUs - first) / 1e6,
        vendor: vendor[at]!,
        ours: readPresence(presence).occupancy === "in-bed",
      };
    });
  };
  type Row = ReturnType<typeof sideBySide>[number];
  const changes = (rows: readonly Row[], of: (row: Row) => boolean, to: boolean): number[] =>
    rows.filter((row, at) => at > 0 && of(row) === to && of(rows[at - 1]!) !== to).map(({ sec }) => sec);

  // One change in each: the score of the first frames has to rise from nothing, in ours as in the vendor's.
  test.each(["default", "short_range", "low_power"])(
    "%s: from absent to present within 1 s of the vendor's",
    (name) => {
      const rows = sideBySide(name);
      const vendors = changes(rows, ({ vendor }) => vendor, true);
      const ours = changes(rows, ({ ours }) => ours, true);
      expect(vendors).toHaveLength(1);
      expect(ours).toHaveLength(1);
      expect(Math.abs(ours[0]! - vendors[0]!)).toBeLessThanOrEqual(1);
    },
  );

  // The person sits there from the first frame on. The vendor's slow score is of the size of the echo alone and rises to
  // its threshold a frame or two after ours, which sees the chest turn the phase as well.
  test.each([
    ["default", 137, [2]],
    ["short_range", 106, [3, 4]],
  ] as const)("%s: only the frames just before the vendor's change differ", (name, frames, differing) => {
    const rows = sideBySide(name);
    expect(rows).toHaveLength(frames);
    const apart = rows.flatMap(({ vendor, ours }, at) => (vendor === ours ? [] : [{ at, ours }]));
    expect(apart).toEqual(differing.map((at) => ({ at, ours: true })));
  });

  // The recording's own configuration shortens the vendor's slow output from 2 s to 0.5 s and its timeout from 3 s to 2 s;
  // ours holds a presence for 3 s whatever the set-up, so that the pause of a slow breather does not empty the bed.
  test("low_power: the last two frames differ, present for at most 3 s longer than the vendor's", () => {
    const differing = sideBySide("low_power").filter(({ vendor, ours }) => vendor !== ours);
    expect(differing).toHaveLength(2);
    expect(differing.every(({ ours }) => ours)).toBe(true);
    expect(differing[1]!.sec - differing[0]!.sec).toBeLessThan(3);
  });
});
