import { createHash, createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyCheckpoint } from "@sigstore/verify/dist/tlog/checkpoint.js";
import { verifyMerkleInclusion } from "@sigstore/verify/dist/tlog/merkle.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HashList } from "../edge-agent/audit/hash-list.ts";
import { hashesToAppend, leafHash } from "../edge-agent/audit/merkle.ts";
import { inclusionProof } from "../edge-agent/audit/proof.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";
import { readExport } from "../edge-agent/records/read-export.ts";

/*
 * The second program of other people's making: what npm itself checks packages with (@sigstore/verify) opens our notes and follows our
 * proofs of inclusion. It knows neither our code nor that of the first one (audit-third-party.test.ts).
 */

type Entry = Parameters<typeof verifyCheckpoint>[0];
type Authority = Parameters<typeof verifyCheckpoint>[1][number];

const keys = generateKeyPairSync("ed25519");
let folder: string;
let entries: readonly Uint8Array[];
let notes: readonly string[];
let authority: Authority;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-sigstore-"));
  const database = join(folder, "ward.sqlite");
  const records = openWard(database, {
    domain: "w7.example",
    key: keys,
    boot: randomUUID(),
    cfgSha256: null,
    modelSha256: null,
    stamp: { utcMs: 0, monoNs: 0n },
  });
  for (let n = 0; n < 40; n += 1) {
    const action = n % 7 === 0 ? "alert.raise" : "page.open";
    const actor = { kind: "system", part: "test" } as const;
    records.commit([{ action, actor, outcome: 0, detail: { n }, phi: { n } }], [], { utcMs: n, monoNs: BigInt(n) });
  }
  records.close();
  const out = join(folder, "out");
  exportLog(database, out, { personalData: "left-out" });
  const log = readExport(out);
  entries = [...log.entries];
  notes = log.checkpoints;
  const [name = "", , key = ""] = readFileSync(join(out, "vkey.txt"), "utf8")
    .trim()
    .split(/\+(.{8})\+/);
  const raw = Buffer.from(key, "base64").subarray(1);
  const publicKey = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") },
    format: "jwk",
  });
  // c2sp.org/signed-note: the key's id is the start of this hash.
  const logID = createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.from([0x01, ...raw]))
    .digest();
  authority = { logID, baseURL: `https://${name}`, publicKey, validFor: { start: new Date(0), end: new Date(1e13) } };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a Sigstore bundle says of a line in a log. */
function entryOf(index: number, size: number, envelope: string, body: Uint8Array = entryAt(index)): Entry {
  const tree = new HashList();
  for (const [n, bytes] of entries.slice(0, size).entries()) {
    for (const hash of hashesToAppend(n, leafHash(bytes), tree.read)) tree.push(hash);
  }
  const hashes = inclusionProof(index, size, tree.read).map((hash) => Buffer.from(hash));
  return {
    logIndex: String(index),
    logId: { keyId: authority.logID },
    kindVersion: { kind: "", version: "" },
    integratedTime: "0",
    inclusionPromise: undefined,
    canonicalizedBody: Buffer.from(body),
    inclusionProof: {
      logIndex: String(index),
      treeSize: String(size),
      rootHash: Buffer.alloc(32),
      hashes,
      checkpoint: { envelope },
    },
  };
}
const entryAt = (index: number): Uint8Array => entries[index] ?? expect.fail(`no entry ${index}`);
const sizeIn = (note: string): number => Number(note.split("\n")[1]);

describe("a second verifier that knows nothing of our code", () => {
  it("finds every entry in every checkpoint", () => {
    let checked = 0;
    for (const note of notes) {
      const size = sizeIn(note);
      for (let index = 0; index < size; index += 1) {
        const entry = entryOf(index, size, note);
        verifyMerkleInclusion(entry, verifyCheckpoint(entry, [authority]));
        checked += 1;
      }
    }
    // Alerts sign at once: after 1, 8, 15, 22, 29, 36 entries, and the close after all 40.
    expect(notes.map(sizeIn)).toEqual([1, 8, 15, 22, 29, 36, 40]);
    expect(checked).toBe(151);
  });

  it("refuses another entry, another place, another size and another key", () => {
    const note = notes.at(-1) ?? "";
    const good = entryOf(13, 40, note);
    const checkpoint = verifyCheckpoint(good, [authority]);
    expect(() => verifyMerkleInclusion(entryOf(13, 40, note, entryAt(14)), checkpoint)).toThrow("does not match");
    const moved = { ...good, inclusionProof: { ...good.inclusionProof, logIndex: "12" } };
    expect(() => verifyMerkleInclusion(moved, checkpoint)).toThrow("does not match");
    const resized = entryOf(13, 40, note.replace("\n40\n", "\n41\n"));
    expect(() => verifyCheckpoint(resized, [authority])).toThrow("invalid checkpoint signature");
    const stranger = { ...authority, publicKey: generateKeyPairSync("ed25519").publicKey };
    expect(() => verifyCheckpoint(good, [stranger])).toThrow("invalid checkpoint signature");
  });
});
