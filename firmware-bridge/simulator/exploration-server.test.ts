import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { encodeLine } from "../sensors/a121-encode.ts";
import { a121BreathingSettings, setupCommand } from "../sensors/a121-settings.ts";
import { acconeerA121 } from "../sensors/acconeer-a121.ts";
import { newExplorationServer } from "./exploration-server.ts";
import type { RadarFrameSource } from "./frame-source.ts";
import { loopGapUs, recordingSource } from "./recording-source.ts";

const metadata = {
  frame_data_length: 336,
  sweep_data_length: 21,
  subsweep_data_offset: [0],
  subsweep_data_length: [21],
  calibration_temperature: 27,
  tick_period: 0,
  base_step_length_m: 0.0025,
  max_sweep_rate: 1_372,
  high_speed_mode: true,
};

/** Frames numbered in their first sample. */
function countedSource(frames: number): RadarFrameSource {
  let at = 0;
  return {
    metadata,
    frameRateHz: 20,
    restart() {
      at = 0;
    },
    next() {
      if (at === frames) return undefined;
      const payload = new Uint8Array(1_344);
      payload[0] = at;
      at += 1;
      return {
        tick: at * 50_000,
        temperature: 20,
        data_saturated: false,
        frame_delayed: false,
        calibration_needed: false,
        payload,
      };
    },
  };
}

const text = (parts: readonly Uint8Array[]): string =>
  parts.map((part) => Buffer.from(part).toString("latin1")).join("");
const heads = (parts: readonly Uint8Array[]) =>
  parts.map((part) => JSON.parse(Buffer.from(part.subarray(0, part.indexOf(10))).toString()));
const setup = encodeLine(setupCommand(a121BreathingSettings));
const start = encodeLine({ cmd: "start_streaming" });
const stop = encodeLine({ cmd: "stop_streaming" });

describe("the stand-in exploration server", () => {
  it("brings a talk through its start, at the pace of the frame rate, and really stops", () => {
    const server = newExplorationServer(countedSource(100), 1);
    const talk = acconeerA121.newTalk();
    const heard: string[] = [];
    const converse = (bytes: Uint8Array, nowMs: number): void => {
      for (const answer of server.take(bytes, nowMs)) {
        for (const framed of talk.framer.push(answer)) {
          const one = talk.hear(framed);
          heard.push(one.heard);
          if (one.heard === "go-on") converse(one.write, nowMs);
        }
      }
    };
    converse(talk.start(), 1_000);
    expect(heard).toEqual(["go-on", "go-on", "started"]);
    expect(server.nextDueMs).toBe(1_050);
    expect(server.due(1_049)).toEqual([]);
    expect(heads(server.due(1_150)).map((head) => head.result_info[0][0].tick)).toEqual([50_000, 100_000, 150_000]);
    converse(talk.stop(), 1_160);
    expect(heard.at(-1)).toBe("stopped");
    expect(server.nextDueMs).toBeUndefined();
    expect(server.due(60_000)).toEqual([]);
  });

  it("begins at the first frame again at each start, and runs at the speed it is told", () => {
    const server = newExplorationServer(countedSource(100), 10);
    server.take(setup, 0);
    server.take(start, 0);
    expect(server.due(50).length).toBe(10);
    server.take(stop, 50);
    server.take(start, 60);
    expect(heads(server.due(65))[0].result_info[0][0].tick).toBe(50_000);
  });

  it("says once when the source has ended, and stays silent", () => {
    const server = newExplorationServer(countedSource(2), 1);
    server.take(setup, 0);
    server.take(start, 0);
    const said = server.due(500);
    expect(said.length).toBe(3);
    expect(heads(said)[2]).toEqual({ status: "end_of_recording" });
    expect(server.due(10_000)).toEqual([]);
  });

  it("does not burst after a stall", () => {
    const server = newExplorationServer(countedSource(1_000), 1);
    server.take(setup, 0);
    server.take(start, 0);
    expect(server.due(30_000).length).toBe(16);
    expect(server.due(30_000)).toEqual([]);
    expect(server.due(30_050).length).toBe(1);
  });

  it("refuses what does not fit, and what comes out of order", () => {
    const server = newExplorationServer(countedSource(1), 1);
    expect(text(server.take(start, 0))).toContain('"error"');
    const other = encodeLine(setupCommand({ ...a121BreathingSettings, sweepsPerFrame: 8 }));
    expect(text(server.take(other, 0))).toContain("16 sweeps of 21 points, not 8 of 21");
    expect(text(server.take(encodeLine({ cmd: "fly" }), 0))).toContain("unknown command");
    server.take(setup, 0);
    server.take(start, 0);
    expect(text(server.take(setup, 0))).toContain("setup while streaming");
  });

  it("answers each line of anything with one line, whatever the pieces", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const server = newExplorationServer(countedSource(1), 1);
        const whole = text(server.take(bytes, 0));
        const other = newExplorationServer(countedSource(1), 1);
        const pieces = [...bytes].map((byte) => text(other.take(Uint8Array.of(byte), 0))).join("");
        expect(pieces).toBe(whole);
        expect(whole.split("\n").length - 1).toBe(bytes.filter((byte) => byte === 10).length);
      }),
      { numRuns: 100 },
    );
  });
});

describe.skipIf(!haveRecordings)("a recording as a source", () => {
  const folder = `${recordingsPath}/acconeer-a121`;
  const read = (name: string, loop: boolean) =>
    recordingSource(
      JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8")),
      readFileSync(`${folder}/${name}.wire.bin`),
      { loop },
    );

  it("gives back the recorded bytes exactly", () => {
    const recorded = read("breathing-sitting", false);
    if (!recorded.ok) throw new Error(recorded.why);
    const server = newExplorationServer(recorded.source, 1);
    server.take(setup, 0);
    server.take(start, 0);
    const sent: Uint8Array[] = [];
    for (let now = 0; now <= 39_000; now += 500) sent.push(...server.due(now));
    expect(sent.length).toBe(774);
    const wire = readFileSync(`${folder}/breathing-sitting.wire.bin`);
    expect(Buffer.concat(sent.slice(0, 773)).equals(wire)).toBe(true);
  });

  it("loops behind a gap in sensor time", () => {
    const recorded = read("presence-low_power", true);
    if (!recorded.ok) throw new Error(recorded.why);
    const ticks = Array.from({ length: 21 }, () => recorded.source.next()?.tick ?? -1);
    expect((ticks[10] ?? 0) - (ticks[9] ?? 0)).toBe(loopGapUs);
    expect((ticks[20] ?? 0) - (ticks[19] ?? 0)).toBe(loopGapUs);
    expect(ticks.every((tick, index) => index === 0 || tick > (ticks[index - 1] ?? 0))).toBe(true);
  });
});
