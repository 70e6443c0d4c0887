import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditIntent } from "../contract/door.ts";
import { makeEntry, type Provenance, readEntry } from "./entry.ts";

const provenance: Provenance = {
  boot: "5f0f6a3c-6f5e-4a3e-9d38-0a0d2b6f9a11",
  cfgSha256: "a".repeat(64),
  modelSha256: null,
};
const intent: AuditIntent = {
  action: "consent.grant",
  actor: { kind: "bedside", bed: "room-1", stay: "s1" },
  outcome: 0,
  detail: { purpose: "breathing-rate", list: ["a", "b"], none: null, rate: 12.5, on: true },
  phi: null,
};
const stamp = { utcMs: Date.UTC(2026, 10, 22, 2, 3, 4, 5), monoNs: 123456789012345678901n % 2n ** 63n };

describe("entry", () => {
  it("is canonical JSON and reads back", () => {
    const bytes = makeEntry(intent, 7, stamp, provenance, new Uint8Array(32).fill(1));
    const read = readEntry(bytes);
    expect(read).toMatchObject({
      ok: true,
      entry: { v: 1, seq: 7, t: "2026-11-22T02:03:04.005Z", mono: stamp.monoNs.toString(), action: "consent.grant" },
    });
    expect(new TextDecoder().decode(bytes)).toMatch(/^\{"action":"consent.grant","actor":\{"bed":"room-1"/);
  });

  it("refuses to write more than 65535 bytes", () => {
    const fat = { ...intent, detail: { text: "x".repeat(65_536) } };
    expect(() => makeEntry(fat, 0, stamp, provenance, null)).toThrow(RangeError);
  });

  it.each([
    ["not-canonical", (text: string) => text.replace('{"action"', '{ "action"')],
    ["not-canonical", (text: string) => text.replace('"seq":7', '"seq":7.0')],
    ["not-json", (text: string) => text.slice(1)],
    ["not-an-entry", (text: string) => text.replace('"v":1', '"v":2')],
    ["not-an-entry", (text: string) => text.replace(',"v":1', ',"v":1,"x":1')],
    ["too-large", (text: string) => text + " ".repeat(65_535)],
  ] as const)("reads %s", (why, change) => {
    const text = change(new TextDecoder().decode(makeEntry(intent, 7, stamp, provenance, null)));
    expect(readEntry(new TextEncoder().encode(text))).toMatchObject({ ok: false, why });
  });

  it("no bytes make reading throw, and nothing but UTF-8 is read", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          expect(readEntry(bytes).ok).toBe(false);
        },
      ),
    );
    expect(readEntry(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ ok: false, why: "not-json" });
  });
});
