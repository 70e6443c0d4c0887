import type { Framed, Framer, Heard } from "./sensor.ts";

/*
 * The command line of TI's mmWave SDK demos on their command port, 115200 baud: a line in, and its answer in lines that end with
 * `Done`, or with `Error -1` behind a line that begins with `Error`, or with `'x' is not recognized as a CLI command`; then a
 * prompt that ends in `:/>` without an end of line. What is written is echoed. Sources: `cli.c` and the demos' `mss_main.c` of
 * mmWave SDK 3, as published; logs of people who used them. Not confirmed on a device.
 *
 * - A stop of what does not run is answered `Ignored: Sensor is already stopped`, and not by every build with `Done` as well.
 * - Whatever else speaks on the port (a modem manager that looks for modems) leaves noise that the line complains of: a complaint
 *   counts only where it names our command.
 * - With its banner, two rows of stars, the chip tells that it began anew: whatever ran does not run any more.
 */

const lineBytesMax = 240;
const prompt = [0x3a, 0x2f, 0x3e] as const;
const nothing: Heard = { heard: "nothing" };
const noPayload = new Uint8Array();

/** Hands out each line and each prompt as `{ text }`. */
export function newTextFramer(): Framer {
  const line = new Uint8Array(lineBytesMax);
  let used = 0;
  let bytesSkipped = 0;
  return {
    push(bytes) {
      const frames: Framed[] = [];
      for (const byte of bytes) {
        const ends = byte === 0x0a || byte === 0x0d;
        if (!ends && used < lineBytesMax) {
          line[used] = byte;
          used += 1;
        } else if (!ends) bytesSkipped += 1;
        const asks = used >= prompt.length && prompt.every((one, i) => line[used - prompt.length + i] === one);
        if (!ends && !asks) continue;
        if (used > 0) frames.push({ head: { text: printable(line.subarray(0, used)) }, payload: noPayload });
        line.fill(0, 0, used);
        used = 0;
      }
      return frames;
    },
    get counts() {
      return { bytesSkipped, resyncs: 0, checksumErrors: 0, strange: 0 };
    },
    clear() {
      line.fill(0);
      used = 0;
    },
  };
}

/** Words of a device go into a status message: short, and printable ASCII only. */
const printable = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes.map((byte) => (byte >= 0x20 && byte <= 0x7e ? byte : 0x3f))).trim();

/** One framer for both ports of a sensor: the text of its commands, and its data. */
export function newTwoPortFramer(data: Framer, commands: Framer = newTextFramer()): Framer {
  return {
    push: (bytes, link) => (link === "commands" ? commands : data).push(bytes, link),
    // Lost letters of the command line are no lost data: what is garbled there shows as a refusal.
    get counts() {
      return data.counts;
    },
    clear() {
      data.clear();
      commands.clear();
    },
  };
}

export interface TiStart {
  /**
   * Asked first where it is not null: takes up again what this or an earlier bridge configured since the chip got its power. An
   * error to it means that there is nothing to take up.
   */
  readonly resume: string | null;
  /** In order; the last one starts. */
  readonly lines: readonly [string, ...string[]];
}

export interface TiConversation {
  start(): Uint8Array;
  stop(): Uint8Array;
  /** @param text a line or a prompt of the command port */
  hear(text: string): Heard;
}

type Stage = "idle" | "resuming" | "configuring" | "streaming" | "stopping";
type Answer = "done" | "error" | "stopped-already";

const stopLine = "sensorStop";
const ascii = new TextEncoder();
const write = (line: string): Uint8Array => ascii.encode(`${line}\n`);

export function newTiConversation({ resume, lines }: TiStart): TiConversation {
  let stage: Stage = "idle";
  let at = 0;
  /** Written and not answered yet: each answer belongs to the oldest. */
  const asked: string[] = [];
  let errorWords = "";
  let ignored = false;

  const ask = (line: string): Uint8Array => {
    asked.push(line);
    return write(line);
  };
  const configure = (): Uint8Array => {
    stage = "configuring";
    at = 0;
    return ask(lines[0]);
  };
  const refuse = (line: string): Heard => {
    stage = "idle";
    asked.length = 0;
    const words = `${line.split(" ")[0]}: ${errorWords}`;
    return { heard: "refused", words: words.slice(0, 120) };
  };

  const follow = (answer: Answer, line: string): Heard => {
    switch (stage) {
      case "resuming":
        if (answer === "error") return { heard: "go-on", write: configure() };
        stage = "streaming";
        return { heard: "started" };
      case "configuring": {
        if (answer === "error") return refuse(line);
        at += 1;
        const next = lines[at];
        if (next !== undefined) return { heard: "go-on", write: ask(next) };
        stage = "streaming";
        return { heard: "started" };
      }
      case "stopping":
        // Answers to a start that was given up come before it.
        if (line !== stopLine || answer === "error" || asked.length > 0) return nothing;
        stage = "idle";
        return { heard: "stopped" };
      case "idle":
      case "streaming":
        return nothing;
    }
  };

  /** What the text means to the oldest question; undefined: more of the answer comes, or it is none. */
  const answerOf = (text: string, line: string): Answer | undefined => {
    if (text === "Done") return "done";
    if (/^Error -?\d+$/.test(text)) {
      errorWords ||= text;
      return "error";
    }
    if (text.startsWith("Error")) {
      errorWords = text;
      return undefined;
    }
    if (/^Ignored: Sensor is already stopped/.test(text)) {
      ignored = true;
      return undefined;
    }
    const complained = /^'(.*)' is not recognized as a CLI command$/.exec(text)?.[1];
    if (complained !== undefined) {
      if (!complained.endsWith(line.split(" ")[0]!)) return undefined;
      errorWords = "the command is not known to it";
      return "error";
    }
    // Whatever was said before a prompt was the whole answer.
    if (!text.endsWith(":/>")) return undefined;
    return errorWords !== "" ? "error" : ignored && line === stopLine ? "stopped-already" : undefined;
  };

  return {
    start() {
      asked.length = 0;
      errorWords = "";
      ignored = false;
      if (resume === null) return configure();
      stage = "resuming";
      return ask(resume);
    },
    stop() {
      stage = "stopping";
      // An end of line before it: what somebody left half typed must not swallow it.
      asked.push(stopLine);
      return ascii.encode(`\n${stopLine}\n`);
    },
    hear(text) {
      if (/^\*{8,}$/.test(text) && stage !== "idle") {
        const ran = stage === "streaming";
        if (stage === "resuming" || stage === "configuring") {
          errorWords = "it began anew";
          return refuse(asked[0] ?? lines[0]);
        }
        // A stop that went to it before it began anew may never be answered; the next one will.
        if (!ran) return nothing;
        stage = "idle";
        asked.length = 0;
        return { heard: "stopped" };
      }
      const line = asked[0];
      if (line === undefined) return nothing;
      const answer = answerOf(text, line);
      if (answer === undefined) return nothing;
      // The stop stays asked: an error is only about what was half typed before it.
      if (stage === "stopping" && answer === "error" && asked.length === 1) {
        errorWords = "";
        return nothing;
      }
      asked.shift();
      const heard = follow(answer, line);
      errorWords = "";
      ignored = false;
      return heard;
    },
  };
}
