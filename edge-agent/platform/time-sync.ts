import { execFile } from "node:child_process";
import type { AuditIntent } from "../contract/door.ts";
import type { Log } from "./log.ts";

/*
 * Whether the machine's clock follows a time server. Without one it drifts by seconds a week, and every time in the log with it: the
 * loss is an entry, and so is its end. What steps the clock is watched elsewhere (clock.ts), and stops sensing.
 */

export type TimeSync = "synchronised" | "lost" | "unknown";

const lookEveryMs = 60_000;
const answerMsMax = 5_000;

/** As the kernel has it from whatever program keeps the clock; "unknown" on a machine without systemd. */
export function readTimeSync(): Promise<TimeSync> {
  return new Promise((resolve) => {
    const args = ["show", "--property=NTPSynchronized", "--value"];
    execFile("timedatectl", args, { timeout: answerMsMax }, (error, stdout) => {
      const said = error === null ? stdout.trim() : "";
      resolve(said === "yes" ? "synchronised" : said === "no" ? "lost" : "unknown");
    });
  });
}

/** The entry of a change; undefined where nothing changed or nothing is known. */
export function timeSyncEntry(before: TimeSync, now: TimeSync): AuditIntent | undefined {
  if (now === "unknown" || now === before || (before === "unknown" && now === "synchronised")) return undefined;
  const outcome = now === "lost" ? 4 : 0;
  return { action: "clock.sync", actor: { kind: "system", part: "clock" }, outcome, detail: { state: now }, phi: null };
}

/** @param append throws where the log cannot be written: the change is then told at the next look. */
export function watchTimeSync(
  read: () => Promise<TimeSync>,
  append: (entry: AuditIntent) => void,
  log: Log,
  signal: AbortSignal,
): void {
  let known: TimeSync = "unknown";
  const look = async (): Promise<void> => {
    const now = await read();
    const entry = timeSyncEntry(known, now);
    if (signal.aborted) return;
    try {
      if (entry !== undefined) append(entry);
      if (now !== "unknown") known = now;
    } catch (cause) {
      log.error({ cause: String(cause) }, "a change of the clock's synchronisation cannot be written");
    }
  };
  const looking = setInterval(() => void look(), lookEveryMs);
  looking.unref();
  signal.addEventListener("abort", () => clearInterval(looking), { once: true });
  void look();
}
