import { type Port, PortError } from "../firmware-bridge/ports/port.ts";
import { newSerialPort } from "../firmware-bridge/ports/serial.ts";
import type { Link, Sensor, Talk } from "../firmware-bridge/sensors/sensor.ts";

/*
 * Which sensor hangs on a serial port, by the frames that its bytes make. What it sends of its own accord is heard first;
 * then each sensor that could be there is told to stop, and one that answers is known by that. Nothing is ever started, and no
 * reading is decoded: frames are told by their framing and checksum alone.
 */

export interface Found {
  readonly is: "found";
  /** More than one where their bytes cannot be told apart. */
  readonly models: readonly string[];
  /** This port takes commands; the measurements come from another one. */
  readonly link: Link;
  readonly baudRate: number;
  /** `sure`: by checksums, or by an answer that only such a sensor gives. */
  readonly how: "sure" | "likely" | "perhaps";
  readonly why: string;
}

export type Probed =
  | Found
  /** `bytes`: how many came at the rate at which most came. */
  | { readonly is: "unknown"; readonly bytes: number; readonly baudRate: number | null }
  | { readonly is: "failed"; readonly words: string };

export interface ProbeParts {
  readonly sensors: readonly Sensor[];
  /** How long to hear a port before anything is written to it, at least; longer for sensors that say little. */
  readonly listenMs: number;
  readonly answerWithinMs: number;
  readonly newPort?: (path: string, baudRate: number) => Port;
}

const framesEnough = 3;
/** A sensor may say nothing for its longest pause and a quarter more. */
const pauses = 1.25;

interface Candidate {
  readonly sensor: Sensor;
  readonly link: Link;
  readonly talk: Talk;
  /** Measurements, and answers to our stop. */
  frames: number;
  answered: boolean;
}

export async function probePort(path: string, parts: ProbeParts): Promise<Probed> {
  let most: { readonly bytes: number; readonly baudRate: number | null } = { bytes: 0, baudRate: null };
  for (const baudRate of baudRatesOf(parts)) {
    try {
      const heard = await probeAt(path, baudRate, parts);
      if (typeof heard !== "number") return heard;
      if (heard > most.bytes) most = { bytes: heard, baudRate };
    } catch (cause) {
      return { is: "failed", words: cause instanceof PortError ? cause.message : String(cause) };
    }
  }
  return { is: "unknown", ...most };
}

/** Those first that take the least time, and of them those at which most kinds of sensor speak. */
function baudRatesOf({ sensors, listenMs }: ProbeParts): readonly number[] {
  const rates = new Set(sensors.flatMap(({ baudRate }) => [baudRate?.data ?? [], baudRate?.commands ?? []].flat()));
  return [...rates]
    .map((rate) => ({ rate, candidates: candidatesAt(rate, sensors) }))
    .map(({ rate, candidates }) => ({ rate, ms: listenMsOf(candidates, listenMs), count: candidates.length }))
    .sort((a, b) => a.ms - b.ms || b.count - a.count || a.rate - b.rate)
    .map(({ rate }) => rate);
}

function candidatesAt(baudRate: number, sensors: readonly Sensor[]): readonly Candidate[] {
  return sensors.flatMap((sensor) =>
    (["data", "commands"] as const)
      .filter((link) => sensor.baudRate?.[link] === baudRate)
      .map((link) => ({ sensor, link, talk: sensor.newTalk(), frames: 0, answered: false })),
  );
}

