import { execFileSync, spawnSync } from "node:child_process";

export interface ServiceStatus {
  /** `active`, `activating`, `inactive`, `failed`. */
  readonly state: string;
  /** How often it was started again since it was started. */
  readonly restarts: number;
}

/** What the service manager of this machine does for an update. */
export interface Services {
  start(unit: string): void;
  /** Resolves nothing before it has ended. Throws where it does not. */
  stop(unit: string): void;
  status(unit: string): ServiceStatus;
  /** Files of units were changed. */
  reload(): void;
}

/** @param command `systemctl`, or a program that understands the same words */
export function servicesBy(command: string): Services {
  const run = (...args: string[]): void =>
    void execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"], timeout: 120_000 });
  const ask = (...args: string[]): string => {
    const { stdout, error } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
    if (error !== undefined) throw error;
    return stdout.trim();
  };
  return {
    // Not waited for: whether it is ready is asked of the ward itself.
    start: (unit) => run("start", "--no-block", unit),
    stop: (unit) => run("stop", unit),
    status: (unit) => {
      const said = ask("show", "--property=ActiveState,NRestarts", unit);
      const of = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(said)?.[1] ?? "";
      return { state: of("ActiveState"), restarts: Number(of("NRestarts")) || 0 };
    },
    reload: () => run("daemon-reload"),
  };
}
