import type { WebSocket } from "ws";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import { openScreen } from "../../tests/live-screen.ts";
import type { BenchWard } from "./bench-ward.ts";
import type { Player } from "./player.ts";

export interface Counts {
  readonly accepted: number;
  readonly dropped: number;
  /** Of the dropped, by reason. */
  readonly why: Readonly<Record<string, number>>;
  readonly inferencesLate: number;
  readonly heldBack: number;
}

/** The newest of it that a nurse station's own connection heard, and how long each result was on its way. */
export class Screen {
  /** Of frames that completed a window, ms from leaving for the broker to the message with their result. */
  readonly resultMs: number[] = [];
  /** From the agent's telling (its own ms since 1970) to the message: publish, control broker and dashboard. */
  readonly tellingMs: number[] = [];
  readonly inferenceMs: number[] = [];
  /** From the newest frame that the agent had when it decided to the message with the alarm. */
  readonly alarmMs: number[] = [];
  measuring = false;
  private readonly newest = new Map<string, Tile>();
  private readonly alarms = new Set<string>();
  private socket: WebSocket | undefined;

  async open(here: BenchWard, player: Player): Promise<void> {
    this.socket = await openScreen(here.ward, here.nurse, (message) => {
      if (message.is === "tile") this.hear(here, player, message.tile);
    });
  }

  close(): void {
    this.socket?.terminate();
  }

  /** As the newest tile of each bed says. */
  counts(): Counts {
    const why: Record<string, number> = {};
    const counts = { accepted: 0, dropped: 0, inferencesLate: 0, heldBack: 0, why };
    for (const { engineering } of this.newest.values()) {
      counts.accepted += engineering.framesAccepted;
      for (const [reason, count] of Object.entries(engineering.dropped)) {
        counts.dropped += count ?? 0;
        why[reason] = (why[reason] ?? 0) + (count ?? 0);
      }
      counts.inferencesLate += engineering.inferencesLate;
      counts.heldBack += engineering.sentOut?.heldBack ?? 0;
    }
    return counts;
  }

  /** Resolves once no tile counts more frames than 1.5 s before: what is on its way is late, not lost. At most 20 s. */
  async settled(): Promise<void> {
    const count = (): number => this.counts().accepted + this.counts().dropped;
    for (let looks = 0, before = -1; looks < 13 && before !== count(); looks++) {
      before = count();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
  }

  /** When an agent that was started at `sinceUtcMs` told that it took frames, ms since 1970: up to a second's tick after the first. */
  firstAcceptedUtcMs(sinceUtcMs: number): number | undefined {
    const told = [...this.newest.values()].filter(
      ({ at, engineering }) => at >= sinceUtcMs && engineering.framesAccepted > 0,
    );
    return told.length === 0 ? undefined : Math.min(...told.map(({ at }) => at));
  }

  private hear({ ward }: BenchWard, player: Player, tile: Tile): void {
    const now = performance.now();
    const room = ward.site.beds.findIndex(({ bed }) => bed === tile.bed);
    this.newest.set(tile.bed, tile);
    const { windowEndMs, inferenceMs } = tile.engineering;
    const windows = player.windows[room];
    const sentAt = windowEndMs === null ? undefined : windows?.get(windowEndMs);
    for (const { id, raisedAt, condition } of tile.alarms) {
      const name = `${tile.bed} ${id} ${raisedAt}`;
      if (condition !== "left-bed" || this.alarms.has(name)) continue;
      this.alarms.add(name);
      // The bed's only sensor: the newest of the frames that it has counted is the one that it decided with.
      const dropped = Object.values(tile.engineering.dropped).reduce((sum, count) => sum + (count ?? 0), 0);
      const decisive = player.sentUtcMs[room]?.[tile.engineering.framesAccepted + dropped - 1];
      if (this.measuring && decisive !== undefined) this.alarmMs.push(Date.now() - decisive);
    }
    if (!this.measuring) return;
    this.tellingMs.push(Date.now() - tile.at);
    if (windowEndMs === null || sentAt === undefined) return;
    windows?.delete(windowEndMs);
    this.resultMs.push(now - sentAt);
    this.inferenceMs.push(inferenceMs ?? 0);
  }
}
