import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ensureKeys,
  KeyError,
  readAllCredentials,
  readCredential,
  readDashboardKey,
  readStationKey,
  readStationPublicKey,
  signCanonical,
  verifyCanonical,
  vkeyLine,
} from "./keys.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "quietround-keys-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const origins = { station: "willow.example.nhs.uk/audit/station", dashboard: "willow.example.nhs.uk/audit/dashboard" };
const clients = ["agent", "dashboard", "admin", "unit-1"];
const modeOf = (path: string): number => statSync(join(dataDir, path)).mode & 0o777;

test("makes keys and secrets that only this user can read, and leaves nothing else", () => {
  ensureKeys(dataDir, clients, origins);
  expect(modeOf("keys")).toBe(0o700);
  expect(modeOf("keys/credentials")).toBe(0o700);
  for (const file of ["station.key.pem", "dashboard.key.pem", "credentials/agent"])
    expect(modeOf(`keys/${file}`)).toBe(0o600);
  expect(readdirSync(join(dataDir, "keys")).sort()).toEqual(
    ["credentials", "dashboard.key.pem", "dashboard.vkey", "station.key.pem", "station.vkey"].sort(),
  );
  const secrets = readAllCredentials(dataDir);
  expect([...secrets.keys()].sort()).toEqual([...clients].sort());
  expect(new Set(secrets.values()).size).toBe(clients.length);
  for (const secret of secrets.values()) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  expect(readCredential(dataDir, "unit-1")).toBe(secrets.get("unit-1"));
});

test("never replaces what is there, and adds a client that is new", () => {
  ensureKeys(dataDir, clients, origins);
  const read = (file: string): string => readFileSync(join(dataDir, "keys", file), "utf8");
  const before = ["station.key.pem", "station.vkey", "credentials/agent"].map(read);
  ensureKeys(dataDir, [...clients, "unit-2"], { station: "another", dashboard: "another" });
  expect(["station.key.pem", "station.vkey", "credentials/agent"].map(read)).toEqual(before);
  expect(readAllCredentials(dataDir).size).toBe(clients.length + 1);
});

test("the vkey line is the published example's, and gives the station's public key back", () => {
  // C2SP signed-note, example vkey.
  const example = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  writeFileSync(join(dataDir, "example"), example);
  ensureKeys(dataDir, [], origins);
  expect(vkeyLine(origins.station, readStationPublicKey(dataDir))).toBe(
    readFileSync(join(dataDir, "keys/station.vkey"), "utf8").trim(),
  );
  writeFileSync(join(dataDir, "keys/station.vkey"), `${example}\n`);
  expect(vkeyLine("example.com/foo", readStationPublicKey(dataDir))).toBe(example);
});

test("a signature holds for the value however its keys are ordered, and for no other", () => {
  ensureKeys(dataDir, [], origins);
  const { privateKey } = readStationKey(dataDir);
  const publicKey = readStationPublicKey(dataDir);
  const signature = signCanonical(privateKey, { b: 1, a: [true, null, "é"] });
  expect(verifyCanonical(publicKey, { a: [true, null, "é"], b: 1 }, signature)).toBe(true);
  expect(verifyCanonical(publicKey, { a: [true, null, "e"], b: 1 }, signature)).toBe(false);
  expect(verifyCanonical(readDashboardKey(dataDir).publicKey, { b: 1, a: [true, null, "é"] }, signature)).toBe(false);
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(verifyCanonical(publicKey, { b: 1, a: [true, null, "é"] }, text)).toBe(false);
    }),
  );
});

test("a missing or broken key says which file", () => {
  expect(() => readStationKey(dataDir)).toThrow(KeyError);
  expect(() => readStationKey(dataDir)).toThrow("station.key.pem");
  ensureKeys(dataDir, [], origins);
  writeFileSync(join(dataDir, "keys/station.key.pem"), "not a key");
  expect(() => readStationKey(dataDir)).toThrow("unreadable");
  writeFileSync(join(dataDir, "keys/station.vkey"), "x+00000000+AAAA");
  expect(() => readStationPublicKey(dataDir)).toThrow("station.vkey");
  expect(() => readCredential(dataDir, "../station.key.pem")).toThrow();
});
