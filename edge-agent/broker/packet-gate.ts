/*
 * Reads only the fixed headers of an MQTT 3.1.1 byte stream (2.2): one type byte, then 1 to 4 bytes of remaining length.
 * A client can claim 256 MB in five bytes, and the broker's parser would wait for them and keep them.
 */

export const packetBytesMax = 70_000;
export const bytesBeforeLoginMax = 1_024;

export type GateRefusal = "packet-too-large" | "not-mqtt" | "too-much-before-login";

export interface PacketGate {
  readonly phase: "type" | "length" | "body";
  /** Bytes of the body still to come. */
  readonly bodyBytes: number;
  readonly lengthDigits: number;
  readonly packets: number;
  readonly bytesSeen: number;
}

export const newPacketGate: PacketGate = { phase: "type", bodyBytes: 0, lengthDigits: 0, packets: 0, bytesSeen: 0 };

const connectType = 1;

/** From the network, before any check. Either the gate after these bytes, or why the connection must end. */
export function gateStep(gate: PacketGate, chunk: Uint8Array, loggedIn: boolean): PacketGate | GateRefusal {
  let { phase, bodyBytes, lengthDigits, packets } = gate;
  const bytesSeen = gate.bytesSeen + chunk.length;
  for (let at = 0; at < chunk.length; ) {
    switch (phase) {
      case "type": {
        const type = chunk[at]! >> 4;
        // 3.1: the first packet is CONNECT, and it comes once. 0 and 15 are reserved.
        if (type === 0 || type === 15 || (type === connectType) !== (packets === 0)) return "not-mqtt";
        phase = "length";
        bodyBytes = 0;
        lengthDigits = 0;
        packets += 1;
        at += 1;
        break;
      }
      case "length": {
        const digit = chunk[at]!;
        bodyBytes += (digit & 0x7f) * 128 ** lengthDigits;
        lengthDigits += 1;
        at += 1;
        if (bodyBytes > packetBytesMax) return "packet-too-large";
        if ((digit & 0x80) === 0) phase = bodyBytes === 0 ? "type" : "body";
        else if (lengthDigits === 4) return "not-mqtt";
        break;
      }
      case "body": {
        const taken = Math.min(bodyBytes, chunk.length - at);
        bodyBytes -= taken;
        at += taken;
        if (bodyBytes === 0) phase = "type";
        break;
      }
    }
    if (!loggedIn && phase !== "type" && bodyBytes > bytesBeforeLoginMax) return "packet-too-large";
  }
  if (!loggedIn && bytesSeen > bytesBeforeLoginMax) return "too-much-before-login";
  return { phase, bodyBytes, lengthDigits, packets, bytesSeen };
}
