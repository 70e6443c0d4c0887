import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";

export const startHelp = `Usage: scripts/start [options]

Starts one ward on this machine: agent with its brokers, a bridge for each bedroom unit, the dashboard.
Without options: a demonstration ward whose bedroom is computed from physics.

  --config FILE      the ward (default: config/demonstration.json of the project)
  --data DIR         keys, records, logs (default: data/ of the project)
  --port N           port of the pages, instead of the configuration's (8080)
  --frames-port N    port of the broker for sensor data, instead of the configuration's (18830)
  --control-port N   port of the broker for everything else, instead of the configuration's (18831)
  --replay PATH      replay a recording in the first bed: PATH.wire.bin, with PATH.json beside it where it is of an A121, or a folder
                     that holds exactly one
  --loop             with --replay: begin again at the end
  --speed N          with --replay or a simulated bedroom: N times as fast (1 to 50)
  --help

Ctrl-C stops everything.
`;

export interface Recording {
  readonly name: string;
  /** null: bytes alone, of a module. */
  readonly configPath: string | null;
  readonly wirePath: string;
}

export interface StartOptions {
  readonly configPath: string;
  readonly dataDir: string;
  readonly port: number | undefined;
  readonly framesPort: number | undefined;
  readonly controlPort: number | undefined;
  readonly replay: Recording | undefined;
  readonly loop: boolean;
  readonly speed: number;
}

export type ReadOptions =
  | { readonly is: "options"; readonly options: StartOptions }
  | { readonly is: "help" }
  | { readonly is: "wrong"; readonly words: string };

/**
 * @param root the project. @param from where the person is: what paths are relative to.
 */
export function readStartOptions(args: readonly string[], root: string, from: string): ReadOptions {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (cause) {
    return { is: "wrong", words: cause instanceof Error ? cause.message : String(cause) };
  }
  if (values.help) return { is: "help" };
  const speed = Number(values.speed ?? "1");
  if (!(speed >= 1 && speed <= 50)) return { is: "wrong", words: `--speed ${values.speed}: a number from 1 to 50` };
  const ports: Record<"port" | "frames-port" | "control-port", number | undefined> = {
    port: undefined,
    "frames-port": undefined,
    "control-port": undefined,
  };
  for (const name of ["port", "frames-port", "control-port"] as const) {
    const text = values[name];
    if (text === undefined) continue;
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
      return { is: "wrong", words: `--${name} ${text}: not a port` };
    ports[name] = Number(text);
  }
  if (values.loop && values.replay === undefined) return { is: "wrong", words: "--loop only goes with --replay" };
  const replay = values.replay === undefined ? undefined : findRecording(resolve(from, values.replay));
  if (typeof replay === "string") return { is: "wrong", words: replay };
  return {
    is: "options",
    options: {
      configPath: values.config === undefined ? join(root, "config/demonstration.json") : resolve(from, values.config),
      dataDir: values.data === undefined ? join(root, "data") : resolve(from, values.data),
      port: ports.port,
      framesPort: ports["frames-port"],
      controlPort: ports["control-port"],
      replay,
      loop: values.loop,
      speed,
    },
  };
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      config: { type: "string" },
      data: { type: "string" },
      port: { type: "string" },
      "frames-port": { type: "string" },
      "control-port": { type: "string" },
      replay: { type: "string" },
      loop: { type: "boolean", default: false },
      speed: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  }).values;

const wireEnding = ".wire.bin";

/** The recording, or words that say what is missing. Either file's own name is taken as well. */
export function findRecording(path: string): Recording | string {
  if (existsSync(path) && statSync(path).isDirectory()) {
    const names = readdirSync(path)
      .filter((name) => name.endsWith(wireEnding))
      .map((name) => name.slice(0, -wireEnding.length));
    if (names.length === 1) return findRecording(join(path, names[0] as string));
    const held = names.length === 0 ? "no recording" : `more than one: ${names.sort().join(", ")}`;
    return `--replay ${path}: this folder holds ${held}; name one as FOLDER/NAME`;
  }
  const prefix = path.replace(/\.(wire\.bin|json)$/, "");
  const recording = { name: basename(prefix), configPath: `${prefix}.json`, wirePath: `${prefix}${wireEnding}` };
  if (!existsSync(recording.wirePath)) return `--replay ${path}: there is no ${recording.wirePath}`;
  return existsSync(recording.configPath) ? recording : { ...recording, configPath: null };
}
