import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { Estimate } from "../edge-agent/contract/door.ts";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import { estimatesOfWave, openDisplacementModel, readWave } from "./displacement-run.ts";
import { randomWave } from "./displacement-wave.ts";

const script = fileURLToPath(new URL("./estimate.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "wave-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sleeper = randomWave(newRandom(11), "training", 70, {
  what: "breathing",
  calm: true,
  snrDb: 15,
  breathing: {
    perMin: 14,
    intervalCv: 0.05,
    intervalMemory: 0.3,
    driftPerMin: 0.3,
    depthMm: 4,
    depthCv: 0.1,
    inspiratoryFraction: 0.4,
    expiratoryTau: 0.25,
    sighsPerHour: 0,
  },
});
const { atMs, mm } = sleeper.samples;
const truthPerMin = (one: Estimate): number => {
  const at = (ms: number): number => sleeper.breaths[Math.round((ms + atMs[0]!) / 20)]!;
  return (60_000 * (at(one.atMs) - at(one.atMs - one.windowMs))) / one.windowMs;
};

describe("readWave", () => {
  test("columns by name, in any order", () => {
    const read = readWave("displacement,timestamp\n1.5,0\n2.5,66.7\n");
    expect(read).toEqual({ ok: true, samples: { atMs: Float64Array.of(0, 66.7), mm: Float64Array.of(1.5, 2.5) } });
  });

  test("a cell without a number stays a hole, a time stamp without one is refused", () => {
    const read = readWave("timestamp,displacement\n0,1\n66,\n133,x\n");
    expect(read.ok && [...read.samples.mm]).toEqual([1, Number.NaN, Number.NaN]);
    expect(readWave("timestamp,displacement\n0,1\nnow,2\n")).toEqual({
      ok: false,
      words: "line 3: the time stamp is no number",
    });
    expect(readWave("time,mm\n0,1\n").ok).toBe(false);
    expect(readWave("timestamp,displacement\n").ok).toBe(false);
  });
});

describe("estimatesOfWave", () => {
  const estimates = async (mmOf: (at: number, value: number) => number, windowSec = 30): Promise<Estimate[]> => {
    const samples = { atMs, mm: mm.map((value, i) => mmOf(atMs[i]!, value)) };
    const list: Estimate[] = [];
    for await (const one of estimatesOfWave(samples, await openDisplacementModel(), windowSec)) list.push(one);
    return list;
  };

  test("a sleeper: one line a second, first rate within 15 s, near the truth", async () => {
    const list = await estimates((_, value) => value);
    expect(list.map((one) => one.atMs)).toEqual(list.map((_, i) => 1000 * (i + 1)));
    expect(list.slice(0, 9).every(({ reason }) => reason === "learning")).toBe(true);
    const first = list.findIndex((one) => one.breathingPerMin !== null);
    expect(first).toBeGreaterThanOrEqual(9);
    expect(first).toBeLessThan(15);
    const late = list.slice(30);
    expect(late.filter((one) => one.breathingPerMin !== null).length).toBeGreaterThan(0.9 * late.length);
    for (const one of late) {
      if (one.breathingPerMin !== null) expect(Math.abs(one.breathingPerMin - truthPerMin(one))).toBeLessThan(0.6);
      expect(one.windowMs).toBe(30_000);
    }
  });

  test("what a second says does not depend on what comes later", async () => {
    const whole = await estimates((_, value) => value);
    const other = await estimates((at, value) => (at > atMs[0]! + 40_000 ? 0 : value));
    expect(other.slice(0, 40)).toEqual(whole.slice(0, 40));
    expect(other.slice(40)).not.toEqual(whole.slice(40));
  });

  test("a sensor that freezes and one that says no number: a reason, never a rate", async () => {
    const frozen = (await estimates((at, value) => (at > 40_000 ? 900 : value))).slice(46);
    expect(frozen.every(({ breathingPerMin, reason }) => breathingPerMin === null && reason === "stale")).toBe(true);
    const holes = await estimates((at, value) => (at > 40_000 ? Number.NaN : value));
    expect(holes.slice(41).map(({ reason }) => reason)).toEqual(holes.slice(41).map(() => "weak-signal"));
  });

  test("noise never breathes", async () => {
    for (let seed = 0; seed < 6; seed++) {
      const wave = randomWave(newRandom(500 + seed), "training", 60, { what: "noise", calm: true });
      for await (const one of estimatesOfWave(wave.samples, await openDisplacementModel(), 30)) {
        expect(one.breathingPerMin).toBeNull();
      }
    }
  });
});

describe("estimate --displacement", () => {
  const path = join(folder, "wave.csv");
  const rows = [...atMs].map((at, i) => `${at},${mm[i]}`);
  writeFileSync(path, `timestamp,displacement\n${rows.join("\n")}\n`);

  test("prints one JSON line a second with the keys of the radar's", async () => {
    const text = execFileSync(process.execPath, [script, "--displacement", path, "--window-sec", "15"], {
      encoding: "utf8",
    });
    const lines: Estimate[] = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(65);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual([
        "atMs",
        "occupancy",
        "place",
        "people",
        "movement",
        "breathingPerMin",
        "lowPerMin",
        "highPerMin",
        "quality",
        "windowMs",
        "reason",
      ]);
      expect(line.occupancy).toBe("unknown");
      expect((line.breathingPerMin === null) === (line.reason !== null)).toBe(true);
    }
    expect(lines.at(-1)!.windowMs).toBeLessThanOrEqual(15_000);
  });

  test("says what is wrong and ends with 2", () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
    expect(run("--displacement", join(folder, "none.csv"))).toMatchObject({ status: 2 });
    expect(run("--displacement", path, "--window-sec", "17").stderr).toContain("--window-sec 15|30|60");
    const bad = join(folder, "bad.csv");
    writeFileSync(bad, "a,b\n1,2\n");
    expect(run("--displacement", bad)).toMatchObject({ status: 2 });
    expect(run("--displacement", bad).stderr).toContain("timestamp,displacement");
  }, 120_000);
});
