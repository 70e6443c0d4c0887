import { argon2, randomBytes, timingSafeEqual } from "node:crypto";

/*
 * argon2id (RFC 9106) at OWASP's parameters, kept as PHC strings. Runs in libuv's threads: the loop of the ward never waits for
 * a password.
 */

interface Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}
export const cost: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };
const saltBytes = 16;
const hashBytes = 32;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replaceAll("=", "");

export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(secret, salt, cost, hashBytes);
  const { memoryKiB, passes, lanes } = cost;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64(salt)}$${base64(hash)}`;
}

/** Compared with where there is nothing to compare with, so that it takes as long. Nothing fits it. */
const nobodys = `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}$${base64(randomBytes(saltBytes))}$${base64(randomBytes(hashBytes))}`;

/** @param stored null: false, after the same time. */
export async function fitsSecret(secret: string, stored: string | null): Promise<boolean> {
  const read = readPhc(stored ?? nobodys);
  if (read === undefined) return false;
  const hash = await derive(secret, read.salt, read.cost, read.hash.length);
  return timingSafeEqual(hash, read.hash) && stored !== null;
}

function readPhc(phc: string): { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer } | undefined {
  const parts =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/.exec(phc);
  if (parts === null) return undefined;
  const [, memoryKiB, passes, lanes, salt, hash] = parts;
  return {
    cost: { memoryKiB: Number(memoryKiB), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt ?? "", "base64"),
    hash: Buffer.from(hash ?? "", "base64"),
  };
}

function derive(secret: string, nonce: Buffer, { memoryKiB, passes, lanes }: Cost, tagLength: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const how = { message: secret, nonce, memory: memoryKiB, passes, parallelism: lanes, tagLength };
    argon2("argon2id", how, (cause, hash) => (cause === null ? resolve(hash) : reject(cause)));
  });
}
