import { execFile } from "node:child_process";
import type { Log } from "./log.ts";

const program = "systemd-notify";

export interface ServiceManager {
  /** What was to be started is started. From now on the manager hears at each third of its watchdog's time that this process lives. */
  ready(): void;
  stop(): void;
}

/**
 * What systemd wants to hear of a service (sd_notify(3): NOTIFY_SOCKET, WATCHDOG_USEC). Node has no datagram sockets of the Unix kind, so its own
 * program says it; the unit needs NotifyAccess=all. Without a manager it does nothing. The word comes from the event loop: a loop that
 * hangs says nothing, and the manager starts the service again.
 */
export function serviceManager(log: Log, env: NodeJS.ProcessEnv = process.env): ServiceManager {
  if (env.NOTIFY_SOCKET === undefined || env.NOTIFY_SOCKET === "") return { ready: () => {}, stop: () => {} };
  const everyMs = Math.floor(Number(env.WATCHDOG_USEC ?? 0) / 3_000);
  let timer: NodeJS.Timeout | undefined;
  let failed = false;
  const say = (word: string): void => {
    execFile(program, [word], { env, timeout: 5_000 }, (cause) => {
      if (cause !== null && !failed)
        log.error(
          { cause: cause.message },
          `${program} does not work: the service manager will start this service again and again`,
        );
      failed = cause !== null;
    });
  };
  return {
    ready() {
      say("READY=1");
      if (everyMs > 0) timer = setInterval(() => say("WATCHDOG=1"), everyMs);
      timer?.unref();
    },
    stop() {
      clearInterval(timer);
      say("STOPPING=1");
    },
  };
}
