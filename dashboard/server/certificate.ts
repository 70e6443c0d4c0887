import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Server } from "node:https";
import { resolve } from "node:path";
import type { DashboardConfig } from "../../edge-agent/contract/dashboard-config.ts";
import type { Log } from "../../edge-agent/platform/log.ts";

const dayMs = 86_400_000;
const warnDays = 14;
const lookEveryMs = 60_000;

/** Words that say what to do. */
export class CertificateError extends Error {}

export interface Certificate {
  /** PEM, with the certificates between it and its authority. */
  readonly cert: string;
  readonly key: string;
  readonly validToUtcMs: number;
}

/** Throws CertificateError where it cannot be read, or the two do not belong together. */
export function readCertificate(tls: NonNullable<DashboardConfig["tls"]>, folder: string): Certificate {
  const [cert, key] = [read(tls.certificateFile, folder), read(tls.keyFile, folder)];
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new CertificateError(`${tls.keyFile} is not the key of ${tls.certificateFile} (dashboard.tls)`);
    return { cert, key, validToUtcMs: Date.parse(certificate.validTo) };
  } catch (cause) {
    if (cause instanceof CertificateError) throw cause;
    throw new CertificateError(
      `dashboard.tls wants a certificate and its key as PEM without a passphrase: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

function read(file: string, folder: string): string {
  const path = resolve(folder, file);
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CertificateError(
      `cannot read ${path} (dashboard.tls): ${code === "ENOENT" ? "there is no such file" : code}`,
    );
  }
}

/** What to tell of its age; undefined: nothing. A station with an old certificate goes on: a dead one would be worse. */
export function ageWords({ validToUtcMs }: Certificate, nowUtcMs: number): string | undefined {
  const days = Math.floor((validToUtcMs - nowUtcMs) / dayMs);
  if (days < 0) return "the certificate of the pages is over: browsers warn. Put a new one in its place";
  return days < warnDays
    ? `the certificate of the pages is over in ${days} days: put a new one in its place`
    : undefined;
}

/** Takes a certificate that replaces the old one, once a minute; a broken one changes nothing and is told. */
export function followCertificate(
  server: Server,
  first: Certificate,
  again: () => Certificate,
  log: Log,
  everyMs = lookEveryMs,
): () => void {
  let now = first;
  let told: string | undefined;
  const tell = (words: string | undefined): void => {
    if (words !== undefined && words !== told) log.warn({}, words);
    told = words;
  };
  tell(ageWords(now, Date.now()));
  const timer = setInterval(() => {
    try {
      const found = again();
      if (found.cert !== now.cert || found.key !== now.key) {
        server.setSecureContext({ cert: found.cert, key: found.key, minVersion: "TLSv1.2" });
        now = found;
        log.info({ validTo: new Date(found.validToUtcMs).toISOString() }, "a new certificate of the pages is in use");
      }
      tell(ageWords(now, Date.now()));
    } catch (cause) {
      tell(cause instanceof Error ? cause.message : String(cause));
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
