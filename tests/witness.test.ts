import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cosignedBy, readCosigner } from "../edge-agent/audit/cosignature.ts";
import { rootOf } from "../edge-agent/audit/merkle.ts";
import { vkeyOf, writeVkey } from "../edge-agent/audit/note.ts";
import { consistencyProof } from "../edge-agent/audit/proof.ts";
import { writeRequest } from "../edge-agent/audit/witness.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";

const script = fileURLToPath(new URL("../scripts/witness.ts", import.meta.url));
const keys = generateKeyPairSync("ed25519");
const origin = "ward.example/audit/2026";
let folder: string;
let ward: WardRecords;
let witness: { child: ChildProcess; url: string; key: string };
let sec = 0;

async function startWitness(): Promise<typeof witness> {
  const args = [
    script,
    "--data",
    join(folder, "witness"),
    "--name",
    "witness.example/w1",
    "--log",
    join(folder, "log.vkey"),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
  for (let n = 0; n < 400 && !said.includes("listening at"); n++) await new Promise((done) => setTimeout(done, 25));
  const url = /listening at (\S+)/.exec(said)?.[1];
  if (url === undefined) throw new Error(`no witness: ${said}`);
  return { child, url, key: said.split("\n")[0] ?? "" };
}
async function stopWitness(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  const { child } = witness;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await gone;
}
const post = (body: string) => fetch(`${witness.url}/add-checkpoint`, { method: "POST", body });

function write(entries: number): void {
  for (let n = 0; n < entries; n++) {
    sec += 1;
    const stamp = { utcMs: Date.UTC(2026, 10, 23) + sec * 1_000, monoNs: BigInt(sec) * 1_000_000_000n };
    const actor = { kind: "system", part: "test" } as const;
    ward.commit([{ action: "lease.start", actor, outcome: 0, detail: { sec }, phi: null }], [], stamp);
  }
  ward.checkpointIfDirty();
}
/** The newest checkpoint of the ward's own database, with its proof from an earlier size. */
function newest(from: number): { size: number; note: string; request: string } {
  const db = openForReading(join(folder, "ward.sqlite"));
  try {
    const { size, note } = db.prepare("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1").get() as {
      size: number;
      note: string;
    };
    const hash = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
    const read = (index: number) => new Uint8Array(hash.get(index) as Uint8Array);
    expect(rootOf(size, read)).toHaveLength(32);
    return { size, note, request: writeRequest(from, from === 0 ? [] : consistencyProof(from, size, read), note) };
  } finally {
    db.close();
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "quietround-witness-"));
  writeFileSync(join(folder, "log.vkey"), `${writeVkey(vkeyOf(origin, keys.publicKey))}\n`);
  sec = 0;
  ward = new WardRecords(join(folder, "ward.sqlite"), {
    origin,
    sign: signerOf(keys.privateKey),
    publicKey: keys.publicKey,
    boot: randomUUID(),
    cfgSha256: null,
    modelSha256: null,
  });
  ward.start();
  witness = await startWitness();
}, 30_000);
afterEach(async () => {
  await stopWitness();
  ward.close();
  rmSync(folder, { recursive: true });
});

describe("an outside witness, over HTTP", () => {
  it("cosigns the ward's own log as it grows, and knows it again after it was killed", async () => {
    write(5);
    const first = newest(0);
    const cosigned = await post(first.request);
    expect(cosigned.status).toBe(200);
    const key = readCosigner(witness.key);
    if (key === undefined) throw new Error("no key");
    expect(cosignedBy(first.note + (await cosigned.text()), [key])).toMatchObject([{ name: "witness.example/w1" }]);
    await stopWitness("SIGKILL");
    witness = await startWitness();
    expect(readCosigner(witness.key)).toEqual(key);
    expect(statSync(join(folder, "witness", "witness.key.pem")).mode & 0o077).toBe(0);
    write(9);
    const again = await post(newest(0).request);
    expect(again.status).toBe(409);
    expect(again.headers.get("content-type")).toBe("text/x.tlog.size");
    expect(await again.text()).toBe(`${first.size}\n`);
    expect((await post(newest(first.size).request)).status).toBe(200);
  }, 30_000);

  it("the verifier says how far the witnesses have seen a log, and is not content without those that the policy wants", async () => {
    write(5);
    const { note, request } = newest(0);
    const line = await (await post(request)).text();
    const out = join(folder, "export");
    exportLog(join(folder, "ward.sqlite"), out, { personalData: "left-out" });
    writeFileSync(join(folder, "kept.txt"), note + line);
    const policy = join(folder, "policy.txt");
    const vkey = writeVkey(vkeyOf(origin, keys.publicKey));
    const verify = (text: string, ...more: readonly string[]) => {
      writeFileSync(policy, text);
      const verifier = fileURLToPath(new URL("../scripts/audit-verify.ts", import.meta.url));
      const { status, stdout, stderr } = spawnSync(process.execPath, [verifier, out, "--policy", policy, ...more]);
      return { status, said: String(stdout) + String(stderr) };
    };
    const wanted = `log ${vkey}\nwitness w1 ${witness.key}\nquorum w1\n`;
    const kept = ["--checkpoint", join(folder, "kept.txt")];
    const met = verify(wanted, ...kept);
    expect(met.status, met.said).toBe(0);
    expect(met.said).toMatch(/witnesses {4}ward\.example\/audit\/2026: \d+ of \d+ entries, by w1 at 20/);
    const unseen = verify(wanted);
    expect(unseen.status).toBe(1);
    expect(unseen.said).toContain("no checkpoint has the witnesses that the policy wants");
    expect(verify(`log ${vkey}\nquorum none\n`).status).toBe(0);
    const broken = verify(`log ${vkey}\nquorum nobody\n`);
    expect(broken.status).toBe(2);
    expect(broken.said).toContain("line 2");
  }, 30_000);

  it("refuses an older log put in the place of a newer one, and a history that was written anew", async () => {
    write(6);
    const kept = newest(0);
    write(6);
    const seen = newest(0);
    expect((await post(seen.request)).status).toBe(200);
    expect((await post(kept.request)).status).toBe(409);
    expect((await post(kept.request.replace("old 0", `old ${seen.size}`))).status).toBe(400);
    expect((await post(newest(seen.size).request.replace(/^old \d+/, `old ${seen.size}`))).status).toBe(200);
    expect((await post("nonsense")).status).toBe(400);
    expect((await post("x".repeat(70_000))).status).toBe(413);
    expect((await fetch(`${witness.url}/other`)).status).toBe(404);
  }, 30_000);
});
