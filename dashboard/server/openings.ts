import { randomUUID } from "node:crypto";
import type { OpenedNow } from "../../edge-agent/contract/live.ts";
import type { AgentLink } from "./agent-link.ts";
import type { PageTrail } from "./page-trail.ts";
import type { Who } from "./sessions.ts";

type Staff = Extract<Who, { is: "staff" }>;

/** One person's page on one screen of staff, for as long as that screen's connection lives. */
export interface OpenedPage {
  readonly staff: Staff;
  readonly bed: string;
  /** Null: nobody is in this bed now. */
  of: { readonly stay: string; readonly id: string; readonly sinceUtcMs: number } | null;
}

interface OpenedRecords {
  readonly staff: Staff;
  readonly bed: string;
  readonly stay: string;
  readonly sinceUtcMs: number;
  readonly timer: NodeJS.Timeout;
}

/** A hold is open for months, and nobody looks for as long: the sign of one look goes out by itself. */
const litMsMax = 60 * 60_000;

export interface OpeningsOptions {
  readonly agent: AgentLink;
  readonly trail: PageTrail;
  readonly named: "role" | "name";
  readonly utcMs: () => number;
}

/**
 * Who has whose page open now (DESIGN 7: opened). An entry at the start and at the end; in between the sign at the bed is
 * lit. In memory only: an opening ends with its connection, and all of them with this process.
 */
export class Openings {
  private readonly options: OpeningsOptions;
  private readonly pages = new Set<OpenedPage>();
  private readonly records = new Set<OpenedRecords>();
  private readonly listeners = new Set<(bed: string) => void>();

  constructor(options: OpeningsOptions) {
    this.options = options;
  }

  /** Returns how to stop. A bed that changes hands meanwhile is another person's page. */
  start(): () => void {
    const forget = this.options.agent.onTile(({ tile }) => {
      for (const page of this.pages) {
        if (page.bed !== tile.bed || (page.of?.stay ?? null) === (tile.stay?.id ?? null)) continue;
        this.finish(page);
        this.enter(page);
      }
    });
    return () => {
      forget();
      for (const page of this.pages) this.end(page);
      for (const one of this.records) this.dark(one);
    };
  }

  /** Undefined: the entry could not be written, and nothing may be opened. */
  begin(staff: Staff, bed: string): OpenedPage | undefined {
    const page: OpenedPage = { staff, bed, of: null };
    if (!this.enter(page)) return undefined;
    this.pages.add(page);
    this.changed(bed);
    return page;
  }

  /** Records that two people opened (contract/access.ts), until then. Its entries are their own; only the sign at the bed is lit. */
  lit(staff: Staff, of: { readonly bed: string; readonly stay: string }, untilUtcMs: number): void {
    const { bed, stay } = of;
    const there = [...this.records].some((one) => one.staff.id === staff.id && one.stay === stay);
    if (there) return;
    const nowUtcMs = this.options.utcMs();
    const timer = setTimeout(() => this.dark(of), Math.min(litMsMax, Math.max(0, untilUtcMs - nowUtcMs)));
    timer.unref();
    this.records.add({ staff, bed, stay, sinceUtcMs: nowUtcMs, timer });
    this.changed(bed);
  }

  /** What two people had opened of this stay is shut. */
  dark({ bed, stay }: { readonly bed: string; readonly stay: string }): void {
    for (const one of this.records) {
      if (one.stay !== stay) continue;
      clearTimeout(one.timer);
      this.records.delete(one);
    }
    this.changed(bed);
  }

  end(page: OpenedPage): void {
    if (!this.pages.delete(page)) return;
    this.finish(page);
    this.changed(page.bed);
  }

  /** The longest open first. */
  openedBy(stay: string): OpenedNow[] {
    const now = [...this.pages].flatMap(({ of, staff }) => (of === null ? [] : [{ staff, ...of }]));
    return [...now, ...this.records].flatMap(({ staff, stay: whose, sinceUtcMs }) => {
      if (whose !== stay) return [];
      return [{ role: staff.role, name: this.options.named === "name" ? staff.name : null, sinceUtcMs }];
    });
  }

  /** Returns how to stop listening. */
  onChange(listener: (bed: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private enter(page: OpenedPage): boolean {
    const { agent, trail, utcMs } = this.options;
    const stay = agent.tile(page.bed)?.tile.stay?.id;
    if (stay === undefined) return true;
    const id = randomUUID();
    const opening = { page: "/ward#person", bed: page.bed, stay, purposeOfEvent: "TREAT", opening: id } as const;
    if (!trail.opened(page.staff, opening)) return false;
    page.of = { stay, id, sinceUtcMs: utcMs() };
    return true;
  }

  private finish(page: OpenedPage): void {
    const { of, staff, bed } = page;
    page.of = null;
    if (of === null) return;
    const openMs = this.options.utcMs() - of.sinceUtcMs;
    this.options.trail.closed(staff, { bed, stay: of.stay, opening: of.id, openMs });
  }

  private changed(bed: string): void {
    for (const listener of this.listeners) listener(bed);
  }
}
