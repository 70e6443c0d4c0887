import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/**
 * The options of this process's command line, each with its type. What it does not know ends the process with code 2, with
 * words and the usage: a person typed it. `--help` is known to every command.
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  usage: string,
  options: Options,
  args = process.argv.slice(2),
) {
  if (options.help === undefined && process.argv.slice(2).includes("--help")) {
    process.stdout.write(`${usage.trimEnd()}\n`);
    process.exit(0);
  }
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n\n${usage.trimEnd()}\n`);
    process.exit(2);
  }
}
