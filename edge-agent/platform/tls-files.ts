import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Segment } from "../contract/ids.ts";

/*
 * What a process shows at a TLS connection and whom it believes: files under `keys/tls/` of its data folder, made by
 * `npm run ward:provision`. They are read again at each connection, so that a renewed certificate needs no restart.
 */

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Empty, or with one PEM block for each time, where the ward's authority has revoked something. */
  readonly crl: string | undefined;
  /** Until the certificate ends. */
  readonly daysLeft: number;
}

/** Its words say which file is wrong and how it is made. */
export class TlsError extends Error {
  readonly code: "missing" | "unreadable" | "expired";
  constructor(code: TlsError["code"], words: string, cause?: unknown) {
    super(words, { cause });
    this.code = code;
  }
}

/** Less than this, and the log says so: the next visit of an engineer may be too late. */
export const renewWithinDays = 21;

export const tlsFolder = (dataDir: string): string => join(dataDir, "keys", "tls");
export const crlPath = (dataDir: string): string => join(tlsFolder(dataDir), "crl.pem");
/** The certificates' names (CN) that were revoked, one a line. */
export const revokedPath = (dataDir: string): string => join(tlsFolder(dataDir), "revoked");

/** @param who the name in the certificate: a client's, or `broker`. Throws TlsError. */
export function readTlsFiles(dataDir: string, who: string): TlsFiles {
  const name = Segment.parse(who);
  const folder = tlsFolder(dataDir);
  const path = join(folder, `${name}.pem`);
  const cert = needed(path, name);
  const left = daysLeft(cert, path);
  if (left <= 0) {
    throw new TlsError("expired", `${path} has expired: make a new one (npm run ward:provision, docs/devices.md)`);
  }
  return {
    ca: needed(join(folder, "ca.pem"), name),
    cert,
    key: needed(join(folder, `${name}.key.pem`), name),
    crl: optional(crlPath(dataDir)),
    daysLeft: Math.floor(left),
  };
}

/** Until the certificate ends; negative after. Throws TlsError where it is none. */
function daysLeft(cert: string, path: string): number {
  try {
    return (Date.parse(new X509Certificate(cert).validTo) - Date.now()) / 86_400_000;
  } catch (cause) {
    throw new TlsError("unreadable", `${path} is no certificate in PEM form`, cause);
  }
}

/** Nobody is revoked where there is no such file. */
export function readRevoked(dataDir: string): ReadonlySet<string> {
  const lines = (optional(revokedPath(dataDir)) ?? "").split("\n").map((line) => line.trim());
  return new Set(lines.filter((line) => line !== ""));
}

function needed(path: string, who: string): string {
  const text = optional(path);
  if (text !== undefined) return text;
  throw new TlsError(
    "missing",
    `${path} is missing: brokers.tls is "mutual", and "${who}" has no certificate here (npm run ward:provision, docs/devices.md)`,
  );
}

function optional(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new TlsError(
      "unreadable",
      `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    );
  }
}
