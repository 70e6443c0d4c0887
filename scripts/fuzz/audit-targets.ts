import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { toBase64 } from "../../edge-agent/audit/base64.ts";
import { openCheckpoint, signCheckpoint } from "../../edge-agent/audit/checkpoint.ts";
import { cosign, cosignedBy, cosignerOf, readCosigner, writeCosigner } from "../../edge-agent/audit/cosignature.ts";
import { makeEntry, readEntry } from "../../edge-agent/audit/entry.ts";
import { HashList } from "../../edge-agent/audit/hash-list.ts";
import { readManifest, sha256Hex, signManifest } from "../../edge-agent/audit/manifest.ts";
import { hashesToAppend, leafHash, rootOf, storedHashCount } from "../../edge-agent/audit/merkle.ts";
import { openNote, readVkey, signNote, vkeyOf, writeVkey } from "../../edge-agent/audit/note.ts";
import { readPolicy } from "../../edge-agent/audit/policy.ts";
import { consistencyProof, inclusionProof } from "../../edge-agent/audit/proof.ts";
import { checkProof, writeProof } from "../../edge-agent/audit/tlog-proof.ts";
import { verifyLog } from "../../edge-agent/audit/verify.ts";
import { addCheckpoint, writeRequest } from "../../edge-agent/audit/witness.ts";
import { readNotes, rowOf } from "../../edge-agent/records/read-export.ts";
import { bytesOf, must, type Target, textOf } from "./target.ts";

/* Signed files that come back from elsewhere, and what others ask of a witness. A forgery that is accepted is found too. */

/** Always the same key, so that a kept input stays what it was. */
const keyOf = (seed: number) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, seed)]),
    format: "der",
    type: "pkcs8",
  });
const key = keyOf(7);
const signer = (bytes: Uint8Array): Uint8Array => new Uint8Array(sign(null, bytes, key));
const vkey = vkeyOf("ward.example/audit/2026", createPublicKey(key));
const witnessKey = keyOf(8);
const { x = "" } = createPublicKey(witnessKey).export({ format: "jwk" });
const witness = cosignerOf("witness.example", new Uint8Array(Buffer.from(x, "base64url")));

const size = 13;
const entries = Array.from({ length: size }, (_, seq) =>
  makeEntry(
    { actor: { kind: "system", part: "agent" }, action: "clock.step", outcome: 0, detail: { ms: seq * 10 }, phi: null },
    seq,
    { utcMs: 1_790_000_000_000 + seq * 1_000, monoNs: BigInt(seq) * 1_000_000_000n },
    { boot: "0b8f9c1e-5a4d-4c3b-9f2a-1d2e3f405162", cfgSha256: null, modelSha256: null },
    null,
  ),
);
const tree = new HashList();
for (const [n, entry] of entries.entries())
  for (const hash of hashesToAppend(n, leafHash(entry), tree.read)) tree.push(hash);
const noteOf = (count: number): string => signCheckpoint(count, rootOf(count, tree.read), vkey, signer);
const cosigned =
  noteOf(size) +
  cosign(
    noteOf(size).slice(0, noteOf(size).lastIndexOf("\n\n") + 1),
    witness,
    1_790_000_000,
    (bytes) => new Uint8Array(sign(null, bytes, witnessKey)),
  );

const lines = (name: string, seeds: readonly string[], feed: (text: string) => boolean): Target => ({
  name,
  shape: "lines",
  seeds: seeds.map(bytesOf),
  feed: (bytes) => (feed(textOf(bytes)) ? "accepted" : "refused"),
});

/** What the key signed, and nothing else, may come out of a note. */
const signedTexts = ["one line\n", "two\nlines\n"];
const signedSizes = [5, size];

const hashes = Array.from({ length: storedHashCount(size) }, (_, n) => toBase64(tree.read(n)));
const parts = "\n#####\n";
const exported = [entries.map(textOf).join("\n"), hashes.join("\n"), signedSizes.map(noteOf).join("=====\n"), ""].join(
  parts,
);

const listed = ["config/site.json", "models/radar/model.onnx"].map((path) => ({
  path,
  bytes: 10,
  sha256: sha256Hex(path),
}));
const manifest = signManifest("release", 4, listed, { vkey, sign: signer });
const policyText = `log ${writeVkey(vkey)}\nwitness w1 ${writeCosigner(witness)} https://witness.example\ngroup all-of all w1\nquorum all-of\n`;

