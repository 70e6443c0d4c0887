import { encodeFrame, encodeLine, encodeSetupAnswer } from "../sensors/a121-encode.ts";
import { firstOf, type JsonObject, listIn, objectIn, wholeIn } from "../sensors/json-value.ts";
import type { RadarFrameSource } from "./frame-source.ts";

/*
 * The server side of Acconeer's exploration protocol for one A121, over any source of frames. Bytes in, bytes out; the
 * caller has the clock and the socket. Where a source ends, a real server would go on: one line of our own,
 * `{"status":"end_of_recording"}`, says that nothing more will come.
 */

export interface ExplorationServer {
  /** Bytes from the client; what to answer at once. */
  take(bytes: Uint8Array, nowMs: number): readonly Uint8Array[];
  /** The frames due by now, each whole. */
  due(nowMs: number): readonly Uint8Array[];
  /** When the next frame falls due, on the clock of `nowMs`; undefined while nothing streams. */
  readonly nextDueMs: number | undefined;
}

const lineBytesMax = 16_384;
/** After a stall of the machine the schedule slips; it does not burst. */
const framesAtOnceMin = 16;

type Stage = "not-set-up" | "set-up" | "streaming" | "ended";

/** @param speed seconds of sensor time in one second of the caller's clock */
export function newExplorationServer(source: RadarFrameSource, speed: number): ExplorationServer {
  const periodMs = 1_000 / (source.frameRateHz * speed);
  const framesAtOnceMax = Math.max(framesAtOnceMin, Math.ceil(500 / periodMs));
  let stage: Stage = "not-set-up";
  let line = "";
  let tooLong = false;
  let nextMs = 0;

  const error = (message: string): Uint8Array => encodeLine({ status: "error", message });

  const obey = (command: JsonObject, nowMs: number): Uint8Array => {
    switch (command.cmd) {
      case "get_system_info":
        return encodeLine({
          status: "ok",
          system_info: {
            rss_version: "a121-v1.10.0",
            sensor: "a121",
            sensor_count: 1,
            ticks_per_second: 1_000_000,
            hw: "stand-in",
          },
        });
      case "get_sensor_info":
        return encodeLine({ status: "ok", sensor_info: [{ connected: true, serial: null }] });
      case "setup": {
        if (stage === "streaming") return error("setup while streaming");
        const why = misfit(command, source);
        if (why !== undefined) {
          stage = "not-set-up";
          return error(why);
        }
        stage = "set-up";
        return encodeSetupAnswer(source.metadata);
      }
      case "start_streaming":
        if (stage === "not-set-up") return error("start_streaming before setup");
        if (stage === "streaming") return error("already streaming");
        source.restart();
        stage = "streaming";
        nextMs = nowMs + periodMs;
        return encodeLine({ status: "start" });
      case "stop_streaming":
        if (stage !== "not-set-up") stage = "set-up";
        return encodeLine({ status: "stop" });
      default:
        return error("unknown command");
    }
  };

  const answerLine = (text: string, nowMs: number): Uint8Array => {
    let command: JsonObject | undefined;
    try {
      command = objectIn(JSON.parse(text));
    } catch {
      command = undefined;
    }
    return command === undefined ? error("not a command") : obey(command, nowMs);
  };

  return {
    take(bytes, nowMs) {
      const answers: Uint8Array[] = [];
      for (const byte of bytes) {
        if (byte === 0x0a) {
          answers.push(tooLong ? error("line too long") : answerLine(line, nowMs));
          line = "";
          tooLong = false;
        } else if (line.length >= lineBytesMax) {
          tooLong = true;
        } else {
          line += String.fromCharCode(byte);
        }
      }
      return answers;
    },
    due(nowMs) {
      const frames: Uint8Array[] = [];
      while (stage === "streaming" && nextMs <= nowMs) {
        if (frames.length >= framesAtOnceMax) {
          nextMs = nowMs + periodMs;
          break;
        }
        nextMs += periodMs;
        const frame = source.next();
        if (frame === undefined) {
          stage = "ended";
          frames.push(encodeLine({ status: "end_of_recording" }));
        } else if (frame.lost !== true) {
          frames.push(encodeFrame(frame));
        }
      }
      return frames;
    },
    get nextDueMs() {
      return stage === "streaming" ? nextMs : undefined;
    },
  };
}

/** From the client. What was asked must be what the source has: a recording cannot measure anew. */
function misfit(command: JsonObject, source: RadarFrameSource): string | undefined {
  const config = objectIn(objectIn(firstOf(firstOf(command.groups)))?.config);
  const subsweeps = listIn(config?.subsweeps);
  const sweeps = wholeIn(config?.sweeps_per_frame, 1, 4_096);
  if (config === undefined || subsweeps === undefined || sweeps === undefined) return "setup without a configuration";
  let points = 0;
  for (const subsweep of subsweeps) {
    const count = wholeIn(objectIn(subsweep)?.num_points, 1, 4_095);
    if (count === undefined) return "setup with a bad subsweep";
    points += count;
  }
  const { sweep_data_length, frame_data_length } = source.metadata;
  if (points !== sweep_data_length || points * sweeps !== frame_data_length) {
    return `this source has ${frame_data_length / sweep_data_length} sweeps of ${sweep_data_length} points, not ${sweeps} of ${points}`;
  }
  if (config.frame_rate !== source.frameRateHz) return `this source has ${source.frameRateHz} frames per second`;
  return undefined;
}
