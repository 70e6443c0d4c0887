import type { Framed, Heard } from "./sensor.ts";

/*
 * The command port of TI's demos: lines of text, each answered by "Done" or by "Error" and a number, with an echo and the
 * prompt "mmwDemo:/>" around them. A configuration is one line after the other; `sensorStart` is its last.
 */

export interface TiConversation {
  start(): Uint8Array;
  stop(): Uint8Array;
  hear(framed: Framed): Heard;
}

const encoder = new TextEncoder();
export const tiLine = (words: string): Uint8Array => encoder.encode(`${words}\n`);
/** Lines of a server go into a status message: short. */
const clip = (words: string): string => words.slice(0, 120);

type Stage = { readonly is: "idle" | "streaming" | "stopping" } | { readonly is: "telling"; readonly line: number };

export function newTiConversation(configuration: readonly string[]): TiConversation {
  let stage: Stage = { is: "idle" };
  const refuse = (words: string): Heard => {
    stage = { is: "idle" };
    return { heard: "refused", words: clip(words) };
  };

  const hearDone = (): Heard => {
    switch (stage.is) {
      case "telling": {
        const next = configuration[stage.line + 1];
        if (next === undefined) {
          stage = { is: "streaming" };
          return { heard: "started" };
        }
        stage = { is: "telling", line: stage.line + 1 };
        return { heard: "go-on", write: tiLine(next) };
      }
      case "stopping":
        stage = { is: "idle" };
        return { heard: "stopped" };
      case "idle":
      case "streaming":
        return { heard: "nothing" };
    }
  };

  return {
    start() {
      stage = { is: "telling", line: 0 };
      return tiLine(configuration[0] ?? "sensorStart");
    },
    stop() {
      stage = { is: "stopping" };
      return tiLine("sensorStop");
    },
    hear({ head }) {
      const line = typeof head.line === "string" ? head.line : undefined;
      if (line === undefined) return { heard: "measurement" };
      if (line === "Done" || line.endsWith("mmwDemo:/>Done")) return hearDone();
      // Somebody else's command at the same console: its echo says what the next "Done" is about.
      if (line.endsWith("sensorStop") && stage.is === "streaming") stage = { is: "stopping" };
      if (!line.startsWith("Error")) return { heard: "nothing" };
      // A sensor that was never configured cannot be stopped: it does not measure either.
      if (stage.is === "stopping") return hearDone();
      return stage.is === "telling"
        ? refuse(`"${configuration[stage.line]}" was answered by "${line}"`)
        : { heard: "nothing" };
    },
  };
}

/** The instants of a sensor that counts its frames: a number that runs back is a new start. */
export function newFrameClock(frameUs: number, gapUs: number) {
  let last: number | undefined;
  let elapsed = 0;
  return {
    forget(): void {
      last = undefined;
    },
    /** @returns device time, us, and whether nothing may be reckoned across to the frame before */
    at(frameNumber: number): { readonly us: number; readonly afterGap: boolean } {
      const steps = last === undefined ? 0 : (frameNumber - last + 2 ** 32) % 2 ** 32;
      // Half the range ahead is behind.
      const back = steps >= 2 ** 31;
      elapsed += back ? gapUs : steps * frameUs;
      last = frameNumber;
      return { us: elapsed, afterGap: back || steps * frameUs >= gapUs };
    },
  };
}
