import { elapsedMs, type MonoMs, monoMs } from "../edge-agent/contract/units.ts";
import type { SensorState } from "../edge-agent/contract/words.ts";
import { backOffDelayMs } from "./back-off.ts";
import { addCounts, framedNothing, insteadOfReadings } from "./framed-counts.ts";
import { newLineBoot } from "./line-boot.ts";
import type { LineParts, SensorLine } from "./line-parts.ts";
import { type Stage, silentMsOf, stateOf } from "./line-stage.ts";
import { overwriteFrame } from "./overwrite-frame.ts";
import { type Port, portWords } from "./ports/port.ts";
import type { Framed, FramerCounts, Heard, Link, SensorFrame, Talk } from "./sensors/sensor.ts";

/*
 * One sensor: keeps its port connected, starts and stops it as wished, and hands its frames on. On each new connection it
 * is told to stop first, since an earlier bridge may have left it running; only its answer makes it `off`.
 *
 * A sensor that cannot be stopped has its port open only while it is wished on: what is `ignored` reaches no process.
 */

/** Every port has a limit of its own; this one is for a port that keeps none. */
const openWithinMs = 10_000;
/** A command unanswered for this long: the sensor is not there. */
const answerWithinMs = 1_500;
const lookEveryMs = 200;
const notRead = "not read: this sensor cannot be stopped";
/** A sensor that sends after its word that it is off is told again, this often and this many times. */
const tellAgainAfterMs = 1_000;
const tellsMax = 3;
/** So many false words within a minute, and it is not asked any more. */
const falseOffsMax = 3;
const falseOffsWithinMs = 60_000;
const heedless = "not read: it confirms that it is off and goes on sending";

