import { describe, expect, it } from "vitest";
import { monoMs } from "../edge-agent/contract/units.ts";
import { newSentFrames } from "./sent-frames.ts";

const frame = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);
const overwritten = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

describe("frames that were sent", () => {
  it("are overwritten after 10 s", () => {
    const sent = newSentFrames();
    const [first, second] = [frame(100), frame(100)];
    sent.note(first, monoMs(0));
    sent.note(second, monoMs(5_000));
    sent.look(monoMs(9_999));
    expect([first, second].map(overwritten)).toEqual([false, false]);
    sent.look(monoMs(10_000));
    expect([first, second].map(overwritten)).toEqual([true, false]);
    sent.overwriteAll();
    expect([overwritten(second), sent.held]).toEqual([true, { frames: 0, bytes: 0 }]);
  });

  it.each([
    ["small", 100, 20_000],
    ["large", 100_000, 1_000],
  ])("of a sensor that floods with %s ones hold a bounded memory", (_, bytes, count) => {
    const sent = newSentFrames();
    const all = Array.from({ length: count }, () => frame(bytes));
    for (const one of all) sent.note(one, monoMs(1));
    expect(sent.held.frames).toBeLessThanOrEqual(2_048);
    expect(sent.held.bytes).toBeLessThanOrEqual(8_388_608);
    expect([overwritten(all[0]!), overwritten(all.at(-1)!)]).toEqual([true, false]);
    expect(all.filter((one) => !overwritten(one)).length).toBe(sent.held.frames);
  });
});
