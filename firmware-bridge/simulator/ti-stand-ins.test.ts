import { describe, expect, it } from "vitest";
import type { RadarVitalsFrame } from "../../edge-agent/contract/module-frames.ts";
import type { Scene } from "../../edge-agent/contract/scene.ts";
import type { Heard, Sensor } from "../sensors/sensor.ts";
import { tiIwr6843, tiVitalsEveryFrames } from "../sensors/ti-iwr6843.ts";
import { tiVitalSigns, tiVitalSignsLines } from "../sensors/ti-vital-signs.ts";
import type { ModuleStandIn } from "./module-stand-in.ts";
import { openModuleRoom } from "./module-view.ts";
import { scenes } from "./scenes.ts";
import { openTiIwr6843StandIn } from "./ti-iwr6843-stand-in.ts";
import { openTiVitalSignsStandIn } from "./ti-vital-signs-stand-in.ts";

const ascii = new TextEncoder();
const words = (bytes: readonly Uint8Array[]): string => bytes.map((one) => new TextDecoder().decode(one)).join("");

/** Speaks to a stand-in as the bridge does, for so long from the start on. */
function hearFor(sensor: Sensor, standIn: ModuleStandIn, seconds: number, fromSec = 0) {
  const talk = sensor.newTalk();
  const heard: Heard["heard"][] = [];
  const readings: { readonly atSec: number; readonly frame: RadarVitalsFrame; readonly deviceUs: number }[] = [];
  let bytes = 0;
  let toModule = [talk.start()];
  const hear = (piece: Uint8Array, link: "data" | "commands", nowMs: number): void => {
    for (const framed of talk.framer.push(piece, link)) {
      const one = talk.hear(framed);
      if (one.heard !== "nothing") heard.push(one.heard);
      if (one.heard === "go-on") toModule.push(one.write);
      if (one.heard !== "measurement") continue;
      const decoded = talk.decode(framed, 1_000 * nowMs);
      if (!decoded.ok || !("wave" in decoded.frame)) throw new Error("a stand-in's packet does not decode");
      readings.push({ atSec: (nowMs - 1_000 * fromSec) / 1_000, frame: decoded.frame, deviceUs: decoded.deviceUs });
    }
  };
  for (let nowMs = 1_000 * fromSec; nowMs < 1_000 * (fromSec + seconds); nowMs += 10) {
    while (toModule.length > 0) {
      const write = toModule;
      toModule = [];
      for (const answer of write.flatMap((one) => standIn.take(one, nowMs))) hear(answer, "commands", nowMs);
    }
    for (const packet of standIn.due(nowMs)) {
      bytes += packet.length;
      hear(packet, "data", nowMs);
    }
  }
  return { talk, heard, readings, bytesPerSec: bytes / seconds };
}

const { asleep: sleeping, empty, demonstration } = scenes;
const asleep: Scene = { ...sleeping, people: sleeping.people.map((one) => ({ ...one, turnsPerHour: 0 })) };

/** Breaths of the occupant in the same play, /min. */
function truthPerMin(scene: Scene, fromSec: number, toSec: number): number {
  const room = openModuleRoom(scene, { rangeMmMax: 2_000, wavelengthMm: 5 });
  room.step();
  const breathsAt = (sec: number): number => {
    while (room.truth().atSec < sec - 0.01) room.step();
    return room.truth().breaths ?? Number.NaN;
  };
  const before = breathsAt(fromSec);
  return (60 * (breathsAt(toSec) - before)) / (toSec - fromSec);
}

/** How often a wave comes up through its running mean, per minute, by more than its ripple. */
function crossingsPerMin(wave: readonly number[], stepSec: number): number {
  const span = Math.round(6 / stepSec);
  let [below, count] = [false, 0];
  const flat = wave.map((one, i) => {
    const near = wave.slice(Math.max(0, i - span), i + span + 1);
    return one - near.reduce((sum, other) => sum + other, 0) / near.length;
  });
  const sd = Math.sqrt(flat.reduce((sum, one) => sum + one * one, 0) / flat.length);
  for (const one of flat) {
    if (one < -sd / 3) below = true;
    else if (below && one > sd / 3) {
      count += 1;
      below = false;
    }
  }
  return (60 * count) / (wave.length * stepSec);
}

