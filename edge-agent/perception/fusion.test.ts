import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Estimate } from "../contract/door.ts";
import { NoRateReason } from "../contract/words.ts";
import type { DepthEstimate } from "./depth-estimate.ts";
import { fuse, productOfExperts, type RadarVoice } from "./fusion.ts";
import { binPerMin, lowestPerMin, rateBins } from "./radar-breathing.ts";
import { readRate } from "./rate-distribution.ts";

function bump(perMin: number, spread = 0.5): Float32Array {
  const raw = Array.from({ length: rateBins }, (_, bin) =>
    Math.exp(-0.5 * ((lowestPerMin + binPerMin * bin - perMin) / spread) ** 2),
  );
  const total = raw.reduce((sum, p) => sum + p, 0);
  return Float32Array.from(raw, (p) => p / total);
}
function readingOf(rate: Float32Array) {
  const reading = readRate(rate);
  if (reading === undefined) throw new Error("no distribution");
  return reading;
}

/** A radar that is sure of `perMin`, or has `reason` not to tell it. */
function radar(perMin: number, reason: NoRateReason | null = null, more: Partial<Estimate> = {}): RadarVoice {
  const rate = bump(perMin);
  const reading = readingOf(rate);
  const shown = reason === null ? reading : null;
  const estimate: Estimate = {
    atMs: 60_000,
    occupancy: reason === "nobody-in-bed" ? "empty" : "in-bed",
    place: null,
    people: reason === "more-than-one-person" ? "more" : "one",
    movement: 2,
    breathingPerMin: shown?.perMin ?? null,
    lowPerMin: shown?.lowPerMin ?? null,
    highPerMin: shown?.highPerMin ?? null,
    quality: 0.95,
    windowMs: 20_000,
    reason,
    ...more,
  };
  return { estimate, rate };
}

function depth(perMin: number, reason: NoRateReason | null = null, more: Partial<DepthEstimate> = {}): DepthEstimate {
  const rate = bump(perMin);
  const evidence = { ...readingOf(rate), quality: 0.9, windowMs: 30_000, rate };
  return {
    atMs: 58_000,
    scene: "lying-still",
    posture: "lying",
    people: "one",
    bed: "in-bed",
    movement: 1,
    breathing: reason === null ? evidence : null,
    evidence,
    reason,
    ...more,
  };
}

const empty = depth(15, "nobody-in-bed", { scene: "empty", bed: "empty", people: "none", evidence: null });
const edge = depth(15, "nobody-in-bed", { scene: "sitting-edge", bed: "edge", posture: "sitting" });
const visited = depth(15, "more-than-one-person", { scene: "more-than-one", people: "more" });
const blind = depth(15, "frozen", { scene: null, evidence: null });

