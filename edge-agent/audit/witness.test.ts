import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signCheckpoint } from "./checkpoint.ts";
import { type Cosigner, cosign, cosignedBy, cosignerOf, readCosigner, writeCosigner } from "./cosignature.ts";
import { HashList } from "./hash-list.ts";
import { hashesToAppend, leafHash, rootOf } from "./merkle.ts";
import { openNote, vkeyOf } from "./note.ts";
import { quorumOf, readPolicy } from "./policy.ts";
import { consistencyProof } from "./proof.ts";
import { addCheckpoint, type Seen, type WitnessAnswer, writeRequest } from "./witness.ts";

const keys = generateKeyPairSync("ed25519");
const log = vkeyOf("ward.example/audit/2026", keys.publicKey);
const signer = (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, keys.privateKey));
const other = generateKeyPairSync("ed25519");

function treeOf(texts: readonly string[]): HashList {
  const tree = new HashList();
  for (const [index, text] of texts.entries()) {
    for (const hash of hashesToAppend(index, leafHash(new TextEncoder().encode(text)), tree.read)) tree.push(hash);
  }
  return tree;
}
const texts = (count: number, salt = "") => Array.from({ length: count }, (_, n) => `entry ${n}${salt}`);
const noteOf = (size: number, salt = ""): string =>
  signCheckpoint(size, rootOf(size, treeOf(texts(size, salt)).read), log, signer);
const proofOf = (older: number, newer: number, salt = "") =>
  older === 0 ? [] : consistencyProof(older, newer, treeOf(texts(newer, salt)).read);

/** A witness with its disk. */
class Witness {
  readonly disk = new Map<string, Seen>();
  ask(request: string): WitnessAnswer {
    const answer = addCheckpoint(request, { logs: [log], seen: (origin) => this.disk.get(origin) });
    if (answer.is === "cosign") this.disk.set(answer.origin, answer.seen);
    return answer;
  }
}

function newCosigner(name: string): { cosigner: Cosigner; line: (body: string, atSec: number) => string } {
  const pair = generateKeyPairSync("ed25519");
  const { x } = pair.publicKey.export({ format: "jwk" });
  const cosigner = cosignerOf(name, new Uint8Array(Buffer.from(x ?? "", "base64url")));
  const line = (body: string, atSec: number) =>
    cosign(body, cosigner, atSec, (bytes) => new Uint8Array(sign(null, bytes, pair.privateKey)));
  return { cosigner, line };
}

describe("a witness", () => {
  it("cosigns a log that only grew, from the first checkpoint on", () => {
    const witness = new Witness();
    expect(witness.ask(writeRequest(0, [], noteOf(3)))).toMatchObject({ is: "cosign", seen: { size: 3 } });
    expect(witness.ask(writeRequest(3, proofOf(3, 10), noteOf(10)))).toMatchObject({ is: "cosign" });
    expect(witness.ask(writeRequest(10, [], noteOf(10)))).toMatchObject({ is: "cosign" });
    expect(witness.disk.get(log.name)?.size).toBe(10);
  });
  it("refuses a fork, a rollback, an old checkpoint, another key and another log; it stays where it was", () => {
    const witness = new Witness();
    witness.ask(writeRequest(0, [], noteOf(7)));
    expect(witness.ask(writeRequest(7, [], noteOf(7, "!")))).toEqual({ is: "conflict", size: 7 });
    expect(witness.ask(writeRequest(7, proofOf(7, 9, "!"), noteOf(9, "!")))).toMatchObject({ status: 422 });
    expect(witness.ask(writeRequest(0, [], noteOf(9)))).toEqual({ is: "conflict", size: 7 });
    expect(witness.ask(writeRequest(3, proofOf(3, 5), noteOf(5)))).toEqual({ is: "conflict", size: 7 });
    expect(witness.ask(writeRequest(7, [], noteOf(5)))).toMatchObject({ status: 400 });
    const forged = signCheckpoint(
      9,
      rootOf(9, treeOf(texts(9)).read),
      vkeyOf(log.name, other.publicKey),
      (bytes) => new Uint8Array(sign(null, bytes, other.privateKey)),
    );
    expect(witness.ask(writeRequest(7, proofOf(7, 9), forged))).toMatchObject({ status: 403 });
    const elsewhere = vkeyOf("other.example/audit/2026", keys.publicKey);
    const stranger = signCheckpoint(9, rootOf(9, treeOf(texts(9)).read), elsewhere, signer);
    expect(witness.ask(writeRequest(0, [], stranger))).toMatchObject({ status: 404 });
    expect(witness.disk.get(log.name)?.size).toBe(7);
  });
  it("is a fool about nothing: every text that is no request is refused, and none makes it throw", () => {
    const good = writeRequest(0, [], noteOf(3));
    for (const text of [
      "",
      "old 0\n",
      "old 01\n\n",
      "old -1\n\nx",
      good.replace("old 0", "old x"),
      "x".repeat(100_000),
    ]) {
      expect(new Witness().ask(text)).toMatchObject({ is: "refuse", status: 400 });
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const code = good.charCodeAt(at) ^ by;
        const changed = good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1);
        const answer = new Witness().ask(changed);
        // Base64 of a hash may be written in one way only, so nothing of it can be changed unseen.
        expect(answer.is).not.toBe("cosign");
      }),
      { numRuns: 500 },
    );
  });
  it("any two sizes with their proof are cosigned, and with a proof of other sizes they are not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (older, more) => {
        const newer = older + more;
        const witness = new Witness();
        witness.ask(writeRequest(0, [], noteOf(older)));
        expect(witness.ask(writeRequest(older, proofOf(older, newer + 1), noteOf(newer))).is).toBe(
          proofOf(older, newer + 1).join() === proofOf(older, newer).join() ? "cosign" : "refuse",
        );
        const again = new Witness();
        again.ask(writeRequest(0, [], noteOf(older)));
        expect(again.ask(writeRequest(older, proofOf(older, newer), noteOf(newer))).is).toBe("cosign");
      }),
      { numRuns: 60 },
    );
  });
});

