import { describe, expect, it } from "vitest";
import type { Scene, SensorFault } from "../edge-agent/contract/scene.ts";
import { deviceUs } from "../edge-agent/contract/units.ts";
import type { SensorHealth } from "../edge-agent/contract/words.ts";
import { readScene } from "./ports/scene-file.ts";
import { newSensorHealth } from "./sensor-health.ts";
import { sensors } from "./sensors/index.ts";
import { encodeTinyFrame } from "./sensors/tiny-frame.ts";
import { joinBytes } from "./sensors/wire-bytes.ts";
import { type StandIn, standIns } from "./simulator/stand-ins.ts";

type Model = keyof typeof standIns;
const scenes: Readonly<Partial<Record<Model, string>>> = {
  "acconeer-a121": "asleep",
  "depth-camera": "asleep",
  "st-vl53l5cx": "asleep-8x8",
  "seeed-mr60bha2": "asleep",
};

/** A stand-in's true bytes through its driver, second by second: the words that its health was, in order. */
function wordsOf(
  model: Model,
  seconds: number,
  fault?: SensorFault,
  spoil = (bytes: Uint8Array) => bytes,
  sceneName = scenes[model] ?? "asleep",
): string[] {
  const plain = readScene(sceneName);
  const scene: Scene = fault === undefined ? plain : { ...plain, fault };
  const standIn: StandIn = standIns[model](scene, 1);
  const sensor = sensors[model];
  const talk = sensor.newTalk();
  const health = newSensorHealth(sensor.frameRateHz);
  const words: SensorHealth[] = [];
  const hear = (bytes: Uint8Array, atMs: number): void => {
    for (const framed of talk.framer.push(bytes)) {
      const heard = talk.hear(framed);
      if (heard.heard === "go-on") for (const answer of standIn.take(heard.write, atMs)) hear(answer, atMs);
      if (heard.heard !== "measurement") continue;
      const decoded = talk.decode(framed, 1_000 * atMs);
      if (decoded.ok) health.note(decoded.frame, decoded.deviceUs, atMs);
    }
  };
  for (const answer of standIn.take(talk.start(), 0)) hear(answer, 0);
  for (let atMs = 0; atMs < 1_000 * seconds; atMs += 50) {
    for (const bytes of standIn.due(atMs)) hear(spoil(bytes), atMs);
    if (atMs % 1_000 === 0) words.push(health.judge({ ...talk.framer.counts, malformed: 0 }, atMs).word);
  }
  return words;
}

const firstSecOf = (words: readonly string[], word: string): number => words.indexOf(word);

