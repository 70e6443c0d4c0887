import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startBareMosquitto } from "../../tests/mosquitto-broker.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A mosquitto that can be killed and started again with the rights it had: its folder outlives it. */
export class OwnBroker {
  private readonly folder: string;
  private pid: number;
  private again: ChildProcess | undefined;

  constructor(port: number, admin: { readonly name: string; readonly password: string }) {
    const { pid, folder } = startBareMosquitto([port], admin);
    this.pid = pid;
    this.folder = folder;
  }

  /** SIGKILL; resolves once it is gone. */
  async kill(): Promise<void> {
    process.kill(this.pid, "SIGKILL");
    while (existsSync(`/proc/${this.pid}`)) await sleep(5);
  }

  start(): void {
    this.again = spawn("/usr/sbin/mosquitto", ["-c", join(this.folder, "mosquitto.conf")], { stdio: "ignore" });
    this.pid = this.again.pid ?? -1;
  }

  async close(): Promise<void> {
    if (existsSync(`/proc/${this.pid}`)) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
