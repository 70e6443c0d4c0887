import type { SensorFault } from "../../edge-agent/contract/scene.ts";
import { encodeTinyFrame } from "../sensors/tiny-frame.ts";
import { joinBytes } from "../sensors/wire-bytes.ts";
import type { StandIn } from "./stand-ins.ts";

/** A message every so often is spoilt on its way, or is one that the driver has never heard of. */
const brokenEvery = 15;
const strangeEvery = 20;
/** Of ten messages, so many get lost. */
const lostOfTen = 4;
const strangeType = 0x0a99;

/** What goes wrong between a module and its driver, in whole messages: from `fromSec` on. */
export function withWireFault(standIn: StandIn, { what, fromSec }: SensorFault, startMs = 0): StandIn {
  if (what !== "checksum-errors" && what !== "other-firmware" && what !== "slow-frames") return standIn;
  let sent = 0;
  const spoil = (message: Uint8Array): readonly Uint8Array[] => {
    sent += 1;
    switch (what) {
      case "checksum-errors": {
        if (sent % brokenEvery !== 0) return [message];
        const broken = message.slice();
        broken[broken.length - 1] = broken.at(-1)! ^ 1;
        return [broken];
      }
      case "other-firmware":
        if (sent % strangeEvery !== 0) return [message];
        return [joinBytes(message, encodeTinyFrame(strangeType, sent & 0xffff, Uint8Array.of(1, 2, 3)))];
      case "slow-frames":
        return sent % 10 < lostOfTen ? [] : [message];
    }
  };
  return {
    take: (bytes, nowMs) => standIn.take(bytes, nowMs),
    due(nowMs) {
      const messages = standIn.due(nowMs);
      return nowMs - startMs < 1_000 * fromSec ? messages : messages.flatMap(spoil);
    },
    get nextDueMs() {
      return standIn.nextDueMs;
    },
  };
}
