import type { RadarIqFrame } from "../../edge-agent/contract/frames.ts";
import type { RadarMetadata, RadarWireFrame } from "../simulator/frame-source.ts";
import { newA121Decoder } from "./a121-decode.ts";
import { encodeFrame, encodeLine } from "./a121-encode.ts";
import { readMetadata } from "./a121-metadata.ts";
import { type A121Settings, a121BreathingSettings, payloadBytesOf, setupCommand } from "./a121-settings.ts";
import { newJsonFramer } from "./json-framer.ts";
import { firstOf, numberIn, objectIn } from "./json-value.ts";
import type { Decoded, Framed, Heard, Sample, Sensor, Talk } from "./sensor.ts";

/*
 * Acconeer A121, 60 GHz pulsed coherent radar, behind Acconeer's exploration server (XC120, XE121 or XM125 on USB or UART,
 * or a computer on TCP 6110). Source: acconeer-python-exploration v7.18, `a121/_core/communication`.
 *
 * Start: get_system_info -> set_uart_baudrate, where it is on a UART -> setup -> start_streaming, each answered before the next is sent. Then measurements come by
 * themselves until stop_streaming.
 */

/** `stopping` outranks the start: whatever still comes of it is not answered. */
type Stage = "idle" | "asking" | "raising" | "setting-up" | "starting" | "streaming" | "stopping";

/**
 * A server on a UART begins at 115,200 baud, which carries 11.5 kB/s; the frames need 30. It says what it can at most
 * (`max_baudrate`), and answers `set_uart_baudrate` before it changes. A break brings it back. Servers on USB or TCP have no
 * such limit and do not name one. (`exploration_client.py`, `serial_link.py`; not confirmed on a device.)
 */
const uartRate = 921_600;
/** Of the line of JSON before each frame's samples, and its share of what else is said. */
const headBytesMax = 200;
const bitsPerByte = 10;
const rateNeeded = (settings: A121Settings): number =>
  bitsPerByte * settings.frameRateHz * (payloadBytesOf(settings) + headBytesMax);

/** One connection. The settings must fit the model: they are never taken from a site's configuration. */
export function newA121Talk(settings: A121Settings = a121BreathingSettings): Talk<RadarIqFrame> {
  const framer = newJsonFramer();
  let stage: Stage = "idle";
  /** Of the UART, once it has been raised on this connection. */
  let raised = false;
  let raising = 0;
  let ticksPerSecond = settings.ticksPerSecond;
  let decode: ((framed: Framed) => Decoded<RadarIqFrame>) | undefined;

  const refuse = (words: string): Heard => {
    stage = "idle";
    return { heard: "refused", words };
  };
  const setUp = (): Heard => {
    stage = "setting-up";
    return { heard: "go-on", write: encodeLine(setupCommand(settings)) };
  };

  const hearOk = (head: Framed["head"]): Heard => {
    switch (stage) {
      case "asking": {
        const info = objectIn(head.system_info);
        if (info === undefined) return { heard: "nothing" };
        if (typeof info.sensor === "string" && info.sensor !== "a121")
          return refuse(`an ${clip(info.sensor)}, not an a121`);
        ticksPerSecond = numberIn(info.ticks_per_second, 1, 1e9) ?? settings.ticksPerSecond;
        const most = numberIn(info.max_baudrate, 1, 1e9);
        if (most === undefined || raised) return setUp();
        if (most < rateNeeded(settings)) {
          return refuse(`its UART reaches ${most} baud; ${rateNeeded(settings)} are needed: use USB or TCP`);
        }
        stage = "raising";
        raising = Math.min(most, uartRate);
        return { heard: "go-on", write: encodeLine({ cmd: "set_uart_baudrate", baudrate: raising }) };
      }
      case "raising": {
        raised = true;
        stage = "setting-up";
        return { heard: "go-on", write: encodeLine(setupCommand(settings)), baudRate: raising };
      }
      case "setting-up": {
        if (head.metadata === undefined) return { heard: "nothing" };
        const metadata = readMetadata(firstOf(firstOf(head.metadata)), settings, head.tick_period);
        if (metadata === undefined) return refuse("what it will send does not fit the settings");
        decode = newA121Decoder(settings, metadata, ticksPerSecond);
        framer.expectPayload(payloadBytesOf(settings));
        stage = "starting";
        return { heard: "go-on", write: encodeLine({ cmd: "start_streaming" }) };
      }
      case "idle":
      case "starting":
      case "streaming":
      case "stopping":
        return { heard: "nothing" };
    }
  };

  return {
    framer,
    start() {
      stage = "asking";
      decode = undefined;
      // Another setting may still be streaming; its frames are of another size.
      framer.expectPayload(undefined);
      return encodeLine({ cmd: "get_system_info" });
    },
    stop() {
      stage = "stopping";
      return encodeLine({ cmd: "stop_streaming" });
    },
    hear({ head, payload }) {
      if (Array.isArray(head.result_info)) {
        // An empty result may follow a stop.
        return head.result_info.length === 0 && payload.length === 0 ? { heard: "nothing" } : { heard: "measurement" };
      }
      switch (head.status) {
        case "ok":
          return hearOk(head);
        case "start":
          if (stage !== "starting") return { heard: "nothing" };
          stage = "streaming";
          return { heard: "started" };
        case "stop":
          if (stage === "streaming" || stage === "stopping") {
            stage = "idle";
            return { heard: "stopped" };
          }
          return { heard: "nothing" };
        case "end_of_recording":
          return stage === "streaming" ? { heard: "recording-ended" } : { heard: "nothing" };
        case "error":
          // A server that was not streaming may answer a stop with an error. Frames that still come show otherwise.
          if (stage === "stopping") {
            stage = "idle";
            return { heard: "stopped" };
          }
          return refuse(typeof head.message === "string" ? clip(head.message) : "error without words");
        default:
          return { heard: "nothing" };
      }
    },
    decode: (framed) => decode?.(framed) ?? { ok: false, why: "not-set-up" },
  };
}