describe("the table of conditions", () => {
  const rows: readonly (readonly [
    words: string,
    radar: RadarVoice | null,
    depth: DepthEstimate | null,
    told: number | NoRateReason,
  ])[] = [
    ["both sure and agreed", radar(15), depth(15), 15],
    ["both sure, 3 /min apart", radar(15), depth(18), "sources-disagree"],
    ["both sure, one of them a half of the other", radar(15), depth(30), "sources-disagree"],
    ["1.5 /min apart: between them, nearer to the one that looked longer", radar(15), depth(16.5), 16],
    ["radar sure, depth sees a body and no wave", radar(15), depth(20, "weak-signal"), 15],
    ["radar sure, depth learns anew", radar(15), depth(20, "learning"), 15],
    ["both sure and agreed, the radar kept no distribution", { ...radar(15), rate: null }, depth(16), 15],
    ["the same, 3 /min apart", { ...radar(15), rate: null }, depth(18), "sources-disagree"],
    ["the same, depth is not sure", { ...radar(15), rate: null }, depth(18, "weak-signal"), 15],
    ["depth sure, the radar's signal is weak", radar(20, "weak-signal"), depth(15), 15],
    ["depth sure, the radar contradicts itself", radar(20, "sources-disagree"), depth(15), 15],
    [
      "nobody moved yet: a breathing body takes the place of a movement",
      radar(15, "no-natural-movement"),
      depth(15),
      15,
    ],
    ["nobody moved yet, the two disagree", radar(15, "no-natural-movement"), depth(20), "sources-disagree"],
    ["a still body beside a fan", radar(12, "no-natural-movement"), depth(20, "weak-signal"), "no-natural-movement"],
    ["neither is sure", radar(15, "sources-disagree"), depth(15, "weak-signal"), "sources-disagree"],
    ["neither is sure, one is still learning", radar(15, "weak-signal"), depth(15, "learning"), "learning"],
    ["depth does not know yet who is there", radar(15), depth(15, "learning", { bed: "unknown" }), "learning"],
    ["the radar does not", radar(15, "learning", { occupancy: "unknown" }), depth(15), "learning"],
    ["an empty bed and a fan that breathes", radar(15), empty, "nobody-in-bed"],
    ["on the floor", radar(15), depth(15, "nobody-in-bed", { bed: "floor" }), "nobody-in-bed"],
    ["sitting on the edge", radar(15), edge, "moving"],
    ["a carer at the bed", radar(15), visited, "more-than-one-person"],
    ["two breathe for the radar", radar(15, "more-than-one-person"), depth(15), "more-than-one-person"],
    ["moving for depth alone", radar(15), depth(15, "moving"), "moving"],
    ["moving for the radar alone", radar(15, "moving"), depth(15), "moving"],
    ["a body that the radar does not see", radar(15, "nobody-in-bed"), depth(15), "sources-disagree"],
    [
      "the same, and depth sees no breath either",
      radar(15, "nobody-in-bed"),
      depth(15, "weak-signal"),
      "cannot-see-breathing",
    ],
    [
      "the same, and depth has just seen somebody lie down",
      radar(15, "nobody-in-bed"),
      depth(15, "learning"),
      "sources-disagree",
    ],
    ["no breath, told by the radar", radar(15, "not-breathing"), depth(15), "not-breathing"],
    ["no breath to the radar, which cannot see any; depth can", radar(9, "cannot-see-breathing"), depth(15), 15],
    ["neither sees breath", radar(9, "cannot-see-breathing"), depth(9, "weak-signal"), "cannot-see-breathing"],
    ["radar only", radar(15), null, 15],
    ["radar only, nobody moved yet", radar(15, "no-natural-movement"), null, "no-natural-movement"],
    ["radar beside a blind depth sensor", radar(15), blind, 15],
    ["the same, nobody moved yet", radar(15, "no-natural-movement"), blind, "no-natural-movement"],
    [
      "radar beside a depth sensor that just went blind over an empty bed",
      radar(15),
      { ...blind, bed: "empty" },
      "nobody-in-bed",
    ],
    ["depth only", null, depth(15), 15],
    ["depth only, weak", null, depth(15, "weak-signal"), "weak-signal"],
    ["depth only, empty", null, empty, "nobody-in-bed"],
    ["depth only, on the edge", null, edge, "moving"],
    ["depth only, two people", null, visited, "more-than-one-person"],
    ["depth beside a radar with gaps", radar(15, "gaps"), depth(16), 16],
    ["both at fault: the first word", radar(15, "gaps"), blind, "frozen"],
  ];
  test.each(rows)("%s", (_words, byRadar, byDepth, told) => {
    const estimate = fuse(byRadar, byDepth, null);
    if (typeof told === "string") {
      expect(estimate?.reason).toBe(told);
      expect([estimate?.breathingPerMin, estimate?.lowPerMin, estimate?.highPerMin]).toEqual([null, null, null]);
    } else {
      expect(estimate?.reason).toBeNull();
      expect(estimate?.breathingPerMin).toBeCloseTo(told, 1);
    }
  });

  test("the radar alone tells what it told before there was depth", () => {
    for (const reason of [null, ...NoRateReason.options]) {
      const alone = radar(15, reason);
      expect(fuse(alone, null, null)).toEqual(alone.estimate);
    }
    const unread: RadarVoice = { ...radar(15), rate: null };
    expect(fuse(unread, null, null)).toEqual(unread.estimate);
  });

  test("nobody said anything: no estimate", () => {
    expect(fuse(null, null, null)).toBeNull();
  });
});

describe("who is in the bed", () => {
  test.each([
    ["in-bed", "empty", "in-bed"],
    ["edge", "empty", "in-bed"],
    ["out", "in-bed", "empty"],
    ["floor", "in-bed", "empty"],
    ["empty", "in-bed", "empty"],
    ["unknown", "in-bed", "in-bed"],
  ] as const)("depth sees %s, the radar %s: %s", (bed, occupancy, told) => {
    expect(fuse(radar(15, null, { occupancy }), depth(15, null, { bed }), null)?.occupancy).toBe(told);
  });

  test("what a staged recording states holds, and contradicting it shows no rate", () => {
    const estimate = fuse(radar(15), empty, "in-bed");
    expect(estimate?.occupancy).toBe("in-bed");
    expect(estimate?.reason).toBe("sources-disagree");
    expect(fuse(null, empty, "in-bed")?.reason).toBe("sources-disagree");
  });

  test("a fan beside an empty bed is no movement, a turn that one sensor sees is", () => {
    const fan = radar(15, "moving", { movement: 80 });
    expect(fuse(fan, empty, null)?.movement).toBe(empty.movement);
    expect(fuse(fan, depth(15), null)?.movement).toBe(80);
    expect(fuse(radar(15), depth(15, "moving", { movement: 70 }), null)?.movement).toBe(70);
  });
});

