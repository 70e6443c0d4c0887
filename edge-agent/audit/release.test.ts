import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { signNote, vkeyOf } from "./note.ts";
import { checkRelease, releaseKey, releaseVersion } from "./release.ts";

const made = generateKeyPairSync("ed25519");
const key = vkeyOf("maker.example/release", made.publicKey);
const noteOf = (text: string) => signNote(text, key, (bytes) => sign(null, bytes, made.privateKey));
const good = noteOf("quietround release\n1.2.0\nalarm\n");

describe("the release file that allows alarms about breathing", () => {
  it("opens them for the version that the maker signed, and for no other", () => {
    expect(checkRelease(good, "1.2.0", key)).toEqual({ ok: true });
    expect(checkRelease(good, "1.2.1", key)).toMatchObject({ ok: false });
  });
  it("is missing, changed, somebody else's, or about something else: nothing opens", () => {
    const other = generateKeyPairSync("ed25519");
    const others = vkeyOf("maker.example/release", other.publicKey);
    const advisory = noteOf("quietround release\n1.2.0\nadvisory\n");
    for (const note of [null, "", good.replace("1.2.0", "1.2.1"), advisory]) {
      expect(checkRelease(note, "1.2.0", key)).toMatchObject({ ok: false });
    }
    expect(checkRelease(good, "1.2.0", others)).toMatchObject({ ok: false });
  });
  it("the version is the package's", () => {
    const read: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(read).toMatchObject({ version: releaseVersion });
  });
  it("this release names no key: nothing can open them", () => {
    expect(releaseKey).toBeNull();
    expect(checkRelease(good, "1.2.0", releaseKey)).toMatchObject({ ok: false });
  });
});