export function newSensorLine<F extends SensorFrame>(parts: LineParts<F>): SensorLine {
  const { sensor, clock } = parts;
  const ending = new AbortController();
  const cannotStop = sensor.off === "ignored";
  const silentMs = silentMsOf(sensor.frameRateHz);
  let stage: Stage = { is: cannotStop ? "ignored" : "closed" };
  let wanted = false;
  /** The bridge ends: whatever is wished now, nothing is started. */
  let leaving = false;
  let falseOffs: MonoMs[] = [];
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
  const boot = newLineBoot();
  const counts = { framesRefused: 0, malformed: 0, reconnects: 0 };
  /** Of the connections before this one. */
  let framedBefore: FramerCounts = framedNothing;
  let malformedBefore = 0;

  const stateNow = (): SensorState => stateOf(stage, wanted, trouble);
  const tell = (): void => {
    const now = `${stateNow()} ${boot.id} ${detail}`;
    if (now === told) return;
    told = now;
    parts.onChange();
  };
  const enter = (next: Stage, words: string): void => {
    stage = next;
    detail = words;
    if (next.is !== "on") boot.end();
    tell();
  };

  const open = (): void => {
    clearTimeout(retry);
    if (ending.signal.aborted || (stage.is !== "closed" && stage.is !== "ignored")) return;
    stage = { is: "opening", since: clock.monoMs() };
    let own: Port;
    try {
      own = parts.newPort();
    } catch (cause) {
      drop(portWords(cause));
      return;
    }
    const ownTalk = sensor.newTalk();
    port = own;
    talk = ownTalk;
    malformedBefore = counts.malformed;
    own.onBytes((bytes, link) => {
      if (port === own) take(ownTalk, bytes, link);
      bytes.fill(0);
    });
    own.onClose((why) => {
      if (port === own) drop(why.message);
    });
    // Also what a port throws at once is its answer, and never the end of the bridge.
    const opened = (async () => own.open(ending.signal))();
    opened.then(
      () => {
        if (port !== own) return;
        if (wasOpen) counts.reconnects += 1;
        wasOpen = true;
        if (cannotStop) startSensor();
        else stopSensor(true);
      },
      (cause: unknown) => {
        if (port === own) drop(portWords(cause));
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
  const ignore = (words = notRead): void => {
    clearTimeout(retry);
    disconnect();
    trouble = false;
    failures = 0;
    // To open it anew when it is wished on is no reconnection.
    wasOpen = false;
    enter({ is: "ignored" }, words);
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

  /** No reading came: in place of `words` alone, with what came instead. */
  const dropUnread = (words: string): void => {
    const came = insteadOfReadings(talk?.framer.counts ?? framedNothing, counts.malformed - malformedBefore);
    drop(came === "" ? words : `${words}, but ${came}`);
  };

  const stopSensor = (first: boolean): void => {
    if (port === undefined || talk === undefined) return;
    enter(
      { is: "stopping", since: clock.monoMs(), first },
      first ? "connected; making sure that it is off" : "told to stop",
    );
    send(talk.stop());
  };
  /** Its word that it is off was not true. */
  const doubt = (at: MonoMs): void => {
    falseOffs = [...falseOffs.filter((one) => elapsedMs(one, at) < falseOffsWithinMs), at];
    if (falseOffs.length >= falseOffsMax || talk === undefined) {
      ignore(heedless);
      return;
    }
    enter(
      { is: "doubted", heardAt: at, toldAt: at, tells: 1 },
      "confirmed off and went on sending: told to stop again",
    );
    send(talk.stop());
  };
  const startSensor = (): void => {
    if (port === undefined || talk === undefined) return;
    enter({ is: "starting", since: clock.monoMs() }, cannotStop ? "connected; nothing read yet" : "told to start");
    send(talk.start());
  };
  /** The sensor has changed its own already; what comes next is written at the new rate. */
  const changeRate = (baudRate: number, next: Uint8Array): void => {
    const own = port;
    if (own?.setBaudRate === undefined) {
      drop(`the sensor needs ${baudRate} baud, and the way to it cannot change its rate`);
      return;
    }
    own.setBaudRate(baudRate).then(
      () => {
        if (port === own && stage.is === "starting") send(next);
      },
      (cause: unknown) => {
        if (port === own) drop(portWords(cause));
      },
    );
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
        if (heard.baudRate === undefined) send(heard.write);
        else changeRate(heard.baudRate, heard.write);
        return;
      case "started":
        if (stage.is === "starting") begun();
        return;
      case "stopped":
        if (stage.is === "stopping") {
          if (wanted) {
            startSensor();
          } else beOff();
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

  const beOff = (): void => {
    trouble = false;
    failures = 0;
    enter({ is: "off" }, "confirmed off");
  };
  const begun = (): void => {
    boot.begin();
    enter({ is: "on", lastFrameAt: clock.monoMs() }, "streaming");
  };

  const measured = (from: Talk<F>, framed: Framed): void => {
    const at = clock.monoMs();
    // It speaks, and that is all that may be known of it.
    if (cannotStop && stage.is === "starting" && !parts.mayPass(at)) begun();
    const reads = stage.is === "on" || (cannotStop && stage.is === "starting");
    if (!reads || !parts.mayPass(at)) {
      counts.framesRefused += 1;
      if (stage.is === "off") doubt(at);
      else if (stage.is === "doubted") stage = { ...stage, heardAt: at };
      return;
    }
    const decoded = from.decode(framed, 1_000 * at);
    if (!decoded.ok) {
      counts.malformed += 1;
      return;
    }
    // What can be read has been read: not before is it well again.
    const wasWell = !trouble;
    trouble = false;
    failures = 0;
    if (stage.is === "starting") begun();
    stage = { is: "on", lastFrameAt: at };
    const { deviceUs, frame } = decoded;
    const placed = boot.place(decoded.afterGap, monoMs(at * (parts.speed ?? 1)));
    if (placed === "new" || !wasWell) tell();
    if (placed !== "refuse" && boot.id !== null) {
      const sequence = boot.nextSequence();
      parts.onFrame({ kind: sensor.kind, bootId: boot.id, sequence, deviceUs, capturedAt: clock.utcMs() }, frame);
    }
    overwriteFrame(frame);
  };

  const look = (): void => {
    const at = clock.monoMs();
    switch (stage.is) {
      case "starting":
        if (cannotStop) {
          if (elapsedMs(stage.since, at) > silentMs) dropUnread(`connected, but no frame within ${silentMs / 1_000} s`);
        } else if (elapsedMs(stage.since, at) > answerWithinMs) drop("no answer to start");
        return;
      case "stopping":
        if (elapsedMs(stage.since, at) > answerWithinMs) drop("no answer to stop");
        return;
      case "doubted":
        if (elapsedMs(stage.heardAt, at) > silentMs) beOff();
        else if (stage.heardAt > stage.toldAt && elapsedMs(stage.toldAt, at) > tellAgainAfterMs) {
          if (stage.tells === tellsMax || talk === undefined) ignore(heedless);
          else {
            stage = { ...stage, toldAt: at, tells: stage.tells + 1 };
            send(talk.stop());
          }
        }
        return;
      case "opening":
        if (elapsedMs(stage.since, at) > openWithinMs) drop(`did not open within ${openWithinMs / 1_000} s`);
        return;
      case "on":
        if (elapsedMs(stage.lastFrameAt, at) > silentMs) dropUnread(`no frame for ${silentMs / 1_000} s`);
        return;
      case "ignored":
      case "closed":
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
      if (leaving && next === "on") return;
      if (wanted === (next === "on")) return;
      wanted = next === "on";
      if (wanted) {
        if (stage.is === "off") startSensor();
        else if (stage.is === "doubted") stopSensor(false);
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
      if (leaving) return;
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
      return boot.id;
    },
    get clockJumps() {
      return boot.jumps(monoMs(clock.monoMs() * (parts.speed ?? 1)));
    },
    get counts() {
      return { ...counts, ...framedSoFar() };
    },
    async stop() {
      leaving = true;
      line.wish("off");
      await stopWithin(answerWithinMs);
      ending.abort();
      clearTimeout(retry);
      clearInterval(watch);
      // Without its word: what it did not answer yet it may still hear.
      if (talk !== undefined && ["starting", "on", "stopping", "doubted"].includes(stage.is)) send(talk.stop());
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
