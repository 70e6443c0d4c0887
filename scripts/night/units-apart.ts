import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { readLogLine } from "../../edge-agent/platform/log.ts";
import { makeAuthority } from "../provision/authority.ts";
import {
  mosquittoFolder,
  provisionRemoteUnit,
  provisionStation,
  type WardFolder,
  wardFolder,
} from "../provision/ward-folder.ts";
import { type Machines, stationAddress } from "./namespaces.ts";

const unitCommand = fileURLToPath(new URL("../unit.ts", import.meta.url));

/** The station's mosquittos, and a bedroom unit on each of the other machines: all as `ward:provision` sets them up. */
export class UnitsApart {
  private readonly machines: Machines;
  private readonly processes: ChildProcess[] = [];
  private folder: WardFolder | undefined;

  constructor(machines: Machines) {
    this.machines = machines;
  }

  /** @param dataDir the station's data folder */
  start(site: SiteConfig, dataDir: string): void {
    const folder = { ...wardFolder(join(dataDir, "ward-keys")), station: dataDir };
    this.folder = folder;
    makeAuthority(folder.authority, site.wardName);
    const hosts = this.machines.units.map((_, index) => stationAddress(index + 1));
    provisionStation(folder, site, hosts, { tls: 8_883, bridge: 1_883 });
    for (const name of ["frames", "control"]) {
      this.run("/usr/sbin/mosquitto", ["-c", join(mosquittoFolder(dataDir), `${name}.conf`)]);
    }
    for (const [index, machine] of this.machines.units.entries()) {
      const name = `unit-${index + 1}`;
      provisionRemoteUnit(folder, site, JSON.stringify(site), name, hosts[index] ?? "");
      const command = [process.execPath, unitCommand, "--data", folder.unit(name)];
      this.run("ip", ["netns", "exec", machine, ...command]);
    }
  }

  private run(command: string, args: readonly string[]): void {
    this.processes.push(spawn(command, [...args], { stdio: ["ignore", "ignore", "ignore"] }));
  }

  /** When the unit itself told its sensors to stop, ms since 1970: its own log. */
  stops(name: string): readonly { readonly bed: string; readonly why: string; readonly atUtcMs: number }[] {
    return this.log(name).flatMap((line) => {
      const entry = readLogLine(line);
      if (entry?.words !== "sensors told to stop") return [];
      const { bed, why } = entry.fields;
      return [{ bed: String(bed), why: String(why), atUtcMs: Date.parse(entry.time) }];
    });
  }

  log(name: string): readonly string[] {
    const path = join(this.folder?.unit(name) ?? "", "log", `bridge-${name}.log`);
    return readFileSync(path, "utf8").split("\n");
  }

  /** For who looks into a night that went wrong. */
  keepLogs(into: string): void {
    for (const [index] of this.machines.units.entries()) {
      const name = `unit-${index + 1}`;
      try {
        writeFileSync(join(into, `${name}.log`), this.log(name).join("\n"));
      } catch {
        // It never came so far.
      }
    }
  }

  async stop(): Promise<void> {
    // Units first: their bridges say good-bye to brokers that still run.
    for (const one of [...this.processes].reverse()) {
      if (one.exitCode !== null || one.signalCode !== null) continue;
      const gone = new Promise((resolve) => one.once("exit", resolve));
      one.kill("SIGTERM");
      await gone;
    }
  }
}
