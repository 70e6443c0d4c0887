import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase64 } from "../edge-agent/audit/base64.ts";
import { HashList } from "../edge-agent/audit/hash-list.ts";
import { hashesToAppend, leafHash, rootOf, storedHashIndex } from "../edge-agent/audit/merkle.ts";
import { consistencyProof, inclusionProof } from "../edge-agent/audit/proof.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";
import { readExport } from "../edge-agent/records/read-export.ts";

/*
 * A program of other people's making (Go's golang.org/x/mod/sumdb, Debian packages golang-go and
 * golang-golang-x-mod-dev; scripts/check-machine installs them) reads our export, opens our notes and checks our proofs. A machine
 * without Go fails these tests: a log that nobody else checked is not checked.
 */
const gopath = "/usr/share/gocode";

describe("a verifier that knows nothing of our code", () => {
  let folder: string;
  let verifier: string;
  let out: string;
  let proofs: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "audit-third-party-"));
    verifier = join(folder, "verifier");
    const source = fileURLToPath(new URL("audit-third-party/main.go", import.meta.url));
    execFileSync("go", ["build", "-o", verifier, source], {
      cwd: folder,
      env: { ...process.env, GO111MODULE: "off", GOPATH: gopath, GOCACHE: join(folder, "cache"), GOFLAGS: "" },
    });
    const database = join(folder, "ward.sqlite");
    const records = openWard(database, {
      domain: "w7.example",
      key: generateKeyPairSync("ed25519"),
      boot: randomUUID(),
      cfgSha256: "a".repeat(64),
      modelSha256: null,
      stamp: { utcMs: 0, monoNs: 0n },
    });
    for (let n = 0; n < 75; n += 1) {
      const detail = { n, words: 'é \u2028 \u{1f600} \\ "' };
      const action = n % 7 === 0 ? "alert.raise" : "page.open";
      const actor = { kind: "system", part: "test" } as const;
      records.commit([{ action, actor, outcome: 0, detail, phi: { n } }], [], { utcMs: n, monoNs: BigInt(n) });
    }
    out = join(folder, "out");
    records.close();
    exportLog(database, out, { personalData: "left-out" });
    exportLog(database, join(folder, "tiled"), { personalData: "left-out", tiles: true });
    proofs = join(folder, "proofs.txt");
    writeFileSync(proofs, `${proofLines(readExport(out).entries).join("\n")}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const verify = (entriesIn: string, key = join(out, "vkey.txt"), list = proofs) =>
    spawnSync(verifier, [key, entriesIn, list], { encoding: "utf8" });

  it("accepts entries, checkpoints and proofs of inclusion and consistency", () => {
    const said = verify(out);
    expect(said.stderr).toBe("");
    expect(said.stdout).toBe("entries 75 checkpoints 12 records 2850 trees 2850 tiled 0\n");
  });

  it("accepts tiles, and refuses one of which a bit differs", () => {
    const tiled = join(folder, "tiled");
    expect(verify(tiled).stdout).toMatch(/tiled 75\n$/);
    const tile = join(tiled, "tile/0/000.p/75");
    const bytes = readFileSync(tile);
    bytes[40 * 32] = (bytes[40 * 32] ?? 0) ^ 1;
    writeFileSync(tile, bytes);
    expect(verify(tiled).status).toBe(1);
  });

  it("refuses a changed entry, a changed checkpoint and a changed proof", () => {
    const change = (path: string, from: string, to: string, expected: string, list = proofs): void => {
      const before = readFileSync(path, "utf8");
      expect(before).toContain(from);
      writeFileSync(path, before.replace(from, to));
      const said = verify(out, join(out, "vkey.txt"), list);
      writeFileSync(path, before);
      expect(said.status).toBe(1);
      expect(said.stderr).toContain(expected);
    };
    change(join(out, "entries.jsonl"), '"n":20', '"n":21', "another root at 22");
    change(join(out, "checkpoints.txt"), "audit/1970\n8\n", "audit/1970\n9\n", "invalid signature");
    change(proofs, "record 5 ", "record 6 ", "invalid");
    expect(verify(out).status).toBe(0);
  });
});

/** All proofs of inclusion and consistency up to the size of the log. */
function proofLines(entries: Iterable<Uint8Array>): string[] {
  const tree = new HashList();
  let size = 0;
  const lines: string[] = [];
  for (const entry of entries) {
    for (const hash of hashesToAppend(size, leafHash(entry), tree.read)) tree.push(hash);
    size += 1;
    const root = toBase64(rootOf(size, tree.read));
    for (let n = 0; n < size; n += 1) {
      const leaf = toBase64(tree.read(storedHashIndex(0, n)));
      lines.push(["record", n, size, root, leaf, ...inclusionProof(n, size, tree.read).map(toBase64)].join(" "));
      const older = n + 1;
      const olderRoot = toBase64(rootOf(older, tree.read));
      lines.push(
        ["tree", older, size, olderRoot, root, ...consistencyProof(older, size, tree.read).map(toBase64)].join(" "),
      );
    }
  }
  return lines;
}
