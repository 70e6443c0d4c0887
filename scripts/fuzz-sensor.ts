import { encodeDepth, encodeRadarIq, readDepth, readRadarIq } from "../edge-agent/contract/frames.ts";
import {
  encodeRadarTargets,
  encodeRadarVitals,
  readRadarTargets,
  readRadarVitals,
} from "../edge-agent/contract/module-frames.ts";
import type { Decoded, Framed, Link, Sensor, SensorFrame, Talk } from "../firmware-bridge/sensors/sensor.ts";
import { newRandom, type Random } from "../firmware-bridge/simulator/random.ts";

/*
 * Damages a sensor's streams in every way that a cable, a buffer or another firmware can, and says where its driver throws,
 * hangs, decodes what it must not, or does not find the thread again.
 */

/** Bytes as a sensor sends them; the fuzz damages a part of each. */
export interface Stream {
  readonly wire: Uint8Array;
  readonly link: Link;
}

export interface FuzzOutcome {
  readonly sensor: string;
  readonly mutations: number;
  /** Of these, changes of one byte after which no other reading may appear: a checksum covers it. */
  readonly oneByteChanges: number;
  readonly bytes: number;
  /** Measurements that came through, and such as the driver refused. */
  readonly decoded: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** Good streams that were sent behind the damage until a good frame was out again, at most. */
  readonly tailsMax: number;
  /** What must not happen, in words; the first few. */
  readonly faults: readonly string[];
}

const faultsTold = 5;
/** A mutation that takes longer hangs: a stall of the machine does not last so long. */
const hangMs = (bytes: number): number => 2_000 + bytes * 0.05;
/**
 * No framer may wait for more than this behind damage, or for three good streams where those are longer: a damaged length may
 * announce the longest message there is, and no more.
 */
const tailBytesMax = 20_000;
const tailsMin = 3;

/** What the contract's own reader accepts is legal. */
export const isLegal = (one: Decoded): boolean => !one.ok || (Number.isFinite(one.deviceUs) && readsBack(one.frame));

function readsBack(frame: SensorFrame): boolean {
  if ("iq" in frame) return readRadarIq(encodeRadarIq(frame)).ok;
  if ("mm" in frame) return readDepth(encodeDepth(frame)).ok;
  return "wave" in frame
    ? readRadarVitals(encodeRadarVitals(frame)).ok
    : readRadarTargets(encodeRadarTargets(frame)).ok;
}

/** One string for one frame, so that two can be compared. */
const textOf = (frame: SensorFrame): string =>
  JSON.stringify(frame, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value));

const kinds = ["flip", "cut", "insert", "splice", "repeat"] as const;
type Kind = (typeof kinds)[number];

function mutate(kind: Kind, bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const at = Math.floor(random.uniform() * bytes.length);
  const length = Math.floor(random.logBetween(1, 400));
  const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
  switch (kind) {
    case "flip": {
      // Not `slice`: of a Buffer that is the same memory.
      const changed = Uint8Array.from(bytes);
      if (changed.length > 0) changed[at]! ^= 1 + Math.floor(random.uniform() * 255);
      return changed;
    }
    case "cut":
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case "insert": {
      const noise = Uint8Array.from({ length: Math.min(length, 64) }, () => Math.floor(random.uniform() * 256));
      return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
    }
    case "splice": {
      const from = Math.floor(random.uniform() * donor.length);
      const over = random.chance(0.5) ? length : 0;
      return joined(bytes.subarray(0, at), donor.subarray(from, from + length), bytes.subarray(at + over));
    }
    case "repeat": {
      const times = 1 + Math.floor(random.uniform() * 3);
      const again = bytes.subarray(at, at + length);
      return joined(bytes.subarray(0, at), ...Array.from({ length: times }, () => again), bytes.subarray(at));
    }
  }
}

interface Heard {
  readonly frames: readonly Framed[];
  readonly decoded: readonly Decoded[];
}

/** The way the bridge does: pieces of any size, goes on when told, decodes each measurement. */
function hear(talk: Talk, wire: Uint8Array, link: Link, random: Random | undefined): Heard {
  const frames: Framed[] = [];
  const decoded: Decoded[] = [];
  for (let from = 0, piece = wire.length; from < wire.length; from += piece) {
    piece = random === undefined ? wire.length : Math.floor(random.logBetween(1, 2 * wire.length));
    const given = Buffer.from(wire.subarray(from, from + piece));
    const pushed = talk.framer.push(given, link);
    // What was handed out is a copy: a port's memory is overwritten as soon as it was read.
    given.fill(0xa5);
    for (const framed of pushed) {
      frames.push(framed);
      if (talk.hear(framed).heard === "measurement") decoded.push(talk.decode(framed, 1_000 * frames.length));
    }
  }
  return { frames, decoded };
}

function newTalkOf(sensor: Sensor): Talk {
  const talk = sensor.newTalk();
  talk.start();
  return talk;
}

