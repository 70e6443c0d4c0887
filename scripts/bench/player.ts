import { firstFrameAtMs } from "../../edge-agent/care/room-of-site.ts";
import { encodeEnvelope } from "../../edge-agent/contract/frames.ts";
import { topics } from "../../edge-agent/contract/topics.ts";
import { deviceUs, utcMs } from "../../edge-agent/contract/units.ts";
import type { BrokerLink } from "../../edge-agent/platform/connect.ts";
import type { RunningWard } from "../../tests/running-ward.ts";
import type { RoomKind, Stream } from "./rooms.ts";

interface Line extends Stream {
  readonly room: number;
  readonly topic: string;
  readonly bootId: string;
  /** As the agent counts this room's first frame. */
  readonly firstSlot: number;
  sequence: number;
  dueMs: number;
}

/** Over how long the sensors of a ward began, ms: each by itself at some moment, or all as the power came back. */
export const begunWithinMs = { apart: 1_000, together: 50 } as const;
export type Begun = keyof typeof begunWithinMs;

/** When each frame that completes a window went out, ms of `performance.now()`, by the room and the window's end in sensor time. */
export type WindowTimes = readonly Map<number, number>[];

/**
 * Plays the bridges of a ward: every sensor of every room at its own pace, on the device's own connection, in the envelopes that a
 * bridge makes. A room's sensors begin together, and the rooms one after the other within `begunWithinMs`: windows are full seconds of a
 * sensor's own clock.
 */
export class Player {
  readonly windows: WindowTimes;
  /** When the frames of a module's room went out, ms since 1970, in order. */
  readonly sentUtcMs: readonly number[][];
  published = 0;
  /** Of them never left this process: what the ward cannot have lost. */
  notSent = 0;
  /** How much later than due a frame left, ms: the benchmark's own fault, not the ward's. */
  lateMsMax = 0;
  private readonly lines: readonly Line[];
  private readonly link: BrokerLink;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    ward: RunningWard,
    link: BrokerLink,
    kinds: readonly RoomKind[],
    streams: Readonly<Record<RoomKind, readonly Stream[]>>,
    begun: Begun = "apart",
  ) {
    const topic = topics(ward.site);
    this.link = link;
    this.windows = kinds.map(() => new Map());
    this.sentUtcMs = kinds.map(() => []);
    this.lines = kinds.flatMap((kind, room) =>
      streams[kind].map((stream, place) => ({
        ...stream,
        room,
        topic: topic.frame("unit-1", `${stream.sensor}-${room + 1}`, stream.kind),
        firstSlot: Math.floor(firstFrameAtMs(room) / stream.everyMs),
        bootId: `${Date.now()}${room}${place}`.padStart(32, "0").slice(-32),
        sequence: 0,
        dueMs: (begunWithinMs[begun] * room) / kinds.length,
      })),
    );
  }

  start(): void {
    const now = performance.now();
    for (const line of this.lines) line.dueMs += now;
    this.timer = setInterval(() => this.send(performance.now()), 2);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private send(nowMs: number): void {
    for (const line of this.lines) {
      for (; line.dueMs <= nowMs; line.dueMs += line.everyMs) {
        this.lateMsMax = Math.max(this.lateMsMax, nowMs - line.dueMs);
        this.publish(line);
      }
    }
  }

  private publish(line: Line): void {
    const { kind, bootId, sequence, everyMs, room, payloads } = line;
    const atMs = sequence * everyMs;
    line.sequence += 1;
    // The window of second k is complete with the first frame of the next second.
    const inRoomMs = atMs + line.firstSlot * everyMs;
    if (kind === "radar-iq" && sequence > 0 && inRoomMs % 1_000 === 0)
      this.windows[room]?.set(inRoomMs, performance.now());
    const capturedAt = utcMs(Date.now());
    if (kind === "radar-targets") this.sentUtcMs[room]?.push(capturedAt);
    const payload = payloads[sequence % payloads.length] ?? new Uint8Array();
    const bytes = encodeEnvelope({ kind, bootId, sequence, deviceUs: deviceUs(1_000 * atMs), capturedAt }, payload);
    this.published += 1;
    void this.link.publish(line.topic, bytes, { qos: 0, dropWhenOffline: true }).then((result) => {
      if (result !== "sent") this.notSent += 1;
    });
  }
}
