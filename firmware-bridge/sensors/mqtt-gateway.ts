import { type GatewayFields, topicsOf } from "../../edge-agent/contract/gateway.ts";
import { type RadarTargetsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";
import { objectIn } from "./json-value.ts";
import type { Decoded, Framed, Framer, Sample, Sensor, Talk } from "./sensor.ts";
import { newArrivals } from "./short-frames.ts";
import { joinBytes } from "./wire-bytes.ts";

/*
 * A gateway that speaks MQTT by itself. The port hands on each message as a line of JSON, {"t": topic, "p": payload as text}; which
 * topics, and what is where in them, the site's configuration says. It takes no command to stop: the bridge leaves.
 * A frame is what one message says; its own breathing rate can only disagree.
 */

export const gatewayFrameRateHz = 1;
const lineBytesMax = 8_192;
const newline = 0x0a;
const text = new TextDecoder("utf-8");
const encoder = new TextEncoder();

/** One message on the port's wire. */
export const encodeGatewayLine = (topic: string, payload: string): Uint8Array =>
  encoder.encode(`${JSON.stringify({ t: topic, p: payload })}\n`);

/** As ESPHome names the topics of a radar node called "bed". */
export const usualGatewayFields: GatewayFields = {
  present: { topic: "bed/binary_sensor/presence/state" },
  moving: { topic: "bed/binary_sensor/moving/state" },
  distance: { topic: "bed/sensor/distance/state", unit: "cm" },
  breathing: { topic: "bed/sensor/breathing/state" },
};

const yesWords = ["true", "1", "on", "yes", "detected"];
const noWords = ["false", "0", "off", "no", "clear", "not detected"];
/** A gateway that knows nothing says so in words: that is neither yes nor no. */
const unknownWords = ["", "nan", "none", "null", "unknown", "unavailable", "offline"];

interface Line {
  readonly topic: string;
  readonly payload: string;
}

function readLine(bytes: Uint8Array): Line | undefined {
  try {
    const line = objectIn(JSON.parse(text.decode(bytes)));
    return typeof line?.t === "string" && typeof line.p === "string" ? { topic: line.t, payload: line.p } : undefined;
  } catch {
    return undefined;
  }
}

/** Lines of JSON with a topic that the configuration names; others are counted as strange. */
function newGatewayFramer(topics: ReadonlySet<string>): Framer {
  let held = new Uint8Array();
  let bytesSkipped = 0;
  let resyncs = 0;
  let strange = 0;
  let lost = false;
  const skip = (count: number): void => {
    bytesSkipped += count;
    lost = true;
  };
  return {
    push(bytes) {
      const frames: Framed[] = [];
      const all = held.length === 0 ? bytes : joinBytes(held, bytes);
      let from = 0;
      for (let end = all.indexOf(newline); end >= 0; end = all.indexOf(newline, from)) {
        const content = all.subarray(from, end);
        const line = content.length > lineBytesMax ? undefined : readLine(content);
        from = end + 1;
        if (line === undefined) {
          skip(content.length + 1);
          continue;
        }
        if (lost) resyncs += 1;
        lost = false;
        if (topics.has(line.topic)) frames.push({ head: { topic: line.topic }, payload: encoder.encode(line.payload) });
        else strange += 1;
      }
      held.fill(0);
      held = all.slice(from);
      if (held.length > lineBytesMax) {
        skip(held.length);
        held = new Uint8Array();
      }
      return frames;
    },
    get counts() {
      return { bytesSkipped, resyncs, checksumErrors: 0, strange };
    },
    clear() {
      held.fill(0);
      held = new Uint8Array();
      lost = false;
    },
  };
}

export function newGatewayTalk(fields: GatewayFields = usualGatewayFields): Talk<RadarTargetsFrame> {
  const arrivals = newArrivals(20 * gapUs);
  const silence = new Uint8Array();
  return {
    framer: newGatewayFramer(new Set(topicsOf(fields))),
    start() {
      arrivals.forget();
      return silence;
    },
    stop: () => silence,
    hear: () => ({ heard: "measurement" }),
    decode({ head, payload }, arrivedUs): Decoded<RadarTargetsFrame> {
      const value = valuesOf(text.decode(payload));
      const of = <F extends { readonly topic: string; readonly path?: string | undefined }>(field: F | undefined) =>
        field === undefined || field.topic !== head.topic ? undefined : value(field.path);
      const present = yesOf(of(fields.present), fields.present.yes);
      const moving = yesOf(of(fields.moving), fields.moving?.yes);
      const distanceMm = numberOf(
        of(fields.distance),
        { mm: 1, cm: 10, m: 1_000 }[fields.distance?.unit ?? "mm"],
        100_000,
      );
      const movement = numberOf(of(fields.movement), 1, 100);
      const breathingPerMin = numberOf(of(fields.breathing), 1, 200);
      const said = { present, moving, distanceMm, movement, breathingPerMin };
      const values = Object.values(said);
      // A field that is wrong spoils only itself: "-1" for no target comes beside "nobody".
      if (values.every((one) => one === null || one === "wrong")) {
        return { ok: false, why: values.includes("wrong") ? "field-out-of-range" : "missing-field" };
      }
      return {
        ok: true,
        deviceUs: deviceUs(arrivedUs),
        afterGap: arrivals.isAfterGap(arrivedUs),
        frame: {
          ...saysNothing(gatewayFrameRateHz),
          present: known(present),
          moving: known(moving),
          distanceMm: known(distanceMm),
          movement: known(movement),
          breathingPerMin: known(breathingPerMin),
          targets: [],
        },
      };
    },
  };
}

/** Of one payload: the value at a path; undefined: nothing there. */
function valuesOf(payload: string): (path: string | undefined) => unknown {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    json = undefined;
  }
  return (path) => {
    if (path === undefined) return json === undefined || typeof json === "object" ? payload : json;
    return path.split(".").reduce<unknown>((at, name) => {
      const object = objectIn(at);
      return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
    }, json);
  };
}

