import { createHash, createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

/*
 * The keys that seal personal data at rest. The first one seals; those after it only open what was sealed before a change of keys.
 */

export interface DataKey {
  /** 8 hex digits; stands in every value that it sealed, and tells nothing of the key. */
  readonly id: string;
  readonly bytes: Buffer;
  /** For AES-256-GCM; six times as fast as the bytes. */
  readonly secret: KeyObject;
  /** For finding a sealed word again without opening every row. */
  readonly indexKey: Buffer;
}

export interface DataKeys {
  readonly current: DataKey;
  readonly byId: ReadonlyMap<string, DataKey>;
}

const keyBytes = 32;
const keyLine = /^quietround-data-key-1 ([A-Za-z0-9+/]{43}=)$/;

export function dataKeyOf(bytes: Buffer): DataKey {
  const id = createHash("sha256").update("quietround data key\n").update(bytes).digest("hex").slice(0, 8);
  return {
    id,
    bytes,
    secret: createSecretKey(bytes),
    indexKey: createHmac("sha256", bytes).update("quietround index").digest(),
  };
}

export const freshDataKey = (): DataKey => dataKeyOf(randomBytes(keyBytes));

/** A key file: a key a line, the one that seals first. Undefined where it is not one. From a disk, before any check. */
export function readKeyLines(text: string): DataKeys | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const keys = lines.flatMap((line) => {
    const base64 = keyLine.exec(line.trim())?.[1];
    return base64 === undefined ? [] : [dataKeyOf(Buffer.from(base64, "base64"))];
  });
  const [current] = keys;
  if (current === undefined || keys.length !== lines.length) return undefined;
  return { current, byId: new Map(keys.map((key) => [key.id, key])) };
}

export const keyLines = (keys: readonly DataKey[]): string =>
  keys.map(({ bytes }) => `quietround-data-key-1 ${bytes.toString("base64")}\n`).join("");
