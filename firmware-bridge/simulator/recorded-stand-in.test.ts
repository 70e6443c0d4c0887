import { describe, expect, it } from "vitest";
import { openRecordedStandIn } from "./recorded-stand-in.ts";

const wire = Uint8Array.from({ length: 1_000 }, (_, i) => i % 251);
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const all = (parts: readonly Uint8Array[]): number[] => parts.flatMap((part) => [...part]);

describe("a module that says again what one said", () => {
  it("sends every byte once, in order, at the pace of the recording", () => {
    const standIn = openRecordedStandIn({ wire, lastsSec: 10, loop: false, hasConsole: false }, 1);
    expect(standIn.nextDueMs).toBe(0);
    const got: number[] = [];
    for (let ms = 0; ms <= 5_000; ms += 25) got.push(...all(standIn.due(ms)));
    expect(got.length).toBe(500);
    for (let ms = 5_025; ms <= 12_000; ms += 25) got.push(...all(standIn.due(ms)));
    expect(got).toEqual([...wire]);
    expect(standIn.nextDueMs).toBeUndefined();
  });

  it("begins again where it is told to, twice as fast", () => {
    const standIn = openRecordedStandIn({ wire, lastsSec: 10, loop: true, hasConsole: false }, 2);
    const got: number[] = [];
    for (let ms = 0; ms <= 10_000; ms += 25) got.push(...all(standIn.due(ms)));
    expect(got).toEqual([...wire, ...wire]);
    expect(standIn.nextDueMs).toBeGreaterThan(10_000);
  });

  it("with a console answers every line, and sends from start to stop", () => {
    const standIn = openRecordedStandIn({ wire, lastsSec: 10, loop: false, hasConsole: true }, 1);
    expect(standIn.nextDueMs).toBeUndefined();
    expect(standIn.due(1_000)).toEqual([]);
    expect(standIn.take(text("sensorStop\nchirpCfg 0\nsensorSt"), 0)).toHaveLength(2);
    const [answer] = standIn.take(text("art\n"), 0);
    expect(new TextDecoder().decode(answer)).toContain("sensorStart\r\nDone");
    standIn.due(2_000);
    expect(all(standIn.due(3_000))).toEqual([...wire.subarray(0, 100)]);
    standIn.take(text("sensorStop\n"), 0);
    expect(standIn.due(9_000)).toEqual([]);
    standIn.take(text("sensorStart\n"), 0);
    standIn.due(10_000);
    expect(all(standIn.due(10_100))).toEqual([...wire.subarray(0, 10)]);
  });
});
