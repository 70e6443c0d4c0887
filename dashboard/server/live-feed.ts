import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { liveHeartbeatEveryMs } from "../../edge-agent/contract/live.ts";
import type { MonoMs } from "../../edge-agent/contract/units.ts";
import type { WardState } from "../../edge-agent/contract/ward-state.ts";
import type { Log } from "../../edge-agent/platform/log.ts";
import type { AgentLink, HeardTile } from "./agent-link.ts";
import { AlarmChanges } from "./alarm-changes.ts";
import { bedsideViewOf } from "./bedside-view.ts";
import { type DoorOptions, whoMayListen } from "./live-door.ts";
import { LiveHearing } from "./live-hearing.ts";
import { isStill } from "./live-rights.ts";
import { type Admitted, LiveScreen } from "./live-screen.ts";
import type { OutboxSources } from "./ward-outbox.ts";

export const liveBytesMax = 65_536;

export interface LiveFeedOptions extends DoorOptions {
  readonly agent: AgentLink;
  readonly utcMs: () => number;
  readonly clientsMax: number;
  readonly now: () => MonoMs;
  readonly log: Log;
}

/**
 * WebSocket `/live?as=staff|bedside`: every tile and every change of an alarm to a nurse station, to a bedside screen only
 * what is on in its own stay. `/live?as=staff&opens={bed}` tells nothing: it says that this person's page is open, for as
 * long as it lives.
 */
export class LiveFeed {
  private readonly options: LiveFeedOptions;
  private readonly screens = new Set<LiveScreen>();
  private readonly asking = new WeakSet<LiveScreen>();
  private readonly changes = new AlarmChanges(randomUUID());
  private readonly hearing: LiveHearing;
  private readonly sources: OutboxSources;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: liveBytesMax,
    perMessageDeflate: false,
    clientTracking: false,
  });
  private lastWard = "";
  private undo: () => void = () => {};
  private opening = 0;

  constructor(options: LiveFeedOptions) {
    this.options = options;
    this.hearing = new LiveHearing(options);
    const { agent } = options;
    const waited = ({ tile, heardAt }: HeardTile) => ({ tile, waitedMs: Math.round(options.now() - heardAt) });
    this.sources = {
      changes: this.changes,
      tile: (bed) => {
        const heard = agent.tile(bed);
        return heard === undefined ? undefined : waited(heard);
      },
      tiles: () => agent.tiles().map(waited),
      ward: () => {
        const state = agent.ward();
        return state === undefined ? undefined : { state, utcMs: options.utcMs() };
      },
    };
  }

  start(): void {
    const { app, agent } = this.options;
    const server: Server = app.server;
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      // A client may hang up while its session is being looked up.
      socket.on("error", () => socket.destroy());
      this.admit(request, socket, head).catch((cause: unknown) => {
        this.options.log.error({ cause: String(cause) }, "a live connection could not be opened");
        socket.destroy();
      });
    };
    server.on("upgrade", upgrade);
    const forget = agent.onTile((heard) => this.tell(heard));
    const forgetOpenings = this.options.openings.onChange((bed) => this.tellBedside(bed));
    const forgetWard = agent.onWard((state) => this.tellWard(state));
    const beating = setInterval(() => this.beat(), liveHeartbeatEveryMs);
    this.undo = () => {
      server.off("upgrade", upgrade);
      forget();
      forgetWard();
      forgetOpenings();
      clearInterval(beating);
    };
  }

  stop(): void {
    this.undo();
    for (const screen of this.screens) screen.terminate();
    this.screens.clear();
  }

  private async admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (this.screens.size + this.opening >= this.options.clientsMax) return refuse(socket, 503, "Service Unavailable");
    this.opening += 1;
    try {
      const found = await whoMayListen(this.options, request, socket);
      if (found === undefined) return;
      if (!("who" in found)) return refuse(socket, ...found);
      this.sockets.handleUpgrade(request, socket, head, (opened) => {
        const screen = new LiveScreen(opened, found, this.sources);
        this.screens.add(screen);
        opened.on("close", () => this.screens.delete(screen));
        opened.on("error", () => opened.terminate());
        opened.on("message", (data, isBinary) => void this.hearing.hear(screen, data, isBinary));
        this.welcome(screen, found);
      });
    } finally {
      this.opening -= 1;
    }
  }

  private welcome(screen: LiveScreen, { who }: Admitted): void {
    screen.outbox?.flush();
    if (who.is === "bedside") this.sendView(screen, this.options.agent.tile(who.bed));
    screen.beat(this.beatOf(screen));
  }

  private tell(heard: HeardTile): void {
    this.changes.hear(heard.tile);
    for (const screen of this.screens) {
      const { who } = screen.admitted;
      if (who.is === "staff") screen.outbox?.tell(heard.tile.bed);
      else if (who.bed === heard.tile.bed) this.sendView(screen, heard);
    }
  }

  /** The agent says it each second; screens hear of changes. */
  private tellWard(state: WardState): void {
    const text = JSON.stringify({ ...state, at: 0 });
    if (text === this.lastWard) return;
    this.lastWard = text;
    for (const screen of this.screens) screen.outbox?.tellWard();
  }

  /** At once, and not with the next tile: the sign at the bed is lit while somebody looks. */
  private tellBedside(bed: string): void {
    for (const screen of this.screens) {
      const { who } = screen.admitted;
      if (who.is === "bedside" && who.bed === bed) this.sendView(screen, this.options.agent.tile(bed));
    }
  }

  private sendView(screen: LiveScreen, heard: HeardTile | undefined): void {
    const { who } = screen.admitted;
    if (who.is !== "bedside") return;
    const { beds, openings, utcMs, now } = this.options;
    const place = beds.find((one) => one.bed === who.bed);
    const view = bedsideViewOf(heard?.tile, who.stay, place, openings.openedBy(who.stay));
    const waitedMs = heard === undefined ? 0 : Math.round(now() - heard.heardAt);
    screen.sendView({ is: "bedside", view, waitedMs, utcMs: utcMs() });
  }

  private beat(): void {
    for (const screen of this.screens) {
      if (screen.beat(this.beatOf(screen))) void this.checkSession(screen);
    }
  }

  /** Now, and not with the next heartbeat. */
  checkSessions(): void {
    for (const screen of this.screens) void this.checkSession(screen);
  }

  private beatOf({ admitted: { who } }: LiveScreen) {
    const { agent, now } = this.options;
    const health = agent.health(who.is === "bedside" ? who.bed : undefined);
    return { is: "heartbeat", ...health, sentAtMs: Math.round(now()) } as const;
  }

  /** A session that ended, or is not what it was, ends its screen too. Asks the agent at most once in `believedForMs`. */
  private async checkSession(screen: LiveScreen): Promise<void> {
    if (this.asking.has(screen)) return;
    this.asking.add(screen);
    const now = await this.options.sessions.whoIs(screen.admitted.token);
    this.asking.delete(screen);
    if (now.is === "unknown" || isStill(screen.admitted.who, now)) return;
    screen.send({ is: "signed-out" });
    screen.close(4401, "the session ended");
  }
}

function refuse(socket: Duplex, status: number, words: string): void {
  socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
