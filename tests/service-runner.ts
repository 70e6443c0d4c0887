import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/*
 * Stands for systemctl over a folder that stands for a machine: it runs what a unit's ExecStart says, with its environment and credentials,
 * and starts it again when it ends (Restart=always). Of sandboxes and accounts it knows nothing.
 *
 *   service-runner.ts ROOT start|stop|show|daemon-reload|keep ... UNIT
 */

const [root = "", verb = "", ...more] = process.argv.slice(2);
const unit = more.at(-1) ?? "";
const folder = join(root, "run");
mkdirSync(folder, { recursive: true });
const stateFile = join(folder, `${unit}.json`);

interface State {
  readonly keeper: number;
  readonly main: number | null;
  readonly restarts: number;
}

function read(): State | undefined {
  return existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, "utf8")) : undefined;
}
function write(state: State): void {
  writeFileSync(`${stateFile}.part`, JSON.stringify(state));
  renameSync(`${stateFile}.part`, stateFile);
}
function lives(pid: number | null | undefined): boolean {
  if (pid == null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

switch (verb) {
  case "start": {
    if (lives(read()?.keeper)) break;
    const out = openSync(join(folder, `${unit}.log`), "a");
    const keeper = spawn(process.execPath, [import.meta.filename, root, "keep", unit], {
      detached: true,
      stdio: ["ignore", out, out],
    });
    write({ keeper: keeper.pid ?? 0, main: null, restarts: 0 });
    keeper.unref();
    break;
  }
  case "stop": {
    const keeper = read()?.keeper;
    if (keeper !== undefined && lives(keeper)) {
      process.kill(keeper, "SIGTERM");
      while (lives(keeper)) await pause(50);
    }
    break;
  }
  case "show": {
    const state = read();
    const word = !lives(state?.keeper) ? "inactive" : lives(state?.main) ? "active" : "activating";
    process.stdout.write(`ActiveState=${word}\nNRestarts=${state?.restarts ?? 0}\n`);
    break;
  }
  case "keep":
    await keep();
    break;
}

async function keep(): Promise<void> {
  let child: ChildProcess | undefined;
  let stopping = false;
  process.on("SIGTERM", () => {
    stopping = true;
    child?.kill("SIGTERM");
  });
  for (let restarts = 0; !stopping; restarts++) {
    const lines = readFileSync(join(root, "etc/systemd/system", unit), "utf8").split("\n");
    const values = (name: string): string[] =>
      lines.filter((line) => line.startsWith(`${name}=`)).map((line) => inRoot(line.slice(name.length + 1)));
    const [command = "", ...args] = (values("ExecStart")[0] ?? "").split(" ");
    const credentials = values("LoadCredential").map((one) => one.split(":") as [string, string]);
    const given = join(folder, `${unit}.credentials`);
    rmSync(given, { recursive: true, force: true });
    mkdirSync(given, { mode: 0o700 });
    for (const [name, file] of credentials) writeFileSync(join(given, name), readFileSync(file), { mode: 0o400 });
    const environment = Object.fromEntries(
      values("Environment").flatMap((line) => line.split(" ").map((one) => one.split("=") as [string, string])),
    );
    const running = spawn(command, args, {
      cwd: values("WorkingDirectory")[0],
      stdio: ["ignore", "inherit", "inherit"],
      env: { PATH: process.env.PATH, ...environment, CREDENTIALS_DIRECTORY: given },
    });
    child = running;
    write({ keeper: process.pid, main: running.pid ?? null, restarts });
    await new Promise((resolve) => {
      running.once("exit", resolve);
      running.once("error", resolve);
    });
    write({ keeper: process.pid, main: null, restarts: restarts + 1 });
    if (!stopping) await pause(300);
  }
}

/** Paths of the machine, below the folder that stands for it. */
function inRoot(text: string): string {
  return text.replaceAll(/(^|[\s:=])(\/(?:opt|etc|var)\/)/g, `$1${root}$2`);
}
