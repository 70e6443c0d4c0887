import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { readSaid } from "../../dashboard/server/live-hearing.ts";
import { bedTileFixtures } from "../../dashboard/web/components/bed-tile/fixtures.ts";
import { Answer } from "../../edge-agent/contract/asks.ts";
import { BridgeStatus, readBridgeStatus } from "../../edge-agent/contract/bridge-status.ts";
import { Scene } from "../../edge-agent/contract/scene.ts";
import { readSessionEvent, SessionHeader } from "../../edge-agent/contract/session.ts";
import { Tile } from "../../edge-agent/contract/tile.ts";
import { readControlTopic, readFrameTopic, topics } from "../../edge-agent/contract/topics.ts";
import { monoMs, utcMs } from "../../edge-agent/contract/units.ts";
import { WardState } from "../../edge-agent/contract/ward-state.ts";
import { readAsk } from "../../edge-agent/io/read-ask.ts";
import { signCanonical, verifyCanonical } from "../../edge-agent/platform/keys.ts";
import { parseSiteConfig } from "../../edge-agent/platform/read-config.ts";
import { newLeaseGate } from "../../firmware-bridge/lease-gate.ts";
import { allAsks, exampleOf } from "../../tests/ask-examples.ts";
import { bytesOf, must, type Target, textOf } from "./target.ts";

/* Messages of the brokers and of the live connection, files of JSON that a person wrote, topics, and leases. */

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const lines = (path: string): string[] =>
  file(path)
    .split("\n")
    .filter((line) => line !== "");
const known = { bed: "room-1", stay: "stay-made-up", staff: "staff-1", beds: ["room-1", "room-2"] };
const id = "0b8f9c1e-5a4d-4c3b-9f2a-1d2e3f405162";

interface Json {
  readonly name: string;
  readonly seeds: readonly unknown[];
  /** Undefined: refused. */
  readonly read: (bytes: Uint8Array) => unknown;
}

/** Accepted: written again and read again, it means the same. */
const json = ({ name, seeds, read }: Json): Target => ({
  name,
  shape: "json",
  seeds: seeds.map((seed) => bytesOf(typeof seed === "string" ? seed : JSON.stringify(seed))),
  feed: (bytes) => {
    const value = read(bytes);
    if (value === undefined) return "refused";
    must((value as { polluted?: unknown }).polluted === undefined, () => "what was accepted inherits from its sender");
    const once = JSON.stringify(value);
    const again = read(bytesOf(once));
    must(again !== undefined, () => `what was accepted is refused when it is written again: ${once.slice(0, 200)}`);
    must(JSON.stringify(again) === once, () => "written again it says something else");
    return "accepted";
  },
});

/** As a process reads what another one of ours sends. */
const bySchema =
  (schema: z.ZodType) =>
  (bytes: Uint8Array): unknown => {
    let value: unknown;
    try {
      value = JSON.parse(textOf(bytes));
    } catch {
      return undefined;
    }
    const read = schema.safeParse(value);
    return read.success ? read.data : undefined;
  };

const status: BridgeStatus = BridgeStatus.parse({
  v: 1,
  device: "unit-1",
  sensor: "radar",
  bed: "room-1",
  state: "on",
  off: "stops",
  detail: "connected",
  health: { word: "ok", detail: "" },
  at: 1_790_000_000_000,
  bootId: "00112233445566778899aabbccddeeff",
  counts: {
    framesSent: 10,
    framesRefused: 0,
    bytesSkipped: 0,
    resyncs: 0,
    checksumErrors: 0,
    strange: 0,
    malformed: 0,
    reconnects: 0,
    leasesRefused: 0,
    publishesDropped: 0,
  },
});

const wardState = {
  v: 1,
  at: 1_790_000_000_000,
  intendedUse: "information",
  audio: { paused: { sinceUtcMs: 1, untilUtcMs: 2, by: "Sam" }, off: null },
  soundTest: { atUtcMs: 1, by: "Sam", heard: true },
  chainTest: null,
  raisedLately: 0,
  onDuty: [{ name: "Sam", role: "nurse" }],
};

/** From a session's lines: the reader throws for what is none, in words. */
const sessionEvent = (bytes: Uint8Array): unknown => {
  const line = textOf(bytes);
  try {
    readSessionEvent(line);
  } catch (cause) {
    must(
      cause instanceof SyntaxError || (cause as Error).name === "ZodError",
      () => `an error that nobody declared: ${String(cause)}`,
    );
    return undefined;
  }
  return JSON.parse(line);
};

const site = (bytes: Uint8Array): unknown => {
  const read = parseSiteConfig(textOf(bytes));
  if (read.ok) return read.site;
  must(read.errors.length > 0 && read.errors.every((line) => line !== ""), () => "refused without a word");
  return undefined;
};