const sameFramed = (a: Framed, b: Framed): boolean =>
  Buffer.compare(a.payload, b.payload) === 0 && JSON.stringify(a.head) === JSON.stringify(b.head);

/** The sensor's own samples. */
export const sampleStreams = (sensor: Sensor): readonly Stream[] =>
  sensor.samples.map(({ wire, link }) => ({ wire, link: link ?? "data" }));

/** @param streams at least one; damage to one may bring in a part of another. */
export function fuzzSensor(sensor: Sensor, streams: readonly Stream[], count: number, seed: number): FuzzOutcome {
  const random = newRandom(seed);
  const faults: string[] = [];
  const good = goodTail(sensor);
  /**
   * Of each stream, unharmed: what one changed byte may leave of it where a checksum covers it. Null: no word on it, since
   * the stream holds frames whose checksum fails as they are, and one byte may mend them.
   */
  const clean = streams.map(({ wire, link }) => {
    const talk = newTalkOf(sensor);
    const { decoded } = hear(talk, wire, link, undefined);
    if (!sensor.checksum || talk.framer.counts.checksumErrors > 0) return null;
    return decoded.flatMap((one) => (one.ok ? [textOf(one.frame)] : []));
  });
  // Lives through all of it, as a connection does.
  const lasting = newTalkOf(sensor);
  let bytes = 0;
  let decoded = 0;
  let refused = 0;
  let slowestMs = 0;
  let tailsMax = 0;
  let oneByteChanges = 0;

  for (let n = 0; n < count; n++) {
    const place = Math.floor(random.uniform() * streams.length);
    const stream = streams[place]!;
    const donor = streams[Math.floor(random.uniform() * streams.length)]!.wire;
    const oneByte = random.chance(0.4);
    let wire = stream.wire;
    let did = "";
    for (let left = oneByte ? 1 : 1 + Math.floor(random.uniform() * 3); left > 0; left--) {
      const kind = oneByte ? "flip" : random.pick(kinds);
      wire = mutate(kind, wire, donor, random);
      did += ` ${kind}`;
    }
    const fault = (words: string): void => {
      if (faults.length < faultsTold) faults.push(`seed ${seed}, mutation ${n} (${did.trim()}): ${words}`);
    };
    bytes += wire.length;
    const begun = performance.now();
    try {
      const talk = newTalkOf(sensor);
      const heard = hear(talk, wire, stream.link, random);
      for (const one of heard.decoded) {
        if (one.ok) decoded += 1;
        else refused += 1;
        if (!isLegal(one)) fault(`an illegal frame: ${JSON.stringify(one).slice(0, 200)}`);
      }
      const unharmed = clean[place];
      if (oneByte && unharmed) {
        oneByteChanges += 1;
        const strange = otherReading(heard.decoded, unharmed);
        if (strange !== undefined) fault(`one changed byte made another reading: ${strange.slice(0, 200)}`);
      }
      if (good !== undefined) {
        const tails = tailsUntilFound(talk, good);
        if (tails === undefined) fault("no good frame was found behind it");
        else tailsMax = Math.max(tailsMax, tails);
      }
      if (n % 4 === 0) hear(lasting, wire, stream.link, random);
    } catch (cause) {
      fault(`threw ${cause instanceof Error ? cause.stack : String(cause)}`);
    }
    const tookMs = performance.now() - begun;
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > hangMs(wire.length)) fault(`took ${Math.round(tookMs)} ms for ${wire.length} bytes`);
  }
  const { name } = sensor;
  return { sensor: name, mutations: count, oneByteChanges, bytes, decoded, refused, slowestMs, tailsMax, faults };
}

/** Readings must be those of the unharmed stream, some of them missing. */
function otherReading(decoded: readonly Decoded[], clean: readonly string[]): string | undefined {
  let at = 0;
  for (const one of decoded) {
    if (!one.ok) continue;
    const text = textOf(one.frame);
    const found = clean.indexOf(text, at);
    if (found < 0) return text;
    at = found + 1;
  }
  return undefined;
}

interface Tail {
  readonly wire: Uint8Array;
  /** Its measurements as they leave the framer. */
  readonly frames: readonly Framed[];
}

function goodTail(sensor: Sensor): Tail | undefined {
  for (const sample of sensor.samples) {
    if (sample.link === "commands" || !sample.decodesTo.some(({ ok }) => ok)) continue;
    const talk = newTalkOf(sensor);
    const frames = talk.framer.push(sample.wire).filter((framed) => talk.hear(framed).heard === "measurement");
    if (frames.length > 0) return { wire: sample.wire, frames };
  }
  return undefined;
}

function tailsUntilFound(talk: Talk, { wire, frames }: Tail): number | undefined {
  const copiesMax = Math.max(tailsMin, Math.ceil(tailBytesMax / wire.length));
  for (let copy = 1; copy <= copiesMax; copy++) {
    for (const framed of talk.framer.push(wire)) if (frames.some((one) => sameFramed(one, framed))) return copy;
  }
  return undefined;
}
