import { randomBytes } from "node:crypto";
import type { BridgeStatus } from "../edge-agent/contract/bridge-status.ts";
import type { EnvelopeHeader } from "../edge-agent/contract/frames.ts";
import { elapsedMs, type MonoMs } from "../edge-agent/contract/units.ts";
import type { SensorState } from "../edge-agent/contract/words.ts";
import type { Clock } from "../edge-agent/platform/clock.ts";
import { backOffDelayMs } from "./back-off.ts";
import { addCounts, framedNothing } from "./framed-counts.ts";
import { type Port, PortError } from "./ports/port.ts";
import type { Framed, FramerCounts, Heard, LineSensor, Link, SensorFrame, Talk } from "./sensors/sensor.ts";

/*
 * One sensor: keeps its port connected, starts and stops it as wished, and hands its frames on. On each new connection it
 * is told to stop first, since an earlier bridge may have left it running; only its answer makes it `off`.
 *
 * A sensor that cannot be stopped has its port open only while it is wished on: what is `ignored` reaches no process.
 */

export interface LineParts<F extends SensorFrame> {
  readonly sensor: LineSensor<F>;
  readonly newPort: () => Port;
  readonly clock: Clock;
  /** Whether a lease covers this very moment. */
  readonly mayPass: (at: MonoMs) => boolean;
  /** The frame is overwritten after the call. */
  readonly onFrame: (header: EnvelopeHeader, frame: F) => void;
  /** The state or the detail changed. */
  readonly onChange: () => void;
  readonly random: () => number;
  /** The longest wait between two tries, in place of 5 s. */
  readonly retryMsMax?: number;
}

export type LineCounts = Pick<
  BridgeStatus["counts"],
  "framesRefused" | "bytesSkipped" | "resyncs" | "checksumErrors" | "strange" | "malformed" | "reconnects"
>;

export interface SensorLine {
  start(signal: AbortSignal): void;
  /** On: runs until wished off, over lost connections. Off: told to stop at once, or not read from now on. */
  wish(wanted: "on" | "off"): void;
  /** Stops and starts, so that frames before and after share no boot id. */
  restart(): void;
  readonly state: SensorState;
  readonly detail: string;
  readonly bootId: string | null;
  readonly counts: LineCounts;
  /** Stops the sensor, waits at most 1.5 s for its word, and closes. */
  stop(): Promise<void>;
}

/** A command unanswered for this long: the sensor is not there. */
const answerWithinMs = 1_500;
/**
 * No whole frame for this long while it should stream: lost. Told well within the 5 s that DESIGN allows, but for a sensor that
 * itself says something less often than once a second.
 */
const silentAfterMs = 3_000;
const silentAfterFrames = 3;
const lookEveryMs = 200;
const notRead = "not read: this sensor cannot be stopped";

type Stage =
  | { readonly is: "ignored" }
  | { readonly is: "closed" }
  | { readonly is: "opening" }
  | { readonly is: "stopping"; readonly since: MonoMs; readonly first: boolean }
  | { readonly is: "off" }
  | { readonly is: "starting"; readonly since: MonoMs }
  | { readonly is: "on"; readonly lastFrameAt: MonoMs }
  | { readonly is: "ended" };

