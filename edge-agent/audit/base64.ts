/*
 * Base64 of RFC 4648 4 with padding, read strictly: one run of bytes has one text, so a changed character can never
 * hide in unused bits (RFC 4648 3.5).
 */

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Undefined for anything but the one canonical text. From a file, before any check. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : undefined;
}
