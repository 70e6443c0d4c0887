import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditIntent } from "../contract/door.ts";
import { toBase64 } from "./base64.ts";
import { signCheckpoint } from "./checkpoint.ts";
import { commitment } from "./commitment.ts";
import { makeEntry } from "./entry.ts";
import type { LogFaultWhy } from "./faults.ts";
import { HashList } from "./hash-list.ts";
import { hashesToAppend, leafHash, rootOf } from "./merkle.ts";
import { type Signer, vkeyOf } from "./note.ts";
import { type LogExport, type PersonalRow, verifyLog } from "./verify.ts";

const keys = generateKeyPairSync("ed25519");
const sign: Signer = (bytes) => new Uint8Array(signBytes(null, bytes, keys.privateKey));
const vkey = vkeyOf("w7.example.nhs.uk/audit/2026", keys.publicKey);
const trust = { vkeys: [vkey], known: [] };
const boots = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"] as const;
const start = Date.UTC(2026, 10, 22);

interface Line {
  readonly seq: number;
  readonly utcMs: number;
  readonly monoNs: bigint;
  readonly boot: string;
  readonly text: string;
  readonly action: AuditIntent["action"];
}
const line = (seq: number): Line => ({
  seq,
  utcMs: start + seq * 1_000,
  monoNs: BigInt(seq) * 1_000_000_000n,
  boot: seq < 10 ? boots[0] : boots[1],
  text: `entry ${seq}`,
  action: "page.open",
});
const salt = new Uint8Array(32).fill(9);
const person = (seq: number) => ({ label: `person ${seq}` });

function entryOf(one: Line): Uint8Array {
  const intent: AuditIntent = {
    action: one.action,
    actor: { kind: "system", part: "test" },
    outcome: 0,
    detail: { text: one.text },
    phi: null,
  };
  const provenance = { boot: one.boot, cfgSha256: null, modelSha256: null };
  return makeEntry(intent, one.seq, one, provenance, commitment(person(one.seq), salt, one.seq));
}

/** A whole, honest log of these entries, signed at the sizes given. */
function logOf(entries: readonly Uint8Array[], signedAt: readonly number[]) {
  const tree = new HashList();
  const checkpoints: string[] = [];
  entries.forEach((entry, n) => {
    for (const hash of hashesToAppend(n, leafHash(entry), tree.read)) tree.push(hash);
    if (signedAt.includes(n + 1)) checkpoints.push(signCheckpoint(n + 1, rootOf(n + 1, tree.read), vkey, sign));
  });
  const storedHashes = Array.from({ length: tree.length }, (_, index) => toBase64(tree.read(index)));
  const phi: PersonalRow[] = entries.map((_, seq) => ({ seq, salt, phi: person(seq) }));
  return { entries: [...entries], storedHashes, checkpoints, phi };
}

const lines = Array.from({ length: 20 }, (_, seq) => line(seq));
const entries = lines.map(entryOf);
const signedAt = [1, 5, 6, 12, 18, 20];
const honest = logOf(entries, signedAt);
const whys = (log: LogExport): LogFaultWhy[] => verifyLog(log, trust).faults.map((fault) => fault.why);
const firstFault = (log: LogExport) => verifyLog(log, trust).faults[0];
const bare = { storedHashes: undefined, phi: undefined };

describe("an honest log", () => {
  it("is whole, and says what it covers", () => {
    expect(verifyLog(honest, trust)).toEqual({
      ok: true,
      origin: vkey.name,
      entries: 20,
      firstAt: "2026-11-22T00:00:00.000Z",
      lastAt: "2026-11-22T00:00:19.000Z",
      checkpoints: 6,
      signedEntries: 20,
      commitmentsChecked: 20,
      handovers: [],
      faults: [],
    });
  });

  it("is whole without stored hashes and personal data, and where some were erased", () => {
    expect(verifyLog({ ...honest, ...bare }, trust).ok).toBe(true);
    const erased = honest.phi.filter(({ seq }) => seq !== 4);
    expect(verifyLog({ ...honest, phi: erased }, trust)).toMatchObject({ ok: true, commitmentsChecked: 19 });
  });

  it.each([1, 2, 7, 64])("of %d entries signed after each is whole", (size) => {
    const some = Array.from({ length: size }, (_, seq) => entryOf({ ...line(seq), boot: boots[0] }));
    const all = some.map((_, n) => n + 1);
    expect(verifyLog(logOf(some, all), trust)).toMatchObject({ ok: true, checkpoints: size, signedEntries: size });
  });
});

