import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { plainLine, readLogLine } from "../edge-agent/platform/log.ts";

export interface PartLog {
  line(line: string, isError: boolean): void;
}

/** One old file is kept beside the present one, so a part takes at most twice this. */
const logBytesMax = 10_485_760;
const lineCharactersMax = 8_000;

/**
 * `<data>/log/<part>.log` gets everything; what is a warning or worse, or was written to standard error, is shown as well.
 * A disk that is full must not stop the ward: then lines are only shown.
 */
export function openPartLog(dataDir: string, part: string, show: (line: string) => void): PartLog {
  const folder = join(dataDir, "log");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${part.replaceAll(" ", "-")}.log`);
  let bytes = sizeOf(path);
  let failed = false;
  return {
    line(line, isError) {
      const text = line.slice(0, lineCharactersMax);
      try {
        if (bytes > logBytesMax) {
          renameSync(path, `${path}.1`);
          bytes = 0;
        }
        appendFileSync(path, `${text}\n`, { mode: 0o600 });
        bytes += text.length + 1;
        failed = false;
      } catch (cause) {
        if (!failed)
          show(`the log ${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`);
        failed = true;
      }
      const entry = readLogLine(text);
      if (
        entry === undefined ? isError : entry.level === "warn" || entry.level === "error" || entry.level === "fatal"
      ) {
        show(entry === undefined ? `${part}: ${text}` : plainLine(text));
      }
    },
  };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
