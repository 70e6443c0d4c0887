import type { CoreEvent, Effect, Tensor } from "./contract/door.ts";
import type { MonoMs } from "./contract/units.ts";
import type { DropReason } from "./contract/words.ts";
import { type CoreState, newCore, type RoomConfig, step } from "./core.ts";
import type { RoomShell, WardStore } from "./ports.ts";

type Audit = Extract<Effect, { kind: "audit" }>["intent"];
type Row = Extract<Effect, { kind: "store" }>["row"];
type Unstamped<T> = T extends CoreEvent ? Omit<T, "at" | "utcMs"> : never;

export interface LoopDeps {
  readonly rooms: readonly RoomConfig[];
  readonly store: WardStore;
  readonly shell: RoomShell;
  readonly now: () => { readonly at: MonoMs; readonly utcMs: number; readonly monoNs: bigint };
  readonly frameQueueMax: number;
  /** Called when the store refuses and when it works again, in words for the log. */
  readonly onStore: (state: "failed" | "ok", cause: unknown) => void;
}

interface RoomPlace {
  core: CoreState;
  readonly frames: Uint8Array[];
}

/**
 * The real-time loop: bounded queues of frames -> core.step -> effects, one room after the other, never two at once.
 *
 * Order of every step: audit entries and rows in one transaction, on the disk; then everything else. Where the
 * transaction fails, only what makes a room more private or a danger visible still happens (stop-sensor, publish); the
 * unwritten entries are kept in memory, tried again each second before anything new is written, and the rooms run from
 * the database again once that worked.
 */
export class Loop {
  private readonly deps: LoopDeps;
  private readonly places = new Map<string, RoomPlace>();
  /** Derived facts of all rooms, written together once a second; consent changes flush them first. */
  private facts: Row[] = [];
  private unwritten: { intents: Audit[]; rows: Row[] }[] = [];
  private scheduled = false;
  private stopped = false;

  constructor(deps: LoopDeps) {
    this.deps = deps;
    for (const config of deps.rooms) this.places.set(config.bed, { core: newCore(config), frames: [] });
  }

  /** Reads every room from the store; sensing that was granted goes on with a new lease. */
  start(): void {
    for (const [bed] of this.places) this.feed(bed, { kind: "restore", room: this.deps.store.restoreRoom(bed) });
  }

  /** Takes a frame for the room; the oldest falls out of a full queue, counted. The bytes become the loop's and are overwritten after use. */
  offerFrame(bed: string, bytes: Uint8Array): void {
    const place = this.places.get(bed);
    if (place === undefined || this.stopped) return;
    if (place.frames.length >= this.deps.frameQueueMax) {
      place.frames.shift()?.fill(0);
      this.feed(bed, { kind: "frames-dropped", why: "queue-full", count: 1 });
    }
    place.frames.push(bytes);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.drain());
  }

  countDropped(bed: string, why: DropReason): void {
    this.feed(bed, { kind: "frames-dropped", why, count: 1 });
  }

  /** Once a second of core time, by main's timer. */
  tick(): void {
    this.retryUnwritten();
    this.flushFacts();
    for (const [bed] of this.places) this.feed(bed, { kind: "tick" });
  }

  feed(bed: string, event: Unstamped<CoreEvent>): void {
    const place = this.places.get(bed);
    if (place === undefined || this.stopped) return;
    const { at, utcMs } = this.deps.now();
    const { state, effects } = step(place.core, { ...event, at, utcMs } as CoreEvent);
    place.core = state;
    this.carryOut(bed, effects);
  }

  feedAll(event: Unstamped<CoreEvent>): void {
    for (const [bed] of this.places) this.feed(bed, event);
  }

  /** Ends every lease, with its entry, and takes no more events. */
  stop(): void {
    this.feedAll({ kind: "stop" });
    this.flushFacts();
    this.stopped = true;
    for (const place of this.places.values()) {
      for (const frame of place.frames.splice(0)) frame.fill(0);
    }
  }

  private drain(): void {
    this.scheduled = false;
    // One frame a room in turn, so that no room can starve another.
    for (let more = true; more; ) {
      more = false;
      for (const [bed, place] of this.places) {
        const bytes = place.frames.shift();
        if (bytes === undefined) continue;
        this.feed(bed, { kind: "frame", bytes });
        bytes.fill(0);
        more ||= place.frames.length > 0;
      }
    }
  }

  private carryOut(bed: string, effects: readonly Effect[]): void {
    const written = this.write(bed, effects);
    for (const effect of effects) {
      switch (effect.kind) {
        case "audit":
        case "store":
          break;
        case "lease":
          if (written) this.deps.shell.lease(effect);
          break;
        case "stop-sensor":
          this.deps.shell.stopSensor(effect.bed, effect.number);
          break;
        case "infer":
          this.deps.shell.infer(bed, effect.request, effect.tensors as Tensor[]);
          break;
        case "publish":
          this.deps.shell.publish(effect.tile);
          break;
        case "estimate":
          this.deps.shell.estimate(bed, effect.estimate);
          break;
        case "answer":
          this.deps.shell.answer(written || !effect.ok ? effect : auditRefusal(effect.request));
          break;
      }
    }
  }

  /** True when everything that had to be on the disk is there. */
  private write(bed: string, effects: readonly Effect[]): boolean {
    const intents: Audit[] = [];
    const rows: Row[] = [];
    for (const effect of effects) {
      if (effect.kind === "audit") intents.push(effect.intent);
      if (effect.kind !== "store") continue;
      if (effect.row.table === "fact") this.facts.push(effect.row);
      else rows.push(effect.row);
    }
    if (intents.length === 0 && rows.length === 0) return true;
    if (this.unwritten.length > 0) {
      // Order is kept: nothing overtakes what could not be written.
      this.unwritten.push({ intents, rows });
      return false;
    }
    this.flushFacts();
    try {
      this.commit(intents, rows);
      return true;
    } catch (cause) {
      this.unwritten.push({ intents, rows });
      this.deps.onStore("failed", cause);
      const told = rows.flatMap((row) => (row.table === "alarm" ? [row.alarm.id] : []));
      queueMicrotask(() => {
        for (const [other] of this.places) {
          this.feed(other, { kind: "audit-failed", unwritten: other === bed ? told : [] });
        }
      });
      return false;
    }
  }

  private retryUnwritten(): void {
    if (this.unwritten.length === 0) return;
    try {
      while (this.unwritten[0] !== undefined) {
        this.commit(this.unwritten[0].intents, this.unwritten[0].rows);
        this.unwritten.shift();
      }
    } catch (cause) {
      this.deps.onStore("failed", cause);
      return;
    }
    this.deps.onStore("ok", undefined);
    this.start();
  }

  private flushFacts(): void {
    if (this.facts.length === 0) return;
    const rows = this.facts;
    this.facts = [];
    try {
      this.commit([], rows);
    } catch (cause) {
      // Facts are a convenience for reports; what they explain is in the log. A row that its grant no longer covers is rightly refused.
      this.deps.onStore("failed", cause);
    }
  }

  private commit(intents: readonly Audit[], rows: readonly Row[]): void {
    const { utcMs, monoNs } = this.deps.now();
    this.deps.store.commit(intents, rows, { utcMs, monoNs });
  }
}

function auditRefusal(request: string): Extract<Effect, { kind: "answer" }> {
  return {
    kind: "answer",
    request,
    ok: false,
    why: "audit-failed",
    words: "The record of who did what cannot be written. Check in person and call the engineer.",
  };
}
