import { describe, expect, it } from "vitest";
import type { RadarTargetsFrame, RadarVitalsFrame } from "../../edge-agent/contract/module-frames.ts";
import type { Scene } from "../../edge-agent/contract/scene.ts";
import { hilinkLd2410 } from "../sensors/hilink-ld2410.ts";
import { hilinkLd2450 } from "../sensors/hilink-ld2450.ts";
import { seeedMr24 } from "../sensors/seeed-mr24.ts";
import { seeedMr60bha1 } from "../sensors/seeed-mr60bha1.ts";
import { seeedMr60bha2 } from "../sensors/seeed-mr60bha2.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { openLd2410StandIn, openLd2450StandIn } from "./hilink-stand-ins.ts";
import type { ModuleStandIn } from "./module-stand-in.ts";
import { openModuleRoom } from "./module-view.ts";
import { openMr24StandIn } from "./mr24-stand-in.ts";
import { openMr60bha1StandIn } from "./mr60bha1-stand-in.ts";
import { openMr60bha2StandIn } from "./mr60bha2-stand-in.ts";
import { scenes } from "./scenes.ts";

type ModuleFrame = RadarVitalsFrame | RadarTargetsFrame;
interface Heard {
  readonly atSec: number;
  readonly frame: ModuleFrame;
}

/** Speaks to a stand-in as the bridge does: starts it, and hears it for so long. */
function hearFor(sensor: Sensor, standIn: ModuleStandIn, seconds: number, fromSec = 0) {
  const talk = sensor.newTalk();
  const heard: string[] = [];
  const readings: Heard[] = [];
  let bytes = 0;
  let toModule = [talk.start()];
  for (let nowMs = 1_000 * fromSec; nowMs < 1_000 * (fromSec + seconds); nowMs += 20) {
    const arrived = [...toModule.flatMap((one) => standIn.take(one, nowMs)), ...standIn.due(nowMs)];
    toModule = [];
    for (const piece of arrived) {
      bytes += piece.length;
      for (const framed of talk.framer.push(piece)) {
        const one = talk.hear(framed);
        heard.push(one.heard);
        if (one.heard === "go-on") toModule.push(one.write);
        if (one.heard !== "measurement") continue;
        const decoded = talk.decode(framed, 1_000 * nowMs);
        if (!decoded.ok || !("present" in decoded.frame)) throw new Error("a stand-in's message does not decode");
        readings.push({ atSec: nowMs / 1_000, frame: decoded.frame });
      }
    }
  }
  return { talk, heard, readings, bytesPerSec: bytes / seconds };
}

/** What the readings say of one thing, in order, without those that say nothing of it. */
const said = <K extends keyof RadarVitalsFrame & keyof RadarTargetsFrame>(readings: readonly Heard[], name: K) =>
  readings.flatMap(({ atSec, frame }) => (frame[name] === null ? [] : [{ atSec, value: frame[name] }]));

/** Of a wave without gaps: how often it comes up through its middle, per minute, by more than its ripple. */
function crossingsPerMin(wave: readonly number[], stepSec: number): number {
  const mean = wave.reduce((sum, one) => sum + one, 0) / wave.length;
  const sd = Math.sqrt(wave.reduce((sum, one) => sum + (one - mean) ** 2, 0) / wave.length);
  let below = false;
  let count = 0;
  for (const one of wave) {
    if (one < mean - sd / 3) below = true;
    else if (below && one > mean + sd / 3) {
      count += 1;
      below = false;
    }
  }
  return (60 * count) / (wave.length * stepSec);
}

/** Breaths of the occupant in the same play, /min. */
function truthPerMin(scene: Scene, fromSec: number, toSec: number): number {
  const room = openModuleRoom(scene, { rangeMmMax: 2_000, wavelengthMm: 5 });
  const breathsAt = (sec: number): number => {
    while (room.truth().atSec < sec - 0.01) room.step();
    return room.truth().breaths ?? Number.NaN;
  };
  room.step();
  const before = breathsAt(fromSec);
  return (60 * (breathsAt(toSec) - before)) / (toSec - fromSec);
}

const { asleep: sleeping, empty, demonstration } = scenes;
const asleep: Scene = { ...sleeping, people: sleeping.people.map((one) => ({ ...one, turnsPerHour: 0 })) };

const all = [
  { sensor: seeedMr60bha2, open: openMr60bha2StandIn },
  { sensor: seeedMr60bha1, open: openMr60bha1StandIn },
  { sensor: seeedMr24, open: openMr24StandIn },
  { sensor: hilinkLd2410, open: openLd2410StandIn },
  { sensor: hilinkLd2450, open: openLd2450StandIn },
] as const satisfies readonly { sensor: Sensor; open: (scene: Scene, speed: number, seed?: number) => ModuleStandIn }[];

