import type { Framed, Heard } from "./sensor.ts";
import { noFrame, tooFew } from "./short-frames.ts";
import { uint16At } from "./wire-bytes.ts";

/*
 * Commands of Hi-Link's 24 GHz modules LD2410 and LD2450, and the conversation that starts and stops them:
 *
 *   FD FC FB FA | LEN u16 | COMMAND u16 | value | 04 03 02 01           little-endian
 *
 * Answered in the same frame by the command with bit 8 set and a u16, 0 for success. Source: Hi-Link's "Serial communication
 * protocol" V1.02, 2.2; ESPHome's `ld2410`, `ld2450`.
 *
 * A module takes commands only between "enable configuration" and "end configuration"; at the latter it "resumes working
 * mode", so in between it does not work: that is how it is stopped (not confirmed on a device; frames that come all the
 * same are thrown away, and it is told again). After a loss of power it works again by itself.
 */

export const hilinkCommand = {
  enableConfiguration: 0x00ff,
  endConfiguration: 0x00fe,
  engineeringOn: 0x0062,
  engineeringOff: 0x0063,
} as const;

const head = [0xfd, 0xfc, 0xfb, 0xfa] as const;
const tail = [0x04, 0x03, 0x02, 0x01] as const;
const answered = 0x0100;
const beforeValue = 8;
/** LEN of a command without a value. */
const commandBytes = 2;
/** An answer with all settings has 24. */
const lenMax = 64;
export const hilinkCommandBytesMax = 6 + lenMax + tail.length;
export const hilinkCommandBegins = head[0];

const isAt = (bytes: Uint8Array, at: number, word: readonly number[], held: number): boolean => {
  for (let i = 0; i < word.length && i < held; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
};

/**
 * As `ShortFrames.look`, for head, LEN and tail: of the commands and of LD2410's readings.
 *
 * @param overMax how many bytes later than LEN says the tail may come
 */
export function lookForHilink(
  bytes: Uint8Array,
  at: number,
  held: number,
  frameHead: readonly number[],
  frameTail: readonly number[],
  lengthMax: number,
  overMax = 0,
): number {
  if (!isAt(bytes, at, frameHead, held)) return noFrame;
  if (held < 6) return tooFew;
  const length = uint16At(bytes, at + 4);
  if (length < commandBytes || length > lengthMax) return noFrame;
  for (let over = 0; over <= overMax; over++) {
    const before = 6 + length + over;
    if (!isAt(bytes, at + before, frameTail, held - before)) continue;
    return held < before + frameTail.length ? tooFew : before + frameTail.length;
  }
  return noFrame;
}

export const lookForCommand = (bytes: Uint8Array, at: number, held: number): number =>
  lookForHilink(bytes, at, held, head, tail, lenMax);

/** The command or answer of a whole frame; its value is a copy. */
export const readCommand = (bytes: Uint8Array, at: number, length: number): Framed => ({
  head: { command: uint16At(bytes, at + 6) },
  payload: bytes.slice(at + beforeValue, at + length - tail.length),
});

export function encodeHilinkCommand(command: number, ...value: readonly number[]): Uint8Array {
  const length = commandBytes + value.length;
  return Uint8Array.of(...head, length & 0xff, length >> 8, command & 0xff, command >> 8, ...value, ...tail);
}

/** What the module answers. @param more behind the word that it succeeded */
export const encodeHilinkAnswer = (command: number, succeeded = true, ...more: readonly number[]): Uint8Array =>
  encodeHilinkCommand(command | answered, succeeded ? 0 : 1, 0, ...more);

const enable = (): Uint8Array => encodeHilinkCommand(hilinkCommand.enableConfiguration, 1, 0);

export interface HilinkConversation {
  start(): Uint8Array;
  stop(): Uint8Array;
  /** Of an answer. */
  hear(framed: Framed): Heard;
}

/** @param settings commands without a value, sent in turn between the two of the configuration at each start */
export function newHilinkConversation(settings: readonly number[]): HilinkConversation {
  let stage: "idle" | "starting" | "working" | "stopping" = "idle";
  /** Awaits the answer to the command at this place of the start. */
  let step = 0;
  const steps = [hilinkCommand.enableConfiguration, ...settings, hilinkCommand.endConfiguration];
  return {
    start() {
      stage = "starting";
      step = 0;
      return enable();
    },
    stop() {
      stage = "stopping";
      return enable();
    },
    hear({ head: { command }, payload }) {
      if (typeof command !== "number" || (command & answered) === 0 || payload.length < 2) return { heard: "nothing" };
      const asked = command & ~answered;
      const succeeded = uint16At(payload, 0) === 0;
      // Where it works this was not asked for, and it has stopped all the same.
      if ((stage === "stopping" || stage === "working") && asked === hilinkCommand.enableConfiguration) {
        if (!succeeded) return { heard: "refused", words: "it does not stop: configuration not enabled" };
        stage = "idle";
        return { heard: "stopped" };
      }
      if (stage !== "starting" || asked !== steps[step]) return { heard: "nothing" };
      if (!succeeded) {
        stage = "idle";
        return { heard: "refused", words: `command ${asked.toString(16).padStart(4, "0")} failed` };
      }
      step += 1;
      const next = steps[step];
      if (next !== undefined) return { heard: "go-on", write: encodeHilinkCommand(next) };
      stage = "working";
      return { heard: "started" };
    },
  };
}
