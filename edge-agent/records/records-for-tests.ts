import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vkeyOf } from "../audit/note.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import { type Activation, dayMs, neverOffered } from "../contract/consent.ts";
import type { AlarmRow, AuditIntent, StoreRow } from "../contract/door.ts";
import type { Actor } from "../contract/people.ts";
import type { ConsentState } from "../contract/words.ts";
import type { AuditStoreOptions } from "./audit-store.ts";
import { signerOf } from "./open-ward.ts";

/*
 * For the tests of this room: a folder of their own, a key, and the shortest rows and intents.
 */

export const origin = "w7.example.nhs.uk/audit/2026";
const keys = generateKeyPairSync("ed25519");
export const vkey = vkeyOf(origin, keys.publicKey);
export const inCharge: Actor = { kind: "staff", id: "s1", name: "Ada", role: "nurse-in-charge" };
const startUtcMs = Date.UTC(2026, 10, 22, 1, 2, 3);

export const logOptionsOf = (change: Partial<AuditStoreOptions> = {}): AuditStoreOptions => ({
  origin,
  sign: signerOf(keys.privateKey),
  publicKey: keys.publicKey,
  boot: randomUUID(),
  cfgSha256: "a".repeat(64),
  modelSha256: null,
  ...change,
});

/** The moment `afterMs` into the test. */
export const at = (afterMs: number): Stamp => ({
  utcMs: startUtcMs + afterMs,
  monoNs: BigInt(Math.round(afterMs)) * 1_000_000n,
});

export const intent = (action: AuditIntent["action"], phi: AuditIntent["phi"] = null): AuditIntent => ({
  action,
  actor: inCharge,
  outcome: 0,
  detail: { bed: "room-1" },
  phi,
});

export const stay = (id: string, bed = "room-1"): StoreRow => ({
  table: "stay",
  id,
  bed,
  label: "A.B.",
  demonstration: false,
  startedAtUtcMs: at(0).utcMs,
});

export const consent = (id: string, purpose: "movement-alerts" | "breathing-rate", state: ConsentState): StoreRow => ({
  table: "consent",
  stay: id,
  consent: { ...neverOffered, purpose, state, sinceUtcMs: at(0).utcMs, untilUtcMs: at(7 * dayMs).utcMs },
  atUtcMs: at(0).utcMs,
  by: "the person",
  byPerson: state === "granted",
  record: state === "offered" ? activation : null,
});

export const activation: Activation = {
  concern: "falls",
  alternatives: ["checks-in-person-only"],
  words: null,
  reviewAfterHours: 168,
  hours: null,
  askAgainEveryHours: null,
};

type Fact = Extract<StoreRow, { table: "fact" }>;
export const fact = (id: string, change: Partial<Fact>): StoreRow => ({
  table: "fact",
  stay: id,
  atUtcMs: at(0).utcMs,
  occupancy: null,
  movement: null,
  place: null,
  people: null,
  breathingPerMin: null,
  lowPerMin: null,
  highPerMin: null,
  quality: null,
  reason: null,
  ...change,
});

/** A folder that is gone after `done()`. */
export function scratchFolder(): { readonly path: string; readonly done: () => void } {
  const path = mkdtempSync(join(tmpdir(), "records-"));
  return { path, done: () => rmSync(path, { recursive: true, force: true }) };
}

/** Offered, and then the person's touch. */
export const granted = (id: string, purpose: "movement-alerts" | "breathing-rate"): StoreRow[] => [
  consent(id, purpose, "offered"),
  consent(id, purpose, "granted"),
];

/** An alarm of stay "s1" as it stands in the store. */
export const alarm = (change: Partial<AlarmRow> = {}): StoreRow => ({
  table: "alarm",
  alarm: {
    id: "room-1-1",
    stay: "s1",
    condition: "left-bed",
    priority: "medium",
    presence: "on",
    raisedAtUtcMs: at(0).utcMs,
    clearedAtUtcMs: null,
    acknowledged: null,
    audited: true,
    escalation: 0,
    raisings: 1,
    outcome: null,
    ...change,
  },
});
