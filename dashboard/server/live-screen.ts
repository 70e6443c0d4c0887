import { WebSocket } from "ws";
import type { LiveMessage } from "../../edge-agent/contract/live.ts";
import { type Listening, mayHear } from "./live-rights.ts";
import type { OpenedPage } from "./openings.ts";
import type { Who } from "./sessions.ts";
import { type HadBefore, type OutboxSources, WardOutbox, type Wire, waitingBytesMax } from "./ward-outbox.ts";

/** Heartbeats without an answer after which a screen is told only of alarms, and after which it is cut off. */
const heldBackAfterBeats = 3;
const cutOffAfterBeats = 15;
/** A screen that says more in one second is broken or hostile. */
const saidPerBeatMax = 30;

export interface Admitted {
  readonly token: string;
  readonly who: Extract<Who, { is: "staff" | "bedside" }>;
  readonly listening: Listening;
  /** The page of a person that this connection keeps open, and nothing else. */
  readonly keepsOpen: OpenedPage | null;
  readonly had: HadBefore | undefined;
}

/** One connected screen: what it may hear, how far it has read, and whether it still answers. */
export class LiveScreen implements Wire {
  readonly admitted: Admitted;
  /** Null unless it listens to the whole ward. */
  readonly outbox: WardOutbox | null;
  private readonly socket: WebSocket;
  private beatsSilent = 0;
  private saidThisBeat = 0;
  private lastView = "";

  constructor(socket: WebSocket, admitted: Admitted, sources: OutboxSources) {
    this.socket = socket;
    this.admitted = admitted;
    this.outbox = admitted.listening === "ward" ? new WardOutbox(this, sources, admitted.had) : null;
    socket.on("pong", () => {
      this.beatsSilent = 0;
      if (this.outbox?.holdsBack !== true) return;
      this.outbox.holdsBack = false;
      this.outbox.flush();
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get waitingBytes(): number {
    return this.socket.bufferedAmount;
  }

  /** Nothing leaves that this session may not hear. */
  send(message: LiveMessage, onSent: () => void = () => {}): void {
    if (!this.isOpen || !mayHear(this.admitted.listening, message.is)) return;
    this.socket.send(JSON.stringify(message), onSent);
  }

  /** To the screen at a bed, and only where it differs. A screen that does not read gets the newest one later. */
  sendView(message: Extract<LiveMessage, { is: "bedside" }>): void {
    const text = JSON.stringify(message.view);
    if (text === this.lastView || this.waitingBytes >= waitingBytesMax) return;
    this.lastView = text;
    this.send(message);
  }

  /** False: it has not answered for so long that it was cut off. It comes back and says what it has. */
  beat(message: LiveMessage): boolean {
    this.saidThisBeat = 0;
    this.beatsSilent += 1;
    if (this.beatsSilent > cutOffAfterBeats) {
      this.socket.terminate();
      return false;
    }
    if (this.isOpen) this.socket.ping();
    if (this.outbox !== null) {
      this.outbox.holdsBack = this.beatsSilent > heldBackAfterBeats;
      this.outbox.tellBeat(message);
    } else if (this.waitingBytes < waitingBytesMax) this.send(message);
    return true;
  }

  /** False: it says too much. */
  maySpeakNow(): boolean {
    this.saidThisBeat += 1;
    return this.saidThisBeat <= saidPerBeatMax;
  }

  close(code: number, why: string): void {
    this.socket.close(code, why);
  }

  terminate(): void {
    this.socket.terminate();
  }
}
