import { Worker } from "node:worker_threads";
import type { Verification, WitnessSeen, WitnessState } from "../../edge-agent/contract/audit-policy.ts";
import type { AuditIntent } from "../../edge-agent/contract/door.ts";
import type { Log } from "../../edge-agent/platform/log.ts";

export interface LogWatchStart {
  readonly dataDir: string;
  /** Of the station's own witness. */
  readonly witnessName: string;
  readonly policyFile: string | null;
  readonly everySec: number;
}

type Told =
  | { readonly witnessed: readonly WitnessSeen[] }
  | { readonly verification: Verification }
  | { readonly failed: string };
export type LogWatchSaid = { readonly log: "ward" | "dashboard" } & Told;

/** What a witness says that only somebody who changed a log can have caused. */
const grave: readonly WitnessState[] = ["ahead", "other-history"];

/**
 * Shows both logs to the witnesses and verifies them as a whole, after the start and each day, in a thread that only reads: neither
 * a witness that is down nor a long log delays an entry. What it finds is an entry of the dashboard's own log.
 */
export class LogWatch {
  private readonly plan: LogWatchStart;
  private readonly append: (intent: AuditIntent) => void;
  private readonly log: Log;
  private readonly states = new Map<string, WitnessState>();
  private worker: Worker | undefined;

  constructor(start: LogWatchStart, append: (intent: AuditIntent) => void, log: Log) {
    this.plan = start;
    this.append = append;
    this.log = log;
  }

  start(): void {
    this.worker = new Worker(new URL("log-watch-worker.ts", import.meta.url), { workerData: this.plan });
    this.worker.unref();
    this.worker.on("message", (said: LogWatchSaid) => this.hear(said));
    this.worker.on("error", (cause) => this.log.error({ cause: String(cause) }, "nobody watches the audit logs"));
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private hear(said: LogWatchSaid): void {
    const { log } = said;
    if ("failed" in said) {
      this.log.warn({ log, cause: said.failed }, "an audit log cannot be watched now");
      return;
    }
    if ("verification" in said) {
      const { ok, entries, tookMs, words } = said.verification;
      if (!ok) this.log.error({ log, fault: words }, "an audit log does not verify");
      this.write("audit.verify", ok ? 0 : 12, { log, entries, tookMs: Math.round(tookMs), words });
      return;
    }
    for (const { name, state, size, words } of said.witnessed) {
      const before = this.states.get(`${log} ${name}`);
      this.states.set(`${log} ${name}`, state);
      if (state === before) continue;
      const bad = grave.includes(state);
      if (bad) this.log.error({ log, witness: name, words }, "a witness disputes an audit log");
      this.write("audit.witness", bad ? 12 : state === "cosigned" ? 0 : 4, { log, witness: name, state, size, words });
    }
  }

  private write(action: AuditIntent["action"], outcome: AuditIntent["outcome"], detail: AuditIntent["detail"]): void {
    try {
      this.append({ action, actor: { kind: "system", part: "audit" }, outcome, detail, phi: null });
    } catch (cause) {
      this.log.error({ cause: String(cause), action }, "what the watch over the logs found cannot be written");
    }
  }
}