const both = [
  { sensor: tiVitalSigns, open: openTiVitalSignsStandIn, stepSec: 0.05 },
  { sensor: tiIwr6843, open: openTiIwr6843StandIn, stepSec: 0.09 },
] as const;

describe.each(both)("the stand-in of $sensor.name", ({ sensor, open, stepSec }) => {
  it("sends nothing before it is configured and started, then sound packets at its pace, within its baud rate", () => {
    const standIn = open(demonstration, 1);
    expect([standIn.due(1e6), standIn.nextDueMs]).toEqual([[], undefined]);
    const { talk, heard, readings, bytesPerSec } = hearFor(sensor, standIn, 60);
    expect(heard.indexOf("started")).toBe(heard.lastIndexOf("go-on") + 1);
    expect(heard.includes("refused")).toBe(false);
    expect(talk.framer.counts).toEqual({ bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 });
    expect(Math.abs(readings.length - 60 / stepSec)).toBeLessThan(3);
    expect(readings.map(({ deviceUs }) => deviceUs)).toEqual(
      readings.map((_, i) => Math.round(1e6 * stepSec) * (i + 1)),
    );
    expect(bytesPerSec).toBeLessThan(sensor.baudRate!.data / 10);
  });

  it("is silent when told, and begins its play and its numbers anew when started again", () => {
    const standIn = open(asleep, 1);
    const first = hearFor(sensor, standIn, 3);
    const answers = standIn.take(first.talk.stop(), 3_000).flatMap((one) => first.talk.framer.push(one, "commands"));
    expect(answers.map((framed) => first.talk.hear(framed).heard)).toContain("stopped");
    expect(standIn.due(10_000)).toEqual([]);
    expect(words(standIn.take(ascii.encode("sensorStop\n"), 10_000))).toContain(
      "Ignored: Sensor is already stopped\nDone",
    );
    const again = hearFor(sensor, standIn, 3, 20);
    expect(again.heard).toContain("started");
    expect(again.readings).toEqual(first.readings);
  });

  it("says other things of another seed, slips rather than bursts, goes faster with the speed, and answers no noise", () => {
    const of = (seed: number) => hearFor(sensor, open(asleep, 1, seed), 20).readings;
    expect(of(5)).toEqual(of(5));
    expect(of(5)).not.toEqual(of(6));
    const standIn = open(asleep, 1);
    hearFor(sensor, standIn, 1);
    expect(standIn.due(1e6).length).toBeLessThanOrEqual(20);
    expect(standIn.take(new Uint8Array(1_000).fill(0x41), 1e6)).toEqual([]);
    const times =
      hearFor(sensor, open(asleep, 4), 10).readings.length / hearFor(sensor, open(asleep, 1), 10).readings.length;
    expect(times).toBeGreaterThan(3.8);
    expect(times).toBeLessThan(4.2);
  });

  it("answers what it does not know, and what is incomplete, as a chip does", () => {
    const standIn = open(asleep, 1);
    const say = (line: string): string => words(standIn.take(ascii.encode(`${line}\n`), 0));
    expect(say("AT+GCAP")).toContain("'AT+GCAP' is not recognized as a CLI command");
    expect(say("frameCfg 9")).toContain("Error -1");
    expect(say("sensorStart")).toMatch(/Error: .*\nError -1/);
    expect(say("")).toBe("\nmmwDemo:/>");
    expect(say("flushCfg")).toBe("flushCfg\nDone\n\nmmwDemo:/>");
    expect(standIn.due(1e6)).toEqual([]);
  });

  it("sees the sleeper's rate and distance, in what it says and in its wave", () => {
    const { readings } = hearFor(sensor, open(asleep, 1), 150);
    const truth = truthPerMin(asleep, 30, 150);
    const late = readings.filter(({ atSec }) => atSec > 30);
    const rates = late.flatMap(({ frame }) => (frame.breathingPerMin === null ? [] : [frame.breathingPerMin]));
    expect(rates.length).toBeGreaterThan(70);
    expect(Math.abs(rates.reduce((sum, one) => sum + one, 0) / rates.length - truth)).toBeLessThan(1);
    const wave = late.flatMap(({ frame }) => Array.from(frame.wave));
    // Every instant once: the pieces of the wave lie side by side.
    expect(Math.abs(wave.length * stepSec - 120)).toBeLessThan(3);
    expect(Math.abs(crossingsPerMin(wave, stepSec) - truth)).toBeLessThan(1.5);
    const distances = late.flatMap(({ frame }) => (frame.distanceMm === null ? [] : [frame.distanceMm]));
    // The bed's middle is 0.72 m from the radar of this scene; a bin is up to 84 mm.
    expect(distances.every((mm) => Math.abs(mm - 720) < 120)).toBe(true);
    expect(late.every(({ frame }) => frame.present === true)).toBe(true);
  });
});