export function newSensorLine<F extends SensorFrame>(parts: LineParts<F>): SensorLine {
  const { sensor, clock } = parts;
  const ending = new AbortController();
  const cannotStop = sensor.off === "ignored";
  const silentMs = Math.max(silentAfterMs, (1_000 * silentAfterFrames) / sensor.frameRateHz);
  let stage: Stage = { is: cannotStop ? "ignored" : "closed" };
  let wanted = false;
  /** Something went wrong since it last did what was wished. */
  let trouble = false;
  let detail = cannotStop ? notRead : "not connected yet";
  let told = "";
  let port: Port | undefined;
  let talk: Talk<F> | undefined;
  let failures = 0;
  let wasOpen = false;
  let retry: NodeJS.Timeout | undefined;
  let watch: NodeJS.Timeout | undefined;
  let boot: { readonly id: string; sequence: number } | undefined;
  const counts = { framesRefused: 0, malformed: 0, reconnects: 0 };
  /** Of the connections before this one. */
  let framedBefore: FramerCounts = framedNothing;

  const stateNow = (): SensorState => {
    switch (stage.is) {
      case "ignored":
        return "ignored";
      case "closed":
      case "opening":
        return !wanted ? "unknown" : trouble ? "lost" : "starting";
      case "stopping":
        return !stage.first ? "stopping" : !wanted ? "unknown" : trouble ? "lost" : "starting";
      case "off":
        return "off";
      case "starting":
        return trouble ? "lost" : "starting";
      case "on":
        return "on";
      case "ended":
        return "recording-ended";
    }
  };
  const tell = (): void => {
    const now = `${stateNow()} ${boot?.id} ${detail}`;
    if (now === told) return;
    told = now;
    parts.onChange();
  };
  const enter = (next: Stage, words: string): void => {
    stage = next;
    detail = words;
    if (next.is !== "on") boot = undefined;
    tell();
  };

  const open = (): void => {
    clearTimeout(retry);
    if (ending.signal.aborted || (stage.is !== "closed" && stage.is !== "ignored")) return;
    const own = parts.newPort();
    const ownTalk = sensor.newTalk();
    port = own;
    talk = ownTalk;
    stage = { is: "opening" };
    own.onBytes((bytes, link) => {
      if (port === own) take(ownTalk, bytes, link);
      bytes.fill(0);
    });
    own.onClose((why) => {
      if (port === own) drop(why.message);
    });
    own.open(ending.signal).then(
      () => {
        if (port !== own) return;
        if (wasOpen) counts.reconnects += 1;
        wasOpen = true;
        if (cannotStop) startSensor();
        else stopSensor(true);
      },
      (cause: unknown) => {
        if (port === own) drop(cause instanceof PortError ? cause.message : String(cause));
      },
    );
  };

  /** A stop is sent first where bytes may still get through. */
  const disconnect = (): void => {
    framedBefore = framedSoFar();
    if (talk !== undefined) {
      if (stage.is === "on" || stage.is === "starting") send(talk.stop());
      talk.framer.clear();
    }
    talk = undefined;
    port?.close();
    port = undefined;
  };
  const framedSoFar = (): FramerCounts => addCounts(framedBefore, talk?.framer.counts ?? framedNothing);
  const ignore = (): void => {
    clearTimeout(retry);
    disconnect();
    trouble = false;
    failures = 0;
    // To open it anew when it is wished on is no reconnection.
    wasOpen = false;
    enter({ is: "ignored" }, notRead);
  };

  /** The connection is of no use any more. */
  const drop = (words: string): void => {
    disconnect();
    trouble = true;
    failures += 1;
    if (ending.signal.aborted) {
      enter({ is: "closed" }, words);
      return;
    }
    const waitMs = backOffDelayMs(failures, parts.random(), parts.retryMsMax);
    enter({ is: "closed" }, `${words}; next try in ${(waitMs / 1_000).toFixed(1)} s`);
    retry = setTimeout(open, waitMs);
  };

  const stopSensor = (first: boolean): void => {
    if (port === undefined || talk === undefined) return;
    enter(
      { is: "stopping", since: clock.monoMs(), first },
      first ? "connected; making sure that it is off" : "told to stop",
    );
    send(talk.stop());
  };
  const startSensor = (): void => {
    if (port === undefined || talk === undefined) return;
    enter({ is: "starting", since: clock.monoMs() }, cannotStop ? "connected; nothing read yet" : "told to start");
    send(talk.start());
  };
  const send = (bytes: Uint8Array): void => {
    if (bytes.length > 0) port?.write(bytes);
  };

  const take = (from: Talk<F>, bytes: Uint8Array, link: Link): void => {
    for (const framed of from.framer.push(bytes, link)) {
      // A frame before may have ended this connection.
      if (talk === from) follow(from, from.hear(framed), framed);
      framed.payload.fill(0);
    }
  };

  const follow = (from: Talk<F>, heard: Heard, framed: Framed): void => {
    switch (heard.heard) {
      case "measurement":
        measured(from, framed);
        return;
      case "go-on":
        if (stage.is !== "starting") return;
        stage = { is: "starting", since: clock.monoMs() };
        send(heard.write);
        return;
      case "started":
        if (stage.is === "starting") begun();
        return;
      case "stopped":
        if (stage.is === "stopping") {
          if (wanted) {
            startSensor();
          } else {
            trouble = false;
            failures = 0;
            enter({ is: "off" }, "confirmed off");
          }
        } else if (stage.is === "on") {
          drop("the sensor stopped by itself");
        }
        return;
      case "recording-ended":
        if (stage.is === "on") enter({ is: "ended" }, "the recording has no more frames");
        return;
      case "refused":
        drop(`the sensor refused: ${heard.words}`);
        return;
      case "nothing":
        return;
    }
  };

  const begun = (): void => {
    trouble = false;
    failures = 0;
    newBoot();
    enter({ is: "on", lastFrameAt: clock.monoMs() }, "streaming");
  };
  const newBoot = (): void => {
    boot = { id: randomBytes(16).toString("hex"), sequence: 0 };
  };

  const measured = (from: Talk<F>, framed: Framed): void => {
    const at = clock.monoMs();
    if (cannotStop && stage.is === "starting") begun();
    if (stage.is !== "on" || !parts.mayPass(at)) {
      counts.framesRefused += 1;
      // Confirmed off and yet it sends: tell it again.
      if (stage.is === "off") stopSensor(false);
      return;
    }
    const decoded = from.decode(framed, 1_000 * at);
    if (!decoded.ok) {
      counts.malformed += 1;
      return;
    }
    stage = { is: "on", lastFrameAt: at };
    if (decoded.afterGap || boot === undefined) {
      newBoot();
      tell();
    }
    if (boot === undefined) return;
    const { deviceUs, frame } = decoded;
    const header = { kind: sensor.kind, bootId: boot.id, sequence: boot.sequence, deviceUs, capturedAt: clock.utcMs() };
    boot.sequence += 1;
    parts.onFrame(header, frame);
    overwrite(frame);
  };

  const look = (): void => {
    const at = clock.monoMs();
    switch (stage.is) {
      case "starting":
        if (cannotStop) {
          if (elapsedMs(stage.since, at) > silentMs) drop(`connected, but no frame within ${silentMs / 1_000} s`);
        } else if (elapsedMs(stage.since, at) > answerWithinMs) drop("no answer to start");
        return;
      case "stopping":
        if (elapsedMs(stage.since, at) > answerWithinMs) drop("no answer to stop");
        return;
      case "on":
        if (elapsedMs(stage.lastFrameAt, at) > silentMs) drop(`no frame for ${silentMs / 1_000} s`);
        return;
      case "ignored":
      case "closed":
      case "opening":
      case "off":
      case "ended":
        return;
    }
  };

  const stopWithin = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const since = clock.monoMs();
      const timer = setInterval(() => {
        const quiet = ["off", "ignored", "closed", "opening"].includes(stage.is);
        if (!quiet && elapsedMs(since, clock.monoMs()) < ms) return;
        clearInterval(timer);
        resolve();
      }, 10);
    });

  const line: SensorLine = {
    start(signal) {
      if (signal.aborted) return;
      signal.addEventListener("abort", () => line.wish("off"), { once: true });
      watch = setInterval(look, lookEveryMs);
      if (!cannotStop || wanted) open();
    },
    wish(next) {
      if (wanted === (next === "on")) return;
      wanted = next === "on";
      if (wanted) {
        if (stage.is === "off") startSensor();
        // It was not needed until now; do not make it wait for the rest of a long back-off.
        else if ((stage.is === "closed" || stage.is === "ignored") && watch !== undefined) open();
      } else if (cannotStop) {
        ignore();
      } else if (stage.is === "starting" || stage.is === "on" || stage.is === "ended") {
        stopSensor(false);
      }
      tell();
    },
    restart() {
      if (cannotStop) {
        if (!wanted || stage.is === "ignored") return;
        ignore();
        open();
      } else if (stage.is === "starting" || stage.is === "on" || stage.is === "ended") stopSensor(false);
    },
    get state() {
      return stateNow();
    },
    get detail() {
      return detail.slice(0, 300);
    },
    get bootId() {
      return boot?.id ?? null;
    },
    get counts() {
      return { ...counts, ...framedSoFar() };
    },
    async stop() {
      line.wish("off");
      await stopWithin(answerWithinMs);
      ending.abort();
      clearTimeout(retry);
      clearInterval(watch);
      talk?.framer.clear();
      port?.close();
      port = undefined;
      talk = undefined;
      if (stage.is === "ignored") {
        detail = "bridge ended; the sensor is not read";
        return;
      }
      const wasOff = stage.is === "off";
      stage = { is: "closed" };
      detail = wasOff
        ? "bridge ended; the sensor was confirmed off"
        : "bridge ended without the sensor's word that it is off";
    },
  };
  return line;
}

function overwrite(frame: SensorFrame): void {
  if ("iq" in frame) frame.iq.fill(0);
  else if ("mm" in frame) frame.mm.fill(0);
  else if ("wave" in frame) frame.wave.fill(0);
}
