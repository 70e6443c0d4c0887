import { AuditEntry, type Stamp } from "../contract/audit-entry.ts";
import type { AuditIntent } from "../contract/door.ts";
import { toBase64 } from "./base64.ts";
import { canonicalBytes, isCanonicalOf } from "./canonical.ts";

/*
 * One line of the log. Its bytes are the RFC 8785 form of this object and nothing else; they are hashed as they stand.
 */

/** c2sp.org/tlog-tiles: entry bundles carry a length of 16 bits. */
export const entryBytesMax = 65_535;

/** What every entry of one run of a process says of the process. */
export interface Provenance {
  /** A UUID drawn at the start of the process; `mono` is comparable within it only. */
  readonly boot: string;
  /** SHA-256 of the configuration and of the model in force, lower-case hex; null where the process has none. */
  readonly cfgSha256: string | null;
  readonly modelSha256: string | null;
}

/**
 * The entry of an intent. Throws NotCanonical or RangeError for one that no entry can hold: what was written has to be
 * read again, or the log could not go on after it.
 */
export function makeEntry(
  intent: AuditIntent,
  seq: number,
  stamp: Stamp,
  provenance: Provenance,
  subj: Uint8Array | null,
): Uint8Array {
  const bytes = canonicalBytes({
    v: 1,
    seq,
    t: new Date(stamp.utcMs).toISOString(),
    mono: stamp.monoNs.toString(),
    boot: provenance.boot,
    actor: intent.actor,
    action: intent.action,
    outcome: intent.outcome,
    subj: subj === null ? null : toBase64(subj),
    detail: intent.detail,
    cfg: provenance.cfgSha256,
    model: provenance.modelSha256,
  });
  const read = readEntry(bytes);
  if (!read.ok)
    throw new RangeError(`an entry that would be ${read.why} (at most ${entryBytesMax} bytes): ${read.words}`);
  return bytes;
}

export const entryFaults = ["too-large", "not-json", "not-canonical", "not-an-entry"] as const;
export type EntryFault = (typeof entryFaults)[number];

export type ReadEntry =
  | { readonly ok: true; readonly entry: AuditEntry }
  | { readonly ok: false; readonly why: EntryFault; readonly words: string };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** From a file, before any check. Never throws. */
export function readEntry(bytes: Uint8Array): ReadEntry {
  if (bytes.length > entryBytesMax) return { ok: false, why: "too-large", words: `${bytes.length} bytes` };
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    return { ok: false, why: "not-json", words: cause instanceof Error ? cause.message : String(cause) };
  }
  if (!isCanonicalOf(value, text)) {
    return { ok: false, why: "not-canonical", words: "the bytes are not the RFC 8785 form of what they say" };
  }
  const parsed = AuditEntry.safeParse(value);
  if (parsed.success) return { ok: true, entry: parsed.data };
  return { ok: false, why: "not-an-entry", words: faultsOf(parsed.error.issues) };
}

function faultsOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
}