describe("what the two can tell of a room, and what not", () => {
  const at = (readings: ReturnType<typeof hearFor>["readings"], sec: number) =>
    readings.findLast(({ atSec }) => atSec <= sec)?.frame;

  it("people tracking sees who is there, who left and who came back, and says that a room is empty", () => {
    const { readings } = hearFor(tiIwr6843, openTiIwr6843StandIn(demonstration, 1), 130);
    expect([60, 95, 125].map((sec) => at(readings, sec)?.present)).toEqual([true, false, true]);
    const nobody = hearFor(tiIwr6843, openTiIwr6843StandIn(empty, 1), 40).readings;
    expect(nobody.every(({ frame }) => frame.present === false && frame.breathingPerMin === null)).toBe(true);
    expect(nobody.some(({ frame }) => frame.wave.length > 0)).toBe(false);
  });

  it("people tracking sends its wave with every 15th packet", () => {
    const { readings } = hearFor(tiIwr6843, openTiIwr6843StandIn(asleep, 1), 40);
    const [first = -1, ...more] = readings.flatMap(({ frame }, i) => (frame.wave.length > 0 ? [i] : []));
    expect(more.length).toBeGreaterThan(10);
    expect(more.map((i) => (i - first) % tiVitalsEveryFrames)).toEqual(more.map(() => 0));
  });

  it("the older demo has no word for an empty room but that nothing breathes, and its flag is up while somebody moves", () => {
    const nobody = hearFor(tiVitalSigns, openTiVitalSignsStandIn(empty, 1), 40).readings;
    expect(nobody.every(({ frame }) => frame.present === null && frame.breathingPerMin === 0)).toBe(true);
    expect(nobody.every(({ frame }) => frame.moving === false && (frame.confidence ?? 1) < 0.5)).toBe(true);
    const { readings } = hearFor(tiVitalSigns, openTiVitalSignsStandIn(demonstration, 1), 100);
    expect(readings.filter(({ atSec, frame }) => atSec > 30 && atSec < 65 && frame.moving)).toEqual([]);
    expect(readings.some(({ atSec, frame }) => atSec > 68 && atSec < 82 && frame.moving === true)).toBe(true);
    expect(at(readings, 95)?.breathingPerMin).toBe(0);
  });

  it("people tracking is configured once and taken up again, the older demo is configured each time", () => {
    const count = (sensor: Sensor, standIn: ModuleStandIn, fromSec: number): number =>
      hearFor(sensor, standIn, 1, fromSec).heard.filter((one) => one === "go-on").length;
    const tracking = openTiIwr6843StandIn(asleep, 1);
    expect(count(tiIwr6843, tracking, 0)).toBeGreaterThan(30);
    tracking.take(ascii.encode("sensorStop\n"), 2_000);
    expect(count(tiIwr6843, tracking, 3)).toBe(0);
    const older = openTiVitalSignsStandIn(asleep, 1);
    for (const fromSec of [0, 3]) {
      expect(count(tiVitalSigns, older, fromSec)).toBe(tiVitalSignsLines.length - 1);
      older.take(ascii.encode("sensorStop\n"), 1_000 * (fromSec + 2));
    }
  });
});