describe("a cosignature", () => {
  const { cosigner, line } = newCosigner("witness.example/w1");
  const note = noteOf(5);
  const body = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const cosigned = note + line(body, 1_800_000_000);

  it("says who and when, and leaves the log's own signature as it is", () => {
    expect(cosignedBy(cosigned, [cosigner])).toEqual([{ name: "witness.example/w1", atSec: 1_800_000_000 }]);
    expect(openNote(cosigned, [log]).ok).toBe(true);
    expect(readCosigner(writeCosigner(cosigner))).toEqual(cosigner);
  });
  it("of another time, another body or another witness is none", () => {
    const forged = cosigned.replace("\n5\n", "\n6\n");
    expect(cosignedBy(forged, [cosigner])).toEqual([]);
    expect(cosignedBy(cosigned, [newCosigner("witness.example/w1").cosigner])).toEqual([]);
    const bits = Buffer.from(cosigned);
    const start = cosigned.lastIndexOf(" ") + 1;
    for (let at = Buffer.byteLength(cosigned.slice(0, start)); at < bits.length - 4; at++) {
      const flipped = Buffer.from(bits);
      flipped[at] = flipped[at] === 0x41 ? 0x42 : 0x41;
      if (flipped.equals(bits)) continue;
      expect(cosignedBy(flipped.toString(), [cosigner])).toEqual([]);
    }
  });
});

describe("a policy", () => {
  const made = ["a", "b", "c"].map((name) => newCosigner(`witness.example/${name}`));
  const lines = made.map(({ cosigner }, n) => `witness w${n} ${writeCosigner(cosigner)} https://w${n}.example`);
  const text = [`log ${"x"}`, ...lines, "group all-of-us 2 w0 w1 w2", "quorum all-of-us"].slice(1).join("\n");
  const note = noteOf(4);
  const body = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const by = (...who: readonly number[]) =>
    note + who.map((n) => made[n]?.line(body, 1_800_000_000 + n) ?? "").join("");

  it("wants so many of its witnesses", () => {
    const read = readPolicy(`# two of three\n${text}\n`);
    if (!read.ok) throw new Error(read.words);
    expect(quorumOf(by(0), read.policy)).toMatchObject({ met: false, by: [{ name: "w0" }] });
    expect(quorumOf(by(0, 2), read.policy)).toMatchObject({ met: true });
    // One witness twice is one witness.
    expect(quorumOf(by(1, 1), read.policy).met).toBe(false);
    expect(readPolicy("quorum none")).toMatchObject({ ok: true, policy: { quorum: null } });
  });
  it("that does not hold together says where", () => {
    const wrong = (policy: string) => readPolicy(policy);
    expect(wrong(`${lines[0]}\ngroup g 2 w0\nquorum g`)).toMatchObject({ ok: false, line: 2 });
    expect(wrong(`${lines[0]}\n${lines[0]}\nquorum w0`)).toMatchObject({ ok: false, line: 2 });
    expect(wrong("group g any nobody\nquorum g")).toMatchObject({ ok: false, line: 1 });
    expect(wrong(lines[0] ?? "")).toMatchObject({ ok: false, words: "no quorum is named" });
    expect(wrong("log nonsense\nquorum none")).toMatchObject({ ok: false, line: 1 });
    expect(wrong("quorum none\nquorum none")).toMatchObject({ ok: false, line: 2 });
  });
});