const sessionLines = lines("tests/sessions/first-consent.session.jsonl");
const eventKinds = new Map(sessionLines.slice(1).map((line) => [/"kind":"([a-z-]+)"/.exec(line)?.[1], line]));

const station = generateKeyPairSync("ed25519");
const now = { monoMs: monoMs(1_000), utcMs: utcMs(1_790_000_000_000) };
const lease = {
  v: 1,
  bed: "room-1",
  device: "unit-1",
  stay: "stay-made-up",
  purposes: ["breathing-rate"],
  number: 7,
  issuedAt: now.utcMs,
  endsAt: now.utcMs + 30_000,
} as const;
const leaseText = (signature: string) => JSON.stringify({ kind: "lease", lease, signature });
const good = leaseText(signCanonical(station.privateKey, lease));

const leases: Target = {
  name: "lease",
  shape: "json",
  seeds: [bytesOf(good), bytesOf(JSON.stringify({ kind: "stop", bed: "room-1", number: 9 }))],
  feed: (bytes) => {
    const gate = newLeaseGate("unit-1", ["room-1"], now.utcMs - 1, (one, signature) =>
      verifyCanonical(station.publicKey, one, signature),
    );
    const answer = gate.hear(bytes, now);
    must(gate.allows("room-1", now.monoMs) === (answer.gate === "open"), () => `says ${answer.gate} and does another`);
    if (answer.gate !== "open") return answer.gate === "shut" ? "accepted" : "refused";
    const said = JSON.parse(textOf(bytes)) as { lease: typeof lease };
    must(
      JSON.stringify(Object.entries(said.lease).toSorted()) === JSON.stringify(Object.entries(lease).toSorted()),
      () => "opened for a lease that the station did not sign",
    );
    must(!gate.allows("room-1", monoMs(now.monoMs + 30_000)), () => "opened for longer than 30 s");
    return "accepted";
  },
};

const ward = { trust: "trust", site: "site", ward: "ward" };
const topic = (
  name: string,
  read: (topic: string) => object | undefined,
  seeds: readonly string[],
  parts: number,
): Target => ({
  name,
  shape: "lines",
  seeds: seeds.map(bytesOf),
  feed: (bytes) => {
    const text = textOf(bytes);
    const value = read(text);
    if (value === undefined) return "refused";
    const rest = Object.values(value);
    must(
      rest.length === parts && text.endsWith(`/${rest.join("/")}`),
      () => `read another topic: ${JSON.stringify(value)}`,
    );
    must(!/[+#\0\s]/.test(text), () => "accepted a wildcard or white space");
    return "accepted";
  },
});

export const messageTargets: readonly Target[] = [
  json({
    name: "ask",
    seeds: allAsks.map((act) => ({ v: 1, id, session: "token", ask: exampleOf(act, known) })),
    read: readAsk,
  }),
  json({
    name: "answer",
    seeds: [
      { v: 1, id, ok: true, result: { is: "done" } },
      {
        v: 1,
        id,
        ok: true,
        result: { is: "bedside", session: null, bed: "room-1", stay: "stay-made-up", expiresAt: 1 },
      },
      { v: 1, id, ok: false, why: "not-allowed", words: "not allowed" },
    ],
    read: bySchema(Answer),
  }),
  json({ name: "tile", seeds: Object.values(bedTileFixtures), read: bySchema(Tile) }),
  json({ name: "ward-state", seeds: [wardState], read: bySchema(WardState) }),
  json({ name: "bridge-status", seeds: [status], read: readBridgeStatus }),
  json({
    name: "live-said",
    seeds: [{ say: "shown", alarms: [{ bed: "room-1", id: "room-1-1", presence: "on", raisedAt: 1 }], msAgo: 12.5 }],
    read: (bytes) => readSaid(Buffer.from(bytes)),
  }),
  json({ name: "session-header", seeds: [sessionLines[0]], read: bySchema(SessionHeader) }),
  json({ name: "session-event", seeds: [...eventKinds.values()], read: sessionEvent }),
  json({
    name: "scene",
    seeds: [file("config/scenes/asleep-8x8.json"), file("config/scenes/asleep-slow.json")],
    read: bySchema(Scene),
  }),
  json({ name: "site-configuration", seeds: [file("config/demonstration.json")], read: site }),
  leases,
  topic(
    "frame-topic",
    (text) => readFrameTopic(ward, text),
    [topics(ward).frame("unit-1", "radar", "radar-iq"), topics(ward).frame("unit-2", "bed-1", "depth")],
    3,
  ),
  topic(
    "control-topic",
    (text) => readControlTopic(ward, text),
    [topics(ward).ask("dashboard"), topics(ward).status("unit-1")],
    2,
  ),
];
