import { sign } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { readVkey, type Vkey } from "../../edge-agent/audit/note.ts";
import { type Policy, readPolicy } from "../../edge-agent/audit/policy.ts";
import { dayMs } from "../../edge-agent/contract/consent.ts";
import { systemClock } from "../../edge-agent/platform/clock.ts";
import { witnessKeyIn } from "../../edge-agent/platform/witness-key.ts";
import type { Witness } from "../../edge-agent/records/ask-witness.ts";
import { WatchedLog } from "../../edge-agent/records/watched-log.ts";
import { WitnessDesk } from "../../edge-agent/records/witness-desk.ts";
import type { LogWatchSaid, LogWatchStart } from "./log-watch.ts";

/* The thread of log-watch.ts. Opens the logs for reading only. */

const postMsMax = 5_000;
const verifyEveryMs = dayMs;

const { dataDir, witnessName, policyFile, everySec } = workerData as LogWatchStart;
const say = (said: LogWatchSaid): void => parentPort?.postMessage(said);

const places = [
  { log: "ward", file: "ward.sqlite", owner: "station" },
  { log: "dashboard", file: "dashboard.sqlite", owner: "dashboard" },
] as const;
const logs = places.map(({ log, file, owner }) => {
  // The first key hands over to those after it; after a lost one the newest is needed too.
  const vkeys = ["first.vkey", "vkey"].flatMap((end) => keysIn(join(dataDir, "keys", `${owner}.${end}`)));
  return { log, vkeys, watched: new WatchedLog(join(dataDir, file), vkeys), verifiedAtMs: null as number | null };
});
const folder = join(dataDir, "witness");
const { privateKey, publicKey } = witnessKeyIn(folder);
const own = new WitnessDesk(join(folder, "witness.sqlite"), {
  name: witnessName,
  publicKey,
  sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  nowSec: () => Math.floor(systemClock.utcMs() / 1_000),
  logs: logs.flatMap(({ vkeys }) => vkeys),
});
own.start();
const policy = policyFile === null ? null : policyIn(policyFile);
const witnesses: Witness[] = [
  { name: "this station", key: own.cosigner, post: async (request) => own.add(request) },
  ...(policy?.witnesses ?? []).flatMap(({ name, key, url }) =>
    url === null ? [] : [{ name, key, post: (request: string) => post(url, request) }],
  ),
];

for (;;) {
  for (const one of logs) await look(one);
  await wait(everySec * 1_000);
}

async function look(one: (typeof logs)[number]): Promise<void> {
  try {
    const witnessed = await one.watched.show(witnesses, policy);
    if (witnessed.length === 0) return;
    say({ log: one.log, witnessed });
    const nowMs = systemClock.monoMs();
    if (one.verifiedAtMs !== null && nowMs - one.verifiedAtMs < verifyEveryMs) return;
    one.verifiedAtMs = nowMs;
    const kept = one.vkeys.flatMap(({ name }) => own.kept(name) ?? []);
    say({ log: one.log, verification: one.watched.verify(kept, systemClock) });
  } catch (cause) {
    // Not there yet at the first start, or locked: the next round looks again.
    one.watched.close();
    say({ log: one.log, failed: cause instanceof Error ? cause.message : String(cause) });
  }
}

/** C2SP: the request goes to `<url>/add-checkpoint`. */
async function post(url: string, body: string): Promise<{ status: number; text: string }> {
  const address = `${url.replace(/\/$/, "")}/add-checkpoint`;
  const response = await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(postMsMax) });
  return { status: response.status, text: (await response.text()).slice(0, 4_096) };
}

function keysIn(file: string): Vkey[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => readVkey(line) ?? []);
}

function policyIn(file: string): Policy {
  const read = readPolicy(readFileSync(file, "utf8"));
  if (!read.ok) throw new Error(`${file}, line ${read.line}: ${read.words}`);
  return read.policy;
}
