import type { AlarmShown, LiveSaid } from "../../edge-agent/contract/alarm-shown.ts";
import type { LiveMessage } from "../../edge-agent/contract/live.ts";
import type { LiveSource } from "./live-connection.ts";

/** An alarm whose showing was not taken is said again after this long, and one that goes on standing there after that. */
const sayAgainAfterMs = 2_000;
const saidAnewAfterMs = 30_000;

export interface ShownDeps {
  /** False: there is no connection. */
  readonly say: (said: LiveSaid) => boolean;
  /** The browser's: called before the next frame is painted, and never on a page that nobody can see. */
  readonly onFrame: (frame: () => void) => void;
  readonly now: () => number;
}

/** `shown`: whether the ward computer knows it, as its newest word says; left out: it does not say. */
type DrawnAlarm = AlarmShown & { readonly shown?: boolean };

/** Tells the ward computer that alarms stand on this screen, from the first animation frame after they were drawn. */
export class ShownAlarms {
  private readonly deps: ShownDeps;
  /** When each was said, and whether that was taken. */
  private readonly said = new Map<string, { readonly atMs: number; readonly taken: boolean }>();
  private drawnNow: readonly DrawnAlarm[] = [];
  private awaitsFrame = false;

  constructor(deps: ShownDeps) {
    this.deps = deps;
  }

  /** What stands on the screen now. */
  drawn(alarms: readonly DrawnAlarm[]): void {
    this.drawnNow = alarms;
    const standing = new Set(alarms.map(keyOf));
    for (const key of this.said.keys()) if (!standing.has(key)) this.said.delete(key);
    if (this.awaitsFrame || !alarms.some((alarm) => this.isDue(alarm))) return;
    this.awaitsFrame = true;
    this.deps.onFrame(() => {
      this.awaitsFrame = false;
      this.tell();
    });
  }

  taken(alarms: readonly AlarmShown[]): void {
    for (const alarm of alarms) {
      const said = this.said.get(keyOf(alarm));
      if (said !== undefined) this.said.set(keyOf(alarm), { ...said, taken: true });
    }
  }

  hear(message: LiveMessage): void {
    if (message.is === "shown-taken") this.taken(message.alarms);
    if (message.is === "feed") this.restart();
  }

  /** Another connection: whoever hears it may know of nothing. */
  restart(): void {
    this.said.clear();
  }

  private tell(): void {
    const due = this.drawnNow.filter((alarm) => this.isDue(alarm)).slice(0, 50);
    if (due.length === 0) return;
    const alarms = due.map(({ bed, id, presence, raisedAt }) => ({ bed, id, presence, raisedAt }));
    if (!this.deps.say({ say: "shown", alarms, msAgo: 0 })) return;
    const atMs = this.deps.now();
    for (const alarm of due) this.said.set(keyOf(alarm), { atMs, taken: false });
  }

  private isDue(alarm: DrawnAlarm): boolean {
    const said = this.said.get(keyOf(alarm));
    if (said === undefined) return true;
    // Taken, and not known any more: the ward computer began anew.
    const known = said.taken && alarm.shown !== false;
    return this.deps.now() - said.atMs >= (known ? saidAnewAfterMs : sayAgainAfterMs);
  }
}

/** Of this browser. */
export const shownAlarms = (source: LiveSource): ShownAlarms =>
  new ShownAlarms({
    say: (said) => source.say(said),
    onFrame: (frame) => requestAnimationFrame(frame),
    now: () => performance.now(),
  });

const keyOf = ({ bed, id, presence, raisedAt }: AlarmShown): string => `${bed} ${id} ${presence} ${raisedAt}`;
