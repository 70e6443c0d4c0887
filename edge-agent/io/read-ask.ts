import { Ask } from "../contract/asks.ts";

/** So that whoever sent something malformed hears of it at once. */
export function readAskId(payload: Uint8Array): string | undefined {
  try {
    return Ask.pick({ id: true })
      .loose()
      .parse(JSON.parse(Buffer.from(payload).toString("utf8"))).id;
  } catch {
    return undefined;
  }
}

export function readAsk(payload: Uint8Array): Ask | undefined {
  try {
    return Ask.parse(JSON.parse(Buffer.from(payload).toString("utf8")));
  } catch {
    return undefined;
  }
}