describe("a log that was tampered with", () => {
  it("names the entry that was edited", () => {
    const edited = entries.with(7, entryOf({ ...line(7), text: "something else" }));
    expect(firstFault({ ...honest, entries: edited })).toMatchObject({ why: "entry-changed", seq: 7 });
    // Whoever edits the stored hashes as well is caught by the next checkpoint.
    const rehashed = { ...logOf(edited, []), checkpoints: honest.checkpoints };
    expect(firstFault(rehashed)).toMatchObject({ why: "root-differs", seq: 6, lastSeq: 11 });
    expect(whys({ ...honest, ...bare, entries: edited })).toEqual(["root-differs"]);
  });

  it("names the entry that was deleted, and the place where one was deleted and the rest renumbered", () => {
    expect(firstFault({ ...honest, entries: entries.toSpliced(7, 1) })).toMatchObject({ why: "seq-gap", seq: 7 });
    expect(firstFault({ ...honest, ...bare, entries: entries.toSpliced(3, 2) })).toMatchObject({
      why: "seq-gap",
      seq: 3,
      lastSeq: 4,
    });
    const renumbered = lines.toSpliced(7, 1).map((one, seq) => entryOf({ ...one, seq }));
    expect(firstFault({ ...logOf(renumbered, []), ...bare, checkpoints: honest.checkpoints })).toMatchObject({
      why: "root-differs",
      seq: 6,
      lastSeq: 11,
    });
  });

  it("names the entry that stands twice, and those that were swapped", () => {
    expect(firstFault({ ...honest, entries: entries.toSpliced(7, 0, entryOf(line(6))) })).toMatchObject({
      why: "seq-repeated",
      seq: 6,
    });
    const swapped = entries.with(4, entryOf(line(5))).with(5, entryOf(line(4)));
    expect(whys({ ...honest, entries: swapped })).toEqual(expect.arrayContaining(["seq-gap", "root-differs"]));
  });

  it("names the entries that were cut off below the last checkpoint", () => {
    expect(firstFault({ ...honest, ...bare, entries: entries.slice(0, 15) })).toMatchObject({
      why: "truncated",
      seq: 15,
      lastSeq: 17,
    });
    expect(firstFault({ ...honest, ...bare, entries: entries.slice(0, 18) })).toMatchObject({
      why: "truncated",
      seq: 18,
      lastSeq: 19,
    });
  });

  it("names the entries that nobody signed, whoever added them and whatever else was cut off", () => {
    const added = [...entries, entryOf({ ...line(20), action: "consent.grant" })];
    expect(verifyLog({ ...logOf(added, signedAt) }, trust).faults).toMatchObject([
      { why: "unsigned", seq: 20, lastSeq: 20 },
    ]);
    // All checkpoints but an early one are taken away, a later entry is written anew, and the hashes are made again.
    const rewritten = logOf(entries.with(15, entryOf({ ...line(15), text: "forged" })), []);
    const early = { ...rewritten, checkpoints: honest.checkpoints.slice(0, 3) };
    expect(verifyLog(early, trust).faults).toMatchObject([{ why: "unsigned", seq: 6, lastSeq: 19 }]);
  });

  it("does not take an empty log for a whole one", () => {
    for (const checkpoints of [[], [""], ["\n"]]) {
      const empty = { entries: [], storedHashes: [], checkpoints, phi: undefined };
      expect(whys(empty)).toContain("no-checkpoint");
    }
    expect(whys({ ...honest, ...bare, entries: [] })).toContain("truncated");
  });

  it("finds a fork and a log that was rolled back, from a checkpoint kept elsewhere", () => {
    const other = logOf(entries.with(11, entryOf({ ...line(11), text: "another history" })), [12, 20]);
    expect(
      whys({ ...honest, checkpoints: honest.checkpoints.toSpliced(4, 0, ...other.checkpoints.slice(0, 1)) }),
    ).toEqual(["fork"]);
    const kept = { vkeys: [vkey], known: honest.checkpoints.slice(3, 5) };
    expect(verifyLog(honest, kept).ok).toBe(true);
    expect(verifyLog(other, kept).faults.map((fault) => fault.why)).toEqual(["fork", "fork"]);
    const early = logOf(entries.slice(0, 12), [5, 12]);
    expect(verifyLog(early, trust)).toMatchObject({ ok: true });
    expect(verifyLog(early, kept).faults).toMatchObject([{ why: "rolled-back", seq: 12, lastSeq: 17 }]);
  });

  it("finds checkpoints out of order, by a stranger, of another log, and none at all", () => {
    const first = honest.checkpoints.at(-2) ?? "";
    const second = honest.checkpoints.at(-1) ?? "";
    expect(whys({ ...honest, checkpoints: [second, first] })).toEqual(["checkpoint-order"]);
    expect(whys({ ...honest, checkpoints: [] })).toEqual(["no-checkpoint"]);
    expect(whys({ ...honest, checkpoints: ["no note"] })).toEqual(["checkpoint-unreadable", "no-checkpoint"]);
    const stranger = vkeyOf("elsewhere", keys.publicKey);
    const foreign = signCheckpoint(
      6,
      rootOf(0, () => new Uint8Array(32)),
      stranger,
      sign,
    );
    expect(whys({ ...honest, checkpoints: [second, foreign] })).toEqual(["checkpoint-signature"]);
    expect(verifyLog({ ...honest, checkpoints: [first, foreign] }, { vkeys: [vkey, stranger], known: [] }).ok).toBe(
      false,
    );
  });

  it("finds stored hashes that are not those of the entries", () => {
    const inner = honest.storedHashes.with(2, honest.storedHashes[0] ?? "");
    expect(firstFault({ ...honest, storedHashes: inner })).toMatchObject({ why: "stored-hash", seq: 1 });
    expect(whys({ ...honest, storedHashes: honest.storedHashes.slice(1, 9) })).toContain("stored-hash");
    expect(whys({ ...honest, storedHashes: ["no hash"] })).toContain("stored-hash");
  });

  it("names the entry whose personal data were swapped, and data of no entry", () => {
    const swapped = honest.phi.with(3, { seq: 3, salt, phi: person(4) });
    expect(verifyLog({ ...honest, phi: swapped }, trust).faults).toMatchObject([{ why: "commitment", seq: 3 }]);
    const other = honest.phi.with(3, { seq: 3, salt: new Uint8Array(32), phi: person(3) });
    expect(verifyLog({ ...honest, phi: other }, trust).faults).toMatchObject([{ why: "commitment", seq: 3 }]);
    for (const seq of [99, -1, 2.5, null]) {
      expect(whys({ ...honest, phi: [{ seq, salt, phi: person(99) }] }), String(seq)).toEqual(["commitment"]);
    }
  });

  it("finds a second row for one entry, the right one first or last", () => {
    const forged = { seq: 3, salt, phi: person(4) };
    const after = verifyLog({ ...honest, phi: [...honest.phi, forged] }, trust).faults;
    expect(after).toMatchObject([{ why: "commitment", seq: 3 }]);
    expect(whys({ ...honest, phi: [forged, ...honest.phi] })).toEqual(["commitment", "commitment"]);
    expect(whys({ ...honest, phi: [...honest.phi, ...honest.phi.slice(3, 4)] })).toEqual(["commitment"]);
  });

  it("finds a checkpoint kept elsewhere that is of another log", () => {
    const otherKey = vkeyOf("w7.example.nhs.uk/audit-dashboard/2026", keys.publicKey);
    const foreign = signCheckpoint(0, leafHash(new Uint8Array()), otherKey, sign);
    const both = { vkeys: [vkey, otherKey], known: [foreign] };
    expect(verifyLog(honest, both).faults).toMatchObject([{ why: "checkpoint-signature" }]);
  });

  it.each([
    ["clock-backwards", 8, { utcMs: start - 60_000 }],
    ["mono-backwards", 8, { monoNs: 1n }],
    ["boot-returns", 12, { boot: boots[0] }],
  ] as const)("finds %s, also where it is signed", (why, seq, change) => {
    const odd = lines.map((one) => entryOf(one.seq === seq ? { ...one, ...change } : one));
    expect(verifyLog(logOf(odd, signedAt), trust).faults[0]).toMatchObject({ why, seq });
  });

  it("accepts a clock that was stepped back and says so, and a little waiting in a queue", () => {
    const stepped = lines.map((one) => {
      if (one.seq < 8) return entryOf(one);
      return entryOf({
        ...one,
        utcMs: one.utcMs - 3_600_000,
        ...(one.seq === 8 ? { action: "clock.step" as const } : {}),
      });
    });
    expect(verifyLog(logOf(stepped, signedAt), trust).faults).toEqual([]);
    const waited = lines.map((one) =>
      entryOf(one.seq === 8 ? { ...one, utcMs: one.utcMs - 1_500, monoNs: one.monoNs - 1_500_000_000n } : one),
    );
    expect(verifyLog(logOf(waited, signedAt), trust).faults).toEqual([]);
  });

  it("finds many small steps back that together are a large one", () => {
    const creeping = lines.map((one) => entryOf({ ...one, utcMs: start - one.seq * 500 }));
    expect(verifyLog(logOf(creeping, signedAt), trust).faults.some((fault) => fault.why === "clock-backwards")).toBe(
      true,
    );
  });
});

