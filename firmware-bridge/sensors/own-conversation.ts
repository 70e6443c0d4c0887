import type { Framed, Heard } from "./sensor.ts";

/*
 * The conversation of this project's own two protocols (a microcontroller with an 8x8 sensor; a program with a depth
 * camera): hello -> start, each answered before the next is sent. Then frames come by themselves until stop.
 * Described for those who write the other end in docs/sensors-vl53l5cx.md and docs/sensors-depth-camera.md.
 */

export const messageType = {
  hello: 0x01,
  start: 0x02,
  stop: 0x03,
  helloAnswer: 0x81,
  started: 0x82,
  stopped: 0x83,
  refused: 0x84,
  frame: 0x90,
} as const;

export const ownProtocolVersion = 1;

/** Reads the words of a hello or a refusal: short, printable ASCII only, as they go into a status message. */
const wordsOf = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes.subarray(0, 120).map((byte) => (byte >= 0x20 && byte <= 0x7e ? byte : 0x3f))).trim();

export interface Conversation {
  start(): Uint8Array;
  stop(): Uint8Array;
  hear(framed: Framed): Heard;
}

type Stage = "idle" | "asking" | "starting" | "streaming" | "stopping";

/** @param encode the whole message of a command, which says what is wanted where it is `start` */
export function newConversation(encode: (type: number) => Uint8Array, forget: () => void): Conversation {
  let stage: Stage = "idle";
  const refuse = (words: string): Heard => {
    stage = "idle";
    return { heard: "refused", words };
  };
  return {
    start() {
      stage = "asking";
      forget();
      return encode(messageType.hello);
    },
    stop() {
      stage = "stopping";
      return encode(messageType.stop);
    },
    hear({ head, payload }) {
      switch (head.type) {
        case messageType.frame:
          return { heard: "measurement" };
        case messageType.helloAnswer: {
          if (stage !== "asking") return { heard: "nothing" };
          const version = payload[0];
          if (version !== ownProtocolVersion) {
            return refuse(`speaks version ${version} of the protocol, this bridge ${ownProtocolVersion}`);
          }
          stage = "starting";
          return { heard: "go-on", write: encode(messageType.start) };
        }
        case messageType.started:
          if (stage !== "starting") return { heard: "nothing" };
          stage = "streaming";
          return { heard: "started" };
        case messageType.stopped:
          if (stage !== "streaming" && stage !== "stopping") return { heard: "nothing" };
          stage = "idle";
          return { heard: "stopped" };
        case messageType.refused:
          // What was refused may be a start before the stop; only its own answer says that it stopped.
          return stage === "stopping" ? { heard: "nothing" } : refuse(wordsOf(payload) || "without words");
        default:
          return { heard: "nothing" };
      }
    },
  };
}
