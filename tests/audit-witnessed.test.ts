import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeCosigner } from "../edge-agent/audit/cosignature.ts";
import { vkeyOf, writeVkey } from "../edge-agent/audit/note.ts";
import { readPolicy, witnessedBy } from "../edge-agent/audit/policy.ts";
import type { Witness } from "../edge-agent/records/ask-witness.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { readExport } from "../edge-agent/records/read-export.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";
import { readLogSeen } from "../edge-agent/records/watch-store.ts";
import { WatchedLog } from "../edge-agent/records/watched-log.ts";
import { WitnessDesk } from "../edge-agent/records/witness-desk.ts";

/* A log that is shown to witnesses while it is written: what they say, what is kept, and how a log that was rolled back is found. */

const keys = generateKeyPairSync("ed25519");
const origin = "ward.example/audit/2026";
const vkey = vkeyOf(origin, keys.publicKey);
const clock = { utcMs: () => Date.UTC(2026, 10, 23), monoMs: () => 0 };
let folder: string;
let file: string;
let ward: WardRecords;
let watched: WatchedLog;
let desks: WitnessDesk[];
let sec = 0;

function openWard(): WardRecords {
  const options = { origin, sign: signerOf(keys.privateKey), publicKey: keys.publicKey };
  const records = new WardRecords(file, { ...options, boot: randomUUID(), cfgSha256: null, modelSha256: null });
  records.start();
  return records;
}

function write(entries: number, by = "test"): void {
  for (let n = 0; n < entries; n += 1) {
    sec += 1;
    const stamp = { utcMs: Date.UTC(2026, 10, 23) + sec * 1_000, monoNs: BigInt(sec) * 1_000_000_000n };
    const actor = { kind: "system", part: by } as const;
    ward.commit([{ action: "lease.start", actor, outcome: 0, detail: { sec }, phi: { sec } }], [], stamp);
  }
  ward.checkpointIfDirty();
}

function newWitness(name: string): Witness {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  const desk = new WitnessDesk(join(folder, `${name}.sqlite`), {
    name: `${name}.example/w`,
    publicKey: new Uint8Array(Buffer.from(x ?? "", "base64url")),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
    nowSec: () => 1_790_000_000 + sec,
    logs: [vkey],
  });
  desk.start();
  desks.push(desk);
  return { name, key: desk.cosigner, post: async (request) => desk.add(request) };
}

const down: Witness["post"] = () => Promise.reject(new Error("connection refused"));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-witnessed-"));
  file = join(folder, "ward.sqlite");
  sec = 0;
  desks = [];
  ward = openWard();
  watched = new WatchedLog(file, [vkey]);
});
afterEach(() => {
  watched.close();
  ward.close();
  for (const desk of desks) desk.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a log shown to witnesses", () => {
  it("is cosigned as it grows; a witness that is down delays nothing, and the quorum counts without it", async () => {
    const [a, b, c] = [newWitness("a"), newWitness("b"), newWitness("c")];
    const lines = [a, b, c].map(({ name, key }) => `witness ${name} ${writeCosigner(key)}`);
    const text = ["log", writeVkey(vkey)].join(" ");
    const read = readPolicy([text, ...lines, "group two 2 a b c", "quorum two"].join("\n"));
    const policy = read.ok ? read.policy : expect.fail(read.words);
    write(3);
    expect((await watched.show([a, b, { ...c, post: down }], policy)).map(({ state }) => state)).toEqual([
      "cosigned",
      "cosigned",
      "unreachable",
    ]);
    expect(readLogSeen(file)).toMatchObject({ quorum: true, verification: null });
    write(4);
    expect(await watched.show([a, { ...b, post: down }, { ...c, post: down }], policy)).toMatchObject([
      { state: "cosigned", size: 7, cosignedAtSec: 1_790_000_007 },
      { state: "unreachable", size: 3, cosignedAtSec: 1_790_000_003 },
      { state: "unreachable", size: 0, cosignedAtSec: null },
    ]);
    expect(readLogSeen(file)?.quorum).toBe(false);
    // It was away for a while, and proves from where it was.
    expect((await watched.show([a, b, c], policy)).map(({ size }) => size)).toEqual([7, 7, 7]);
    const out = join(folder, "out");
    exportLog(file, out, { personalData: "left-out" });
    expect(witnessedBy(readExport(out).checkpoints, origin, policy, [vkey])).toMatchObject({ met: true, size: 7 });
  });

  it("that was rolled back with its whole file is named by a witness and by the full verification", async () => {
    const a = newWitness("a");
    write(3);
    await watched.show([a], null);
    // The last connection to close brings everything into the one file.
    watched.close();
    ward.close();
    copyFileSync(file, join(folder, "old.sqlite"));
    ward = openWard();
    write(5);
    expect(await watched.show([a], null)).toMatchObject([{ state: "cosigned", size: 8 }]);
    expect(watched.verify([desks[0]?.kept(origin) ?? ""], clock)).toMatchObject({ ok: true, entries: 8 });
    watched.close();
    ward.close();
    // All that lies beside the log goes with it.
    for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
    rmSync(join(folder, "ward.watch.sqlite"));
    copyFileSync(join(folder, "old.sqlite"), file);
    ward = openWard();
    const behind = await watched.show([a], null);
    expect(behind).toMatchObject([{ state: "ahead", words: expect.stringContaining("rolled back") }]);
    const verification = watched.verify([desks[0]?.kept(origin) ?? ""], clock);
    expect(verification).toMatchObject({ ok: false, words: expect.stringContaining("rolled-back") });
    expect(readLogSeen(file)).toMatchObject({ verification, witnesses: behind });
    // And where it has grown again past what was seen, with other entries.
    write(9, "another history");
    expect(await watched.show([a], null)).toMatchObject([{ state: "other-history" }]);
    expect(watched.verify([desks[0]?.kept(origin) ?? ""], clock).words).toMatch(/^fork: /);
  });

  it("takes no cosignature of another key, and says so", async () => {
    const [a, b] = [newWitness("a"), newWitness("b")];
    write(2);
    expect(await watched.show([{ ...a, key: b.key }], null)).toMatchObject([{ state: "refused", cosignedAtSec: null }]);
  });
});