describe.each(all)("the stand-in of $sensor.name", ({ sensor, open }) => {
  it("sends nothing but sound frames, within what its baud rate carries", () => {
    const { talk, readings, bytesPerSec } = hearFor(sensor, open(demonstration, 1), 60);
    expect(talk.framer.counts).toEqual({ bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 });
    expect(readings.length).toBeGreaterThan(10);
    expect(bytesPerSec).toBeLessThan(sensor.baudRate!.data / 10);
  });

  it("sees who is there, who left and who came back", () => {
    const { readings } = hearFor(sensor, open(demonstration, 1), 130);
    const present = said(readings, "present");
    const at = (sec: number): boolean | undefined => present.findLast(({ atSec }) => atSec <= sec)?.value ?? undefined;
    expect([at(60), at(95), at(125)]).toEqual([true, false, true]);
    expect(said(readings, "moving").some(({ value }) => value === true) || sensor.name === "seeed-mr60bha2").toBe(true);
  });

  it("says nothing of an empty room but that it is empty", () => {
    const { readings } = hearFor(sensor, open(empty, 1), 40);
    expect(said(readings, "present").every(({ value }) => value === false)).toBe(true);
    expect(said(readings, "distanceMm")).toEqual([]);
    expect(said(readings, "breathingPerMin").every(({ value }) => value === 0)).toBe(true);
    expect(readings.some(({ frame }) => "wave" in frame && frame.wave.length > 0)).toBe(false);
  });

  it("says the same of the same scene and seed, and other things of another seed", () => {
    const bytesOf = (seed: number): string => {
      const standIn = open(asleep, 1, seed);
      return Array.from({ length: 1_000 }, (_, i) => standIn.due(50 * i))
        .flat()
        .map((one) => Array.from(one, (byte) => byte.toString(16)).join(" "))
        .join("\n");
    };
    expect(bytesOf(5)).toBe(bytesOf(5));
    expect(bytesOf(5)).not.toBe(bytesOf(6));
  });

  it("slips rather than bursts after a stall, goes faster with the speed, and answers no noise", () => {
    const standIn = open(asleep, 1);
    standIn.due(0);
    const { length } = standIn.due(1e6);
    expect(length).toBeLessThanOrEqual(60);
    expect(standIn.take(new Uint8Array(1_000).fill(0x41), 1e6)).toEqual([]);
    const sentIn = (speed: number): number => {
      const faster = open(asleep, speed);
      return Array.from({ length: 3_000 }, (_, i) => faster.due(10 * i).length).reduce((sum, one) => sum + one, 0);
    };
    const times = sentIn(4) / sentIn(1);
    expect(times).toBeGreaterThan(3);
    expect(times).toBeLessThan(5);
  });
});

describe("what the modules measure of a sleeper", () => {
  const truth = truthPerMin(asleep, 30, 120);

  it.each([
    { sensor: seeedMr60bha2, open: openMr60bha2StandIn, stepSec: 0.05 },
    { sensor: seeedMr60bha1, open: openMr60bha1StandIn, stepSec: 0.2 },
  ])("$sensor.name: rate and wave are those of the chest", ({ sensor, open, stepSec }) => {
    const { readings } = hearFor(sensor, open(asleep, 1), 120);
    const rates = said(readings, "breathingPerMin").filter(({ atSec }) => atSec > 40);
    const mean = rates.reduce((sum, { value }) => sum + (value ?? 0), 0) / rates.length;
    expect(Math.abs(mean - truth)).toBeLessThan(1);
    const wave = readings.flatMap(({ atSec, frame }) => (atSec > 30 && "wave" in frame ? Array.from(frame.wave) : []));
    expect(wave.length * stepSec).toBeGreaterThan(85);
    expect(Math.abs(crossingsPerMin(wave, stepSec) - truth)).toBeLessThan(1.5);
    // Out of the module's sight of the heart: none of its rates is near 62.
    expect(said(readings, "breathingPerMin").every(({ value }) => (value ?? 0) < 40)).toBe(true);
  });

  it.each([
    { sensor: seeedMr60bha2, open: openMr60bha2StandIn },
    { sensor: hilinkLd2410, open: openLd2410StandIn },
    { sensor: hilinkLd2450, open: openLd2450StandIn },
  ])("$sensor.name: the distance is the sleeper's", ({ sensor, open }) => {
    const { readings } = hearFor(sensor, open(asleep, 1), 30);
    const distances = said(readings, "distanceMm").map(({ value }) => Number(value));
    expect(distances.length).toBeGreaterThan(20);
    // The bed's middle is 0.72 m from the radar of these scenes.
    expect(distances.every((mm) => Math.abs(mm - 720) < 80)).toBe(true);
  });

  it("MR24: a sleeper scores 1, a turn scores high, lying still is never nobody", () => {
    const { readings } = hearFor(seeedMr24, openMr24StandIn(demonstration, 1), 90);
    const scores = said(readings, "movement");
    const between = (from: number, to: number): number[] =>
      scores.flatMap(({ atSec, value }) => (atSec > from && atSec < to ? [Number(value)] : []));
    expect(Math.max(...between(25, 66))).toBeLessThanOrEqual(3);
    expect(Math.max(...between(68, 80))).toBeGreaterThan(40);
    expect(said(readings, "present").filter(({ atSec, value }) => atSec < 70 && value === false)).toEqual([]);
  });
});

