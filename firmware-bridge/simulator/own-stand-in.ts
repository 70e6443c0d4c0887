import { messageType, ownProtocolVersion } from "../sensors/own-conversation.ts";
import type { Framer } from "../sensors/sensor.ts";

/*
 * The sensor's end of this project's own two protocols, over any source of frames. Bytes in, bytes out; the caller has the
 * clock and the wire.
 */

export interface OwnStandInParts {
  /** Says who it is, at most 40 printable characters. */
  readonly name: string;
  readonly frameRateHz: number;
  /** Cuts the host's commands. */
  readonly framer: Framer;
  encode(type: number, body: Uint8Array): Uint8Array;
  /** The true bytes of the next frame, `atUs` after the first. */
  next(atUs: number): Uint8Array;
  /** From the first frame again. */
  restart(): void;
}

export interface OwnStandIn {
  take(bytes: Uint8Array, nowMs: number): readonly Uint8Array[];
  due(nowMs: number): readonly Uint8Array[];
  readonly nextDueMs: number | undefined;
}

/** After a stall of the machine the schedule slips; it does not burst. */
const framesAtOnceMin = 8;

/** @param speed seconds of sensor time in one second of the caller's clock */
export function newOwnStandIn(parts: OwnStandInParts, speed: number): OwnStandIn {
  const periodMs = 1_000 / (parts.frameRateHz * speed);
  const framesAtOnceMax = Math.max(framesAtOnceMin, Math.ceil(500 / periodMs));
  const nothing = new Uint8Array();
  let nextMs: number | undefined;
  let sent = 0;

  const answer = (type: unknown, nowMs: number): Uint8Array | undefined => {
    switch (type) {
      case messageType.hello:
        return parts.encode(
          messageType.helloAnswer,
          Uint8Array.of(ownProtocolVersion, ...new TextEncoder().encode(parts.name)),
        );
      case messageType.start:
        parts.restart();
        sent = 0;
        nextMs = nowMs + periodMs;
        return parts.encode(messageType.started, nothing);
      case messageType.stop:
        nextMs = undefined;
        return parts.encode(messageType.stopped, nothing);
      default:
        return undefined;
    }
  };

  return {
    take: (bytes, nowMs) => parts.framer.push(bytes).flatMap(({ head }) => answer(head.type, nowMs) ?? []),
    due(nowMs) {
      const frames: Uint8Array[] = [];
      while (nextMs !== undefined && nextMs <= nowMs) {
        if (frames.length >= framesAtOnceMax) {
          nextMs = nowMs + periodMs;
          break;
        }
        nextMs += periodMs;
        frames.push(parts.next((sent * 1e6) / parts.frameRateHz));
        sent += 1;
      }
      return frames;
    },
    get nextDueMs() {
      return nextMs;
    },
  };
}
