import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { freePort } from "../free-port.ts";

/* Whether the ports that a station needs are free, and who has one that is not. */

interface Wanted {
  readonly what: string;
  /** Where it is changed. */
  readonly setting: string;
  readonly host: string;
  readonly port: number;
}

export function portsOf({ dashboard, brokers, metrics }: SiteConfig): Wanted[] {
  const ours: Wanted[] =
    brokers.kind === "embedded"
      ? [
          {
            what: "the broker of sensor data",
            setting: "brokers.framesPort",
            host: brokers.host,
            port: brokers.framesPort,
          },
          { what: "the control broker", setting: "brokers.controlPort", host: brokers.host, port: brokers.controlPort },
        ]
      : [];
  const measured = (["agentPort", "dashboardPort"] as const).flatMap((name) => {
    const port = metrics[name];
    return port === null ? [] : [{ what: "measurements", setting: `metrics.${name}`, host: "127.0.0.1", port }];
  });
  const pages = { what: "the pages", setting: "dashboard.port", host: dashboard.host, port: dashboard.port };
  return [pages, ...ours, ...measured].filter(({ port }) => port !== 0);
}

/** In words, a line for each port that somebody else has. @param prefix programs below it are this ward's own */
export async function portProblems(site: SiteConfig, prefix: string): Promise<string[]> {
  const problems: string[] = [];
  for (const { what, setting, host, port } of portsOf(site)) {
    const who = whoListens(port);
    // Below 1024 only root may try; whether somebody listens is to be seen all the same.
    const free = await freePort(host, port).catch(() => (who === undefined ? port : undefined));
    if (free !== undefined) continue;
    if (who?.command.includes(`${prefix}/`) === true) continue;
    const by = who === undefined ? "another program" : `process ${who.pid} (${who.command})`;
    problems.push(
      `port ${port} for ${what} is in use by ${by}: stop that one, or change ${setting} in site.json and sign it again`,
    );
  }
  return problems;
}

/** Who listens at a TCP port of this machine (proc(5): net/tcp, fd); undefined where that is not to be seen. */
export function whoListens(port: number): { readonly pid: number; readonly command: string } | undefined {
  const sockets = new Set(["tcp", "tcp6"].flatMap((name) => listeners(name, port)));
  if (sockets.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (!sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) continue;
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim().slice(0, 120);
        return { pid: Number(pid), command };
      }
    } catch {
      // It ended meanwhile, or is another account's.
    }
  }
  return undefined;
}

function listeners(name: string, port: number): string[] {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync(`/proc/net/${name}`, "utf8").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(hex) && state === "0A" ? [`socket:[${inode}]`] : [];
  });
}