/** The sensor, or how many bytes came from none that is known. @throws PortError */
async function probeAt(path: string, baudRate: number, parts: ProbeParts): Promise<Found | number> {
  const candidates = candidatesAt(baudRate, parts.sensors);
  const port = (parts.newPort ?? serialPort)(path, baudRate);
  let bytes = 0;
  let gone: PortError | undefined;
  port.onBytes((chunk) => {
    bytes += chunk.length;
    for (const candidate of candidates) hear(candidate, chunk);
    chunk.fill(0);
  });
  port.onClose((why) => {
    gone = why;
  });
  const until = async (ms: number, done: () => boolean): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end && !done()) {
      if (gone !== undefined) throw gone;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await port.open(new AbortController().signal);
  try {
    const streaming = (): boolean => candidates.some(({ frames }) => frames >= framesEnough);
    await until(listenMsOf(candidates, parts.listenMs), streaming);
    if (candidates.some(isHeard)) return await found(port, baudRate, candidates, until, parts);
    const stops = candidates.filter(({ sensor, link }) => sensor.off === "stops" && takesCommands(sensor, link));
    for (const [command, told] of byCommand(stops)) {
      port.write(command);
      await until(parts.answerWithinMs, () => told.some(({ answered }) => answered));
      const answered = told.filter((one) => one.answered);
      const [first] = answered;
      if (first === undefined) continue;
      const models = answered.map(({ sensor }) => sensor.name);
      const how = models.length === 1 ? "sure" : "perhaps";
      return { is: "found", models, link: first.link, baudRate, how, why: "it answered when it was told to stop" };
    }
    return bytes;
  } finally {
    for (const { talk } of candidates) talk.framer.clear();
    port.close();
  }
}

/** It speaks by itself: it is told to stop, where it can. */
async function found(
  port: Port,
  baudRate: number,
  candidates: readonly Candidate[],
  until: (ms: number, done: () => boolean) => Promise<void>,
  { answerWithinMs }: ProbeParts,
): Promise<Found> {
  const best = candidates.filter(isHeard).reduce((a, b) => (b.frames > a.frames ? b : a));
  const { sensor, link, frames, talk } = best;
  const like = candidates.filter((one) => one.frames === frames && one.link === link).map((one) => one.sensor.name);
  const how = like.length > 1 ? "perhaps" : frames < 2 ? "perhaps" : sensor.checksum ? "sure" : "likely";
  const kind = sensor.checksum ? "with a right checksum" : "whole by their marks (this protocol has no checksum)";
  const why = `${frames} ${frames === 1 ? "frame" : "frames"} ${kind}`;
  if (sensor.off === "ignored") return { is: "found", models: like, link, baudRate, how, why };
  if (!takesCommands(sensor, link)) {
    const words = `${why}; it is measuring and takes no commands on this port`;
    return { is: "found", models: like, link, baudRate, how, why: words };
  }
  port.write(talk.stop());
  await until(answerWithinMs, () => best.answered);
  const word = best.answered ? "it was measuring and was told to stop" : "told to stop, it did not answer";
  return { is: "found", models: like, link, baudRate, how, why: `${why}; ${word}` };
}

/** One frame without a checksum may be chance. */
const isHeard = ({ frames, sensor }: Candidate): boolean => frames >= (sensor.checksum ? 1 : 2);

function hear(candidate: Candidate, chunk: Uint8Array): void {
  for (const framed of candidate.talk.framer.push(chunk, candidate.link)) {
    const { heard } = candidate.talk.hear(framed);
    if (heard === "measurement") candidate.frames += 1;
    if (heard === "stopped" || heard === "refused") candidate.answered = true;
    framed.payload.fill(0);
  }
}

function listenMsOf(candidates: readonly Candidate[], leastMs: number): number {
  const bySelf = candidates.filter(({ sensor }) => sensor.off === "ignored");
  return Math.max(leastMs, ...bySelf.map(({ sensor }) => (1_000 * 2 * pauses) / sensor.frameRateHz));
}

const takesCommands = ({ baudRate }: Sensor, link: Link): boolean =>
  (baudRate?.commands === undefined) === (link === "data");

/** Sensors with the same command of the same bytes are told at once. */
function byCommand(candidates: readonly Candidate[]): readonly (readonly [Uint8Array, readonly Candidate[]])[] {
  const groups = new Map<string, [Uint8Array, Candidate[]]>();
  for (const candidate of candidates) {
    const command = candidate.talk.stop();
    const key = Buffer.from(command).toString("hex");
    const group = groups.get(key) ?? [command, []];
    group[1].push(candidate);
    groups.set(key, group);
  }
  return [...groups.values()].filter(([command]) => command.length > 0);
}

const serialPort = (path: string, baudRate: number): Port => newSerialPort({ data: { path, baudRate } });