/** @param open what reads a note: ours, or a planted one that believes too much */
export const noteTarget = (open: typeof openNote): Target =>
  lines(
    "note",
    signedTexts.map((text) => signNote(text, vkey, signer)),
    (text) => {
      const opened = open(text, [vkey]);
      if (opened.ok) must(signedTexts.includes(opened.text), () => `a note that nobody signed: ${opened.text}`);
      return opened.ok;
    },
  );

export const auditTargets: readonly Target[] = [
  noteTarget(openNote),
  lines("checkpoint", [...signedSizes.map(noteOf), cosigned], (text) => {
    const opened = openCheckpoint(text, [vkey]);
    const by = cosignedBy(text, [witness]);
    must(by.length <= 1 && by.every(({ atSec }) => atSec === 1_790_000_000), () => "a cosignature that nobody gave");
    if (opened.ok)
      must(signedSizes.includes(opened.checkpoint.size), () => `a checkpoint of ${opened.checkpoint.size} entries`);
    return opened.ok;
  }),
  lines(
    "proof",
    [0, 5, 12].map((index) => writeProof(index, inclusionProof(index, size, tree.read), noteOf(size))),
    (text) => {
      const right = entries.flatMap((entry, index) => {
        const checked = checkProof(text, entry, [vkey]);
        if (checked.ok)
          must(checked.index === index && checked.size === size, () => `entry ${index} proven as ${checked.index}`);
        return checked.ok ? [index] : [];
      });
      must(right.length <= 1, () => "one proof for two entries");
      return right.length === 1;
    },
  ),
  lines(
    "witness-request",
    [writeRequest(5, consistencyProof(5, size, tree.read), noteOf(size)), writeRequest(5, [], noteOf(5))],
    (text) => {
      const answer = addCheckpoint(text, { logs: [vkey], seen: () => ({ size: 5, root: rootOf(5, tree.read) }) });
      if (answer.is !== "cosign") return false;
      must(
        signedSizes.includes(answer.seen.size) && answer.origin === vkey.name,
        () => "would cosign what the log did not sign",
      );
      return true;
    },
  ),
  lines("policy", [policyText, `log ${writeVkey(vkey)}\nquorum none\n`], (text) => {
    const read = readPolicy(text);
    if (!read.ok) must(read.words !== "" && read.line >= 1, () => "refused without a word");
    return read.ok;
  }),
  lines("verifier-key", [writeVkey(vkey), writeCosigner(witness)], (text) => {
    const read = readVkey(text);
    const cosigner = readCosigner(text);
    must(read === undefined || writeVkey(read) === text.trim(), () => "a key that is written another way");
    must(
      cosigner === undefined || writeCosigner(cosigner) === text.trim(),
      () => "a witness's key that is written another way",
    );
    return read !== undefined || cosigner !== undefined;
  }),
  {
    name: "audit-entry",
    shape: "json",
    seeds: entries.slice(0, 3),
    feed: (bytes) => {
      const read = readEntry(bytes);
      if (!read.ok) return "refused";
      must(
        JSON.stringify(JSON.parse(textOf(bytes))) === textOf(bytes),
        () => "an entry that can be written another way",
      );
      return "accepted";
    },
  },
  lines("audit-export", [exported], (text) => {
    const [entryText = "", hashText = "", noteText = "", phiText = ""] = text.split(parts);
    const of = (one: string): string[] => (one === "" ? [] : one.split("\n"));
    const verdict = verifyLog(
      {
        entries: of(entryText).map(bytesOf),
        storedHashes: of(hashText),
        checkpoints: readNotes(noteText),
        phi:
          phiText === ""
            ? undefined
            : of(phiText).map((line) => rowOf(line) ?? { seq: null, salt: new Uint8Array(), phi: null }),
      },
      { vkeys: [vkey], known: [] },
    );
    must(verdict.ok === (verdict.faults.length === 0), () => "a verdict that is not its faults");
    if (!verdict.ok) return false;
    const whole = of(entryText).slice(0, verdict.signedEntries);
    must(
      whole.every((line, n) => Buffer.compare(bytesOf(line), entries[n] ?? new Uint8Array()) === 0),
      () => "an export that was changed passes",
    );
    return true;
  }),
  lines("manifest", [`${manifest.list}${parts}${manifest.note}`], (text) => {
    const [list = "", note = ""] = text.split(parts);
    const read = readManifest("release", { list, note }, [vkey]);
    if (read.ok) must(read.number === 4 && list === manifest.list, () => "a manifest that nobody signed");
    else must(read.words !== "", () => "refused without a word");
    return read.ok;
  }),
];
