import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { WebSocket, WebSocketServer } from "ws";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { type LiveMessage, liveHeartbeatEveryMs } from "../../edge-agent/contract/live.ts";
import type { MonoMs } from "../../edge-agent/contract/units.ts";
import type { Log } from "../../edge-agent/platform/log.ts";
import type { AgentLink, HeardTile } from "./agent-link.ts";
import { bedsideViewOf } from "./bedside-view.ts";
import type { OpenedPage, Openings } from "./openings.ts";
import type { PageTrail } from "./page-trail.ts";
import { isClinical } from "./roles.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf, type SessionKind, type Sessions, type Who } from "./sessions.ts";

export const liveBytesMax = 65_536;
/** Bytes waiting for a screen that does not read; above it the connection is cut, and the screen says that it is not live. */
export const unsentBytesMax = 1_048_576;
const pingEveryBeats = 10;

interface Client {
  readonly socket: WebSocket;
  readonly token: string;
  readonly who: Extract<Who, { is: "staff" | "bedside" }>;
  /** The page of a person that this connection keeps open, and nothing else. */
  readonly keepsOpen: OpenedPage | null;
  lastView: string;
  alive: boolean;
  asking: boolean;
}

export interface LiveFeedOptions {
  readonly app: FastifyInstance;
  readonly agent: AgentLink;
  readonly sessions: Sessions;
  readonly trail: PageTrail;
  readonly openings: Openings;
  readonly beds: SiteConfig["beds"];
  readonly utcMs: () => number;
  readonly clientsMax: number;
  readonly now: () => MonoMs;
  readonly log: Log;
}

/**
 * WebSocket `/live?as=staff|bedside`: every tile to a nurse station, to a bedside screen only what is on in its own stay.
 * `/live?as=staff&opens={bed}` tells nothing: it says that this person's page is open, for as long as it lives.
 */
