import { createHash, randomBytes, randomInt } from "node:crypto";

/** No 0 and O, no 1, I and L: read aloud across a ward and typed on a touch screen. 31^8 is 8.5e11. */
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** A one-time code such as `K7QM-3XHV`. Only as safe as its short life and the limit on attempts. */
export function freshCode(): string {
  const letters = Array.from({ length: 8 }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** 256 random bits, base64url: cannot be guessed. */
export const freshToken = (): string => randomBytes(32).toString("base64url");

/** A random name for a row; tells nothing. */
export const freshId = (): string => randomBytes(12).toString("hex");

/** What is stored of a code. Case, spaces and dashes do not matter, because people type it. */
export const codeHash = (code: string): Uint8Array =>
  sha256Of("quietround code\n", code.toUpperCase().replaceAll(/[\s-]/g, ""));

export const tokenHash = (token: string): Uint8Array => sha256Of("quietround session\n", token);

export const stationHash = (token: string): Uint8Array => sha256Of("quietround station\n", token);

const sha256Of = (purpose: string, text: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(purpose).update(text).digest());
