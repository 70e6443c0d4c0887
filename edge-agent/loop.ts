import type { CoreEvent, Effect } from "./contract/door.ts";
import { givesMore } from "./contract/gives-more.ts";
import { elapsedMs, type MonoMs } from "./contract/units.ts";
import { alarmsIn, unaudited } from "./contract/unrecorded-alarms.ts";
import { auditRefusal, notRecorded } from "./contract/unrecorded-answers.ts";
import { allowingStates, type DropReason } from "./contract/words.ts";
import { type CoreState, newCore, type RoomConfig, type Step, step } from "./core.ts";
import type { RoomShell, WardStore, Withdrawal, WithdrawalReserve } from "./ports.ts";

type Audit = Extract<Effect, { kind: "audit" }>["intent"];
type Row = Extract<Effect, { kind: "store" }>["row"];
type ConsentRow = Extract<Row, { table: "consent" }>;
type Unstamped<T> = T extends CoreEvent ? Omit<T, "at" | "utcMs"> : never;

export interface LoopDeps {
  readonly rooms: readonly RoomConfig[];
  readonly store: WardStore;
  readonly reserve: WithdrawalReserve;
  readonly shell: RoomShell;
  readonly now: () => { readonly at: MonoMs; readonly utcMs: number; readonly monoNs: bigint };
  readonly frameQueueMax: number;
  /** `failed`: the disk; `refused`: this one write, never to be tried again; `ok`: the disk works again. */
  readonly onStore: (state: "failed" | "refused" | "ok", cause: unknown) => void;
}

type RoomEvent = readonly [bed: string, event: Unstamped<CoreEvent>];

interface RoomPlace {
  core: CoreState;
  readonly frames: { readonly sensor: string; readonly bytes: Uint8Array }[];
}

/** What became of a step's entries and rows. */
type Written = "yes" | "withdrawal-kept" | "queued" | "never";

/** In core time: by main's timer. */
const tickEveryMs = 1_000;

/** Steps that wait to be written while the disk fails; what falls over the edge is told as a failed record. */
const unwrittenMax = 10_000;

/**
 * The real-time loop: bounded queues of frames -> core.step -> effects, one room after the other, never two at once.
 *
 * Order of every step: audit entries and rows in one transaction, on the disk; then everything else. Steps of one turn,
 * as when twenty sensors are lost at once, share their transaction, so that no alarm waits for the syncs of others. Where
 * writing fails,
 * - what was asked for and gives somebody more than before (a grant, an admission, an order) did not happen: the room
 *   is put back to where it was;
 * - what makes a room more private, and alarms, stand: they are kept in memory and written, in order, once the disk
 *   works, and a withdrawal is kept in the reserve as well, so that a restart cannot forget it;
 * - sensing ends, because the core is told `audit-failed`, until the rooms could be read from the database again.
 */
export class Loop {
  private readonly deps: LoopDeps;
  private readonly places = new Map<string, RoomPlace>();
  /** Derived facts of all rooms, written together once a second; consent changes flush them first. */
  private facts: Row[] = [];
  private untold = new Map<string, readonly string[]>();
  private unwritten: { intents: Audit[]; rows: Row[] }[] = [];
  /** Withdrawals that the database refuses, which should not be: in force, and in the reserve. */
  private readonly unwritable: ConsentRow[] = [];
  /** Time in core.step: decoding, signal, windows, rules. */
  private steppedNs = 0n;
  private soon: RoomEvent[] = [];
  private scheduled = false;
  private stopped = false;
  private tickedAt: MonoMs | null = null;

  constructor(deps: LoopDeps) {
    this.deps = deps;
    for (const config of deps.rooms) this.places.set(config.bed, { core: newCore(config), frames: [] });
  }

  /** Reads every room from the store; sensing that was granted goes on with a new lease. */
  start(): void {
    for (const [bed] of this.places) this.feed(bed, { kind: "restore", room: this.deps.store.restoreRoom(bed) });
  }

  /** Time spent in the core so far, ms. */
  get coreMs(): number {
    return Number(this.steppedNs) / 1e6;
  }

