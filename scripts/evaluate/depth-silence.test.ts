import { describe, expect, it } from "vitest";
import { silentScene } from "./depth-silence.ts";
import { silenceRows } from "./depth-silence-section.ts";
import { disturbers, episodesOf } from "./radar-silence.ts";

describe("episodes of a shown rate", () => {
  it("are one while they are less than a minute apart", () => {
    expect(episodesOf([])).toBe(0);
    expect(episodesOf([100, 101, 150, 205])).toBe(1);
    expect(episodesOf([100, 161])).toBe(2);
  });
  it("are judged over all kinds together: none in 60 h", () => {
    const [judged, first] = silenceRows([
      { condition: "empty bed, pump", episodes: 1, hours: 10 },
      { condition: "empty bed, curtain", episodes: 0, hours: 20 },
    ]);
    expect(judged).toMatchObject({ value: 2, n: 30, met: false, enough: false });
    expect(first).toMatchObject({ value: 6, target: null });
    expect(silenceRows([{ condition: "c", episodes: 0, hours: 60 }])[0]).toMatchObject({ met: true, enough: true });
  });
});

describe("a silent scene", () => {
  it.each(disturbers)("has a %s and nothing else that moves", (kind) => {
    const empty = silentScene("empty", kind, 3, "8x8");
    expect(empty.people).toEqual([]);
    expect(empty.interferers.map((one) => one.kind)).toEqual([kind]);
    const [body] = silentScene("lifeless", kind, 3, "8x8").people;
    expect([body!.is.breathing.depthMm, body!.is.heart.depthMm, body!.is.swaySdMm]).toEqual([0, 0, 0]);
    expect(body!.movements).toEqual([]);
  });
});
