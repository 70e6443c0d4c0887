import { z } from "zod";
import type { AuditIntent } from "../contract/door.ts";
import { Actor } from "../contract/people.ts";
import { toBase64 } from "./base64.ts";
import { canonical, canonicalBytes } from "./canonical.ts";

/*
 * One line of the log. Its bytes are the RFC 8785 form of this object and nothing else; they are hashed as they stand.
 */

/** c2sp.org/tlog-tiles: entry bundles carry a length of 16 bits. */
export const entryBytesMax = 65_535;

/** When an entry is written. The same shape as the stamp of edge-agent/ports.ts. */
export interface Stamp {
  /** ms since 1970 UTC. */
  readonly utcMs: number;
  /** Monotonic nanoseconds of this process. */
  readonly monoNs: bigint;
}

/** What every entry of one run of a process says of the process. */
export interface Provenance {
  /** A UUID drawn at the start of the process; `mono` is comparable within it only. */
  readonly boot: string;
  /** SHA-256 of the configuration and of the model in force, lower-case hex; null where the process has none. */
  readonly cfgSha256: string | null;
  readonly modelSha256: string | null;
}

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

export const Entry = z.strictObject({
  v: z.literal(1),
  seq: z.int().min(0),
  /** RFC 3339, UTC, ms. */
  t: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  /** Nanoseconds, decimal: as a number it would lose digits after 104 days (RFC 8785 keeps IEEE 754 doubles). */
  mono: z.string().regex(/^(0|[1-9]\d{0,19})$/),
  boot: z.uuid(),
  actor: Actor,
  /** An open list: an old verifier reads a new log. */
  action: z.string().regex(/^[a-z][a-z.-]{0,63}$/),
  outcome: z.union([z.literal(0), z.literal(4), z.literal(8), z.literal(12)]),
  /** Commitment to the personal data beside the log (commitment.ts), base64; null without such data. */
  subj: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/)
    .nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  cfg: Sha256Hex.nullable(),
  model: Sha256Hex.nullable(),
});
export type Entry = z.infer<typeof Entry>;

/** The entry of an intent. Throws NotCanonical or RangeError for an intent that no entry can hold: a bug of ours. */
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
  if (bytes.length > entryBytesMax) throw new RangeError(`an entry of ${bytes.length} bytes: at most ${entryBytesMax}`);
  return bytes;
}

export const entryFaults = ["too-large", "not-json", "not-canonical", "not-an-entry"] as const;
export type EntryFault = (typeof entryFaults)[number];

export type ReadEntry =
  | { readonly ok: true; readonly entry: Entry }
  | { readonly ok: false; readonly why: EntryFault; readonly words: string };

/** From a file, before any check. Never throws. */
export function readEntry(bytes: Uint8Array): ReadEntry {
  if (bytes.length > entryBytesMax) return { ok: false, why: "too-large", words: `${bytes.length} bytes` };
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    return { ok: false, why: "not-json", words: cause instanceof Error ? cause.message : String(cause) };
  }
  if (!isCanonical(value, text)) {
    return { ok: false, why: "not-canonical", words: "the bytes are not the RFC 8785 form of what they say" };
  }
  const parsed = Entry.safeParse(value);
  if (parsed.success) return { ok: true, entry: parsed.data };
  return { ok: false, why: "not-an-entry", words: z.prettifyError(parsed.error) };
}

function isCanonical(value: unknown, text: string): boolean {
  try {
    return canonical(value) === text;
  } catch {
    // Nested too deeply, or a lone surrogate written as an escape.
    return false;
  }
}