/** Words of a server go into a status message: short, and printable ASCII only. */
const clip = (words: string): string => words.replace(/[^\x20-\x7e]/g, "?").slice(0, 120);

const sampleMetadata: RadarMetadata = {
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

const systemInfo = encodeLine({
  status: "ok",
  system_info: { rss_version: "a121-v1.10.0", sensor: "a121", sensor_count: 5, ticks_per_second: 1_000_000 },
});
const { tick_period, ...withoutTick } = sampleMetadata;
const setupAnswer = encodeLine({ status: "ok", tick_period, payload_size: 0, metadata: [[withoutTick]] });
const started = encodeLine({ status: "start" });
const stopped = encodeLine({ status: "stop" });
const emptyResult = encodeLine({ status: "ok", result_info: [], payload_size: 0 });

function sampleFrame(tick: number, i: number, q: number): RadarWireFrame {
  const payload = new Uint8Array(payloadBytesOf(a121BreathingSettings));
  const view = new DataView(payload.buffer);
  for (let at = 0; at < payload.length; at += 4) {
    view.setInt16(at, i, true);
    view.setInt16(at + 2, q, true);
  }
  return { tick, temperature: 21, data_saturated: false, frame_delayed: false, calibration_needed: false, payload };
}

const everywhere = (i: number, q: number): Int16Array =>
  Int16Array.from({ length: 2 * 16 * 21 }, (_, k) => (k % 2 === 0 ? i : q));

const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

const begun = ["go-on", "go-on", "started"] as const;

const samples: readonly Sample<RadarIqFrame>[] = [
  {
    name: "a start, two frames of which the second lies behind the wrap of the tick, a stop with a stray empty result",
    wire: join(
      join(systemInfo, setupAnswer, started),
      encodeFrame(sampleFrame(4_294_942_296, 1_000, -1_000)),
      encodeFrame(sampleFrame(25_000, -32_768, 32_767)),
      stopped,
      emptyResult,
    ),
    heard: [...begun, "measurement", "measurement", "stopped", "nothing"],
    decodesTo: [
      { ok: true, deviceUs: 4_294_942_296, frame: { iq: everywhere(1_000, -1_000) } },
      { ok: true, deviceUs: 4_294_992_296, frame: { iq: everywhere(-32_768, 32_767) } },
    ],
  },
  {
    name: "an older server: no flags in the result, no high speed mode in the metadata, no ticks per second",
    wire: join(
      encodeLine({ status: "ok", system_info: { sensor: "a121" } }),
      encodeLine({
        status: "ok",
        tick_period: 0,
        metadata: [[{ frame_data_length: 336, sweep_data_length: 21, base_step_length_m: 0.0025 }]],
      }),
      started,
      encodeLine({ status: "ok", result_info: [[{ tick: 7, temperature: 30 }]], payload_size: 1_344 }),
      sampleFrame(7, 5, 6).payload,
    ),
    heard: [...begun, "measurement"],
    decodesTo: [{ ok: true, deviceUs: 7, frame: { iq: everywhere(5, 6) } }],
  },
  {
    name: "a log line, a setup that the server refuses",
    wire: join(
      systemInfo,
      encodeLine({ status: "log", level: "ERROR", timestamp: 1, module: "rss", log: "calibration failed" }),
      encodeLine({ status: "error", message: "setup failed" }),
    ),
    heard: ["go-on", "nothing", "refused"],
    decodesTo: [],
  },
  {
    name: "a frame without a tick, and the end of a recording",
    wire: join(
      join(systemInfo, setupAnswer, started),
      encodeLine({ status: "ok", result_info: [[{ temperature: 30 }]], payload_size: 1_344 }),
      sampleFrame(7, 5, 6).payload,
      encodeLine({ status: "end_of_recording" }),
    ),
    heard: [...begun, "measurement", "recording-ended"],
    decodesTo: [{ ok: false, why: "missing-field" }],
  },
];

export const acconeerA121: Sensor<RadarIqFrame> = {
  name: "acconeer-a121",
  dataSheet: "https://developer.acconeer.com/download/a121-datasheet-pdf",
  kind: "radar-iq",
  off: "stops",
  baudRate: { data: 115_200, breakFirst: true },
  checksum: false,
  frameRateHz: a121BreathingSettings.frameRateHz,
  rangeMm: { from: 298, to: 1_502 },
  newTalk: () => newA121Talk(),
  samples,
};