  /** Takes a frame for the room; the oldest falls out of a full queue, counted. The bytes become the loop's and are overwritten after use. */
  offerFrame(bed: string, sensor: string, bytes: Uint8Array): void {
    const place = this.places.get(bed);
    if (place === undefined || this.stopped) return;
    if (place.frames.length >= this.deps.frameQueueMax) {
      place.frames.shift()?.bytes.fill(0);
      this.feed(bed, { kind: "frames-dropped", why: "queue-full", count: 1 });
    }
    place.frames.push({ sensor, bytes });
    this.schedule();
  }

  countDropped(bed: string, why: DropReason): void {
    this.feed(bed, { kind: "frames-dropped", why, count: 1 });
  }

  /** Frames of this bed that no step has taken yet. */
  waiting(bed: string): number {
    return this.places.get(bed)?.frames.length ?? 0;
  }

  /** Once a second of core time, by main's timer. Returns how much later than that it came, ms of core time. */
  tick(): number {
    this.retryUnwritten();
    this.flushFacts();
    const { at } = this.deps.now();
    const lateMs = this.tickedAt === null ? 0 : Math.max(0, elapsedMs(this.tickedAt, at) - tickEveryMs);
    this.tickedAt = at;
    this.feedAll(lateMs > tickEveryMs ? { kind: "tick", lateMs } : { kind: "tick" });
    return lateMs;
  }

  feed(bed: string, event: Unstamped<CoreEvent>): void {
    const place = this.places.get(bed);
    if (place === undefined || this.stopped) return;
    const { state, effects } = this.step(place.core, event);
    const written = this.write(bed, effects, { givesMore: event.kind === "ask" && givesMore(event.ask) });
    if (written === "never") {
      for (const effect of effects) if (effect.kind === "answer") this.deps.shell.answer(auditRefusal(effect.request));
      return;
    }
    place.core = state;
    this.carryOut(bed, effects, written);
  }

  /** With what else comes in this turn of the event loop, and written with it: for news that can come from all rooms at once. */
  feedSoon(bed: string, event: Exclude<Unstamped<CoreEvent>, { kind: "ask" }>): void {
    this.soon.push([bed, event]);
    this.schedule();
  }

  feedAll(event: Exclude<Unstamped<CoreEvent>, { kind: "ask" }>): void {
    this.feedTogether([...this.places.keys()].map((bed) => [bed, event]));
  }

