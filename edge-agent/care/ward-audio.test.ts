import { describe, expect, it } from "vitest";
import { audioAt, audioOn, pauseAudio, turnAudioOff } from "./ward-audio.ts";

const pause = { seconds: 600, secondsMax: 120, by: "Sam" };

describe("whether the ward's alarms sound", () => {
  it("a pause has a cap, ends by itself, and is not made longer by asking again and again", () => {
    const paused = pauseAudio(audioOn, 1_000, pause);
    expect(paused.paused).toEqual({ sinceUtcMs: 1_000, untilUtcMs: 121_000, by: "Sam" });
    expect(pauseAudio(paused, 61_000, pause).paused?.untilUtcMs).toBe(181_000);
    expect(audioAt(paused, 120_999)).toEqual(paused);
    expect(audioAt(paused, 121_000)).toEqual(audioOn);
  });
  it("a clock that went back ends a pause", () => {
    expect(audioAt(pauseAudio(audioOn, 100_000, pause), 50_000)).toEqual(audioOn);
  });
  it("off stays off, with who and why, also through a pause", () => {
    const off = turnAudioOff(audioOn, 5, "Kim", "fire drill");
    expect(audioAt(pauseAudio(off, 10, pause), 1e9)).toEqual(off);
  });
});