const known = <T>(value: T | "wrong"): T | null => (value === "wrong" ? null : value);

/** "Nobody" is said only by a word for no. Where the site named the word for yes, any other word that says something is no. */
function yesOf(value: unknown, yes: string | undefined): boolean | null | "wrong" {
  if (value === undefined || value === null) return null;
  if (typeof value === "object") return "wrong";
  const word = String(value).trim();
  const usual = word.toLowerCase();
  if (yes !== undefined && word === yes) return true;
  if (unknownWords.includes(usual)) return null;
  if (yes !== undefined) return false;
  if (yesWords.includes(usual)) return true;
  return noWords.includes(usual) ? false : "wrong";
}

function numberOf(value: unknown, factor: number, most: number): number | null | "wrong" {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && unknownWords.includes(value.trim().toLowerCase())) return null;
  const number = typeof value === "number" || typeof value === "string" ? factor * Number(value) : Number.NaN;
  return number >= 0 && number <= most ? number : "wrong";
}

const line = (name: string, payload: string): Uint8Array => encodeGatewayLine(`bed/${name}/state`, payload);
const frameOf = (frame: Partial<RadarTargetsFrame>) => ({ ok: true as const, frame });

const samples: readonly Sample<RadarTargetsFrame>[] = [
  {
    name: "an ESPHome node: somebody there, moving, 1.2 m away, a rate, a distance that it does not know, nobody",
    wire: joinBytes(
      line("binary_sensor/presence", "ON"),
      line("binary_sensor/moving", "ON"),
      line("sensor/distance", "120.5"),
      line("sensor/breathing", "14"),
      line("binary_sensor/moving", "OFF"),
      line("binary_sensor/presence", "OFF"),
    ),
    heard: Array.from({ length: 6 }, () => "measurement" as const),
    decodesTo: [
      frameOf({ present: true, moving: null, distanceMm: null, breathingPerMin: null }),
      frameOf({ moving: true, present: null }),
      frameOf({ distanceMm: 1_205 }),
      frameOf({ breathingPerMin: 14 }),
      frameOf({ moving: false }),
      frameOf({ present: false }),
    ],
  },
  {
    name: "a gateway that knows nothing of presence, one that says it in words that nobody knows",
    wire: joinBytes(
      ...["unavailable", "unknown", "", "nan"].map((word) => line("binary_sensor/presence", word)),
      line("binary_sensor/presence", "{}"),
      line("binary_sensor/presence", "maybe"),
      line("binary_sensor/presence", "false"),
    ),
    heard: Array.from({ length: 7 }, () => "measurement" as const),
    decodesTo: [
      ...Array.from({ length: 4 }, () => ({ ok: false, why: "missing-field" }) as const),
      { ok: false, why: "field-out-of-range" },
      { ok: false, why: "field-out-of-range" },
      frameOf({ present: false }),
    ],
  },
  {
    name: "a topic that nobody asked for, a number that is none, one that is not known",
    wire: joinBytes(line("sensor/uptime", "7"), line("sensor/distance", "far"), line("sensor/distance", "NaN")),
    heard: ["measurement", "measurement"],
    decodesTo: [
      { ok: false, why: "field-out-of-range" },
      { ok: false, why: "missing-field" },
    ],
    counts: { strange: 1 },
  },
];

export const mqttGateway: Sensor<RadarTargetsFrame> = {
  name: "mqtt-gateway",
  dataSheet: "https://esphome.io/components/mqtt",
  kind: "radar-targets",
  off: "ignored",
  baudRate: null,
  checksum: false,
  frameRateHz: gatewayFrameRateHz,
  rangeMm: { from: 0, to: 10_000 },
  newTalk: () => newGatewayTalk(),
  samples,
};
