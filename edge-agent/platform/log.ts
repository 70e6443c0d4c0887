import pino from "pino";

export type LogFields = Readonly<Record<string, unknown>>;

/** Words say what happened and what it means; fields hold the numbers and names. Never a person's name, never sensor data. */
export interface Log {
  debug(fields: LogFields, words: string): void;
  info(fields: LogFields, words: string): void;
  warn(fields: LogFields, words: string): void;
  error(fields: LogFields, words: string): void;
}

// A secret that is logged by mistake reaches no file. One level below the top is covered as well.
const secretNames = ["password", "secret", "session", "token", "code", "cookie", "privateKey", "credential", "label"];
const redact = {
  paths: [...secretNames, ...secretNames.map((name) => `*.${name}`), "payload", "bytes", "iq"],
  censor: "[redacted]",
};

/**
 * JSON lines with `level` as a word, `time` in ISO form, `part`, the fields and `msg`. On a terminal, or with
 * QUIETROUND_LOG=plain, one readable line instead. QUIETROUND_LOG_LEVEL (default info) is the lowest level written.
 *
 * @param write where a finished line goes; standard output unless told (tests).
 */
export function newLog(part: string, write: (line: string) => void = writeToStdout): Log {
  const plain = process.env.QUIETROUND_LOG === "plain" || (process.env.QUIETROUND_LOG === undefined && isTerminal());
  const level = process.env.QUIETROUND_LOG_LEVEL ?? "info";
  const logger = pino(
    {
      level: level in pino.levels.values ? level : "info",
      base: { part },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { cause: pino.stdSerializers.errWithCause, err: pino.stdSerializers.errWithCause },
      redact,
    },
    { write: (line: string) => write(plain ? `${plainLine(line)}\n` : line) },
  );
  return {
    debug: (fields, words) => logger.debug(fields, words),
    info: (fields, words) => logger.info(fields, words),
    warn: (fields, words) => logger.warn(fields, words),
    error: (fields, words) => logger.error(fields, words),
  };
}

const isTerminal = (): boolean => process.stdout.isTTY === true;
const writeToStdout = (line: string): void => {
  process.stdout.write(line);
};

/** `21:04:05 WARN  bridge: connection refused (port 6110)` from one JSON line; a line that is not ours comes back as it is. */
export function plainLine(line: string): string {
  const entry = readLogLine(line);
  if (entry === undefined) return line.trimEnd();
  const rest = Object.entries(entry.fields)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
  const time = entry.time.slice(11, 19);
  return `${time} ${entry.level.toUpperCase().padEnd(5)} ${entry.part}: ${entry.words}${rest === "" ? "" : ` (${rest})`}`;
}

export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly part: string;
  readonly words: string;
  readonly fields: LogFields;
}

/** From a child's standard output, which may hold anything. */
export function readLogLine(line: string): LogLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { level, time, part, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    if (typeof level !== "string" || typeof part !== "string" || typeof msg !== "string") return undefined;
    return { level, time: typeof time === "string" ? time : "", part, words: msg, fields };
  } catch {
    return undefined;
  }
}