  /** Ends every lease, with its entry, and takes no more events. */
  stop(): void {
    this.feedAll({ kind: "stop" });
    this.flushFacts();
    this.stopped = true;
    for (const place of this.places.values()) {
      for (const { bytes } of place.frames.splice(0)) bytes.fill(0);
    }
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.drain());
  }

  private drain(): void {
    this.scheduled = false;
    const soon = this.soon;
    this.soon = [];
    this.feedTogether(soon);
    // One frame a room in turn, so that no room can starve another.
    for (;;) {
      const events = [...this.places].flatMap(([bed, place]) => {
        const frame = place.frames.shift();
        return frame === undefined ? [] : [[bed, { kind: "frame" as const, ...frame }] as const];
      });
      if (events.length === 0) return;
      this.feedTogether(events);
      for (const [, { bytes }] of events) bytes.fill(0);
    }
  }

  /** Each step stands in any case: none of these events gives anybody more. */
  private feedTogether(events: readonly RoomEvent[]): void {
    const waiting: { readonly bed: string; readonly effects: readonly Effect[] }[] = [];
    for (const [bed, event] of events) {
      const place = this.places.get(bed);
      if (place === undefined || this.stopped) continue;
      const { state, effects } = this.step(place.core, event);
      place.core = state;
      // What one room says keeps its order: behind a step that is still to be written, the next one waits too.
      if (effects.some(isRecord) || waiting.some((one) => one.bed === bed)) waiting.push({ bed, effects });
      else {
        this.facts.push(...recordsOf(effects).facts);
        this.carryOut(bed, effects, "yes");
      }
    }
    const together = waiting.length > 1 && this.writeTogether(waiting.flatMap(({ effects }) => effects));
    for (const { bed, effects } of waiting) {
      const written = together ? "yes" : this.write(bed, effects, { givesMore: false });
      if (written !== "never") this.carryOut(bed, effects, written);
    }
  }

  private step(core: CoreState, event: Unstamped<CoreEvent>): Step {
    const { at, utcMs, monoNs } = this.deps.now();
    const stepped = step(core, { ...event, at, utcMs } as CoreEvent);
    this.steppedNs += this.deps.now().monoNs - monoNs;
    return stepped;
  }

  private carryOut(bed: string, effects: readonly Effect[], written: Exclude<Written, "never">): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case "audit":
        case "store":
          break;
        case "lease":
          if (written === "yes") this.deps.shell.lease(effect);
          break;
        case "stop-sensor":
          this.deps.shell.stopSensor(effect.bed, effect.number);
          break;
        case "infer":
          this.deps.shell.infer(bed, effect.request, effect.model, effect.tensors);
          break;
        case "unpack":
          this.deps.shell.unpack(bed, effect);
          break;
        case "publish":
          this.deps.shell.publish(written === "yes" ? effect.tile : unaudited(effect.tile, recordsOf(effects).rows));
          break;
        case "estimate":
          this.deps.shell.estimate(bed, effect.estimate);
          break;
        case "answer":
          this.deps.shell.answer(written === "queued" && effect.ok ? notRecorded(effect.request) : effect);
          break;
      }
    }
  }

  /** False: nothing of it was written, and each step is to be written by itself. */
  private writeTogether(effects: readonly Effect[]): boolean {
    if (this.unwritten.length > 0) return false;
    const { intents, rows, facts } = recordsOf(effects);
    try {
      this.commit(intents, [...this.facts, ...facts, ...rows]);
    } catch {
      return false;
    }
    this.facts = [];
    return true;
  }

  private write(bed: string, effects: readonly Effect[], ask: { givesMore: boolean }): Written {
    const { intents, rows, facts } = recordsOf(effects);
    this.facts.push(...facts);
    if (intents.length === 0 && rows.length === 0) return "yes";
    const failing = this.unwritten.length > 0;
    if (!failing) {
      this.flushFacts();
      try {
        this.commit(intents, rows);
        return "yes";
      } catch (cause) {
        if (isNever(cause)) {
          this.deps.onStore("refused", cause);
          if (ask.givesMore) return "never";
          // The step stands, without what nobody can write; what was withdrawn in it is written by itself.
          if (this.commitWithdrawals(intents, rows)) return "queued";
          return this.keepWithdrawals() ? "withdrawal-kept" : "queued";
        }
        this.deps.onStore("failed", cause);
        this.tellFailed(bed, rows);
        // A first step that does not stand needs no queue, but the disk must be tried again.
        if (ask.givesMore) {
          this.unwritten.push({ intents: [], rows: [] });
          return "never";
        }
      }
    } else if (ask.givesMore) return "never";
    else if (alarmsIn(rows).length > 0) this.tellFailed(bed, rows);
    // A withdrawal always finds its place; of what the sensors do, enough was told by then.
    if (this.unwritten.length < unwrittenMax || withdrawalRows(rows).length > 0) this.unwritten.push({ intents, rows });
    return this.keepWithdrawals() ? "withdrawal-kept" : "queued";
  }

  /** Once a turn, each room its own: a room that heard of another's first would say again that its own are in the log. */
  private tellFailed(bed: string, rows: readonly Row[]): void {
    if (this.untold.size === 0)
      queueMicrotask(() => {
        const told = this.untold;
        this.untold = new Map();
        for (const [place] of this.places) this.feed(place, { kind: "audit-failed", unwritten: told.get(place) ?? [] });
      });
    this.untold.set(bed, [...(this.untold.get(bed) ?? []), ...alarmsIn(rows)]);
  }

  /** True when there are withdrawals among what waits, and all of them are in the reserve. */
  private keepWithdrawals(): boolean {
    const rows = [...this.unwritable, ...this.unwritten.flatMap((step) => withdrawalRows(step.rows))];
    const waiting = rows.map(
      ({ stay, consent, atUtcMs }): Withdrawal => ({
        stay,
        purpose: consent.purpose,
        atUtcMs,
        personSaidNo: consent.personSaidNo,
      }),
    );
    return waiting.length > 0 && this.deps.reserve.keep(waiting);
  }

  private retryUnwritten(): void {
    if (this.unwritten.length === 0) return;
    try {
      for (let first = this.unwritten[0]; first !== undefined; first = this.unwritten[0]) {
        try {
          this.commit(first.intents, first.rows);
        } catch (cause) {
          if (!isNever(cause)) throw cause;
          this.deps.onStore("refused", cause);
          this.commitWithdrawals(first.intents, first.rows);
        }
        this.unwritten.shift();
      }
      // What the database will never take stays in the reserve: read from the database alone it would be on again.
      if (this.unwritable.length === 0) this.deps.reserve.clear();
      else this.keepWithdrawals();
      this.start();
    } catch (cause) {
      // Nothing was lost: what waits is tried again in a second; an empty place keeps the trying alive.
      if (this.unwritten.length === 0) this.unwritten.push({ intents: [], rows: [] });
      this.deps.onStore("failed", cause);
      return;
    }
    this.deps.onStore("ok", undefined);
  }

  /** Without what stood beside them in the same step. False: they cannot be written either, and are for the reserve. */
  private commitWithdrawals(intents: readonly Audit[], all: readonly Row[]): boolean {
    const rows = withdrawalRows(all);
    if (rows.length === 0) return true;
    try {
      this.commit(withdrawalEntries(intents), rows);
      return true;
    } catch (cause) {
      this.deps.onStore("refused", cause);
      this.unwritable.push(...rows);
      return false;
    }
  }

  private flushFacts(): void {
    const rows = this.facts;
    this.facts = [];
    if (rows.length === 0 || this.unwritten.length > 0) return;
    try {
      this.commit([], rows);
    } catch (cause) {
      this.deps.onStore(isNever(cause) ? "refused" : "failed", cause);
      if (!isNever(cause)) {
        // Nothing else may be written for hours: sensing ends now, and the disk is tried again each second.
        this.unwritten.push({ intents: [], rows: [] });
        this.tellFailed("", []);
        return;
      }
      // One row that no grant covers takes the others with it: each on its own then.
      for (const row of rows) {
        try {
          this.commit([], [row]);
        } catch (again) {
          if (!isNever(again)) return;
        }
      }
    }
  }

  private commit(intents: readonly Audit[], rows: readonly Row[]): void {
    const { utcMs, monoNs } = this.deps.now();
    this.deps.store.commit(intents, rows, { utcMs, monoNs });
  }
}

const isRecord = (effect: Effect): boolean =>
  effect.kind === "audit" || (effect.kind === "store" && effect.row.table !== "fact");

/** Facts can wait for the second's end; entries and rows are on the disk before anything else happens. */
function recordsOf(effects: readonly Effect[]): { intents: Audit[]; rows: Row[]; facts: Row[] } {
  const intents: Audit[] = [];
  const rows: Row[] = [];
  const facts: Row[] = [];
  for (const effect of effects) {
    if (effect.kind === "audit") intents.push(effect.intent);
    if (effect.kind === "store") (effect.row.table === "fact" ? facts : rows).push(effect.row);
  }
  return { intents, rows, facts };
}

const isNever = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "refused";

/** Those that end something, or a no to it. */
const withdrawalRows = (rows: readonly Row[]): ConsentRow[] =>
  rows.filter(
    (row): row is ConsentRow =>
      row.table === "consent" && !allowingStates.includes(row.consent.state) && row.consent.state !== "offered",
  );
const withdrawalEntries = (intents: readonly Audit[]): Audit[] =>
  intents.filter(({ action }) => action.startsWith("consent."));
