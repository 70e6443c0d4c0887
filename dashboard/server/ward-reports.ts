import { Worker } from "node:worker_threads";
import type { Access } from "../../edge-agent/contract/access.ts";
import type { ActivitySummary } from "../../edge-agent/contract/activity-summary.ts";
import type { LookGiven } from "../../edge-agent/contract/advocate.ts";
import type { AlarmLoad } from "../../edge-agent/contract/alarm-load.ts";
import type { LogsSeen } from "../../edge-agent/contract/audit-policy.ts";
import type { EquityGroup } from "../../edge-agent/contract/characteristics.ts";
import type { CheckHistory } from "../../edge-agent/contract/check-history.ts";
import type { Hours } from "../../edge-agent/contract/consent.ts";
import type { ConsentChange, Feedback, KillTimes, Use } from "../../edge-agent/contract/consent-history.ts";
import type { HandedStay } from "../../edge-agent/contract/handover.ts";
import type { Night } from "../../edge-agent/contract/nights.ts";
import type { PersonHistory } from "../../edge-agent/contract/person-history.ts";
import type { StaffMember } from "../../edge-agent/contract/staff.ts";
import type { AuditPeriod, WardAudit } from "../../edge-agent/contract/ward-audit.ts";
import type { DayRoot, WhoLooked } from "../../edge-agent/contract/who-looked.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";
import type { Log } from "../../edge-agent/platform/log.ts";
import type { AccessRecords } from "../../edge-agent/records/access-reading.ts";
import type { PersonExport } from "../../edge-agent/records/person-export.ts";

export interface ReportFiles {
  readonly wardFile: string;
  readonly dashboardFile: string;
}

export type ReportQuestion =
  | { readonly what: "history"; readonly stay: string }
  | {
      readonly what: "use";
      readonly stay: string;
      readonly bed: string;
      readonly purpose: Purpose;
      readonly sinceUtcMs: number;
    }
  | { readonly what: "kill-times"; readonly sinceUtcMs: number }
  | { readonly what: "alarm-load"; readonly nights: readonly Night[]; readonly nowUtcMs: number }
  | { readonly what: "feedback" }
  | { readonly what: "who-looked"; readonly stay: string }
  | { readonly what: "day-root"; readonly beforeUtcMs: number }
  | { readonly what: "roots-before"; readonly utcMs: number }
  | { readonly what: "checks"; readonly stay: string; readonly sinceUtcMs: number }
  | { readonly what: "handover"; readonly sinceUtcMs: number }
  | { readonly what: "equity"; readonly nowUtcMs: number }
  | { readonly what: "person-history"; readonly stay: string; readonly nowUtcMs: number }
  | { readonly what: "ward-audit"; readonly period: AuditPeriod; readonly timeZone: string }
  | {
      readonly what: "activity";
      readonly stay: string;
      readonly nowUtcMs: number;
      readonly timeZone: string;
      readonly rest: Hours;
    }
  | { readonly what: "person-export"; readonly stay: string }
  | { readonly what: "looks-given"; readonly stay: string; readonly nowUtcMs: number }
  | { readonly what: "access-list" }
  | { readonly what: "access-records"; readonly number: number; readonly staffId: string; readonly nowUtcMs: number }
  | { readonly what: "staff"; readonly nowUtcMs: number }
  | { readonly what: "floor-order" }
  | { readonly what: "logs-seen" };

export interface Roots {
  readonly ward: DayRoot | null;
  readonly dashboard: DayRoot | null;
}

const answerWithinMs = 5_000;
/** A year of a ward; in a thread of its own, so that no page about a person waits behind it. */
const auditWithinMs = 30_000;
const waitingMax = 100;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Reads what the ward's records tell, in a thread of its own, for pages that were logged as opened. Null: it cannot be read
 * now, and the page says so.
 */
export class WardReports {
  private readonly files: ReportFiles;
  private readonly log: Log;
  private readonly waiting = new Map<number, Waiting>();
  private readonly workers = new Map<"pages" | "audit", Worker>();
  private lastId = 0;

  constructor(files: ReportFiles, log: Log) {
    this.files = files;
    this.log = log;
  }

  history(stay: string): Promise<ConsentChange[] | null> {
    return this.ask({ what: "history", stay }) as Promise<ConsentChange[] | null>;
  }

  use(of: Omit<Extract<ReportQuestion, { what: "use" }>, "what">): Promise<Use | null> {
    return this.ask({ what: "use", ...of }) as Promise<Use | null>;
  }

  killTimes(sinceUtcMs: number): Promise<KillTimes | null> {
    return this.ask({ what: "kill-times", sinceUtcMs }) as Promise<KillTimes | null>;
  }

  /** @param nights the newest first. */
  alarmLoad(nights: readonly Night[], nowUtcMs: number): Promise<AlarmLoad | null> {
    return this.ask({ what: "alarm-load", nights, nowUtcMs }) as Promise<AlarmLoad | null>;
  }

  feedback(): Promise<Feedback[] | null> {
    return this.ask({ what: "feedback" }) as Promise<Feedback[] | null>;
  }