describe("whatever is done to a signed log", () => {
  const signed = honest;

  it("any change of one bit of an entry, a stored hash or a note is found", () => {
    fc.assert(
      fc.property(fc.constantFrom("entries", "storedHashes", "checkpoints"), fc.nat(), fc.nat(), (part, which, bit) => {
        const flip = (bytes: Uint8Array): Uint8Array => {
          const copy = bytes.slice();
          const at = Math.floor(bit / 8) % copy.length;
          copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
          return copy;
        };
        const flipText = (text: string): string => Buffer.from(flip(Buffer.from(text))).toString("utf8");
        const at = <T>(list: readonly T[], change: (one: T) => T): T[] =>
          list.map((one, index) => (index === which % list.length ? change(one) : one));
        const changed: LogExport = {
          ...signed,
          ...(part === "entries" ? { entries: at(signed.entries, flip) } : {}),
          ...(part === "storedHashes" ? { storedHashes: at(signed.storedHashes, flipText) } : {}),
          ...(part === "checkpoints" ? { checkpoints: at(signed.checkpoints, flipText) } : {}),
        };
        expect(verifyLog(changed, trust).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("any other order, selection or repetition of its entries is found, without the stored hashes too", () => {
    const arrangement = fc
      .array(fc.nat({ max: 19 }), { maxLength: 24 })
      .filter((order) => order.length !== 20 || order.some((seq, index) => seq !== index));
    fc.assert(
      fc.property(arrangement, (order) => {
        const arranged = order.map((seq) => entries[seq] ?? expect.fail("no such entry"));
        expect(verifyLog({ ...signed, ...bare, entries: arranged }, trust).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("nothing makes the verifier throw", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
        fc.array(fc.string(), { maxLength: 5 }),
        fc.array(fc.string(), { minLength: 1, maxLength: 5 }),
        (junk, hashes, notes) => {
          const log = { entries: junk, storedHashes: hashes, checkpoints: notes, phi: undefined };
          expect(verifyLog(log, { vkeys: [vkey], known: notes }).ok).toBe(false);
        },
      ),
    );
  });
});
