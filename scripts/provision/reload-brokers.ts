import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mosquittoFolder } from "./ward-folder.ts";

export interface Reloaded {
  readonly broker: string;
  readonly is: "told" | "not running" | "not ours to tell";
  readonly pid: number | null;
}

/** SIGHUP: a mosquitto reads its certificates and its list of revoked ones again. The embedded brokers look by themselves. */
export function reloadBrokers(station: string): readonly Reloaded[] {
  return ["frames", "control", "sensors"].flatMap((broker): readonly Reloaded[] => {
    if (!existsSync(join(mosquittoFolder(station), `${broker}.conf`))) return [];
    const pid = runningPid(join(mosquittoFolder(station), `${broker}.pid`));
    if (pid === null) return [{ broker, is: "not running", pid }];
    try {
      process.kill(pid, "SIGHUP");
      return [{ broker, is: "told", pid }];
    } catch {
      return [{ broker, is: "not ours to tell", pid }];
    }
  });
}

/** A file that a killed broker left may name somebody else's process. */
function runningPid(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, "utf8").trim());
    if (!Number.isInteger(pid) || pid <= 1) return null;
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "mosquitto" ? pid : null;
  } catch {
    return null;
  }
}
