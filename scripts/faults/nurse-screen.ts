import { WebSocket } from "ws";
import type { AlarmShown, LiveSaid } from "../../edge-agent/contract/alarm-shown.ts";
import { type LiveMessage, liveSilentAfterMs } from "../../edge-agent/contract/live.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";

const reconnectMs = 250;
const sayEveryMs = 500;

export interface SeenTile {
  readonly tile: Tile;
  /** ms since 1970, by this machine's clock. */
  readonly heardUtcMs: number;
}

/** A nurse station's connection, as its page holds it: it comes back by itself, and says what it would show. */
export class NurseScreen {
  /** Every tile of each bed, in order. */
  readonly tiles = new Map<string, SeenTile[]>();
  /** Ids of the alarms that stood on it and that the agent called audited. */
  readonly alarms = new Set<string>();
  private readonly url: string;
  private readonly cookie: string;
  /** Shown, and the agent has not said yet that it knows. */
  private readonly untold = new Map<string, AlarmShown>();
  private socket: WebSocket | undefined;
  private saying: NodeJS.Timeout | undefined;
  private again: NodeJS.Timeout | undefined;
  private heardAtMs = Number.NEGATIVE_INFINITY;
  private agent = "offline";
  private closed = false;

  constructor(url: string, session: string) {
    this.url = url;
    this.cookie = `qr_staff=${session}`;
  }

  open(): void {
    this.saying ??= setInterval(() => this.sayShown(), sayEveryMs);
    const socket = new WebSocket(`${this.url.replace("http", "ws")}/live?as=staff`, {
      headers: { cookie: this.cookie, origin: this.url },
    });
    this.socket = socket;
    socket.on("message", (bytes: Buffer) => this.hear(JSON.parse(bytes.toString()) as LiveMessage));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.heardAtMs = Number.NEGATIVE_INFINITY;
      if (!this.closed) this.again = setTimeout(() => this.open(), reconnectMs);
    });
  }

  newest(bed: string): SeenTile | undefined {
    return this.tiles.get(bed)?.at(-1);
  }

  /** Whether somebody who looks at it now would take this bed for monitored: it is live, hears the agent, and the tile says so. */
  claimsMonitored(bed: string): boolean {
    const isLive = performance.now() - this.heardAtMs < liveSilentAfterMs;
    return isLive && this.agent === "heard" && this.newest(bed)?.tile.notMonitored === null;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.again);
    clearInterval(this.saying);
    this.socket?.terminate();
  }

  private hear(message: LiveMessage): void {
    this.heardAtMs = performance.now();
    if (message.is === "heartbeat") this.agent = message.agent;
    if (message.is === "shown-taken") for (const alarm of message.alarms) this.untold.delete(keyOf(alarm));
    if (message.is === "tile") this.keep(message.tile);
    if (message.is === "snapshot") for (const { tile } of message.tiles) this.keep(tile);
  }

  private keep(tile: Tile): void {
    const seen = this.tiles.get(tile.bed) ?? [];
    this.tiles.set(tile.bed, seen);
    seen.push({ tile, heardUtcMs: Date.now() });
    for (const { id, presence, raisedAt, audited, shown } of tile.alarms) {
      if (audited) this.alarms.add(id);
      const alarm = { bed: tile.bed, id, presence, raisedAt };
      if (shown) this.untold.delete(keyOf(alarm));
      else this.untold.set(keyOf(alarm), alarm);
    }
  }

  private sayShown(): void {
    if (this.socket?.readyState !== WebSocket.OPEN || this.untold.size === 0) return;
    const said: LiveSaid = { say: "shown", alarms: [...this.untold.values()].slice(0, 20), msAgo: 0 };
    this.socket.send(JSON.stringify(said));
  }
}

const keyOf = ({ id, presence, raisedAt }: AlarmShown): string => `${id} ${presence} ${raisedAt}`;
