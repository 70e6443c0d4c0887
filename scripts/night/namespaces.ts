import { execFileSync, spawnSync } from "node:child_process";

/*
 * A station and bedroom units as machines of their own: Linux network namespaces, joined by a cable (a veth pair) for each unit. The
 * station has 10.77.<n>.1 on the cable of unit n, the unit has 10.77.<n>.2, and no way leads from unit to unit.
 */

export interface Machines {
  readonly station: string;
  readonly units: readonly string[];
}

export const stationAddress = (unit: number): string => `10.77.${unit}.1`;
const unitAddress = (unit: number): string => `10.77.${unit}.2`;
/** The station's end of the cable. */
const cableOf = (unit: number): string => `unit${unit}`;

/** Why this machine cannot have them; undefined: it can. */
export function noNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces need root: run it with sudo";
  const name = `quietround-${process.pid}-look`;
  const { error, status, stderr } = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (error !== undefined) return `the command ip is not here (Debian package iproute2): ${error.message}`;
  if (status !== 0) return `this machine lets nobody make a network namespace: ${stderr.trim()}`;
  spawnSync("ip", ["netns", "del", name]);
  return undefined;
}

const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });

export function makeMachines(units: number): Machines {
  const base = `quietround-${process.pid}`;
  const machines = {
    station: `${base}-station`,
    units: Array.from({ length: units }, (_, n) => `${base}-unit-${n + 1}`),
  };
  try {
    for (const name of [machines.station, ...machines.units]) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
    }
    for (const [index, unit] of machines.units.entries()) {
      const n = index + 1;
      const cable = ["link", "add", "name", cableOf(n), "netns", machines.station, "type", "veth"];
      ip(...cable, "peer", "name", "station", "netns", unit);
      for (const [machine, link, address] of [
        [machines.station, cableOf(n), stationAddress(n)],
        [unit, "station", unitAddress(n)],
      ] as const) {
        ip("-n", machine, "addr", "add", `${address}/24`, "dev", link);
        ip("-n", machine, "link", "set", link, "up");
      }
    }
  } catch (cause) {
    removeMachines(machines);
    throw cause;
  }
  return machines;
}

/** Whatever still runs in them was started there by this night. */
export function removeMachines({ station, units }: Machines): void {
  for (const name of [station, ...units]) {
    const { stdout } = spawnSync("ip", ["netns", "pids", name], { encoding: "utf8" });
    for (const pid of (stdout ?? "").split("\n").filter((line) => line !== "")) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // Gone by itself.
      }
    }
    spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  }
}

/** Pulled out, or put back. */
export const setCable = ({ station }: Machines, unit: number, is: "up" | "down"): void =>
  ip("-n", station, "link", "set", cableOf(unit), is);