describe("modules that can be stopped", () => {
  it.each([
    { sensor: hilinkLd2410, open: openLd2410StandIn, start: ["go-on", "go-on", "started"] },
    { sensor: hilinkLd2450, open: openLd2450StandIn, start: ["go-on", "started"] },
  ])("$sensor.name works with its power, is silent when told, and works again", ({ sensor, open, start }) => {
    const standIn = open(asleep, 1);
    // By itself, before anybody spoke to it.
    expect(standIn.due(0).length + standIn.due(500).length).toBeGreaterThan(4);
    const { talk, heard } = hearFor(sensor, standIn, 2, 1);
    expect(heard.filter((one) => one !== "measurement")).toEqual(start);
    const answers = standIn.take(talk.stop(), 3_000).flatMap((one) => talk.framer.push(one));
    expect(answers.map((framed) => talk.hear(framed).heard)).toEqual(["stopped"]);
    expect(Array.from({ length: 100 }, (_, i) => standIn.due(3_000 + 50 * i)).flat()).toEqual([]);
    expect(hearFor(sensor, standIn, 3, 10).heard.slice(0, start.length + 1)).toEqual([...start, "measurement"]);
  });

  it("begin the play again with each start: who has left by then is back", () => {
    const standIn = openLd2450StandIn(demonstration, 1);
    const before = said(hearFor(hilinkLd2450, standIn, 95).readings, "present");
    expect(before.at(-1)?.value).toBe(false);
    const { talk, readings } = hearFor(hilinkLd2450, standIn, 5, 95);
    expect(talk.framer.counts.strange).toBe(0);
    expect(said(readings, "present").at(-1)?.value).toBe(true);
  });

  it("LD2410 refuses a setting while it works", () => {
    const standIn = openLd2410StandIn(asleep, 1);
    const talk = hilinkLd2410.newTalk();
    const [enable] = [talk.start()];
    const [answer] = standIn.take(enable, 0).flatMap((one) => talk.framer.push(one));
    const heard = answer === undefined ? undefined : talk.hear(answer);
    expect(heard?.heard).toBe("go-on");
    const other = openLd2410StandIn(asleep, 1);
    const refused = other.take(heard?.heard === "go-on" ? heard.write : enable, 0);
    expect(refused.flatMap((one) => talk.framer.push(one)).map((framed) => talk.hear(framed))).toEqual([
      { heard: "refused", words: "command 0063 failed" },
    ]);
  });
});

it("MR60BHA1 echoes its mode, and keeps rate and wave to itself in sleep mode", () => {
  const standIn = openMr60bha1StandIn(asleep, 1);
  const talk = seeedMr60bha1.newTalk();
  const realTime = talk.start();
  expect(standIn.take(realTime, 0)).toEqual([realTime]);
  const sleep = Uint8Array.from(Buffer.from("5359840f000101415443", "hex"));
  expect(standIn.take(sleep, 0)).toEqual([sleep]);
  const frames = Array.from({ length: 800 }, (_, i) => standIn.due(50 * i))
    .flat()
    .flatMap((one) => talk.framer.push(one));
  const decoded = frames.flatMap((framed) =>
    talk.hear(framed).heard === "measurement" ? [talk.decode(framed, 0)] : [],
  );
  expect(decoded.length).toBeGreaterThan(20);
  expect(decoded.every((one) => one.ok && one.frame.wave.length === 0 && one.frame.breathingPerMin === null)).toBe(
    true,
  );
});