describe("the product of experts", () => {
  test("two that agree are surer than each, and a weight of 0 says nothing", () => {
    const one = { rate: bump(15, 1), weight: 1 };
    const product = productOfExperts([one, { rate: bump(15, 1), weight: 1 }]);
    const width = ({ highPerMin, lowPerMin }: ReturnType<typeof readingOf>) => highPerMin - lowPerMin;
    expect(width(readingOf(product!))).toBeCloseTo(width(readingOf(one.rate)) / Math.SQRT2, 1);
    const same = productOfExperts([one, { rate: bump(30), weight: 0 }]);
    expect(readingOf(same!).perMin).toBeCloseTo(15, 2);
  });

  test("adds up to 1 and stays finite whatever two distributions meet, also where they share no rate", () => {
    const weights = fc.array(fc.nat(1000), { minLength: rateBins, maxLength: rateBins });
    const unit = (raw: readonly number[]): Float32Array => {
      const total = raw.reduce((sum, x) => sum + x, 0);
      return Float32Array.from(raw, (x) => x / total);
    };
    const sound = (product: Float32Array | null) => {
      expect(product?.every((p) => p >= 0)).toBe(true);
      expect(product?.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
    };
    fc.assert(
      fc.property(weights, weights, (a, b) => {
        fc.pre(a.some((x) => x > 0) && b.some((x) => x > 0));
        sound(
          productOfExperts([
            { rate: unit(a), weight: 1 },
            { rate: unit(b), weight: 0.5 },
          ]),
        );
      }),
    );
    const only = (bin: number) => Float32Array.from({ length: rateBins }, (_, at) => (at === bin ? 1 : 0));
    sound(
      productOfExperts([
        { rate: only(0), weight: 1 },
        { rate: only(112), weight: 1 },
      ]),
    );
  });

  test("is none of what is no distribution, nor of nothing", () => {
    const nan = bump(15).fill(Number.NaN, 3, 4);
    expect(productOfExperts([{ rate: nan, weight: 1 }])).toBeNull();
    expect(productOfExperts([{ rate: new Float32Array(rateBins), weight: 1 }])).toBeNull();
    expect(productOfExperts([])).toBeNull();
  });
});

describe("what is told with a rate", () => {
  test("the interval of two that agree is as wide as theirs, and as the widest card stretches it", () => {
    const plain = radar(15);
    const wide = radar(15, null, { lowPerMin: 15 - 2 * 0.82, highPerMin: 15 + 2 * 0.82 });
    const [a, b] = [fuse(plain, depth(15), null), fuse(wide, depth(15), null)];
    const width = (estimate: Estimate | null) => (estimate?.highPerMin ?? 0) - (estimate?.lowPerMin ?? 0);
    expect(width(a)).toBeCloseTo(width(plain.estimate), 2);
    expect(width(b) / width(a)).toBeCloseTo(width(wide.estimate) / width(plain.estimate), 1);
    const apart = fuse(plain, depth(16.5), null, { radar: 1e6, depth: 1 });
    expect(apart?.breathingPerMin).toBeCloseTo(15, 1);
    expect(a?.windowMs).toBe(30_000);
    expect(a?.quality).toBe(0.95);
  });

  test("numbers that are none become a reason", () => {
    const broken = new Float32Array(rateBins).fill(Number.NaN);
    const byDepth = depth(15);
    const bad = { ...byDepth, breathing: byDepth.breathing && { ...byDepth.breathing, rate: broken } };
    expect(fuse(null, bad, null)?.reason).toBe("weak-signal");
    expect(fuse({ ...radar(15), rate: broken }, bad, null)?.breathingPerMin).toBeNull();
    expect(fuse(radar(15), bad, null)?.breathingPerMin).toBeCloseTo(15, 1);
  });

  test("a rate is there exactly where no reason is, whatever the two say", () => {
    const reason = fc.option(fc.constantFrom(...NoRateReason.options), { nil: null });
    const beds = fc.constantFrom("unknown", "in-bed", "edge", "floor", "out", "empty" as const);
    const perMin = fc.integer({ min: 6, max: 50 });
    fc.assert(
      fc.property(perMin, perMin, reason, reason, beds, fc.boolean(), (a, b, ra, rb, bed, alone) => {
        const byDepth = depth(b, rb, { bed });
        const estimate = fuse(alone ? null : radar(a, ra), byDepth, null);
        if (estimate === null) throw new Error("no estimate");
        expect(estimate.breathingPerMin === null).toBe(estimate.reason !== null);
        if (estimate.reason !== null) return;
        expect(estimate.lowPerMin).toBeLessThanOrEqual(estimate.breathingPerMin ?? 0);
        expect(estimate.highPerMin).toBeGreaterThanOrEqual(estimate.breathingPerMin ?? 0);
        expect(estimate.occupancy).toBe("in-bed");
      }),
      { numRuns: 500 },
    );
  });
});
