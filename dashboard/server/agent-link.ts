import { randomUUID } from "node:crypto";
import { Answer, type Ask, type AskResult } from "../../edge-agent/contract/asks.ts";
import { type AgentHealth, agentSilentAfterMs } from "../../edge-agent/contract/live.ts";
import { Tile } from "../../edge-agent/contract/tile.ts";
import { readControlTopic, topics, type WardAddress } from "../../edge-agent/contract/topics.ts";
import type { MonoMs } from "../../edge-agent/contract/units.ts";
import { WardState } from "../../edge-agent/contract/ward-state.ts";
import type { RefusalReason } from "../../edge-agent/contract/words.ts";
import type { BrokerLink } from "../../edge-agent/platform/connect.ts";
import type { Log } from "../../edge-agent/platform/log.ts";

export const askTimeoutMs = 5_000;
/** Asks under way; above it one more is refused at once. */
const waitingMax = 200;
const messageBytesMax = 65_536;

export type Told =
  | { readonly ok: true; readonly result: AskResult }
  | { readonly ok: false; readonly why: RefusalReason | "no-answer"; readonly words: string };

export interface HeardTile {
  readonly tile: Tile;
  readonly heardAt: MonoMs;
}

const noAnswer: Told = {
  ok: false,
  why: "no-answer",
  words: "The ward computer did not answer. Check in person, and try again.",
};

export interface AgentLinkOptions {
  readonly ward: WardAddress;
  readonly beds: readonly string[];
  readonly link: BrokerLink;
  readonly now: () => MonoMs;
  readonly log: Log;
}

/** The dashboard's only way to the agent: asks and answers, and the newest tile of each bed. Keeps tiles in memory only. */
export class AgentLink {
  private readonly options: AgentLinkOptions;
  private readonly heard = new Map<string, HeardTile>();
  private readonly waiting = new Map<string, (told: Told) => void>();
  private readonly listeners = new Set<(heard: HeardTile) => void>();
  private heardWard: { readonly state: WardState; readonly heardAt: MonoMs } | undefined;
  private readonly wardListeners = new Set<(state: WardState) => void>();
  private unreadable = 0;

  constructor(options: AgentLinkOptions) {
    this.options = options;
  }

  start(): void {
    const { link, ward } = this.options;
    const topic = topics(ward);
    link.subscribe(topic.answer("dashboard"), 1, (_topic, payload) => this.hearAnswer(payload));
    link.subscribe(topic.anyLive, 0, (name, payload) => this.hearTile(name, payload));
    link.subscribe(topic.wardState, 0, (_topic, payload) => this.hearWard(payload));
  }

  /** Never rejects; within `askTimeoutMs`. The words are for the person who asked. */
  async ask(session: string | null, ask: Ask["ask"], touchedAt?: number): Promise<Told> {
    if (this.waiting.size >= waitingMax) return noAnswer;
    const touched = touchedAt === undefined ? {} : { touchedAt };
    const message: Ask = { v: 1, id: randomUUID(), session, ask, ...touched };
    return new Promise((resolve) => {
      const finish = (told: Told): void => {
        clearTimeout(timer);
        this.waiting.delete(message.id);
        resolve(told);
      };
      const timer = setTimeout(() => finish(noAnswer), askTimeoutMs);
      this.waiting.set(message.id, finish);
      const { link, ward } = this.options;
      // An ask that waited for a connection would be carried out when nobody expects it any more.
      const options = { qos: 1, dropWhenOffline: true, timeoutMs: askTimeoutMs } as const;
      link.publish(topics(ward).ask("dashboard"), JSON.stringify(message), options).then(
        (result) => {
          if (result === "dropped") finish(noAnswer);
        },
        (cause: unknown) => {
          this.options.log.error({ cause: String(cause) }, "an ask could not be sent");
          finish(noAnswer);
        },
      );
    });
  }

  /** As last heard; undefined: nothing newer than what counts as silent. */
  ward(): WardState | undefined {
    const heard = this.heardWard;
    if (heard === undefined || this.options.now() - heard.heardAt > agentSilentAfterMs) return undefined;
    return heard.state;
  }

  /** Returns how to stop listening. */
  onWard(listener: (state: WardState) => void): () => void {
    this.wardListeners.add(listener);
    return () => this.wardListeners.delete(listener);
  }

  tiles(): HeardTile[] {
    return [...this.heard.values()];
  }

  tile(bed: string): HeardTile | undefined {
    return this.heard.get(bed);
  }

  /** Returns how to stop listening. */
  onTile(listener: (heard: HeardTile) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param bed only the tiles of this bed count, where given. */
  health(bed?: string): { agent: AgentHealth; lastTileAgeMs: number | null } {
    const ages = this.tiles()
      .filter(({ tile }) => bed === undefined || tile.bed === bed)
      .map(({ heardAt }) => this.options.now() - heardAt);
    const lastTileAgeMs = ages.length === 0 ? null : Math.round(Math.min(...ages));
    if (this.options.link.state === "offline") return { agent: "offline", lastTileAgeMs };
    const heard = lastTileAgeMs !== null && lastTileAgeMs <= agentSilentAfterMs;
    return { agent: heard ? "heard" : "silent", lastTileAgeMs };
  }

  private hearAnswer(payload: Uint8Array): void {
    const parsed = Answer.safeParse(readJson(payload));
    if (!parsed.success) {
      this.sayUnreadable("an answer");
      return;
    }
    const answer = parsed.data;
    // An answer after its time limit has nobody waiting; what it says will show in the next tile.
    this.waiting.get(answer.id)?.(
      answer.ok ? { ok: true, result: answer.result } : { ok: false, why: answer.why, words: answer.words },
    );
  }

  private hearWard(payload: Uint8Array): void {
    const parsed = WardState.safeParse(readJson(payload));
    if (!parsed.success) {
      this.sayUnreadable("the state of the ward");
      return;
    }
    this.heardWard = { state: parsed.data, heardAt: this.options.now() };
    for (const listener of this.wardListeners) listener(parsed.data);
  }

  private hearTile(topicName: string, payload: Uint8Array): void {
    const parsed = Tile.safeParse(readJson(payload));
    if (!parsed.success) {
      this.sayUnreadable("a tile");
      return;
    }
    const tile = parsed.data;
    if (readControlTopic(this.options.ward, topicName)?.[1] !== tile.bed || !this.options.beds.includes(tile.bed)) {
      this.sayUnreadable("a tile of another bed");
      return;
    }
    const heard = { tile, heardAt: this.options.now() };
    this.heard.set(tile.bed, heard);
    for (const listener of this.listeners) listener(heard);
  }

  private sayUnreadable(what: string): void {
    this.unreadable += 1;
    if (this.unreadable === 1 || this.unreadable % 100 === 0) {
      this.options.log.warn({ count: this.unreadable }, `${what} from the broker does not parse and was dropped`);
    }
  }
}

/** From the broker, before any check. */
function readJson(payload: Uint8Array): unknown {
  if (payload.length > messageBytesMax) return undefined;
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
}
