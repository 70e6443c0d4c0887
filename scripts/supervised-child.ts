import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Log } from "../edge-agent/platform/log.ts";
import { aliveMessage } from "../edge-agent/platform/parent.ts";
import type { PartLog } from "./part-log.ts";

export interface ChildPlan {
  /** `agent`, `bridge unit-1`, ...: how it is called in words. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Options of Node itself, beside those of this process. */
  readonly node?: readonly string[];
}

export interface SupervisedChild {
  readonly name: string;
  /** Undefined between two lives. */
  readonly pid: number | undefined;
  /** SIGTERM, and SIGKILL 5 s later; resolves once it is gone. It is not started again. */
  stop(): Promise<void>;
}

export interface ChildWatch {
  readonly log: Log;
  readonly partLog: PartLog;
  /** Each line of standard output, before it goes to the part's log. */
  readonly onLine?: (line: string) => void;
  /** It ended by itself with code 2, "cannot be used like this": starting it again would not help. */
  readonly onHopeless: (name: string) => void;
}

const killAfterMs = 5_000;
const backOffMs = { first: 500, max: 10_000 };
const steadyAfterMs = 30_000;
/** DESIGN 1.5: what breaks shows within 10 s. A part that is stopped or loops breaks as much as one that ended. */
const hungAfterMs = 10_000;
const lookEveryMs = 1_000;

/**
 * Runs it with this process's own Node and starts it again when it ends, 0.5 to 10 s later. A part that said that it is
 * alive (`platform/parent.ts`) and then says nothing for 10 s is killed and started again.
 */
export function superviseChild(plan: ChildPlan, watch: ChildWatch): SupervisedChild {
  let child: ChildProcess | undefined;
  let stopping = false;
  let backOff = backOffMs.first;
  let again: NodeJS.Timeout | undefined;
  let gone: () => void = () => {};

  const start = (): void => {
    const startedAt = performance.now();
    // A process group of its own: Ctrl-C in a terminal reaches only the supervisor, which then stops each child once.
    // The IPC channel carries only "alive"; its end tells the child that the supervisor died.
    const running = spawn(process.execPath, [plan.file, ...plan.args], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        QUIETROUND_LOG: "json",
        ...(plan.node === undefined
          ? {}
          : { NODE_OPTIONS: [process.env.NODE_OPTIONS ?? "", ...plan.node].join(" ").trim() }),
      },
    });
    child = running;
    let lastWords = "";
    for (const [stream, isError] of [
      [running.stdout, false],
      [running.stderr, true],
    ] as const) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        if (isError && line.trim() !== "") lastWords = line.trim().slice(0, 300);
        if (!isError) watch.onLine?.(line);
        watch.partLog.line(line, isError);
      });
    }
    const watchdog = watchForSilence(running, () => {
      watch.log.error(
        { pid: running.pid },
        `${plan.name} hangs: no sign of life for ${hungAfterMs / 1_000} s; killing it`,
      );
      running.kill("SIGKILL");
    });
    let ended = false;
    const end = (why: string, hopeless: boolean): void => {
      if (ended) return;
      ended = true;
      clearInterval(watchdog);
      child = undefined;
      if (stopping) {
        gone();
        return;
      }
      const said = lastWords === "" ? {} : { lastWords };
      if (hopeless) {
        watch.log.error({ ...said }, `${plan.name} ${why} and cannot be started like this`);
        watch.onHopeless(plan.name);
        return;
      }
      if (performance.now() - startedAt > steadyAfterMs) backOff = backOffMs.first;
      watch.log.error({ ...said, againInMs: backOff }, `${plan.name} ${why}; starting it again`);
      again = setTimeout(start, backOff);
      backOff = Math.min(backOffMs.max, backOff * 2);
    };
    running.once("error", (cause) => end(`could not be started (${cause.message})`, false));
    running.once("exit", (code, signal) => {
      end(code === null ? `was ended by ${signal}` : `ended with code ${code}`, code === 2);
    });
  };
  start();

  return {
    name: plan.name,
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopping = true;
      clearTimeout(again);
      const running = child;
      if (running === undefined) return;
      await new Promise<void>((resolve) => {
        const kill = setTimeout(() => running.kill("SIGKILL"), killAfterMs);
        gone = () => {
          clearTimeout(kill);
          resolve();
        };
        running.kill("SIGTERM");
      });
    },
  };
}

/**
 * Calls `onSilent` once. Counts its own looks, not the clock: a supervisor that was itself stopped has heard nothing either,
 * and must not kill everything when it goes on.
 */
function watchForSilence(child: ChildProcess, onSilent: () => void): NodeJS.Timeout {
  let silentMs: number | undefined;
  child.on("message", (message) => {
    if (message === aliveMessage) silentMs = 0;
  });
  const timer = setInterval(() => {
    if (silentMs === undefined) return;
    silentMs += lookEveryMs;
    if (silentMs <= hungAfterMs) return;
    clearInterval(timer);
    onSilent();
  }, lookEveryMs);
  return timer;
}