describe("a sensor's health, from its wire", () => {
  it.each([
    "acconeer-a121",
    "depth-camera",
    "st-vl53l5cx",
    "seeed-mr60bha2",
    "seeed-mr60bha1",
    "hilink-ld2450",
  ] as const)(
    "%s beside a sleeper is ok all the time",
    (model) => {
      expect(new Set(wordsOf(model, 90))).toEqual(new Set(["ok"]));
    },
    60_000,
  );

  // How long after it began it is told, s.
  it.each([
    ["acconeer-a121", "frozen", 9],
    ["acconeer-a121", "clock-stuck", 22],
    ["acconeer-a121", "covered", 40],
    ["acconeer-a121", "moved", 60],
    ["acconeer-a121", "saturated", 15],
    ["acconeer-a121", "calibration-needed", 3],
    ["acconeer-a121", "gaps", 25],
    ["acconeer-a121", "slow-frames", 30],
    ["acconeer-a121", "hot", 14],
    ["depth-camera", "frozen", 9],
    ["depth-camera", "covered", 14],
    ["depth-camera", "moved", 60],
    ["st-vl53l5cx", "frozen", 9],
    ["st-vl53l5cx", "covered", 14],
    ["st-vl53l5cx", "moved", 60],
    ["seeed-mr60bha2", "other-firmware", 30],
    ["seeed-mr60bha2", "checksum-errors", 40],
    ["seeed-mr60bha2", "slow-frames", 30],
  ] as const)(
    "%s: %s is told within %d s",
    (model, what, withinSec) => {
      const fromSec = 25;
      const words = wordsOf(model, fromSec + withinSec + 6, { what, fromSec });
      expect(words.slice(0, fromSec).every((word) => word === "ok")).toBe(true);
      expect(firstSecOf(words, what)).toBeGreaterThan(fromSec);
      expect(firstSecOf(words, what)).toBeLessThanOrEqual(fromSec + withinSec);
      expect(words.at(-1)).toBe(what);
    },
    60_000,
  );

  it.each(["seeed-mr60bha2", "seeed-mr60bha1"] as const)(
    "%s beside an empty bed has little to say, and is ok",
    (model) => {
      expect(new Set(wordsOf(model, 90, undefined, undefined, "empty"))).toEqual(new Set(["ok"]));
    },
  );

  it("frames of a depth sensor that never came are told as gaps", () => {
    const health = newSensorHealth(10);
    const counts = { checksumErrors: 0, strange: 0, malformed: 0 };
    const words: string[] = [];
    for (let n = 0; n < 600; n++) {
      const mm = Uint16Array.from({ length: 64 }, (_, i) => 1_500 + ((i * 7 + n * 13) % 29));
      const frame = { widthPx: 8, heightPx: 8, frameRateHz: 10, acrossDeg: 45, downDeg: 45, mm };
      if (n % 12 !== 11) health.note(frame, deviceUs(100_000 * n), 100 * n);
      if (n % 10 === 9) words.push(health.judge(counts as Parameters<typeof health.judge>[0], 100 * n).word);
    }
    expect(words.at(-1)).toBe("gaps");
  });

  it("another firmware's frames, and broken checksums, have a word each", () => {
    let n = 0;
    const strange = (bytes: Uint8Array): Uint8Array =>
      ++n % 20 === 0 ? joinBytes(bytes, encodeTinyFrame(0x0a99, n & 0xffff, Uint8Array.of(1, 2, 3))) : bytes;
    expect(wordsOf("seeed-mr60bha2", 40, undefined, strange).at(-1)).toBe("other-firmware");
    const broken = (bytes: Uint8Array): Uint8Array => {
      if (++n % 15 !== 0) return bytes;
      const changed = bytes.slice();
      changed[changed.length - 1] = changed.at(-1)! ^ 1;
      return changed;
    };
    expect(wordsOf("seeed-mr60bha2", 40, undefined, broken).at(-1)).toBe("checksum-errors");
  });

  it("people who come and go move nothing", () => {
    const scene = readScene("demonstration");
    const standIn = standIns["depth-camera"](scene, 1);
    const sensor = sensors["depth-camera"];
    const talk = sensor.newTalk();
    const health = newSensorHealth(sensor.frameRateHz);
    const words = new Set<string>();
    const hear = (bytes: Uint8Array, atMs: number): void => {
      for (const framed of talk.framer.push(bytes)) {
        const heard = talk.hear(framed);
        if (heard.heard === "go-on") for (const answer of standIn.take(heard.write, atMs)) hear(answer, atMs);
        const decoded = heard.heard === "measurement" ? talk.decode(framed, 1_000 * atMs) : undefined;
        if (decoded?.ok === true) health.note(decoded.frame, decoded.deviceUs, atMs);
      }
    };
    for (const answer of standIn.take(talk.start(), 0)) hear(answer, 0);
    for (let atMs = 0; atMs < 180_000; atMs += 100) {
      for (const bytes of standIn.due(atMs)) hear(bytes, atMs);
      if (atMs % 1_000 === 0) words.add(health.judge({ ...talk.framer.counts, malformed: 0 }, atMs).word);
    }
    expect(words).toEqual(new Set(["ok"]));
  }, 60_000);

  it("is taken back when it is gone for 5 s, and forgotten when streaming begins anew", () => {
    const health = newSensorHealth(20);
    const counts = { bytesSkipped: 0, checksumErrors: 0, strange: 0, malformed: 0 };
    const frame = (ms: number) => ({
      frameRateHz: 20,
      present: null,
      moving: null,
      movement: null,
      distanceMm: null,
      breathingPerMin: null,
      confidence: null,
      waveStepUs: 50_000,
      wave: Float32Array.of(Math.sin(ms / 700)),
    });
    const words: string[] = [];
    for (let ms = 0; ms < 40_000; ms += 50) {
      health.note(frame(ms < 10_000 || ms > 20_000 ? ms : 10_000), 1_000 * ms, ms);
      if (ms % 1_000 === 0) words.push(health.judge(counts, ms).word);
    }
    expect(words[9]).toBe("ok");
    expect(words[17]).toBe("frozen");
    expect(words[23]).toBe("frozen");
    expect(words[28]).toBe("ok");
    for (let ms = 40_000; ms < 50_000; ms += 50) health.note(frame(0), 1_000 * ms, ms);
    expect(health.judge(counts, 50_000).word).toBe("frozen");
    health.forget();
    expect(health.judge(counts, 51_000).word).toBe("ok");
  });
});
