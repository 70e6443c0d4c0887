import { describe, expect, test } from "vitest";
import { frameAt, noiseOf, outputsFor } from "../../tests/radar-script.ts";
import type { Estimate, Tensor } from "../contract/door.ts";
import type { RadarIqFrame } from "../contract/frames.ts";
import { deviceUs } from "../contract/units.ts";
import { acceptFrame } from "./radar-arrivals.ts";
import { acceptAnswer, newRadarPerception, pendingWindow } from "./radar-room.ts";

/** What a sensor sends: the frame of some time, and the time that is stamped on it. */
interface Sent {
  readonly ofMs: number;
  readonly atMs: number;
  readonly over?: Partial<RadarIqFrame>;
}

describe("bad input: a reason of its own, never a number", () => {
  /** The model is as sure as ever: only the frames are bad. */
  function send(
    sent: Iterable<Sent>,
    p = newRadarPerception("in-bed"),
    say: () => readonly Tensor[] = () => outputsFor({}),
  ) {
    const estimates: Estimate[] = [];
    for (const { ofMs, atMs, over } of sent) {
      acceptFrame(p, frameAt(ofMs, 15, over), deviceUs(atMs * 1000));
      while (pendingWindow(p) !== undefined) estimates.push(acceptAnswer(p, say()));
    }
    return estimates;
  }
  const every = (stepMs: number, toMs: number, of: (atMs: number) => Partial<Sent> | null = () => ({})): Sent[] =>
    Array.from({ length: Math.floor(toMs / stepMs) + 1 }, (_, i) => i * stepMs).flatMap((atMs) => {
      const one = of(atMs);
      return one === null ? [] : [{ ofMs: atMs, atMs, ...one }];
    });
  const told = (estimates: readonly Estimate[], atSec: number): Partial<Estimate> | undefined =>
    estimates.find(({ atMs }) => atMs === 1000 * atSec);
  const noNumber = { breathingPerMin: null, lowPerMin: null, highPerMin: null, quality: 0 };

  test("good frames, with one in ten lost at random, have a rate", () => {
    const lost = every(50, 20_000, (ms) => (noiseOf(ms, 3) === 0 ? null : {}));
    expect(lost.length).toBeLessThan(385);
    expect(told(send(lost), 19)).toMatchObject({ reason: null, breathingPerMin: expect.closeTo(15, 1) });
  });

  test.each([100, 63, 55, 40, 25, 143, 909])("states 20 Hz and sends a frame every %i ms: frame-rate", (stepMs) => {
    const estimates = send(every(stepMs, 20_000));
    expect(estimates.length).toBeGreaterThan(10);
    const late = estimates.filter(({ atMs }) => atMs > 8_000);
    expect(late.map(({ reason }) => reason)).toEqual(late.map(() => "frame-rate"));
    expect(late[0]).toMatchObject(noNumber);
    expect(estimates.filter(({ breathingPerMin }) => breathingPerMin !== null)).toEqual([]);
  });

  test("time stamps that tremble by 6 ms, and drift by 100 parts in a million, are 20 Hz", () => {
    const trembling = every(50, 60_000, (ms) => ({ atMs: ms * 1.0001 + 24.9 + 1.2 * noiseOf(ms, 1) }));
    const late = send(trembling).filter(({ atMs }) => atMs > 20_000);
    expect(late.length).toBeGreaterThan(38);
    expect(late.filter(({ reason }) => reason !== null)).toEqual([]);
  });

  test("a frozen sensor: told within 2 s, and who is in bed is forgotten after 10 s", () => {
    const frozen = every(50, 45_000, (ms) => ({ ofMs: Math.min(ms, 15_000) }));
    const estimates = send(frozen, newRadarPerception(null), () => outputsFor({ occupied: 0.9 }));
    expect(told(estimates, 15)).toMatchObject({ occupancy: "in-bed" });
    expect(told(estimates, 17)).toMatchObject({ reason: "frozen", occupancy: "in-bed", movement: 0, ...noNumber });
    expect(told(estimates, 28)).toMatchObject({ reason: "frozen", occupancy: "unknown" });
    expect(told(estimates, 44)).toMatchObject({ reason: "frozen", occupancy: "unknown", ...noNumber });
  });

  test("every frame twice, or the same two seconds again and again: frozen", () => {
    expect(told(send(every(50, 20_000, (ms) => ({ ofMs: 100 * Math.floor(ms / 100) }))), 15)).toMatchObject({
      reason: "frozen",
      ...noNumber,
    });
    expect(told(send(every(50, 20_000, (ms) => ({ ofMs: ms % 2_000 }))), 15)).toMatchObject({ reason: "frozen" });
  });

  test("saturation: by the sensor's flag, or by samples at the end of their range", () => {
    const flagged = every(50, 20_000, (ms) => (ms % 400 === 0 ? { over: { saturated: true } } : {}));
    expect(told(send(flagged), 15)).toMatchObject({ reason: "saturated", ...noNumber });
    const railed = every(50, 20_000, (ms) => {
      const { iq } = frameAt(ms);
      iq[12] = ms % 200 === 0 ? 32_767 : iq[12]!;
      return { over: { iq } };
    });
    expect(told(send(railed), 15)).toMatchObject({ reason: "saturated", ...noNumber });
  });

  test("gaps: a third of the frames lost, or 0.6 s at once; afterwards a rate again", () => {
    const third = every(50, 20_000, (ms) => (ms % 150 === 0 && ms > 0 ? null : {}));
    expect(told(send(third), 15)).toMatchObject({ reason: "gaps", ...noNumber });
    const hole = send(every(50, 45_000, (ms) => (ms > 15_000 && ms < 15_650 ? null : {})));
    expect(told(hole, 15)).toMatchObject({ reason: null });
    expect(told(hole, 18)).toMatchObject({ reason: "gaps", ...noNumber });
    expect(hole.at(-1)).toMatchObject({ reason: null });
  });

  test.each(["rate", "breaths", "movement", "occupied", "quality"])(
    "a model whose %s is no number has failed",
    (name) => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const p = newRadarPerception(null);
        const before = send(every(50, 12_000), p);
        expect(before.at(-1)).toMatchObject({ occupancy: "in-bed" });
        const say = () => {
          const outputs = outputsFor({ movingSteps: 5 });
          outputs.find((tensor) => tensor.name === name)!.data[0] = bad;
          return outputs;
        };
        const later = every(50, 26_000).filter(({ atMs }) => atMs > 12_000);
        const failed = send(later, p, say);
        expect(failed.length).toBeGreaterThan(12);
        expect(failed.at(-1)).toMatchObject({ reason: "model-failed", occupancy: "unknown", movement: 0, ...noNumber });
      }
    },
  );

  test("a time stamp that is no number is passed over; one that stands still makes no second full", () => {
    const p = newRadarPerception("in-bed");
    send(every(50, 12_000), p);
    acceptFrame(p, frameAt(12_050), deviceUs(Number.NaN));
    const after = send(
      every(50, 14_000).filter(({ atMs }) => atMs > 12_000),
      p,
    );
    expect(after.map(({ reason }) => reason)).toEqual([null, null]);
    expect(
      send(
        every(50, 10_000, () => ({ atMs: 14_000 })),
        p,
      ),
    ).toEqual([]);
  });

  test("frames of another set-up: who is there, and movement, come from what changes in them", () => {
    const p = newRadarPerception(null);
    const slow = every(100, 20_000, (ms) => ({
      over: { frameRateHz: 10, points: 14, iq: frameAt(ms, 15, { points: 14 }).iq },
    }));
    const estimates = send(slow, p, () => outputsFor({ occupied: 0.05, movingSteps: 5 }));
    expect(told(estimates, 5)).toMatchObject({ reason: "frame-rate", occupancy: "in-bed", ...noNumber });
    expect(told(estimates, 15)!.movement).toBeLessThan(20);
  });
});