export class LiveFeed {
  private readonly options: LiveFeedOptions;
  private readonly clients = new Set<Client>();
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: liveBytesMax,
    perMessageDeflate: false,
    clientTracking: false,
  });
  private undo: () => void = () => {};
  private beats = 0;
  private opening = 0;

  constructor(options: LiveFeedOptions) {
    this.options = options;
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
    const beating = setInterval(() => this.beat(), liveHeartbeatEveryMs);
    this.undo = () => {
      server.off("upgrade", upgrade);
      forget();
      forgetOpenings();
      clearInterval(beating);
    };
  }

  stop(): void {
    this.undo();
    for (const client of this.clients) client.socket.terminate();
    this.clients.clear();
  }

  /** From any browser, before any check. `ws` itself looks at no origin. */
  private async admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? "/", "http://here");
    if (url.pathname !== "/live") return refuse(socket, 404, "Not Found");
    if (!isSameOrigin(request.headers)) return refuse(socket, 403, "Forbidden");
    if (this.clients.size + this.opening >= this.options.clientsMax) return refuse(socket, 503, "Service Unavailable");
    this.opening += 1;
    try {
      const kind: SessionKind = url.searchParams.get("as") === "bedside" ? "bedside" : "staff";
      const token = this.options.app.parseCookie(request.headers.cookie ?? "")[cookieOf[kind]];
      const who = await this.options.sessions.whoIs(token);
      if (token === undefined || who.is !== kind) {
        return who.is === "unknown" ? refuse(socket, 503, "Service Unavailable") : refuse(socket, 401, "Unauthorized");
      }
      if (who.is === "staff" && !isClinical(who.role)) return refuse(socket, 403, "Forbidden");
      const opens = who.is === "staff" ? url.searchParams.get("opens") : null;
      if (who.is === "staff" && opens !== null) {
        if (!this.options.beds.some(({ bed }) => bed === opens)) return refuse(socket, 404, "Not Found");
        if (socket.destroyed) return;
        const page = this.options.openings.begin(who, opens);
        if (page === undefined) return refuse(socket, 503, "Service Unavailable");
        socket.once("close", () => this.options.openings.end(page));
        this.sockets.handleUpgrade(request, socket, head, (opened) => this.welcome(opened, token, who, page));
        return;
      }
      const bed = who.is === "bedside" ? who.bed : null;
      const purposeOfEvent = who.is === "bedside" ? "PATRQT" : "TREAT";
      if (!this.options.trail.opened(who, { page: "/live", bed, purposeOfEvent })) {
        return refuse(socket, 503, "Service Unavailable");
      }
      if (socket.destroyed) return;
      this.sockets.handleUpgrade(request, socket, head, (opened) => this.welcome(opened, token, who));
    } finally {
      this.opening -= 1;
    }
  }

  private welcome(socket: WebSocket, token: string, who: Client["who"], keepsOpen: OpenedPage | null = null): void {
    const client: Client = { socket, token, who, keepsOpen, lastView: "", alive: true, asking: false };
    this.clients.add(client);
    socket.on("close", () => this.clients.delete(client));
    socket.on("error", () => socket.terminate());
    socket.on("pong", () => {
      client.alive = true;
    });
    // A screen has nothing to say here; asks go by POST, where they are checked.
    socket.on("message", () => socket.close(1008, "this connection only tells"));
    switch (who.is) {
      case "staff":
        if (keepsOpen !== null) break;
        this.send(client, { is: "snapshot", tiles: this.options.agent.tiles().map((heard) => this.waited(heard)) });
        break;
      case "bedside":
        this.sendView(client, this.options.agent.tile(who.bed));
        break;
    }
    this.sendBeat(client);
  }

  private tell(heard: HeardTile): void {
    for (const client of this.clients) {
      if (client.who.is === "staff") {
        if (client.keepsOpen === null) this.send(client, { is: "tile", tile: heard.tile });
      } else if (client.who.bed === heard.tile.bed) this.sendView(client, heard);
    }
  }

  /** At once, and not with the next tile: the sign at the bed is lit while somebody looks. */
  private tellBedside(bed: string): void {
    for (const client of this.clients) {
      if (client.who.is === "bedside" && client.who.bed === bed) this.sendView(client, this.options.agent.tile(bed));
    }
  }

  private sendView(client: Client, heard: HeardTile | undefined): void {
    if (client.who.is !== "bedside") return;
    const { bed, stay } = client.who;
    const place = this.options.beds.find((one) => one.bed === bed);
    const view = bedsideViewOf(heard?.tile, stay, place, this.options.openings.openedBy(stay));
    const text = JSON.stringify(view);
    if (text === client.lastView) return;
    client.lastView = text;
    const waitedMs = heard === undefined ? 0 : this.waited(heard).waitedMs;
    this.send(client, { is: "bedside", view, waitedMs, utcMs: this.options.utcMs() });
  }

  private waited({ tile, heardAt }: HeardTile) {
    return { tile, waitedMs: Math.round(this.options.now() - heardAt) };
  }

  private beat(): void {
    this.beats += 1;
    for (const client of this.clients) {
      if (this.beats % pingEveryBeats === 0) {
        if (!client.alive) {
          client.socket.terminate();
          continue;
        }
        client.alive = false;
        client.socket.ping();
      }
      this.sendBeat(client);
      void this.checkSession(client);
    }
  }

  private sendBeat(client: Client): void {
    const bed = client.who.is === "bedside" ? client.who.bed : undefined;
    this.send(client, { is: "heartbeat", ...this.options.agent.health(bed) });
  }

  /** A session that ended ends its screen too. Asks the agent at most once in `believedForMs`. */
  private async checkSession(client: Client): Promise<void> {
    if (client.asking) return;
    client.asking = true;
    const who = await this.options.sessions.whoIs(client.token);
    client.asking = false;
    if (who.is === client.who.is || who.is === "unknown") return;
    this.send(client, { is: "signed-out" });
    client.socket.close(4401, "the session ended");
  }

  private send(client: Client, message: LiveMessage): void {
    const { socket } = client;
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > unsentBytesMax) {
      this.options.log.warn({ kind: client.who.is }, "a screen does not read and was cut off");
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(message));
  }
}

function refuse(socket: Duplex, status: number, words: string): void {
  socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