  whoLooked(stay: string): Promise<WhoLooked | null> {
    return this.ask({ what: "who-looked", stay }) as Promise<WhoLooked | null>;
  }

  /** Null also where nothing is signed yet. */
  dayRoot(beforeUtcMs: number): Promise<DayRoot | null> {
    return this.ask({ what: "day-root", beforeUtcMs }) as Promise<DayRoot | null>;
  }

  /** The newest signed state of each log from before a moment. */
  rootsBefore(utcMs: number): Promise<Roots | null> {
    return this.ask({ what: "roots-before", utcMs }) as Promise<Roots | null>;
  }

  logsSeen(): Promise<LogsSeen | null> {
    return this.ask({ what: "logs-seen" }) as Promise<LogsSeen | null>;
  }

  /** Of the last twelve months. */
  equity(nowUtcMs: number): Promise<EquityGroup[] | null> {
    return this.ask({ what: "equity", nowUtcMs }) as Promise<EquityGroup[] | null>;
  }

  checks(stay: string, sinceUtcMs: number): Promise<CheckHistory | null> {
    return this.ask({ what: "checks", stay, sinceUtcMs }) as Promise<CheckHistory | null>;
  }

  handover(sinceUtcMs: number): Promise<HandedStay[] | null> {
    return this.ask({ what: "handover", sinceUtcMs }) as Promise<HandedStay[] | null>;
  }

  personHistory(stay: string, nowUtcMs: number): Promise<PersonHistory | null> {
    return this.ask({ what: "person-history", stay, nowUtcMs }) as Promise<PersonHistory | null>;
  }

  /** @param timeZone the ward's, for the hours of the day. */
  wardAudit(period: AuditPeriod, timeZone: string): Promise<WardAudit | null> {
    return this.ask({ what: "ward-audit", period, timeZone }) as Promise<WardAudit | null>;
  }

  staff(nowUtcMs: number): Promise<StaffMember[] | null> {
    return this.ask({ what: "staff", nowUtcMs }) as Promise<StaffMember[] | null>;
  }

  /** Null also where there is no such stay. */
  personExport(stay: string): Promise<PersonExport | null> {
    return this.ask({ what: "person-export", stay }) as Promise<PersonExport | null>;
  }

  activity(of: Omit<Extract<ReportQuestion, { what: "activity" }>, "what">): Promise<ActivitySummary | null> {
    return this.ask({ what: "activity", ...of }) as Promise<ActivitySummary | null>;
  }

  /** Whom the person lets look now, the newest first. */
  looksGiven(stay: string, nowUtcMs: number): Promise<LookGiven[] | null> {
    return this.ask({ what: "looks-given", stay, nowUtcMs }) as Promise<LookGiven[] | null>;
  }

  /** The newest first. */
  accessList(): Promise<Access[] | null> {
    return this.ask({ what: "access-list" }) as Promise<Access[] | null>;
  }

  /** Null also where it is not open to this person now. */
  accessRecords(of: Omit<Extract<ReportQuestion, { what: "access-records" }>, "what">): Promise<AccessRecords | null> {
    return this.ask({ what: "access-records", ...of }) as Promise<AccessRecords | null>;
  }

  /** Null also where nobody has set one. */
  floorOrder(): Promise<string[] | null> {
    return this.ask({ what: "floor-order" }) as Promise<string[] | null>;
  }

  async stop(): Promise<void> {
    const workers = [...this.workers.values()];
    this.workers.clear();
    for (const id of this.waiting.keys()) this.finish(id, null);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  private ask(question: ReportQuestion): Promise<unknown> {
    if (this.waiting.size >= waitingMax) return Promise.resolve(null);
    const id = ++this.lastId;
    const isAudit = question.what === "ward-audit";
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.log.error({ what: question.what }, "a report took too long");
          this.finish(id, null);
        },
        isAudit ? auditWithinMs : answerWithinMs,
      );
      this.waiting.set(id, { resolve, timer });
      this.running(isAudit ? "audit" : "pages").postMessage({ id, question });
    });
  }

  private running(part: "pages" | "audit"): Worker {
    const there = this.workers.get(part);
    if (there !== undefined) return there;
    const worker = new Worker(new URL("./ward-report-worker.ts", import.meta.url), { workerData: this.files });
    worker.unref();
    worker.on("message", (told: { id: number; answer?: unknown; failed?: string }) => {
      if (told.failed !== undefined) this.log.error({ cause: told.failed }, "the ward's records cannot be read");
      this.finish(told.id, told.failed === undefined ? told.answer : null);
    });
    worker.on("error", (cause) => {
      this.log.error({ cause: String(cause) }, "the thread of reports failed");
      if (this.workers.get(part) === worker) this.workers.delete(part);
      for (const id of this.waiting.keys()) this.finish(id, null);
    });
    this.workers.set(part, worker);
    return worker;
  }

  private finish(id: number, answer: unknown): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.waiting.delete(id);
    waiting.resolve(answer);
  }
}
