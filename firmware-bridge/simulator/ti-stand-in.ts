import type { ModuleStandIn } from "./module-stand-in.ts";

/*
 * The wire's ends of a TI demo: a command line that echoes, answers and prompts, and packets at the chip's own pace from
 * `sensorStart` to `sensorStop`. Bytes in, bytes out; the caller has the clock and the wires. Words as in the demos' published
 * source (see sensors/ti-commands.ts).
 */

export interface TiStandInParts {
  readonly periodMs: number;
  /** Those that its configuration consists of, `sensorStart` last. */
  readonly lines: readonly string[];
  /** One configuration from power-up on; what was stopped is taken up again by `sensorStart 0`. */
  readonly once: boolean;
  /** The room begins its play anew. */
  restart(): void;
  /** @param frameNumber from 1 on, anew with each start */
  packet(frameNumber: number): Uint8Array;
}

const lineBytesMax = 256;
/** After a stall of the machine the schedule slips; it does not burst. */
const packetsAtOnceMin = 20;
const commandOf = (line: string): string => line.split(" ")[0] ?? "";

/** @param speed seconds of sensor time in one second of the caller's clock */
export function newTiStandIn(parts: TiStandInParts, speed: number): ModuleStandIn {
  const periodMs = parts.periodMs / speed;
  const packetsAtOnceMax = Math.max(packetsAtOnceMin, Math.ceil(500 / periodMs));
  const wanted = parts.lines.filter((line) => line !== "flushCfg" && line !== "sensorStart");
  const commands = new Set(wanted.map(commandOf));
  const given = new Set<string>();
  let configured = false;
  let line = "";
  let nextMs: number | undefined;
  let frameNumber = 0;

  const begin = (nowMs: number): string => {
    parts.restart();
    frameNumber = 0;
    nextMs = nowMs + periodMs;
    return "Done";
  };
  const start = (argument: string | undefined, nowMs: number): string => {
    if (nextMs !== undefined) return "Ignored: Sensor is already started\nDone";
    if (argument === "0" && parts.once) {
      if (configured && given.size === 0) return begin(nowMs);
      return "Error: Full configuration must be provided before sensor can be started the first time\nError -1";
    }
    if (argument !== undefined || !wanted.every((one) => given.has(one))) {
      return "Error: You have provided partial configuration between stop and this command\nError -1";
    }
    if (parts.once && configured) return "Error -1";
    given.clear();
    configured = true;
    return begin(nowMs);
  };
  const stop = (): string => {
    if (nextMs === undefined) return "Ignored: Sensor is already stopped\nDone";
    nextMs = undefined;
    return "Done";
  };
  const obey = (text: string, nowMs: number): string => {
    const [command, argument] = text.split(" ");
    switch (command) {
      case "sensorStart":
        return start(argument, nowMs);
      case "sensorStop":
        return stop();
      case "flushCfg":
        given.clear();
        return "Done";
      default:
        if (command === undefined || !commands.has(command)) return `'${command}' is not recognized as a CLI command`;
        if (!wanted.includes(text)) return "Error: Invalid usage of the CLI command\nError -1";
        given.add(text);
        return "Done";
    }
  };

  return {
    take(bytes, nowMs) {
      let answer = "";
      for (const byte of bytes) {
        if (byte !== 0x0a && byte !== 0x0d) {
          if (line.length < lineBytesMax) line += String.fromCharCode(byte);
          continue;
        }
        answer += line === "" ? "" : `${line}\n${obey(line, nowMs)}\n`;
        answer += "\nmmwDemo:/>";
        line = "";
      }
      return answer === "" ? [] : [Uint8Array.from(answer, (letter) => letter.charCodeAt(0))];
    },
    due(nowMs) {
      const packets: Uint8Array[] = [];
      while (nextMs !== undefined && nextMs <= nowMs) {
        if (packets.length >= packetsAtOnceMax) {
          nextMs = nowMs + periodMs;
          break;
        }
        nextMs += periodMs;
        frameNumber += 1;
        packets.push(parts.packet(frameNumber));
      }
      return packets;
    },
    get nextDueMs() {
      return nextMs;
    },
  };
}
